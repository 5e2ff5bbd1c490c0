// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/answer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/funding/query/mixing.h"
#include "services/funding/query/rows.h"
#include "services/funding/query/sums.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;

// Rows by their keys: finds those that are there and adds those that are not.
class Groups {
 public:
  explicit Groups(size_t axes) : keys_(axes) {}

  Group Of(Key key) {
    // One after the other is the same mostly, in totals.
    if (last_ != kNoGroup && keys_[last_] == key) return last_;
    const auto [found, inserted] = groups_.try_emplace(std::vector<Code>(key.begin(), key.end()),
                                                       static_cast<Group>(keys_.size()));
    if (inserted) keys_.Append(key);
    return last_ = found->second;
  }
  Keys Take() && { return std::move(keys_); }

 private:
  std::map<std::vector<Code>, Group> groups_;
  Keys keys_;
  Group last_ = kNoGroup;
};

using Targets = absl::InlinedVector<Group, 1>;

// Groups of `tally` put together by what `key_of` makes of their keys.
template <typename KeyOf>
Tally RegroupByKey(const Snapshot& snapshot, const Tally& tally, Groups groups,
                   const KeyOf& key_of) {
  std::vector<Group> targets;
  targets.reserve(tally.size());
  for (Group group = 0; group < tally.size(); ++group) {
    targets.push_back(groups.Of(key_of(tally.keys[group])));
  }
  return Regroup(snapshot, tally, std::move(groups).Take(),
                 [&](Group group) { return Targets{targets[group]}; });
}

// The rows of an answer on their way to be written: both sides with the same groups.
struct Sides {
  std::vector<Axis> axes;
  std::shared_ptr<const Tally> rows;
  std::shared_ptr<const Tally> compared;  // null for none
};

// The rows of the plan, of a tally whose keys are of `axes`.
std::shared_ptr<const Tally> RowsOf(const Evaluation& evaluation, const std::vector<Axis>& axes,
                                    std::shared_ptr<const Tally> of) {
  const Plan& plan = evaluation.plan();
  if (!plan.cumulative.has_value()) return of;
  const Tally& tally = *of;
  Keys keys(axes.size());
  std::vector<Targets> targets(tally.size());
  for (const auto& [key, groups] : GroupsOfRows(plan, axes, tally)) {
    for (const Group group : groups) targets[group].push_back(static_cast<Group>(keys.size()));
    keys.Append(key);
  }
  return std::make_shared<const Tally>(Regroup(evaluation.parcels().snapshot(), tally,
                                               std::move(keys),
                                               [&](Group group) { return targets[group]; }));
}

Sides BothSides(const Evaluation& evaluation, const Evaluation* compared) {
  Sides sides{evaluation.axes(), nullptr, nullptr};
  if (compared == nullptr) {
    // It belongs to the evaluation, and is there as long as that is.
    const std::shared_ptr<const Tally> rows(std::shared_ptr<const Tally>(), &evaluation.rows());
    sides.rows = RowsOf(evaluation, sides.axes, rows);
    return sides;
  }
  Tally other = compared->rows();
  for (size_t i = 0; i < sides.axes.size(); ++i) {
    std::vector<Code> codes;
    std::tie(sides.axes[i].scale, codes) = Merge(sides.axes[i], compared->axes()[i]);
    for (Group group = 0; group < other.size(); ++group) {
      Code& code = other.keys.At(group, i);
      code = codes[code];
    }
  }
  Groups groups(sides.axes.size());
  for (Group group = 0; group < evaluation.rows().size(); ++group) {
    groups.Of(evaluation.rows().keys[group]);
  }
  for (Group group = 0; group < other.size(); ++group) groups.Of(other.keys[group]);
  const auto itself = [](Key key) { return key; };
  // Only now are periods added up: each side has a row wherever the other has one, and in it all
  // of its own money until then.
  sides.rows = RowsOf(evaluation, sides.axes,
                      std::make_shared<const Tally>(RegroupByKey(
                          evaluation.parcels().snapshot(), evaluation.rows(), groups, itself)));
  sides.compared = RowsOf(*compared, sides.axes,
                          std::make_shared<const Tally>(RegroupByKey(
                              compared->parcels().snapshot(), other, std::move(groups), itself)));
  return sides;
}

// By axis: the places of its codes in the order of rows.
using Ranks = std::vector<const std::vector<uint32_t>*>;

