// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/answer.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/funding/query/mixing.h"
#include "services/funding/query/rows.h"
#include "services/funding/query/sums.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;

// Groups by their keys: finds those that are there and adds those that are not.
class Keys {
 public:
  Group GroupOf(const std::vector<Code>& key) {
    const auto [found, inserted] = groups_.try_emplace(key, static_cast<Group>(keys_.size()));
    if (inserted) keys_.push_back(key);
    return found->second;
  }
  bool empty() const { return keys_.empty(); }
  std::vector<std::vector<Code>> Take() && { return std::move(keys_); }

 private:
  std::map<std::vector<Code>, Group> groups_;
  std::vector<std::vector<Code>> keys_;
};

// Groups of `tally` put together by what `key_of` makes of their keys.
template <typename KeyOf>
Tally RegroupByKey(const Tally& tally, Keys keys, const KeyOf& key_of) {
  std::vector<Group> targets;
  for (const std::vector<Code>& key : tally.keys) targets.push_back(keys.GroupOf(key_of(key)));
  return Regroup(tally, std::move(keys).Take(),
                 [&](Group group) { return std::vector<Group>{targets[group]}; });
}

// Brings the values of `from` into `into`, which is of the same dimension; returns their codes
// there.
std::vector<Code> Merge(const Axis& from, Axis* into) {
  std::map<std::pair<ValueKind, std::vector<std::string>>, Code> known;
  for (Code code = 0; code < into->values.size(); ++code) {
    known[{into->values[code].kind, into->values[code].members}] = code;
  }
  std::vector<Code> codes;
  for (Code code = 0; code < from.values.size(); ++code) {
    const auto [found, inserted] =
        known.try_emplace({from.values[code].kind, from.values[code].members},
                          static_cast<Code>(into->values.size()));
    if (inserted) {
      into->values.push_back(from.values[code]);
      into->days.push_back(from.days[code]);
    }
    codes.push_back(found->second);
  }
  return codes;
}

// The rows of an answer on their way to be written: both sides with the same groups.
struct Sides {
  std::vector<Axis> axes;
  Tally rows;
  std::optional<Tally> compared;
};

// The rows of the plan, of a tally whose keys are of `axes`.
Tally RowsOf(const Plan& plan, const std::vector<Axis>& axes, const Tally& tally) {
  if (!plan.cumulative.has_value()) return tally;
  std::vector<std::vector<Code>> keys;
  std::vector<std::vector<Group>> targets(tally.size());
  for (const auto& [key, groups] : GroupsOfRows(plan, axes, tally)) {
    for (const Group group : groups) targets[group].push_back(static_cast<Group>(keys.size()));
    keys.push_back(key);
  }
  return Regroup(tally, std::move(keys), [&](Group group) { return targets[group]; });
}

Sides BothSides(const Evaluation& evaluation, const Evaluation* compared) {
  const Plan& plan = evaluation.plan();
  Sides sides{evaluation.axes(), {}, std::nullopt};
  if (compared == nullptr) {
    sides.rows = RowsOf(plan, sides.axes, evaluation.rows());
    return sides;
  }
  Tally other = compared->rows();
  std::vector<std::vector<Code>> codes;
  for (size_t i = 0; i < sides.axes.size(); ++i) {
    codes.push_back(Merge(compared->axes()[i], &sides.axes[i]));
    Rank(*plan.dimensions[i].field, &sides.axes[i]);
  }
  for (std::vector<Code>& key : other.keys) {
    for (size_t i = 0; i < key.size(); ++i) key[i] = codes[i][key[i]];
  }
  Keys keys;
  for (const auto& key : evaluation.rows().keys) keys.GroupOf(key);
  for (const auto& key : other.keys) keys.GroupOf(key);
  const auto itself = [](const std::vector<Code>& key) { return key; };
  // Only now are periods added up: each side has a row wherever the other has one, and in it all
  // of its own money until then.
  sides.rows = RowsOf(plan, sides.axes, RegroupByKey(evaluation.rows(), keys, itself));
  sides.compared = RowsOf(plan, sides.axes, RegroupByKey(other, std::move(keys), itself));
  return sides;
}

// What rows are ordered by: the total in the currency of the conversion or, without one, in the
// only currency that there is.
absl::StatusOr<std::vector<const Money*>> MoneyToOrderBy(const Plan& plan, const Summed& rows) {
  std::vector<const Money*> money(rows.tally.size(), nullptr);
  const bool by_money = std::any_of(plan.order.begin(), plan.order.end(),
                                    [](const OrderBy& order) { return order.is_money(); });
  if (!by_money) return money;
  std::set<std::string> currencies;
  for (Group group = 0; group < rows.tally.size(); ++group) {
    for (const Money& sum : rows.money[group]) {
      if (sum.per != kTotal || (!plan.convert_to.empty() && !sum.converted)) continue;
      currencies.insert(sum.currency);
      // Where no figure at all is stated there is no number to order by.
      if (sum.claims > 0) money[group] = &sum;
    }
  }
  if (currencies.size() > 1) {
    return errors::MixedCurrencies({currencies.begin(), currencies.end()});
  }
  return money;
}

