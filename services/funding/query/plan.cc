// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "services/funding/query/facts.h"
#include "services/funding/rates/currency.h"

namespace entente::funding::query {
namespace {

using google::protobuf::FieldDescriptor;

// The fields that rows can be made by: text says too much, and what has an initiative or a place
// above it has many of them, which would be one row together.
bool CanBeDimension(const FieldDescriptor& field) {
  static const auto* const others =
      new std::set<std::string>{"title", "description", "initiatives", "within"};
  return others->count(std::string(field.name())) == 0;
}

std::string DimensionNames() {
  std::vector<std::string> names;
  const auto* facts = v1::ClaimFacts::descriptor();
  for (int i = 0; i < facts->field_count(); ++i) {
    if (CanBeDimension(*facts->field(i))) names.emplace_back(facts->field(i)->name());
  }
  return absl::StrJoin(names, ", ");
}

// Whether `condition` speaks of the field `name`.
bool SpeaksOf(const filter::Condition& condition, absl::string_view name) {
  if (condition.field != nullptr && condition.field->name() == name) return true;
  return std::any_of(condition.operands.begin(), condition.operands.end(),
                     [&](const filter::Condition& operand) { return SpeaksOf(operand, name); });
}

class Planner {
 public:
  Planner(const v1::QueryFundingRequest& request, absl::string_view prefix)
      : request_(request), prefix_(prefix) {}

  absl::StatusOr<Plan> Make() && {
    ReadFilter();
    for (int i = 0; i < request_.group_by_size(); ++i) ReadDimension(i);
    if (request_.group_by_size() > kMaxDimensions) {
      Add("group_by", absl::StrCat("must have at most ", kMaxDimensions, " dimensions"));
    }
    ReadVocabulary();
    ReadEnums();
    ReadConversion();
    ReadHorizon();
    ReadOrder();
    if (request_.top() < 0) Add("top", "must not be negative; 0 means all rows");
    plan_.top = static_cast<size_t>(std::max(0, request_.top()));
    if (request_.cumulative()) ReadCumulative();
    const absl::Status status = violations_.ToStatus();
    if (!status.ok()) return status;
    return std::move(plan_);
  }

 private:
  void Add(absl::string_view field, absl::string_view description) {
    violations_.Add(absl::StrCat(prefix_, field), description);
  }

  void ReadFilter() {
    auto filter = filter::Filter::Compile(request_.filter(), FactsSchema());
    if (filter.ok()) {
      plan_.filter = *std::move(filter);
    } else {
      Add("filter", filter.status().message());
    }
  }

  void ReadDimension(int i) {
    const v1::Dimension& dimension = request_.group_by(i);
    const std::string path = absl::StrCat("group_by[", i, "].");
    PlannedDimension planned;
    planned.field = v1::ClaimFacts::descriptor()->FindFieldByName(dimension.field());
    if (planned.field == nullptr || !CanBeDimension(*planned.field)) {
      Add(path + "field",
          absl::StrCat("\"", dimension.field(), "\" is not one of ", DimensionNames()));
      return;
    }
    for (const PlannedDimension& other : plan_.dimensions) {
      if (other.field == planned.field && !planned.is_date()) {
        Add(path + "field", absl::StrCat("\"", dimension.field(), "\" is there already"));
      }
    }
    const bool has_level = dimension.field() == "initiative" || dimension.field() == "sectors";
    if (dimension.level() < 0 || (dimension.level() > 0 && !has_level)) {
      Add(path + "level", has_level ? "must not be negative; 0 means as stated"
                                    : "only `initiative` and `sectors` have levels");
    }
    planned.level = dimension.level();
    ReadBuckets(dimension, path, &planned);
    plan_.dimensions.push_back(std::move(planned));
  }

  void ReadBuckets(const v1::Dimension& dimension, const std::string& path,
                   PlannedDimension* planned) {
    if (!planned->is_date()) {
      if (dimension.unit() != v1::PERIOD_UNIT_UNSPECIFIED) {
        Add(path + "unit", "only `value_date` and `period` have units");
      }
      if (!dimension.fiscal_year().empty()) {
        Add(path + "fiscal_year", "only `value_date` and `period` have fiscal years");
      }
      return;
    }
    if (dimension.unit() == v1::PERIOD_UNIT_UNSPECIFIED ||
        !v1::PeriodUnit_IsValid(dimension.unit())) {
      Add(path + "unit",
          "is required for a date: PERIOD_UNIT_DAY, _MONTH, _QUARTER, _YEAR or _FISCAL_YEAR");
      return;
    }
    auto buckets = calendar::Buckets::Make(dimension.unit(), dimension.fiscal_year());
    if (buckets.ok()) {
      planned->buckets = *std::move(buckets);
    } else {
      Add(path + "fiscal_year", buckets.status().message());
    }
  }

  void ReadVocabulary() {
    plan_.sector_vocabulary = request_.sector_vocabulary();
    if (!request_.sector_vocabulary().empty()) return;
    const bool filtered =
        plan_.filter.condition() != nullptr && SpeaksOf(*plan_.filter.condition(), "sectors");
    if (filtered || plan_.DimensionOf("sectors").has_value()) {
      Add("sector_vocabulary",
          "is required where the filter or the grouping speaks of `sectors`, for example \"1\" "
          "(the "
          "five digits of OECD DAC)");
    }
  }

