// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/tally.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace entente::funding::query {
namespace {

// Numbers the combinations of codes that occur, one dimension after the other. Combinations that do
// not occur cost nothing, however many there could be.
class Combinations {
 public:
  // `ids` are in `count` combinations to begin with; those with kNoGroup are in none.
  Combinations(std::vector<Group> ids, size_t count) : ids_(std::move(ids)), count_(count) {}

  // Tells parcels with different codes apart; `codes` of them there are.
  template <typename CodeOf>
  void Refine(size_t codes, const CodeOf& code_of) {
    steps_.emplace_back();
    std::vector<std::pair<Group, Code>>& step = steps_.back();
    const auto refine = [&](Group* slot, Group id, Code code) {
      if (*slot == kNoGroup) {
        *slot = static_cast<Group>(step.size());
        step.emplace_back(id, code);
      }
      return *slot;
    };
    if (count_ * codes <= kLargestTable) {
      std::vector<Group> table(count_ * codes, kNoGroup);
      for (size_t p = 0; p < ids_.size(); ++p) {
        if (ids_[p] == kNoGroup) continue;
        const Code code = code_of(p);
        ids_[p] = refine(&table[ids_[p] * codes + code], ids_[p], code);
      }
    } else {
      absl::flat_hash_map<std::pair<Group, Code>, Group> table;
      for (size_t p = 0; p < ids_.size(); ++p) {
        if (ids_[p] == kNoGroup) continue;
        const Code code = code_of(p);
        Group* slot = &table.try_emplace({ids_[p], code}, kNoGroup).first->second;
        ids_[p] = refine(slot, ids_[p], code);
      }
    }
    count_ = step.size();
  }

  size_t count() const { return count_; }
  std::vector<Group> TakeIds() && { return std::move(ids_); }

  // The codes of a combination, in the order of Refine.
  std::vector<Code> CodesOf(Group id) const {
    std::vector<Code> codes(steps_.size());
    for (size_t i = steps_.size(); i-- > 0;) {
      codes[i] = steps_[i][id].second;
      id = steps_[i][id].first;
    }
    return codes;
  }

 private:
  // 16 MiB: beyond that, looking up in a hash table misses the caches less.
  static constexpr size_t kLargestTable = size_t{4} << 20;

  std::vector<Group> ids_;
  size_t count_ = 0;
  std::vector<std::vector<std::pair<Group, Code>>> steps_;  // by new id: the old id and the code
};

class Counter {
 public:
  Counter(const Sorting& sorting, Pick wanted, Denominations* denominations)
      : sorting_(sorting),
        parcels_(sorting.parcels),
        snapshot_(sorting.parcels.snapshot()),
        wanted_(wanted),
        denominations_(*denominations),
        converts_(!sorting.plan.convert_to.empty()) {
    for (const SameMoney& same : sorting.same_money) same_money_.try_emplace(same.atom, &same);
    for (const auto& unusable : snapshot_.unusable()) {
      unusable_.try_emplace(unusable.atom, &unusable);
    }
  }

  Tally Count(std::vector<Group>* group_of) {
    SortIntoGroups();
    MakeLanes();
    // Nearly all parcels are flat atoms, whose sums are made here; the few others are set aside.
    const std::vector<int32_t>& trees = snapshot_.trees_of();
    const bool all_count = same_money_.empty();
    Sums sums(tally_.size(), lanes_.size());
    for (size_t p = 0; p < trees.size(); ++p) {
      if (groups_[p] == kNoGroup) continue;
      if (trees[p] == Snapshot::kFlat && (all_count || !IsSameMoney(p))) {
        sums.Add(groups_[p], (*lane_of_)[p], snapshot_.units(static_cast<Atom>(p)));
      } else {
        CountSpecial(p);
      }
    }
    for (size_t p = trees.size(); p < groups_.size(); ++p) {
      if (groups_[p] != kNoGroup) CountSpecial(p);
    }
    TakeFlat(sums);
    TakePieces();
    std::sort(tally_.left.begin(), tally_.left.end());
    if (group_of != nullptr) {
      for (const size_t p : left_out_) groups_[p] = kNoGroup;
      *group_of = std::move(groups_);
    }
    return std::move(tally_);
  }