// Negative, 0 or positive. What has no number comes before what has one.
template <typename Number>
int Compare(const std::optional<Number>& a, const std::optional<Number>& b) {
  if (a.has_value() != b.has_value()) return a.has_value() ? 1 : -1;
  if (!a.has_value() || *a == *b) return 0;
  return *a < *b ? -1 : 1;
}

// The groups in the order of rows.
absl::StatusOr<std::vector<Group>> Ordered(const Plan& plan, const std::vector<Axis>& axes,
                                           const Summed& rows) {
  ASSIGN_OR_RETURN(const std::vector<const Money*> money, MoneyToOrderBy(plan, rows));
  const auto ranks = [&](Group group, size_t i) { return axes[i].rank[rows.tally.keys[group][i]]; };
  const auto compare = [&](const OrderBy& order, Group a, Group b) {
    const auto number = [&](Group group) -> std::optional<Decimal> {
      const Money* sum = money[group];
      if (order.what == OrderBy::What::kClaims) return Decimal(rows.claims[group]);
      if (order.what == OrderBy::What::kDimension) {
        return Decimal(ranks(group, order.dimension));
      }
      if (sum == nullptr) return std::nullopt;
      if (order.what == OrderBy::What::kStated) return sum->stated;
      if (order.what == OrderBy::What::kLow) return sum->bounds.low.value;
      return sum->bounds.high.has_value() ? std::optional<Decimal>(sum->bounds.high->value)
                                          : std::nullopt;
    };
    // An unbounded end is more than any number, and than none.
    if (order.what == OrderBy::What::kHigh) {
      const auto unbounded = [&](Group group) {
        return money[group] != nullptr && !money[group]->bounds.high.has_value();
      };
      if (unbounded(a) || unbounded(b)) return static_cast<int>(unbounded(a)) - unbounded(b);
    }
    return Compare(number(a), number(b));
  };
  std::vector<Group> groups(rows.tally.size());
  std::iota(groups.begin(), groups.end(), Group{0});
  std::sort(groups.begin(), groups.end(), [&](Group a, Group b) {
    for (const OrderBy& order : plan.order) {
      const int result = compare(order, a, b);
      if (result != 0) return (result < 0) != order.descending;
    }
    for (size_t i = 0; i < axes.size(); ++i) {
      if (ranks(a, i) != ranks(b, i)) return ranks(a, i) < ranks(b, i);
    }
    return rows.tally.kinds[a].to_string() < rows.tally.kinds[b].to_string();
  });
  return groups;
}

// Totals by their keys.
struct SummedTotals {
  SummedTotals() = default;
  explicit SummedTotals(Summed totals) : summed(std::move(totals)) {
    for (Group group = 0; group < summed.tally.size(); ++group) {
      groups[summed.tally.keys[group]] = group;
    }
  }

  // Null for none.
  const std::vector<Money>* Find(const std::vector<Code>& key) const {
    const auto found = groups.find(key);
    return found == groups.end() ? nullptr : &summed.money[found->second];
  }

  Summed summed;
  std::map<std::vector<Code>, Group> groups;
};

class Writing {
 public:
  Writing(const Evaluation& evaluation, const Evaluation* compared, const Cancelled& cancelled)
      : evaluation_(evaluation),
        compared_(compared),
        cancelled_(cancelled),
        sides_(BothSides(evaluation, compared)),
        writer_(evaluation, sides_.axes) {}

  absl::StatusOr<Answer> Write() {
    RETURN_IF_ERROR(WriteTotals());
    RETURN_IF_ERROR(WriteRows());
    RETURN_IF_ERROR(WriteCouldInclude());
    return std::move(answer_);
  }

 private:
  absl::Status CheckCancelled(size_t done) const {
    constexpr size_t kOften = 1024;
    if (done % kOften == 0 && cancelled_ != nullptr && cancelled_()) {
      return absl::CancelledError("the caller has gone");
    }
    return absl::OkStatus();
  }

  // The row of `group` of both sides.
  absl::StatusOr<v1::FundingRow> WriteRow(v1::FundingRowKind kind, const Summed& rows,
                                          const Summed* compared, Group group) const {
    const std::vector<Code> key = evaluation_.TotalOf(rows.tally.keys[group]);
    v1::FundingRow row = writer_.Write(kind, rows, group, totals_.Find(key));
    if (compared == nullptr) return row;
    const std::vector<Money>* total = compared_totals_.Find(key);
    for (const Money& money : compared->money[group]) {
      *row.add_compared() = RowWriter(*compared_, sides_.axes).Write(money, total);
    }
    ASSIGN_OR_RETURN(std::vector<v1::MoneyChange> changes,
                     ChangesOf(rows.money[group], compared->money[group]));
    for (v1::MoneyChange& change : changes) *row.add_changes() = std::move(change);
    return row;
  }