  void ReadEnums() {
    for (int i = 0; i < request_.measures_size(); ++i) {
      const v1::Measure measure = request_.measures(i);
      if (measure == v1::MEASURE_UNSPECIFIED || !v1::Measure_IsValid(measure)) {
        Add(absl::StrCat("measures[", i, "]"),
            "must be MEASURE_MIN, MEASURE_MAX, MEASURE_MEAN or MEASURE_SHARE; sums and numbers of "
            "claims are always there");
      }
      plan_.measures.insert(measure);
    }
    for (int i = 0; i < request_.mix_size(); ++i) {
      const v1::MoneyKind kind = request_.mix(i);
      if (kind == v1::MONEY_KIND_UNSPECIFIED || !v1::MoneyKind_IsValid(kind)) {
        Add(absl::StrCat("mix[", i, "]"),
            "must be MONEY_KIND_NATURE, MONEY_KIND_STAGE or MONEY_KIND_DIRECTION");
      }
      plan_.mix.insert(kind);
    }
  }

  void ReadConversion() {
    plan_.convert_to = request_.convert_to();
    if (!request_.convert_to().empty() && !rates::IsCurrencyCode(request_.convert_to())) {
      Add("convert_to", "must be an ISO 4217 code, three capital letters such as \"EUR\"");
    } else if (!request_.convert_to().empty() &&
               !rates::MinorUnitDigits(request_.convert_to()).has_value()) {
      Add("convert_to", "must be a currency with a minor unit, so that sums can be rounded to it");
    }
    if (request_.max_rate_age_days() < 0 || request_.max_rate_age_days() > kMaxRateAgeDays) {
      Add("max_rate_age_days",
          absl::StrCat("must be from 0 (meaning ", kDefaultRateAgeDays, ") to ", kMaxRateAgeDays));
    } else if (request_.max_rate_age_days() > 0) {
      plan_.max_rate_age_days = request_.max_rate_age_days();
      if (request_.convert_to().empty()) {
        Add("max_rate_age_days", "means nothing without `convert_to`");
      }
    }
  }

  void ReadHorizon() {
    if (request_.horizon().empty()) return;
    auto horizon = calendar::ParseHorizon(request_.horizon());
    if (horizon.ok()) {
      plan_.horizon = *std::move(horizon);
    } else {
      Add("horizon", horizon.status().message());
    }
  }

  void ReadOrder() {
    if (request_.order_by().empty()) return;
    for (absl::string_view item : absl::StrSplit(request_.order_by(), ',')) {
      std::vector<std::string> words =
          absl::StrSplit(item, absl::ByAnyChar(" \t"), absl::SkipEmpty());
      OrderBy order;
      if (words.size() == 2 && (words[1] == "desc" || words[1] == "asc")) {
        order.descending = words[1] == "desc";
        words.pop_back();
      }
      if (words.size() != 1) {
        Add("order_by", absl::StrCat("\"", absl::StripAsciiWhitespace(item),
                                     "\" is not a name, with \" desc\" if wanted"));
        continue;
      }
      static const auto* const names =
          new std::map<std::string, OrderBy::What>{{"stated", OrderBy::What::kStated},
                                                   {"low", OrderBy::What::kLow},
                                                   {"high", OrderBy::What::kHigh},
                                                   {"claims", OrderBy::What::kClaims}};
      const auto found = names->find(words[0]);
      if (found != names->end()) {
        order.what = found->second;
      } else if (const auto dimension = plan_.DimensionOf(words[0]); dimension.has_value()) {
        order.dimension = *dimension;
      } else {
        Add("order_by", absl::StrCat("\"", words[0],
                                     "\" is not stated, low, high, claims or a field of group_by"));
        continue;
      }
      plan_.order.push_back(order);
    }
  }

  void ReadCumulative() {
    for (size_t i = 0; i < plan_.dimensions.size(); ++i) {
      if (!plan_.dimensions[i].is_date()) continue;
      if (plan_.cumulative.has_value()) {
        Add("cumulative", "needs exactly one date in group_by, to know along which to add up");
        return;
      }
      plan_.cumulative = i;
    }
    if (!plan_.cumulative.has_value()) {
      Add("cumulative", "needs a date in group_by: `value_date` or `period`, with a unit");
    }
    if (plan_.top > 0) {
      Add("top",
          "cannot be combined with `cumulative`: the rows of later periods have the earlier "
          "ones in them, and nothing is left for a rest");
    }
  }

  const v1::QueryFundingRequest& request_;
  const std::string prefix_;
  Plan plan_;
  Violations violations_;
};

}  // namespace

std::optional<size_t> Plan::DimensionOf(absl::string_view field) const {
  for (size_t i = 0; i < dimensions.size(); ++i) {
    if (dimensions[i].field->name() == field) return i;
  }
  return std::nullopt;
}

absl::StatusOr<Plan> MakePlan(const v1::QueryFundingRequest& request, absl::string_view prefix) {
  return Planner(request, prefix).Make();
}

absl::StatusOr<filter::Filter> CompileFilter(absl::string_view text, absl::string_view path) {
  auto filter = filter::Filter::Compile(text, FactsSchema());
  if (filter.ok()) return filter;
  Violations violations;
  violations.Add(path, filter.status().message());
  return violations.ToStatus();
}

}  // namespace entente::funding::query
