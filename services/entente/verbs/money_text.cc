// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/money_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/entente/text/display_width.h"
#include "services/entente/text/words.h"

namespace entente {
namespace {

using funding::v1::AppliedRate;
using funding::v1::DimensionValue;
using funding::v1::FundingRow;
using funding::v1::LeftOut;
using funding::v1::MoneySum;
using funding::v1::QueryFundingRequest;
using funding::v1::QueryFundingResponse;
using text::Column;
using text::Style;
using text::Table;

constexpr char kNotStated[] = "not stated";

// "own funding, requested"; several where they are mixed: "own funding, requested + provided".
std::string KindOf(const FundingRow& row, bool with_direction) {
  std::vector<std::string> natures;
  for (const int nature : row.natures()) {
    natures.push_back(text::EnumText(static_cast<funding::v1::ClaimNature>(nature)));
  }
  std::vector<std::string> parts = {absl::StrJoin(natures, " + ")};
  if (row.stages_size() == 1) {
    // With the words of a stage that is not stated or that there cannot be.
    parts[0] = absl::StrCat(parts[0],
                            text::KindText(funding::v1::CLAIM_NATURE_UNSPECIFIED, row.stages(0)));
  } else {
    std::vector<std::string> stages;
    for (const int stage : row.stages()) {
      stages.push_back(text::EnumText(static_cast<funding::v1::ClaimStage>(stage)));
    }
    parts.push_back(absl::StrJoin(stages, " + "));
  }
  if (with_direction) {
    std::vector<std::string> directions;
    for (const int direction : row.directions()) {
      const std::string words = text::EnumText(static_cast<funding::v1::ClaimDirection>(direction));
      directions.push_back(words.empty() ? "direction not stated" : words);
    }
    parts.push_back(absl::StrJoin(directions, " + "));
  }
  return absl::StrJoin(parts, ", ");
}

// Kinds by their words; with the direction only where two kinds would read the same without it.
class KindWords {
 public:
  explicit KindWords(const QueryFundingResponse& response) {
    std::map<std::string, std::set<std::string>> by_words;
    for (const auto* rows : {&response.totals(), &response.could_include()}) {
      for (const FundingRow& row : *rows) {
        by_words[KindOf(row, false)].insert(KindOf(row, true));
      }
    }
    for (const auto& [words, kinds] : by_words) {
      if (kinds.size() > 1) ambiguous_.insert(words);
    }
  }

  std::string Of(const FundingRow& row) const {
    const std::string words = KindOf(row, false);
    return ambiguous_.count(words) > 0 ? KindOf(row, true) : words;
  }