Ranks RanksOfAll(const Plan& plan, const std::vector<Axis>& axes) {
  Ranks ranks;
  for (size_t i = 0; i < axes.size(); ++i) {
    ranks.push_back(&axes[i].scale->Ranks(*plan.dimensions[i].field));
  }
  return ranks;
}

// By row, what it is ordered by: the total in the currency of the conversion or, without one, in
// the only currency that there is. Nothing if rows are not ordered by money.
absl::StatusOr<std::vector<std::optional<Money>>> MoneyToOrderBy(const Plan& plan,
                                                                 const Summed& rows) {
  std::vector<std::optional<Money>> by_row(rows.size());
  const bool by_money = std::any_of(plan.order.begin(), plan.order.end(),
                                    [](const OrderBy& order) { return order.is_money(); });
  if (!by_money) return by_row;
  std::set<std::string> currencies;
  for (Group group = 0; group < rows.size(); ++group) {
    ASSIGN_OR_RETURN(std::vector<Money> money, rows.sums().MoneyOf(group));
    for (Money& sum : money) {
      if (sum.per != kTotal || (!plan.convert_to.empty() && !sum.converted)) continue;
      currencies.insert(sum.currency);
      // Where no figure at all is stated there is no number to order by.
      if (sum.claims > 0) by_row[group] = std::move(sum);
    }
  }
  if (currencies.size() > 1) {
    return errors::MixedCurrencies({currencies.begin(), currencies.end()});
  }
  return by_row;
}

// Negative, 0 or positive. What has no number comes before what has one.
template <typename Number>
int Compare(const std::optional<Number>& a, const std::optional<Number>& b) {
  if (a.has_value() != b.has_value()) return a.has_value() ? 1 : -1;
  if (!a.has_value() || *a == *b) return 0;
  return *a < *b ? -1 : 1;
}

// The groups in the order of rows; with a top N the others after them, in any order.
absl::StatusOr<std::vector<Group>> Ordered(const Plan& plan, const Ranks& ranks_of,
                                           const Summed& rows) {
  ASSIGN_OR_RETURN(const std::vector<std::optional<Money>> money, MoneyToOrderBy(plan, rows));
  const Keys& keys = rows.tally().keys;
  const auto ranks = [&](Group group, size_t i) { return (*ranks_of[i])[keys[group][i]]; };
  const auto number = [&](const OrderBy& order, Group group) -> std::optional<Decimal> {
    const std::optional<Money>& sum = money[group];
    if (order.what == OrderBy::What::kClaims) return Decimal(rows.sums().ClaimsOf(group));
    if (order.what == OrderBy::What::kDimension) return Decimal(ranks(group, order.dimension));
    if (!sum.has_value()) return std::nullopt;
    if (order.what == OrderBy::What::kStated) return sum->stated;
    if (order.what == OrderBy::What::kLow) return sum->bounds.low.value;
    return sum->bounds.high.has_value() ? std::optional<Decimal>(sum->bounds.high->value)
                                        : std::nullopt;
  };
  const auto compare = [&](const OrderBy& order, Group a, Group b) {
    // An unbounded end is more than any number, and than none.
    if (order.what == OrderBy::What::kHigh) {
      const auto unbounded = [&](Group group) {
        return money[group].has_value() && !money[group]->bounds.high.has_value();
      };
      if (unbounded(a) || unbounded(b)) return static_cast<int>(unbounded(a)) - unbounded(b);
    }
    return Compare(number(order, a), number(order, b));
  };
  std::vector<Group> groups(rows.size());
  std::iota(groups.begin(), groups.end(), Group{0});
  // Mostly one dimension is all that counts, or comes first: then a number says nearly all.
  const bool by_values = plan.order.empty() && !ranks_of.empty();
  std::vector<uint32_t> first_ranks(by_values ? rows.size() : 0);
  for (Group group = 0; group < first_ranks.size(); ++group) first_ranks[group] = ranks(group, 0);
  const auto before = [&](Group a, Group b) {
    if (by_values && first_ranks[a] != first_ranks[b]) return first_ranks[a] < first_ranks[b];
    for (const OrderBy& order : plan.order) {
      const int result = compare(order, a, b);
      if (result != 0) return (result < 0) != order.descending;
    }
    for (size_t i = 0; i < ranks_of.size(); ++i) {
      if (ranks(a, i) != ranks(b, i)) return ranks(a, i) < ranks(b, i);
    }
    const auto& kinds = rows.tally().kinds;
    return kinds[a] != kinds[b] && kinds[a].to_string() < kinds[b].to_string();
  };
  if (plan.top > 0 && plan.top < groups.size()) {
    std::partial_sort(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(plan.top),
                      groups.end(), before);
  } else {
    std::sort(groups.begin(), groups.end(), before);
  }
  return groups;
}

