// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/money_query.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "services/entente/text/nearest.h"

namespace entente {
namespace {

using funding::v1::ClaimFacts;
using funding::v1::Dimension;

const std::map<std::string, funding::v1::MoneyKind>& Kinds() {
  static const auto& kinds = *new std::map<std::string, funding::v1::MoneyKind>{
      {"nature", funding::v1::MONEY_KIND_NATURE},
      {"stage", funding::v1::MONEY_KIND_STAGE},
      {"direction", funding::v1::MONEY_KIND_DIRECTION}};
  return kinds;
}

// In the order in which a kind is told: "own funding, requested, outgoing".
constexpr const char* kKinds[] = {"nature", "stage", "direction"};

// What is not a dimension of a query (query.proto, Dimension.field).
bool IsDimension(const std::string& field) {
  return field != "title" && field != "description" && field != "initiatives" && field != "within";
}

// The field that a word names: itself, or in the singular.
absl::StatusOr<std::string> FieldOf(const std::string& word) {
  static const auto& singular = *new std::map<std::string, std::string>{
      {"country", "countries"}, {"currency", "currency_code"}};
  const auto* facts = ClaimFacts::descriptor();
  const auto irregular = singular.find(word);
  for (const std::string& field :
       {irregular == singular.end() ? word : irregular->second, absl::StrCat(word, "s")}) {
    if (facts->FindFieldByName(field) != nullptr && IsDimension(field)) return field;
  }
  const std::string near = text::Nearest(word, MoneyDimensions());
  return absl::InvalidArgumentError(
      absl::StrCat("--by: money has no \"", word, "\"",
                   near.empty() ? "" : absl::StrCat(": did you mean ", near, "?"), "; there are ",
                   absl::StrJoin(MoneyDimensions(), ", ")));
}

absl::Status SetUnit(const std::string& text, Dimension* dimension) {
  static const auto& units = *new std::map<std::string, funding::v1::PeriodUnit>{
      {"", funding::v1::PERIOD_UNIT_YEAR},
      {"day", funding::v1::PERIOD_UNIT_DAY},
      {"month", funding::v1::PERIOD_UNIT_MONTH},
      {"quarter", funding::v1::PERIOD_UNIT_QUARTER},
      {"year", funding::v1::PERIOD_UNIT_YEAR}};
  const auto found = units.find(text);
  if (found != units.end()) {
    dimension->set_unit(found->second);
  } else if (text.size() == 2 || absl::StartsWith(text, "--")) {
    dimension->set_unit(funding::v1::PERIOD_UNIT_FISCAL_YEAR);
    dimension->set_fiscal_year(text);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("--by: \"", text,
                     "\" is not a length of time: day, month, quarter, year, or a fiscal year "
                     "as the code of a country (US) or the day that it begins on (--10-01)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Dimension> DimensionOf(const std::string& word) {
  const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits(':', 1));
  const std::string coarseness = parts.size() == 2 ? parts[1] : "";
  Dimension dimension;
  ASSIGN_OR_RETURN(const std::string field, FieldOf(parts[0]));
  dimension.set_field(field);
  if (field == "value_date" || field == "period") {
    RETURN_IF_ERROR(SetUnit(coarseness, &dimension));
  } else if (!coarseness.empty()) {
    int32_t level = 0;
    if (!absl::SimpleAtoi(coarseness, &level) || level < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--by: \"", word, "\": what follows the colon must be a number from 1"));
    }
    dimension.set_level(level);
  }
  return dimension;
}

}  // namespace

std::vector<std::string> MoneyDimensions() {
  std::vector<std::string> names;
  for (int i = 0; i < ClaimFacts::descriptor()->field_count(); ++i) {
    const std::string name(ClaimFacts::descriptor()->field(i)->name());
    if (IsDimension(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<MoneyQuery> MakeMoneyQuery(const MoneyOptions& options) {
  MoneyQuery query;
  std::set<std::string> mixed;
  for (const std::string& kind : options.mix) {
    const auto found = Kinds().find(kind);
    if (found == Kinds().end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--mix: \"", kind, "\" is none of nature, stage and direction"));
    }
    if (mixed.insert(kind).second) query.request.add_mix(found->second);
  }
  std::vector<Dimension> dimensions;
  for (const std::string& word : options.by) {
    ASSIGN_OR_RETURN(const Dimension dimension, DimensionOf(word));
    if (Kinds().count(dimension.field()) == 0) {
      dimensions.push_back(dimension);
    } else if (mixed.count(dimension.field()) > 0) {
      return absl::InvalidArgumentError(absl::StrCat("--by and --mix both name ", dimension.field(),
                                                     ": rows are of one, or of several mixed"));
    }
  }
  for (const char* kind : kKinds) {
    if (mixed.count(kind) > 0) continue;
    query.request.add_group_by()->set_field(kind);
    ++query.kinds;
  }
  for (const Dimension& dimension : dimensions) *query.request.add_group_by() = dimension;
  query.request.set_filter(options.filter);
  query.request.set_convert_to(options.currency);
  query.request.set_horizon(options.horizon);
  query.request.set_sector_vocabulary(options.sector_vocabulary);
  query.request.set_order_by(options.order_by);
  query.request.set_top(options.top);
  return query;
}

}  // namespace entente