 private:
  std::set<std::string> ambiguous_;
};

std::string ValueText(const DimensionValue& value) {
  std::string words = value.title().empty() ? value.value() : value.title();
  for (const auto* type :
       {funding::v1::ClaimInstrument_descriptor(), funding::v1::ClaimNature_descriptor(),
        funding::v1::ClaimStage_descriptor(), funding::v1::ClaimDirection_descriptor(),
        type::v1::Qualifier_descriptor()}) {
    const auto* found = type->FindValueByName(words);
    if (found != nullptr) words = text::EnumText(found);
  }
  switch (value.kind()) {
    case funding::v1::DIMENSION_VALUE_KIND_NOT_STATED:
      return kNotStated;
    case funding::v1::DIMENSION_VALUE_KIND_UNALLOCATED:
      return "unallocated";
    case funding::v1::DIMENSION_VALUE_KIND_WIDER:
      return absl::StrCat(words, " (wider)");
    case funding::v1::DIMENSION_VALUE_KIND_ANY:
      return "";
    default:
      return words;
  }
}

// The cells of a sum: what is stated, what it can be, of how many claims, and what is to be said.
std::vector<std::string> SumCells(const MoneySum& sum) {
  std::string stated = sum.stated().empty()
                           ? absl::StrCat(sum.currency_code(), ", ", kNotStated)
                           : absl::StrCat(sum.currency_code(), " ", text::Grouped(sum.stated()));
  if (sum.has_recurrence()) absl::StrAppend(&stated, " ", text::RecurrenceText(sum.recurrence()));
  std::vector<std::string> notes;
  if (sum.not_stated() > 0) {
    notes.push_back(absl::StrCat("incomplete: ", sum.not_stated(),
                                 sum.not_stated() == 1 ? " amount is" : " amounts are",
                                 " not stated"));
  }
  if (!sum.excess().empty()) {
    notes.push_back(absl::StrCat("its parts as written are ", text::Grouped(sum.excess()),
                                 " more than their whole"));
  }
  return {stated, sum.has_bounds() ? text::IntervalText(sum.bounds()) : kNotStated,
          absl::StrCat(sum.claims()), absl::StrJoin(notes, "; ")};
}

std::vector<Column> SumColumns() {
  return {{.heading = "STATED", .right = true},
          {.heading = "CAN BE", .right = true},
          {.heading = "CLAIMS", .right = true},
          {.heading = "NOTE", .shrinks = true, .if_any = true}};
}

// A line for each sum of the row.
void AddSums(const std::vector<std::string>& heads, const FundingRow& row, Table* table) {
  const auto add = [&](const std::vector<std::string>& cells) {
    std::vector<std::string> line = heads;
    line.insert(line.end(), cells.begin(), cells.end());
    table->Add(std::move(line));
  };
  for (const MoneySum& sum : row.sums()) add(SumCells(sum));
  if (row.sums().empty()) add({kNotStated, kNotStated, absl::StrCat(row.claims()), ""});
}

std::string ReasonText(funding::v1::LeftOutReason reason) {
  switch (reason) {
    case funding::v1::LEFT_OUT_REASON_NOT_STATED:
      return "no figure is stated";
    case funding::v1::LEFT_OUT_REASON_NO_HORIZON:
      return "comes back, and stands beside the sums; --horizon=2024/2028 counts it";
    case funding::v1::LEFT_OUT_REASON_OUTSIDE_HORIZON:
      return "no whole period of it lies in the horizon";
    case funding::v1::LEFT_OUT_REASON_NO_DATE:
      return "not converted, for it has no date";
    case funding::v1::LEFT_OUT_REASON_DATE_TOO_WIDE:
      return "not converted, for its date is wider than a year";
    case funding::v1::LEFT_OUT_REASON_NO_RATE:
      return "not converted, for there is no rate of its day";
    case funding::v1::LEFT_OUT_REASON_SUPERSEDED:
      return "another claim has taken its place";
    case funding::v1::LEFT_OUT_REASON_RESTATED:
      return "the same money as a claim that is counted, stated again";
    case funding::v1::LEFT_OUT_REASON_PASSED_ON:
      return "money of a claim that is counted, passed on";
    case funding::v1::LEFT_OUT_REASON_REALISED:
      return "money of a claim that is counted, at a later stage";
    case funding::v1::LEFT_OUT_REASON_CONTRADICTORY:
      return "its statements contradict each other";
    default:
      return text::EnumText(reason);
  }
}

// "  own funding, planned: 1 claim comes back ...: claims/x"
std::string LeftOutText(const KindWords& kinds, const QueryFundingResponse& response) {
  std::string out;
  for (const FundingRow& total : response.totals()) {
    for (const LeftOut& left_out : total.left_out()) {
      std::string names = absl::StrJoin(left_out.examples(), ", ");
      if (left_out.claims() > left_out.examples_size()) absl::StrAppend(&names, ", ...");
      absl::StrAppend(&out, "  ", kinds.Of(total), ": ", left_out.claims(),
                      left_out.claims() == 1 ? " claim, " : " claims, ",
                      ReasonText(left_out.reason()), ": ", names, "\n");
    }
  }
  return out;
}

// "  EUR to USD of 2023-09-05: 1.0731 (European Central Bank)"
std::string RatesText(const QueryFundingResponse& response) {
  std::set<std::string> lines;
  for (const FundingRow& total : response.totals()) {
    for (const MoneySum& sum : total.sums()) {
      for (const AppliedRate& rate : sum.rates()) {
        std::vector<std::string> published;
        for (const auto& one : rate.published()) {
          published.push_back(absl::StrCat("1 ", one.base(), " = ", one.value(), " ", one.quote(),
                                           ", ", text::Printable(one.source())));
        }
        lines.insert(
            absl::StrCat("  ", rate.from(), " to ", rate.to(), ", rate of ", rate.rate_date(),
                         " for ", rate.value_date(), ": ", absl::StrJoin(published, "; "),
                         rate.note().empty() ? "" : absl::StrCat(" (", rate.note(), ")"), "\n"));
      }
    }
  }
  return absl::StrJoin(lines, "");
}

std::string Heading(const std::string& field) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(field, {{"_", " "}}));
}