// Totals by their keys, added up.
struct SummedTotals {
  // Null for none.
  const std::vector<Money>* Find(const std::vector<Code>& key) const {
    const auto found = groups.find(key);
    return found == groups.end() ? nullptr : &money[found->second];
  }

  static absl::StatusOr<SummedTotals> Of(const Evaluation& evaluation, Tally tally) {
    SummedTotals totals;
    totals.summed.emplace(evaluation, std::move(tally));
    for (Group group = 0; group < totals.summed->size(); ++group) {
      const Key key = totals.summed->tally().keys[group];
      totals.groups[{key.begin(), key.end()}] = group;
      ASSIGN_OR_RETURN(std::vector<Money> money, totals.summed->sums().MoneyOf(group));
      totals.money.push_back(std::move(money));
    }
    return totals;
  }

  std::optional<Summed> summed;
  std::vector<std::vector<Money>> money;  // by group
  std::map<std::vector<Code>, Group> groups;
};

class Writing {
 public:
  Writing(const Evaluation& evaluation, const Evaluation* compared)
      : evaluation_(evaluation),
        compared_(compared),
        sides_(BothSides(evaluation, compared)),
        ranks_(RanksOfAll(evaluation.plan(), sides_.axes)),
        writer_(evaluation, sides_.axes) {}

  absl::StatusOr<Answer> Write() {
    RETURN_IF_ERROR(WriteTotals());
    filling_.CountFirst();
    RETURN_IF_ERROR(WriteRows());
    RETURN_IF_ERROR(WriteCouldInclude());
    v1::QueryFundingResponse* const header = filling_.first();
    return Answer{header, std::move(filling_).Take()};
  }

 private:
  // Of rows, in messages of their own: some hundred kilobytes.
  static constexpr size_t kBatch = 4096;
  static constexpr auto kRows = [](v1::QueryFundingResponse* message) {
    return message->mutable_rows();
  };

  // Now and then.
  absl::Status Check(size_t done) const {
    constexpr size_t kOften = 1024;
    return done % kOften == 0 ? evaluation_.resources().Check() : absl::OkStatus();
  }

  // The row of `group` of both sides.
  absl::Status WriteRow(const RowWriter& writer, v1::FundingRowKind kind, const Summed& rows,
                        const Summed* compared, Group group, v1::FundingRow* row) const {
    std::vector<Code> key;
    if (writer.wants_shares()) key = evaluation_.TotalOf(rows.tally().keys[group]);
    const auto total = [&](const SummedTotals& totals) {
      return writer.wants_shares() ? totals.Find(key) : nullptr;
    };
    ASSIGN_OR_RETURN(const std::vector<Money> money, rows.sums().MoneyOf(group));
    writer.Write(kind, rows, group, money, total(totals_), row);
    if (compared == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<Money> then, compared->sums().MoneyOf(group));
    for (const Money& sum : then) {
      RowWriter(*compared_, sides_.axes).Write(sum, total(compared_totals_), row->add_compared());
    }
    ASSIGN_OR_RETURN(std::vector<v1::MoneyChange> changes, ChangesOf(money, then));
    for (v1::MoneyChange& change : changes) *row->add_changes() = std::move(change);
    return absl::OkStatus();
  }

  // Writes the rows of `groups` in their order, many of them on all processors: each message is
  // filled by one.
  absl::Status WriteGroups(const Summed& rows, const Summed* compared,
                           absl::Span<const Group> groups) {
    const Resources& resources = evaluation_.resources();
    std::vector<std::unique_ptr<const RowWriter>> writers(resources.workers());
    const size_t batches = (groups.size() + kBatch - 1) / kBatch;
    std::vector<std::optional<Filling<v1::QueryFundingResponse>>> fillings(batches);
    std::vector<absl::Status> statuses(batches);
    const auto write = [&](size_t worker, size_t batch) {
      auto& writer = writers[worker];
      if (writer == nullptr) writer = std::make_unique<const RowWriter>(evaluation_, sides_.axes);
      // The first rows go beside the totals.
      if (batch > 0) fillings[batch].emplace();
      auto* filling = batch > 0 ? &*fillings[batch] : &filling_;
      statuses[batch] = resources.Check();
      for (const Group group : groups.subspan(batch * kBatch, kBatch)) {
        if (!statuses[batch].ok()) return;
        statuses[batch] = filling->Add(kRows, [&](v1::FundingRow* row) {
          return WriteRow(*writer, v1::FUNDING_ROW_KIND_GROUP, rows, compared, group, row);
        });
      }
    };
    const auto is_thread_safe = [](const Summed* sums) {
      return sums == nullptr || sums->tally().pieces.empty();
    };
    if (is_thread_safe(&rows) && is_thread_safe(compared)) {
      resources.ForEach(batches, write);
    } else {
      for (size_t batch = 0; batch < batches; ++batch) write(0, batch);
    }
    for (size_t batch = 0; batch < batches; ++batch) {
      RETURN_IF_ERROR(statuses[batch]);
      if (batch > 0) filling_.Append(*std::move(fillings[batch]));
    }
    return absl::OkStatus();
  }