 private:
  // What a flat atom is counted in: a lane of the snapshot and, where sums are converted, the date.
  struct Lane {
    Kind kind = 0;
    DenominationId denomination = 0;
  };

  // The sums of flat atoms by group and lane.
  class Sums {
   public:
    Sums(size_t groups, size_t lanes) : lanes_(lanes), is_table_(groups * lanes <= kLargestTable) {
      if (is_table_) table_.resize(groups * lanes);
    }
    void Add(Group group, Code lane, int64_t units) {
      if (is_table_) {
        table_[group * lanes_ + lane].Add(units);
      } else {
        map_[{group, lane}].Add(units);
      }
    }
    // Calls `fn` for each that is not empty.
    template <typename Fn>
    void ForEach(const Fn& fn) const {
      for (size_t i = 0; i < table_.size(); ++i) {
        if (table_[i].claims > 0) {
          fn(static_cast<Group>(i / lanes_), static_cast<Code>(i % lanes_), table_[i]);
        }
      }
      for (const auto& [key, sum] : map_) fn(key.first, key.second, sum);
    }

   private:
    static constexpr size_t kLargestTable = size_t{1} << 20;

    const size_t lanes_;
    const bool is_table_;
    std::vector<ExactSum> table_;
    absl::flat_hash_map<std::pair<Group, Code>, ExactSum> map_;
  };

  void SortIntoGroups() {
    std::vector<Group> taken(parcels_.size());
    for (size_t p = 0; p < taken.size(); ++p) {
      taken[p] = sorting_.picks[p] == wanted_ ? 0 : kNoGroup;
    }
    Combinations combinations(std::move(taken), 1);
    for (const Axis& axis : sorting_.axes) {
      const Column& column = *parcels_.columns()[axis.base];
      combinations.Refine(axis.values.size(), [&](size_t p) {
        return p < column.codes.size() ? axis.code_of[column.codes[p]]
                                       : axis.code_of[parcels_.CodeOf(axis.base, p)];
      });
    }
    if (wanted_ == Pick::kCould) {
      combinations.Refine(kKinds,
                          [&](size_t p) { return Code{snapshot_.kind(parcels_.AtomOf(p))}; });
    }
    // With no axis at all there is one group, even if nothing is in it: the sum of nothing is 0.
    for (Group group = 0; group < combinations.count(); ++group) {
      std::vector<Code> codes = combinations.CodesOf(group);
      codes.resize(sorting_.axes.size());
      tally_.keys.push_back(std::move(codes));
    }
    tally_.kinds.resize(tally_.keys.size());
    groups_ = std::move(combinations).TakeIds();
  }

  void MakeLanes() {
    const std::vector<Snapshot::Lane>& lanes = snapshot_.lanes();
    lane_of_ = &snapshot_.lane_of();
    if (!converts_) {
      for (const Snapshot::Lane& lane : lanes) {
        lanes_.push_back({lane.kind, denominations_.Of(lane.currency, "", kTotal)});
      }
      return;
    }
    const Column& dates = *parcels_.columns()[parcels_.BaseOf("value_date")];
    std::vector<Group> flat(parcels_.atoms());
    for (size_t p = 0; p < flat.size(); ++p) {
      flat[p] = snapshot_.flat(static_cast<Atom>(p)) ? 0 : kNoGroup;
    }
    Combinations combinations(std::move(flat), 1);
    combinations.Refine(lanes.size(), [&](size_t p) { return snapshot_.lane_of()[p]; });
    combinations.Refine(dates.values.size(), [&](size_t p) { return dates.codes[p]; });
    for (Group id = 0; id < combinations.count(); ++id) {
      const std::vector<Code> codes = combinations.CodesOf(id);
      const Value& date = dates.values[codes[1]];
      lanes_.push_back({lanes[codes[0]].kind,
                        denominations_.Of(lanes[codes[0]].currency,
                                          date.members.empty() ? "" : date.members[0], kTotal)});
    }
    dated_lane_of_ = std::move(combinations).TakeIds();
    lane_of_ = &dated_lane_of_;
  }

