// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/naive_query.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/figure/decimal.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/funding/query/naive_side.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;
using naive::Key;
using naive::Per;
using naive::Row;
using naive::Side;
using naive::Sort;
using naive::Value;

Decimal ParsedOr0(const std::string& text) {
  return text.empty() ? Decimal() : Decimal::Parse(text).value();
}

std::string Difference(const std::string& a, const std::string& b) {
  return figure::Sub(ParsedOr0(a), ParsedOr0(b)).value().ToString();
}

// Adds what the other side says to a row.
void Compare(const Row& now, const Row& then, v1::FundingRow* row) {
  for (const v1::MoneySum& sum : then.written.sums()) *row->add_compared() = sum;
  std::vector<Sort> sorts = now.sorts;
  for (const Sort& sort : then.sorts) {
    if (now.Find(sort) == nullptr) sorts.push_back(sort);
  }
  v1::MoneySum nothing;
  nothing.set_stated("0");
  nothing.mutable_bounds()->set_low("0");
  nothing.mutable_bounds()->set_high("0");
  for (const Sort& sort : sorts) {
    const v1::MoneySum* of_now = now.Find(sort);
    const v1::MoneySum* of_then = then.Find(sort);
    const v1::MoneySum& like = of_now != nullptr ? *of_now : *of_then;
    const v1::MoneySum& a = of_now != nullptr ? *of_now : nothing;
    const v1::MoneySum& b = of_then != nullptr ? *of_then : nothing;
    // From or to what has no figure there is no change to be told.
    if (a.stated().empty() || b.stated().empty()) continue;
    v1::MoneyChange* change = row->add_changes();
    change->set_currency_code(like.currency_code());
    if (like.has_recurrence()) *change->mutable_recurrence() = like.recurrence();
    change->set_stated(Difference(a.stated(), b.stated()));
    auto* bounds = change->mutable_bounds();
    bounds->set_low_open(a.bounds().low_open() || b.bounds().high_open());
    if (!b.bounds().high().empty()) {
      bounds->set_low(Difference(a.bounds().low(), b.bounds().high()));
    }
    bounds->set_high_open(a.bounds().high_open() || b.bounds().low_open());
    if (!a.bounds().high().empty()) {
      bounds->set_high(Difference(a.bounds().high(), b.bounds().low()));
    }
  }
}

// The number that rows are ordered by: whether there is one, whether it is without bound, itself.
using Number = std::tuple<bool, bool, Decimal>;

}  // namespace

std::string ToText(const Wish& wish) {
  std::vector<std::string> parts;
  for (const Wish& operand : wish.operands) {
    const bool simple = operand.kind == Wish::Kind::kCondition;
    parts.push_back(simple ? ToText(operand) : absl::StrCat("(", ToText(operand), ")"));
  }
  switch (wish.kind) {
    case Wish::Kind::kEverything:
      return "";
    case Wish::Kind::kCondition:
      return wish.text;
    case Wish::Kind::kNot:
      return absl::StrCat("NOT ", parts[0]);
    case Wish::Kind::kAnd:
      return absl::StrJoin(parts, " AND ");
    case Wish::Kind::kOr:
      return absl::StrJoin(parts, " OR ");
  }
  return "";
}