  // The groups of totals or of the rest in the order of the kinds of money that are grouped by.
  std::vector<Group> ByKinds(const Tally& tally) const {
    const auto rank = [&](Group group) {
      std::vector<uint32_t> ranks;
      const Key key = tally.keys[group];
      for (size_t i = 0; i < key.size(); ++i) {
        ranks.push_back(key[i] == kAnyCode ? 0 : (*ranks_[i])[key[i]]);
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
      for (size_t i = 0; i < sides_.axes.size(); ++i) {
        for (Group group = 0; group < others.size(); ++group) {
          Code& code = others.keys.At(group, i);
          if (code == kAnyCode) continue;
          const Value& value = compared_->axes()[i].value(code);
          for (code = 0; sides_.axes[i].value(code) != value;) ++code;
        }
      }
      Groups groups(sides_.axes.size());
      for (Group group = 0; group < totals.size(); ++group) groups.Of(totals.keys[group]);
      for (Group group = 0; group < others.size(); ++group) groups.Of(others.keys[group]);
      const auto itself = [](Key key) { return key; };
      totals = RegroupByKey(evaluation_.parcels().snapshot(), totals, groups, itself);
      ASSIGN_OR_RETURN(
          compared_totals_,
          SummedTotals::Of(*compared_, RegroupByKey(compared_->parcels().snapshot(), others,
                                                    std::move(groups), itself)));
    }
    ASSIGN_OR_RETURN(totals_, SummedTotals::Of(evaluation_, std::move(totals)));
    for (const Group group : ByKinds(totals_.summed->tally())) {
      RETURN_IF_ERROR(WriteRow(writer_, v1::FUNDING_ROW_KIND_TOTAL, *totals_.summed,
                               compared_ == nullptr ? nullptr : &*compared_totals_.summed, group,
                               filling_.first()->add_totals()));
    }
    return absl::OkStatus();
  }

  absl::Status WriteRows() {
    const Plan& plan = evaluation_.plan();
    const Summed rows(evaluation_, std::move(sides_.rows));
    std::optional<Summed> compared;
    if (sides_.compared != nullptr) compared.emplace(*compared_, std::move(sides_.compared));
    const Summed* other = compared.has_value() ? &*compared : nullptr;
    ASSIGN_OR_RETURN(const std::vector<Group> order, Ordered(plan, ranks_, rows));
    const size_t shown = plan.top == 0 ? order.size() : std::min(plan.top, order.size());
    if (shown > kMaxRows) return errors::TooManyRows(kMaxRows);
    RETURN_IF_ERROR(WriteGroups(rows, other, absl::MakeConstSpan(order).subspan(0, shown)));
    if (shown == order.size()) return absl::OkStatus();
    // The rest, a row for each class of the kinds that are grouped by: no rest mixes more than the
    // rows do.
    std::vector<bool> is_shown(order.size(), false);
    for (size_t i = 0; i < shown; ++i) is_shown[order[i]] = true;
    Groups groups(sides_.axes.size());
    std::vector<Targets> targets(order.size());
    for (Group group = 0; group < order.size(); ++group) {
      if (is_shown[group]) continue;
      targets[group] = {groups.Of(evaluation_.TotalOf(rows.tally().keys[group]))};
    }
    const auto to_rest = [&](Group group) { return targets[group]; };
    const Keys rest_keys = std::move(groups).Take();
    const Summed rest(evaluation_,
                      Regroup(evaluation_.parcels().snapshot(), rows.tally(), rest_keys, to_rest));
    std::optional<Summed> rest_compared;
    if (other != nullptr) {
      rest_compared.emplace(
          *compared_, Regroup(compared_->parcels().snapshot(), other->tally(), rest_keys, to_rest));
    }
    for (const Group group : ByKinds(rest.tally())) {
      RETURN_IF_ERROR(filling_.Add(kRows, [&](v1::FundingRow* row) {
        return WriteRow(writer_, v1::FUNDING_ROW_KIND_REST, rest,
                        rest_compared.has_value() ? &*rest_compared : nullptr, group, row);
      }));
    }
    return absl::OkStatus();
  }

  absl::Status WriteCouldInclude() {
    const RowWriter writer(evaluation_, evaluation_.axes());
    if (evaluation_.could().size() == 0) return absl::OkStatus();
    const Summed could(evaluation_, evaluation_.could());
    // By the values, whatever rows are ordered by: it is another list.
    const Plan by_values;
    ASSIGN_OR_RETURN(const std::vector<Group> order,
                     Ordered(by_values, RanksOfAll(evaluation_.plan(), evaluation_.axes()), could));
    if (order.size() > kMaxRows) return errors::TooManyRows(kMaxRows);
    for (size_t i = 0; i < order.size(); ++i) {
      RETURN_IF_ERROR(Check(i));
      ASSIGN_OR_RETURN(const std::vector<Money> money, could.sums().MoneyOf(order[i]));
      const auto could_include = [](v1::QueryFundingResponse* message) {
        return message->mutable_could_include();
      };
      RETURN_IF_ERROR(filling_.Add(could_include, [&](v1::FundingRow* row) {
        writer.Write(v1::FUNDING_ROW_KIND_COULD_INCLUDE, could, order[i], money, nullptr, row);
        return absl::OkStatus();
      }));
    }
    return absl::OkStatus();
  }

  const Evaluation& evaluation_;
  const Evaluation* const compared_;
  Sides sides_;
  const Ranks ranks_;
  const RowWriter writer_;
  SummedTotals totals_;
  SummedTotals compared_totals_;
  Filling<v1::QueryFundingResponse> filling_;
};

}  // namespace