// The dimensions beside the kinds of money.
std::vector<std::string> ValuesOf(const FundingRow& row, int kinds) {
  std::vector<std::string> values;
  for (int i = kinds; i < row.values_size(); ++i) values.push_back(ValueText(row.values(i)));
  if (row.kind() == funding::v1::FUNDING_ROW_KIND_REST && !values.empty()) values[0] = "(the rest)";
  if (row.kind() == funding::v1::FUNDING_ROW_KIND_TOTAL && !values.empty()) values[0] = "(all)";
  return values;
}

// The kinds in the order of their first rows, and the rows of each.
template <typename Rows>
std::vector<std::pair<std::string, std::vector<const FundingRow*>>> ByKind(const KindWords& words,
                                                                           const Rows& rows) {
  std::vector<std::pair<std::string, std::vector<const FundingRow*>>> kinds;
  for (const FundingRow& row : rows) {
    const std::string kind = words.Of(row);
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const auto& entry) { return entry.first == kind; });
    if (found == kinds.end()) {
      kinds.push_back({kind, {&row}});
    } else {
      found->second.push_back(&row);
    }
  }
  return kinds;
}

// One table whose rows are kinds of money.
template <typename Rows>
std::string KindsTable(const KindWords& words, const Rows& rows, const Style& style) {
  std::vector<Column> columns = SumColumns();
  columns.insert(columns.begin(), {.heading = "KIND OF MONEY"});
  Table table(columns);
  for (const FundingRow& row : rows) AddSums({words.Of(row)}, row, &table);
  return table.ToText(style);
}

std::string TablesByKind(const KindWords& words, const QueryFundingRequest& request, int kinds,
                         const QueryFundingResponse& response, const Style& style) {
  std::string out;
  for (const auto& [kind, rows] : ByKind(words, response.rows())) {
    std::vector<Column> columns;
    for (int i = kinds; i < request.group_by_size(); ++i) {
      columns.push_back({.heading = Heading(request.group_by(i).field()), .shrinks = true});
    }
    for (const Column& column : SumColumns()) columns.push_back(column);
    Table table(columns);
    for (const FundingRow* row : rows) AddSums(ValuesOf(*row, kinds), *row, &table);
    if (rows.size() > 1) {
      for (const FundingRow& total : response.totals()) {
        if (words.Of(total) == kind) AddSums(ValuesOf(total, kinds), total, &table);
      }
    }
    absl::StrAppend(&out, out.empty() ? "" : "\n", style.Strong(kind), "\n",
                    table.ToText(style, 2));
  }
  return out;
}

}  // namespace

std::string MoneyAnswerText(const QueryFundingRequest& request, int kinds,
                            const QueryFundingResponse& response, const Style& style) {
  const KindWords words(response);
  std::string out = request.group_by_size() == kinds
                        ? KindsTable(words, response.rows(), style)
                        : TablesByKind(words, request, kinds, response, style);
  const std::string left_out = LeftOutText(words, response);
  if (!left_out.empty()) {
    absl::StrAppend(&out, "\n", style.Strong("Not in these sums, or not converted"), "\n",
                    left_out);
  }
  if (!response.could_include().empty()) {
    absl::StrAppend(&out, "\n",
                    style.Strong("Could be meant in part, how much is not stated, and in no sum"),
                    "\n", KindsTable(words, response.could_include(), style));
  }
  const std::string rates = RatesText(response);
  if (!rates.empty()) absl::StrAppend(&out, "\n", style.Strong("Rates"), "\n", rates);
  if (response.totals_size() > 1) {
    absl::StrAppend(&out, "\n", style.Faint("Kinds of money never add up together."), "\n");
  }
  return out;
}