absl::StatusOr<v1::QueryFundingResponse> NaiveAnswer(const World& world, const Question& question) {
  const v1::QueryFundingRequest& request = question.request;
  Side side(world, request, question.filter);
  RETURN_IF_ERROR(side.Prepare());
  std::optional<Side> other;
  if (question.compared.has_value()) {
    other.emplace(world, request, *question.compared);
    RETURN_IF_ERROR(other->Prepare());
    RETURN_IF_ERROR(side.CheckMixing(&*other));
  }
  v1::QueryFundingResponse answer;
  std::map<Key, std::vector<int>> other_totals;
  const auto both = [&](std::map<Key, std::vector<int>> ours,
                        const std::map<Key, std::vector<int>>& others) {
    for (const auto& [key, ignored] : others) ours[key];
    return ours;
  };
  const auto of = [](const std::map<Key, std::vector<int>>& rows, const Key& key) {
    const auto found = rows.find(key);
    return found == rows.end() ? std::vector<int>() : found->second;
  };
  const auto compare = [&](const Row& row, const Key& key, const std::vector<int>& others,
                           v1::FundingRow* written) {
    if (!other.has_value()) return;
    const v1::FundingRowKind kind = v1::FUNDING_ROW_KIND_GROUP;
    const Key total_key = side.TotalOf(key);
    const Row total = other->MakeRow(kind, total_key, of(other_totals, total_key), nullptr);
    Compare(row, other->MakeRow(kind, key, others, &total), written);
  };

  std::map<Key, std::vector<int>> own_totals = side.Totals();
  std::map<Key, std::vector<int>> other_rows;
  if (other.has_value()) {
    // Nothing on one side is nothing of each class on the other.
    const bool nothing = other->Groups().empty();
    if (!nothing || side.Groups().empty()) other_totals = other->Totals();
    if (!nothing && side.Groups().empty()) own_totals.clear();
    other_rows = other->Rows(&side);
  }
  std::map<Key, Row> totals;
  for (const auto& [key, parcels] : both(own_totals, other_totals)) {
    // What it is a share of is itself.
    const Row plain = side.MakeRow(v1::FUNDING_ROW_KIND_TOTAL, key, parcels, nullptr);
    Row row = side.MakeRow(v1::FUNDING_ROW_KIND_TOTAL, key, parcels, &plain);
    *answer.add_totals() = row.written;
    compare(row, key, of(other_totals, key), answer.mutable_totals(answer.totals_size() - 1));
    totals[key] = std::move(row);
  }

  struct Line {
    Key key;
    std::vector<int> parcels;
    Row row;
    std::vector<Number> numbers;
  };
  std::vector<Line> lines;
  const auto total_of = [&](const Key& key) {
    const auto found = totals.find(side.TotalOf(key));
    return found == totals.end() ? nullptr : &found->second;
  };
  for (const auto& [key, parcels] :
       both(side.Rows(other.has_value() ? &*other : nullptr), other_rows)) {
    lines.push_back(
        {key, parcels, side.MakeRow(v1::FUNDING_ROW_KIND_GROUP, key, parcels, total_of(key)), {}});
  }
  // By what is asked for, then by the values.
  std::vector<std::pair<std::string, bool>> order;
  if (!request.order_by().empty()) {
    for (const absl::string_view item : absl::StrSplit(request.order_by(), ", ")) {
      const std::vector<std::string> words = absl::StrSplit(item, ' ');
      order.emplace_back(words[0], words.size() > 1 && words[1] == "desc");
    }
  }
  std::set<std::string> currencies;
  for (const auto& [what, descending] : order) {
    for (Line& line : lines) {
      Number number{false, false, Decimal()};
      if (what == "claims") {
        number = {true, false, line.row.written.claims()};
      } else if (what == "stated" || what == "low" || what == "high") {
        for (size_t i = 0; i < line.row.sorts.size(); ++i) {
          const auto& [not_converted, per, currency] = line.row.sorts[i];
          if (per != Per{0, 0} || (!request.convert_to().empty() && not_converted)) continue;
          const v1::MoneySum& sum = line.row.written.sums(static_cast<int>(i));
          currencies.insert(currency);
          if (sum.stated().empty()) continue;
          if (what == "stated") number = {true, false, ParsedOr0(sum.stated())};
          if (what == "low") number = {true, false, ParsedOr0(sum.bounds().low())};
          if (what == "high") {
            number = {true, sum.bounds().high().empty(), ParsedOr0(sum.bounds().high())};
          }
        }
      }
      line.numbers.push_back(number);
    }
  }
  if (currencies.size() > 1) {
    return errors::MixedCurrencies({currencies.begin(), currencies.end()});
  }
  const auto dimension = [&](const std::string& field) {
    size_t i = 0;
    while (request.group_by(static_cast<int>(i)).field() != field) ++i;
    return i;
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
    for (size_t i = 0; i < order.size(); ++i) {
      const auto& [what, descending] = order[i];
      if (what == "claims" || what == "stated" || what == "low" || what == "high") {
        if (a.numbers[i] != b.numbers[i]) return (a.numbers[i] < b.numbers[i]) != descending;
      } else {
        const size_t d = dimension(what);
        if (a.key[d] != b.key[d]) return (a.key[d] < b.key[d]) != descending;
      }
    }
    return a.key < b.key;
  });
  std::map<Key, std::pair<std::vector<int>, std::vector<int>>> rest;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    const std::vector<int> others = of(other_rows, line.key);
    if (request.top() > 0 && i >= static_cast<size_t>(request.top())) {
      auto& [ours, theirs] = rest[side.TotalOf(line.key)];
      ours.insert(ours.end(), line.parcels.begin(), line.parcels.end());
      theirs.insert(theirs.end(), others.begin(), others.end());
      continue;
    }
    *answer.add_rows() = line.row.written;
    compare(line.row, line.key, others, answer.mutable_rows(answer.rows_size() - 1));
  }
  for (const auto& [key, parcels] : rest) {
    const Row row = side.MakeRow(v1::FUNDING_ROW_KIND_REST, key, parcels.first, total_of(key));
    *answer.add_rows() = row.written;
    compare(row, key, parcels.second, answer.mutable_rows(answer.rows_size() - 1));
  }
  for (const auto& [key, parcels] : side.Could()) {
    *answer.add_could_include() =
        side.MakeRow(v1::FUNDING_ROW_KIND_COULD_INCLUDE, key.first, parcels, nullptr).written;
  }
  return Canonical(std::move(answer));
}

v1::QueryFundingResponse Canonical(v1::QueryFundingResponse answer) {
  const auto canonical = [](auto* sums) {
    for (v1::MoneySum& sum : *sums) {
      std::map<std::string, v1::AppliedRate> rates;
      for (v1::AppliedRate rate : sum.rates()) {
        rate.clear_note();
        std::string text = rate.SerializeAsString();
        while (rates.count(text) > 0) text += "+";  // What is there twice stays there twice.
        rates[text] = rate;
      }
      sum.clear_rates();
      for (const auto& [ignored, rate] : rates) *sum.add_rates() = rate;
    }
  };
  for (auto* rows :
       {answer.mutable_totals(), answer.mutable_rows(), answer.mutable_could_include()}) {
    for (v1::FundingRow& row : *rows) {
      canonical(row.mutable_sums());
      canonical(row.mutable_compared());
    }
  }
  return answer;
}

}  // namespace entente::funding::query