  void Leave(size_t parcel, v1::LeftOutReason reason, std::string message) {
    tally_.left.push_back({groups_[parcel], reason, parcels_.AtomOf(parcel), std::move(message)});
  }

  bool IsSameMoney(size_t parcel) const {
    for (Atom a = parcels_.AtomOf(parcel); a != kNoAtom; a = snapshot_.whole(a)) {
      if (same_money_.count(a) > 0) return true;
    }
    return false;
  }

  // Notes why a parcel is in no sum of its row, if it is not.
  bool IsLeftOut(size_t parcel) {
    const Atom atom = parcels_.AtomOf(parcel);
    for (Atom a = atom; a != kNoAtom; a = snapshot_.whole(a)) {
      if (const auto found = unusable_.find(a); found != unusable_.end()) {
        Leave(parcel,
              found->second->superseded_by != kNoAtom ? v1::LEFT_OUT_REASON_SUPERSEDED
                                                      : v1::LEFT_OUT_REASON_CONTRADICTORY,
              found->second->message);
        return true;
      }
    }
    for (Atom a = atom; a != kNoAtom; a = snapshot_.whole(a)) {
      if (const auto found = same_money_.find(a); found != same_money_.end()) {
        Leave(parcel, found->second->reason,
              absl::StrCat("the same money is counted as ",
                           snapshot_.claim(found->second->as).name()));
        return true;
      }
    }
    if (sorting_.plan.horizon.has_value() &&
        sorting_.periods[static_cast<size_t>(parcels_.TreeOf(parcel))] == 0) {
      Leave(parcel, v1::LEFT_OUT_REASON_OUTSIDE_HORIZON,
            "no whole period of it lies in the horizon and in its validity");
      return true;
    }
    return false;
  }

  // A parcel that is in a tree, or in no sum.
  void CountSpecial(size_t parcel) {
    if (IsLeftOut(parcel)) {
      left_out_.push_back(parcel);
      // A row of what could be in is of one kind, and says of which even if all of it is left out.
      if (wanted_ == Pick::kCould) {
        tally_.kinds[groups_[parcel]].set(snapshot_.kind(parcels_.AtomOf(parcel)));
      }
      return;
    }
    tally_.kinds[groups_[parcel]].set(snapshot_.kind(parcels_.AtomOf(parcel)));
    nodes_.emplace_back(groups_[parcel], parcels_.TreeOf(parcel), parcels_.NodeOf(parcel));
    NoteInTree(parcel);
  }

  void TakeFlat(const Sums& sums) {
    std::map<std::pair<Group, DenominationId>, ExactSum> by_denomination;
    bool lacking = false;
    sums.ForEach([&](Group group, Code lane, const ExactSum& sum) {
      tally_.kinds[group].set(lanes_[lane].kind);
      by_denomination[{group, lanes_[lane].denomination}].Add(sum);
      lacking = lacking || Lacks(lanes_[lane].denomination);
    });
    tally_.flats.reserve(by_denomination.size());
    for (const auto& [key, sum] : by_denomination) {
      tally_.flats.push_back({key.first, key.second, sum});
    }
    if (!lacking) return;
    for (size_t p = 0; p < parcels_.atoms(); ++p) {
      if (groups_[p] == kNoGroup || !parcels_.flat(p) || IsSameMoney(p)) continue;
      const DenominationId id = lanes_[(*lane_of_)[p]].denomination;
      if (Lacks(id)) Leave(p, denominations_[id].lack, denominations_[id].lack_message);
    }
  }

  bool Lacks(DenominationId id) const {
    return denominations_[id].lack != v1::LEFT_OUT_REASON_UNSPECIFIED;
  }

  void TakePieces() {
    std::sort(nodes_.begin(), nodes_.end());
    for (const auto& [group, tree, node] : nodes_) {
      if (tally_.pieces.empty() || tally_.pieces.back().group != group ||
          tally_.pieces.back().tree != tree) {
        tally_.pieces.push_back({group, DenominationOf(tree), tree, {}});
      }
      tally_.pieces.back().nodes.push_back(node);
    }
  }