Tally Totals(const Evaluation& evaluation, const Tally& tally) {
  Groups groups(evaluation.axes().size());
  if (tally.size() == 0) groups.Of(std::vector<Code>(evaluation.axes().size(), kAnyCode));
  return RegroupByKey(evaluation.parcels().snapshot(), tally, std::move(groups),
                      [&](Key key) { return evaluation.TotalOf(key); });
}

std::map<std::vector<Code>, std::vector<Group>> GroupsOfRows(const Plan& plan,
                                                             const std::vector<Axis>& axes,
                                                             const Tally& tally) {
  std::map<std::vector<Code>, std::vector<Group>> rows;
  const std::optional<size_t> along = plan.cumulative;
  const auto key_of = [&](Group group) {
    const Key key = tally.keys[group];
    return std::vector<Code>(key.begin(), key.end());
  };
  if (!along.has_value()) {
    for (Group group = 0; group < tally.size(); ++group) rows[key_of(group)].push_back(group);
    return rows;
  }
  const Axis& axis = axes[*along];
  // The buckets of each combination of the other values, by their last day.
  std::map<std::vector<Code>, std::map<absl::CivilDay, std::vector<Code>>> series;
  const auto others_of = [&](std::vector<Code> key) {
    key[*along] = kAnyCode;
    return key;
  };
  for (Group group = 0; group < tally.size(); ++group) {
    const std::vector<Code> key = key_of(group);
    if (axis.value(key[*along]).kind != ValueKind::kStated) continue;
    series[others_of(key)][*axis.days(key[*along]).last] = key;
  }
  for (Group group = 0; group < tally.size(); ++group) {
    const std::vector<Code> key = key_of(group);
    const Days days = axis.days(key[*along]);
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
  const Summed summed(evaluation, rows);
  ASSIGN_OR_RETURN(const std::vector<Group> order,
                   Ordered(plan, RanksOfAll(plan, evaluation.axes()), summed));
  if (plan.top == 0 || plan.top >= order.size()) return std::vector<Group>();
  return std::vector<Group>(order.begin() + static_cast<std::ptrdiff_t>(plan.top), order.end());
}

absl::StatusOr<Answer> MakeAnswer(const Evaluation& evaluation, const Evaluation* compared) {
  // A difference of two kinds of money mixes them as a sum does.
  if (compared != nullptr) {
    RETURN_IF_ERROR(CheckMixing(evaluation.plan(), evaluation.kinds() | compared->kinds()));
  }
  return Writing(evaluation, compared).Write();
}

}  // namespace entente::funding::query