std::string MoneyCsv(const QueryFundingRequest& request, int kinds,
                     const QueryFundingResponse& response) {
  std::vector<Column> columns = {
      {.heading = "NATURE"}, {.heading = "STAGE"}, {.heading = "DIRECTION"}};
  for (int i = kinds; i < request.group_by_size(); ++i) {
    columns.push_back({.heading = request.group_by(i).field()});
  }
  for (const char* heading : {"CURRENCY", "RECURRENCE", "LOW", "LOW_OPEN", "STATED", "HIGH",
                              "HIGH_OPEN", "CLAIMS", "NOT_STATED"}) {
    columns.push_back({.heading = heading});
  }
  Table table(columns);
  for (const FundingRow& row : response.rows()) {
    std::vector<std::string> natures;
    std::vector<std::string> stages;
    std::vector<std::string> directions;
    for (const int v : row.natures()) {
      natures.push_back(text::EnumText(static_cast<funding::v1::ClaimNature>(v)));
    }
    for (const int v : row.stages()) {
      stages.push_back(text::EnumText(static_cast<funding::v1::ClaimStage>(v)));
    }
    for (const int v : row.directions()) {
      directions.push_back(text::EnumText(static_cast<funding::v1::ClaimDirection>(v)));
    }
    std::vector<std::string> heads = {absl::StrJoin(natures, " + "), absl::StrJoin(stages, " + "),
                                      absl::StrJoin(directions, " + ")};
    for (const std::string& value : ValuesOf(row, kinds)) heads.push_back(value);
    for (const MoneySum& sum : row.sums()) {
      const type::v1::Interval& bounds = sum.bounds();
      const auto open = [&](bool is_open) {
        return !sum.has_bounds() ? "" : is_open ? "true" : "false";
      };
      std::vector<std::string> line = heads;
      for (const std::string& cell :
           {sum.currency_code(),
            sum.has_recurrence() ? text::RecurrenceText(sum.recurrence()) : std::string(),
            bounds.low(), std::string(open(bounds.low_open())), sum.stated(), bounds.high(),
            std::string(open(bounds.high_open())), absl::StrCat(sum.claims()),
            absl::StrCat(sum.not_stated())}) {
        line.push_back(cell);
      }
      table.Add(std::move(line));
    }
  }
  return table.ToCsv();
}

std::string ExplanationText(int kinds, const funding::v1::ExplainFundingResponse& explanation,
                            const Style& style) {
  const FundingRow& row = explanation.row();
  std::vector<std::string> head = {KindOf(row, false)};
  for (const std::string& value : ValuesOf(row, kinds)) head.push_back(text::Printable(value));
  std::string out = absl::StrCat(style.Strong(absl::StrJoin(head, ": ")), "\n");
  for (const MoneySum& sum : row.sums()) {
    const std::vector<std::string> cells = SumCells(sum);
    absl::StrAppend(&out, "  ", cells[0], " as stated; it can be ", cells[1],
                    cells[3].empty() ? "" : "; ", cells[3], "\n");
  }
  Table table({{.heading = "CLAIM"},
               {.heading = "AS ITS SOURCE STATES IT", .right = true},
               {.heading = "COUNTED", .right = true},
               {.heading = "CITED", .right = true},
               {.heading = "NOTE", .shrinks = true, .if_any = true}});
  for (const auto& tree : explanation.trees()) {
    for (const auto& part : tree.contributions()) {
      std::vector<std::string> notes;
      if (part.remainder()) notes.emplace_back("what its parts do not itemise");
      for (const auto& share : part.shares()) {
        notes.push_back(
            absl::StrCat(share.percentage(), " % of it, for ",
                         share.value().empty() ? "what is unallocated" : share.value()));
      }
      if (tree.periods() > 0) notes.push_back(absl::StrCat(tree.periods(), " periods"));
      // Of what is not stated nothing is counted; that is not 0.
      const bool is_stated = part.figure().qualifier() != type::v1::QUALIFIER_NOT_STATED;
      type::v1::Amount amount;
      amount.set_currency_code(tree.sum().currency_code());
      *amount.mutable_figure() = part.figure();
      table.Add({part.claim(), text::MoneyText(amount),
                 is_stated ? text::Grouped(part.counted()) : kNotStated,
                 absl::StrCat(part.citations_size()), absl::StrJoin(notes, "; ")});
    }
  }
  if (!table.empty()) out += table.ToText(style, 2);
  for (const auto& exclusion : explanation.exclusions()) {
    absl::StrAppend(&out, "  not in it: ", exclusion.claim(), ": ",
                    text::Printable(exclusion.message()), "\n");
  }
  return out;
}

}  // namespace entente