  DenominationId DenominationOf(int32_t tree) {
    const Atom top = parcels_.TopOf(tree);
    const v1::Claim& claim = snapshot_.claim(top);
    const bool is_rate = claim.has_recurrence() && !sorting_.plan.horizon.has_value();
    const Per per = is_rate ? Per{claim.recurrence().every(), claim.recurrence().unit()} : kTotal;
    return denominations_.Of(claim.amount().currency_code(), claim.value_date().edtf(), per);
  }

  // Notes what a reader has to know of a parcel that is counted, in a tree.
  void NoteInTree(size_t parcel) {
    Atom stated = parcels_.AtomOf(parcel);
    while (stated != kNoAtom && !snapshot_.claim(stated).amount().figure().has_interval()) {
      stated = snapshot_.whole(stated);
    }
    if (stated == kNoAtom) {
      Leave(parcel, v1::LEFT_OUT_REASON_NOT_STATED, "its source gives no figure");
      return;
    }
    const DenominationId id = DenominationOf(parcels_.TreeOf(parcel));
    if (denominations_[id].per != kTotal) {
      Leave(parcel, v1::LEFT_OUT_REASON_NO_HORIZON,
            "it comes back every so often and is among the rates; with a `horizon` it becomes a "
            "total");
    }
    if (Lacks(id)) Leave(parcel, denominations_[id].lack, denominations_[id].lack_message);
  }

  const Sorting& sorting_;
  const Parcels& parcels_;
  const Snapshot& snapshot_;
  const Pick wanted_;
  Denominations& denominations_;
  const bool converts_;
  std::unordered_map<Atom, const SameMoney*> same_money_;
  std::unordered_map<Atom, const Snapshot::Unusable*> unusable_;
  std::vector<Group> groups_;  // by parcel
  std::vector<Lane> lanes_;
  const std::vector<Code>* lane_of_ = nullptr;  // by atom; of flat ones
  std::vector<Code> dated_lane_of_;
  std::vector<std::tuple<Group, int32_t, algebra::NodeId>> nodes_;
  std::vector<size_t> left_out_;
  Tally tally_;
};

}  // namespace

void ExactSum::Add(const ExactSum& other) {
  units += other.units;
  claims += other.claims;
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

Tally Count(const Sorting& sorting, Pick wanted, Denominations* denominations,
            std::vector<Group>* group_of) {
  return Counter(sorting, wanted, denominations).Count(group_of);
}

Tally Regroup(const Tally& tally, std::vector<std::vector<Code>> keys,
              const std::function<std::vector<Group>(Group)>& targets) {
  Tally regrouped;
  regrouped.keys = std::move(keys);
  regrouped.kinds.resize(regrouped.keys.size());
  std::vector<std::vector<Group>> targets_of;
  for (Group group = 0; group < tally.size(); ++group) {
    targets_of.push_back(targets(group));
    for (const Group target : targets_of.back()) regrouped.kinds[target] |= tally.kinds[group];
  }
  std::map<std::pair<Group, DenominationId>, ExactSum> flats;
  for (const Tally::Flat& flat : tally.flats) {
    for (const Group target : targets_of[flat.group]) {
      flats[{target, flat.denomination}].Add(flat.sum);
    }
  }
  for (const auto& [key, sum] : flats) regrouped.flats.push_back({key.first, key.second, sum});
  std::map<std::pair<Group, int32_t>, Tally::Piece> pieces;
  for (const Tally::Piece& piece : tally.pieces) {
    for (const Group target : targets_of[piece.group]) {
      const auto [found, inserted] = pieces.try_emplace({target, piece.tree});
      Tally::Piece& merged = found->second;
      if (inserted) merged = {target, piece.denomination, piece.tree, {}};
      merged.nodes.insert(merged.nodes.end(), piece.nodes.begin(), piece.nodes.end());
    }
  }
  for (auto& [key, piece] : pieces) regrouped.pieces.push_back(std::move(piece));
  for (const Tally::Left& left : tally.left) {
    for (const Group target : targets_of[left.group]) {
      regrouped.left.push_back(left);
      regrouped.left.back().group = target;
    }
  }
  std::sort(regrouped.left.begin(), regrouped.left.end());
  return regrouped;
}

}  // namespace entente::funding::query