  // The groups of totals or of the rest in the order of the kinds of money that are grouped by.
  std::vector<Group> ByKinds(const Tally& tally) const {
    const auto rank = [&](Group group) {
      std::vector<uint32_t> ranks;
      const std::vector<Code>& key = tally.keys[group];
      for (size_t i = 0; i < key.size(); ++i) {
        ranks.push_back(key[i] == kAnyCode ? 0 : sides_.axes[i].rank[key[i]]);
      }
      return ranks;
    };
    std::vector<Group> order(tally.size());
    std::iota(order.begin(), order.end(), Group{0});
    std::sort(order.begin(), order.end(), [&](Group a, Group b) { return rank(a) < rank(b); });
    return order;
  }

  absl::Status WriteTotals() {
    Tally totals = Totals(evaluation_, evaluation_.rows());
    if (compared_ != nullptr) {
      Tally others = Totals(*compared_, compared_->rows());
      // Nothing on one side is nothing of each class that is on the other.
      if (compared_->rows().size() == 0 && evaluation_.rows().size() > 0) others = Tally();
      if (evaluation_.rows().size() == 0 && compared_->rows().size() > 0) totals = Tally();
      // Their codes are those of their own axes.
      for (std::vector<Code>& key : others.keys) {
        for (size_t i = 0; i < key.size(); ++i) {
          if (key[i] == kAnyCode) continue;
          const auto& values = sides_.axes[i].values;
          const auto found =
              std::find(values.begin(), values.end(), compared_->axes()[i].values[key[i]]);
          key[i] = static_cast<Code>(found - values.begin());
        }
      }
      Keys keys;
      for (const auto& key : totals.keys) keys.GroupOf(key);
      for (const auto& key : others.keys) keys.GroupOf(key);
      const auto itself = [](const std::vector<Code>& key) { return key; };
      totals = RegroupByKey(totals, keys, itself);
      ASSIGN_OR_RETURN(Summed compared,
                       Sum(*compared_, RegroupByKey(others, std::move(keys), itself)));
      compared_totals_ = SummedTotals(std::move(compared));
    }
    ASSIGN_OR_RETURN(Summed summed, Sum(evaluation_, std::move(totals)));
    totals_ = SummedTotals(std::move(summed));
    for (const Group group : ByKinds(totals_.summed.tally)) {
      ASSIGN_OR_RETURN(*answer_.header.add_totals(),
                       WriteRow(v1::FUNDING_ROW_KIND_TOTAL, totals_.summed,
                                compared_ == nullptr ? nullptr : &compared_totals_.summed, group));
    }
    return absl::OkStatus();
  }

  absl::Status WriteRows() {
    const Plan& plan = evaluation_.plan();
    ASSIGN_OR_RETURN(const Summed rows, Sum(evaluation_, std::move(sides_.rows)));
    std::optional<Summed> compared;
    if (sides_.compared.has_value()) {
      ASSIGN_OR_RETURN(compared, Sum(*compared_, *std::move(sides_.compared)));
    }
    const Summed* other = compared.has_value() ? &*compared : nullptr;
    ASSIGN_OR_RETURN(const std::vector<Group> order, Ordered(plan, sides_.axes, rows));
    const size_t shown = plan.top == 0 ? order.size() : std::min(plan.top, order.size());
    if (shown > kMaxRows) return errors::TooManyRows(kMaxRows);
    answer_.rows.reserve(shown);
    for (size_t i = 0; i < shown; ++i) {
      RETURN_IF_ERROR(CheckCancelled(i));
      ASSIGN_OR_RETURN(v1::FundingRow row,
                       WriteRow(v1::FUNDING_ROW_KIND_GROUP, rows, other, order[i]));
      answer_.rows.push_back(std::move(row));
    }
    if (shown == order.size()) return absl::OkStatus();
    // The rest, a row for each class of the kinds that are grouped by: no rest mixes more than the
    // rows do.
    std::vector<bool> is_shown(order.size(), false);
    for (size_t i = 0; i < shown; ++i) is_shown[order[i]] = true;
    Keys keys;
    std::vector<std::vector<Group>> targets(order.size());
    for (Group group = 0; group < order.size(); ++group) {
      if (is_shown[group]) continue;
      targets[group] = {keys.GroupOf(evaluation_.TotalOf(rows.tally.keys[group]))};
    }
    const auto to_rest = [&](Group group) { return targets[group]; };
    const auto rest_keys = std::move(keys).Take();
    ASSIGN_OR_RETURN(const Summed rest, Sum(evaluation_, Regroup(rows.tally, rest_keys, to_rest)));
    std::optional<Summed> rest_compared;
    if (other != nullptr) {
      ASSIGN_OR_RETURN(rest_compared, Sum(*compared_, Regroup(other->tally, rest_keys, to_rest)));
    }
    for (const Group group : ByKinds(rest.tally)) {
      ASSIGN_OR_RETURN(v1::FundingRow row,
                       WriteRow(v1::FUNDING_ROW_KIND_REST, rest,
                                rest_compared.has_value() ? &*rest_compared : nullptr, group));
      answer_.rows.push_back(std::move(row));
    }
    return absl::OkStatus();
  }

  absl::Status WriteCouldInclude() {
    const RowWriter writer(evaluation_, evaluation_.axes());
    ASSIGN_OR_RETURN(const Summed could, Sum(evaluation_, evaluation_.could()));
    // By the values, whatever rows are ordered by: it is another list.
    Plan by_values;
    ASSIGN_OR_RETURN(const std::vector<Group> order, Ordered(by_values, evaluation_.axes(), could));
    if (order.size() > kMaxRows) return errors::TooManyRows(kMaxRows);
    for (size_t i = 0; i < order.size(); ++i) {
      RETURN_IF_ERROR(CheckCancelled(i));
      answer_.could_include.push_back(
          writer.Write(v1::FUNDING_ROW_KIND_COULD_INCLUDE, could, order[i], nullptr));
    }
    return absl::OkStatus();
  }

  const Evaluation& evaluation_;
  const Evaluation* const compared_;
  const Cancelled& cancelled_;
  Sides sides_;
  const RowWriter writer_;
  SummedTotals totals_;
  SummedTotals compared_totals_;
  Answer answer_;
};

}  // namespace

Tally Totals(const Evaluation& evaluation, const Tally& tally) {
  Keys keys;
  if (tally.keys.empty()) {
    keys.GroupOf(std::vector<Code>(evaluation.axes().size(), kAnyCode));
  }
  return RegroupByKey(tally, std::move(keys),
                      [&](const std::vector<Code>& key) { return evaluation.TotalOf(key); });
}

std::map<std::vector<Code>, std::vector<Group>> GroupsOfRows(const Plan& plan,
                                                             const std::vector<Axis>& axes,
                                                             const Tally& tally) {
  std::map<std::vector<Code>, std::vector<Group>> rows;
  const std::optional<size_t> along = plan.cumulative;
  if (!along.has_value()) {
    for (Group group = 0; group < tally.size(); ++group) rows[tally.keys[group]].push_back(group);
    return rows;
  }
  const Axis& axis = axes[*along];
  // The buckets of each combination of the other values, by their last day.
  std::map<std::vector<Code>, std::map<absl::CivilDay, std::vector<Code>>> series;
  const auto others_of = [&](std::vector<Code> key) {
    key[*along] = kAnyCode;
    return key;
  };
  for (const std::vector<Code>& key : tally.keys) {
    if (axis.values[key[*along]].kind != ValueKind::kStated) continue;
    series[others_of(key)][*axis.days[key[*along]].last] = key;
  }
  for (Group group = 0; group < tally.size(); ++group) {
    const std::vector<Code>& key = tally.keys[group];
    const Days& days = axis.days[key[*along]];
    const auto buckets = series.find(others_of(key));
    bool found = false;
    if (days.last.has_value() && buckets != series.end()) {
      for (auto bucket = buckets->second.lower_bound(*days.last); bucket != buckets->second.end();
           ++bucket) {
        rows[bucket->second].push_back(group);
        found = true;
      }
    }
    // What ends after the last bucket, or no one knows when, has a row of its own.
    if (!found) rows[key].push_back(group);
  }
  return rows;
}

absl::StatusOr<std::vector<Group>> RestOf(const Evaluation& evaluation, const Tally& rows) {
  const Plan& plan = evaluation.plan();
  ASSIGN_OR_RETURN(const Summed summed, Sum(evaluation, rows));
  ASSIGN_OR_RETURN(const std::vector<Group> order, Ordered(plan, evaluation.axes(), summed));
  if (plan.top == 0 || plan.top >= order.size()) return std::vector<Group>();
  return std::vector<Group>(order.begin() + static_cast<std::ptrdiff_t>(plan.top), order.end());
}

absl::StatusOr<Answer> MakeAnswer(const Evaluation& evaluation, const Evaluation* compared,
                                  const Cancelled& cancelled) {
  // A difference of two kinds of money mixes them as a sum does.
  if (compared != nullptr) {
    RETURN_IF_ERROR(CheckMixing(evaluation.plan(), evaluation.kinds() | compared->kinds()));
  }
  return Writing(evaluation, compared, cancelled).Write();
}

}  // namespace entente::funding::query
