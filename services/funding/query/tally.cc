// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/tally.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "services/funding/query/sum_order.h"

namespace entente::funding::query {
namespace {

// The kinds that bits of a cell stand for, looked up byte by byte: rows are many, and each may have
// others than the one before.
class SpeltKinds {
 public:
  explicit SpeltKinds(const KindIndex& index) {
    const size_t kinds = std::min(index.kinds.size(), KindIndex::kMost);
    of_byte_.resize((kinds + kBits - 1) / kBits);
    for (size_t kind = 0; kind < kinds; ++kind) {
      for (size_t byte = 0; byte < kBytes; ++byte) {
        if ((byte >> (kind % kBits) & 1) != 0) {
          of_byte_[kind / kBits][byte].set(index.kinds[kind]);
        }
      }
    }
  }

  std::bitset<kKinds> Of(uint32_t bits) const {
    std::bitset<kKinds> kinds;
    for (const auto& of_byte : of_byte_) {
      kinds |= of_byte[bits % kBytes];
      bits /= kBytes;
    }
    return kinds;
  }

 private:
  static constexpr size_t kBits = 8;
  static constexpr size_t kBytes = 1 << kBits;

  std::vector<std::array<std::bitset<kKinds>, kBytes>> of_byte_;
};

class Counter {
 public:
  Counter(const Sorting& sorting, Pick wanted, Denominations* denominations)
      : sorting_(sorting),
        parcels_(sorting.parcels),
        snapshot_(sorting.parcels.snapshot()),
        wanted_(wanted),
        denominations_(*denominations),
        kind_index_(snapshot_),
        spelt_kinds_(kind_index_),
        grid_(MakeGrid()),
        groups_(SizesOfKeys()) {
    for (const SameMoney& same : sorting.same_money) same_money_.try_emplace(same.atom, &same);
    for (const Unusable& unusable : snapshot_.unusable()) {
      unusable_.try_emplace(unusable.atom, &unusable);
    }
    tally_.keys = Keys(sorting.axes.size());
  }

  absl::StatusOr<Counted> Count() {
    // With no axis at all there is one group, even if nothing is in it: the sum of nothing is 0.
    if (wanted_ == Pick::kIn && sorting_.axes.empty()) GroupOf({}, std::nullopt);
    SendElsewhere();
    const ScanInput input{parcels_,
                          sorting_.selection,
                          grid_,
                          wanted_,
                          WantsExtremes(sorting_.plan),
                          flat_elsewhere_,
                          components_elsewhere_,
                          sorting_.resources};
    ASSIGN_OR_RETURN(const Scan scan, Scan::Of(input));
    any_could_ = scan.any_could();
    RETURN_IF_ERROR(TakeCells(scan));
    RETURN_IF_ERROR(
        ChargeTally(tally_.flats.size() * sizeof(Tally::Flat) +
                    (tally_.bounded.size() + tally_.split_sums.size()) * sizeof(Tally::Bounded) +
                    tally_.splits.size() * sizeof(Scan::Split) + tally_.size() * BytesOfRow()));
    for (const Atom atom : flat_elsewhere_) {
      if (!parcels_.IsDivided(atom)) CountParcel(static_cast<Parcel>(atom));
    }
    for (const uint32_t place : scan.components()) {
      const Component& component = snapshot_.component(place);
      for (size_t row = component.first; row < component.first + component.rows; ++row) {
        if (!parcels_.IsDivided(TreeAtom(row))) CountParcel(static_cast<Parcel>(TreeAtom(row)));
      }
    }
    for (size_t i = 0; i < parcels_.shares().size(); ++i) {
      CountParcel(static_cast<Parcel>(i) | kShareBit);
    }
    TakePieces();
    if (lacking_) LeaveWhatLacks();
    std::sort(tally_.left.begin(), tally_.left.end());
    return Counted{std::move(tally_), kinds_, std::move(groups_), std::move(left_out_), any_could_};
  }

 private:
  // By kind where rows are, or where the bits of a cell do not say all kinds.
  Grid MakeGrid() const {
    const Grid::Kinds kinds = by_kind() ? Grid::Kinds::kInRowsOfTheirOwn
                              : kind_index_.kinds.size() > KindIndex::kMost
                                  ? Grid::Kinds::kApart
                                  : Grid::Kinds::kTogether;
    return Grid(sorting_.axes, parcels_, kinds, /*by_date=*/!sorting_.plan.convert_to.empty());
  }

  // A row of what could be in is of one kind.
  bool by_kind() const { return wanted_ == Pick::kCould; }

  std::vector<size_t> SizesOfKeys() const {
    std::vector<size_t> sizes;
    for (const Axis& axis : sorting_.axes) sizes.push_back(axis.size());
    if (by_kind()) sizes.push_back(kKinds);
    return sizes;
  }

  // What is not a number to be added wherever it is.
  void SendElsewhere() {
    const auto send = [&](Atom atom) {
      if (IsFlat(atom)) {
        flat_elsewhere_.insert(atom);
      } else {
        components_elsewhere_.insert(snapshot_.component_of(atom));
      }
    };
    for (const Atom atom : parcels_.divided()) send(atom);
    for (const auto& [atom, same] : same_money_) send(atom);
  }

  // The group with these codes, made if there was none.
  Group GroupOf(Key codes, std::optional<Kind> kind) {
    const auto next = static_cast<Group>(tally_.size());
    Group group;
    if (by_kind()) {
      absl::InlinedVector<Code, 8> key(codes.begin(), codes.end());
      key.push_back(kind.value_or(0));
      group = groups_.FindOrAdd(key, next);
    } else {
      group = groups_.FindOrAdd(codes, next);
    }
    if (group == next) {
      tally_.keys.Append(codes);
      tally_.kinds.emplace_back();
    }
    return group;
  }

  // The kinds of a cell: of its lane, or those of its bits.
  std::bitset<kKinds> KindsOf(const Class* classes, uint32_t bits) const {
    if (!grid_.by_kind()) return spelt_kinds_.Of(bits);
    std::bitset<kKinds> kinds;
    kinds.set(snapshot_.lanes()[grid_.LaneOf(classes)].kind);
    return kinds;
  }

  // Of a row, without its sums.
  size_t BytesOfRow() const {
    return sizeof(std::bitset<kKinds>) + sorting_.axes.size() * sizeof(Code);
  }
  // The tally takes `bytes` in all.
  absl::Status ChargeTally(size_t bytes) {
    const size_t more = bytes - std::min(bytes, charged_);
    charged_ += more;
    return sorting_.resources.Charge(more);
  }

  absl::Status TakeCells(const Scan& scan) {
    const bool extremes = WantsExtremes(sorting_.plan);
    std::vector<Code> codes(sorting_.axes.size());
    const auto group_of = [&](const Class* classes, const std::bitset<kKinds>& kinds) {
      grid_.CodesOf(classes, codes.data());
      const Group group = GroupOf(codes, snapshot_.lanes()[grid_.LaneOf(classes)].kind);
      tally_.kinds[group] |= kinds;
      kinds_ |= kinds;
      return group;
    };
    if (tally_.size() == 0 && !extremes && !by_kind() && grid_.has_a_row_for_each() &&
        groups_.in_array()) {
      RETURN_IF_ERROR(TakeRows(scan));
    } else {
      scan.ForEachCell(
          [&](const Class* classes, const FlatSum& sum, const Extremes& most, uint32_t bits) {
            const DenominationId id = DenominationOf(classes);
            tally_.flats.push_back({group_of(classes, KindsOf(classes, bits)), id, sum});
            if (extremes) tally_.extremes.push_back(most);
            lacking_ = lacking_ || Lacks(id);
          });
      AddUpSame(&tally_.flats, extremes ? &tally_.extremes : nullptr);
    }
    const auto take = [&](std::vector<Tally::Bounded>* sums) {
      return [&, sums](const Class* classes, const BoundedSum& sum, uint32_t bits) {
        const DenominationId id = DenominationOf(classes);
        sums->push_back({group_of(classes, spelt_kinds_.Of(bits)), id, sum});
        lacking_ = lacking_ || Lacks(id);
      };
    };
    scan.ForEachBounded(take(&tally_.bounded));
    scan.ForEachSplitSum(take(&tally_.split_sums));
    tally_.splits = scan.splits();
    AddUpSame(&tally_.bounded, nullptr);
    OrderSplitSums(&tally_);
    return absl::OkStatus();
  }

  // Cells each of which is a row, and nothing has been put into rows before: on all processors.
  absl::Status TakeRows(const Scan& scan) {
    constexpr size_t kAtOnce = size_t{1} << 13;
    const size_t places = scan.places();
    const auto end = [&](size_t piece) { return std::min(places, (piece + 1) * kAtOnce); };
    const size_t pieces = (places + kAtOnce - 1) / kAtOnce;
    const Resources& resources = sorting_.resources;
    std::vector<size_t> rows_before(pieces + 1);
    resources.ForEach(pieces, [&](size_t, size_t piece) {
      rows_before[piece + 1] = scan.cells(piece * kAtOnce, end(piece));
    });
    std::partial_sum(rows_before.begin(), rows_before.end(), rows_before.begin());
    RETURN_IF_ERROR(ChargeTally(rows_before.back() * (sizeof(Tally::Flat) + BytesOfRow())));
    tally_.Resize(rows_before.back());
    std::vector<std::bitset<kKinds>> all(resources.workers());
    resources.ForEach(pieces, [&](size_t worker, size_t piece) {
      auto group = static_cast<Group>(rows_before[piece]);
      scan.ForEachCell(
          piece * kAtOnce, end(piece),
          [&](const Class* classes, const FlatSum& sum, const Extremes&, uint32_t bits) {
            grid_.CodesOf(classes, tally_.keys.Of(group));
            groups_.FindOrAdd(tally_.keys[group], group);
            tally_.kinds[group] = KindsOf(classes, bits);
            all[worker] |= tally_.kinds[group];
            tally_.flats[group] = {group, DenominationOf(classes), sum};
            ++group;
          });
    });
    for (const std::bitset<kKinds>& kinds : all) kinds_ |= kinds;
    return absl::OkStatus();
  }

  DenominationId DenominationOf(const Class* classes) const {
    const bool dated = !sorting_.plan.convert_to.empty();
    return denominations_.OfLane(grid_.LaneOf(classes), dated ? grid_.DateOf(classes) : 0);
  }

  void Leave(Parcel parcel, Group group, v1::LeftOutReason reason, std::string message) {
    const Atom atom = parcels_.AtomOf(parcel);
    tally_.left.push_back({group, reason, snapshot_.claim(atom).name(), atom, std::move(message)});
  }

  // Notes why a parcel is in no sum of its row, if it is not.
  bool IsLeftOut(Parcel parcel, Group group) {
    const Atom atom = parcels_.AtomOf(parcel);
    for (Atom a = atom; a != kNoAtom; a = snapshot_.whole(a)) {
      if (const auto found = unusable_.find(a); found != unusable_.end()) {
        Leave(parcel, group,
              found->second->superseded ? v1::LEFT_OUT_REASON_SUPERSEDED
                                        : v1::LEFT_OUT_REASON_CONTRADICTORY,
              found->second->message);
        return true;
      }
    }
    for (Atom a = atom; a != kNoAtom; a = snapshot_.whole(a)) {
      if (const auto found = same_money_.find(a); found != same_money_.end()) {
        Leave(parcel, group, found->second->reason,
              absl::StrCat("the same money is counted as ",
                           snapshot_.claim(found->second->as).name()));
        return true;
      }
    }
    if (!parcels_.IsFlat(parcel) && sorting_.periods.Of(parcels_.TreeOf(parcel)) == 0) {
      Leave(parcel, group, v1::LEFT_OUT_REASON_OUTSIDE_HORIZON,
            "no whole period of it lies in the horizon and in its validity");
      return true;
    }
    return false;
  }

  // The row of a parcel.
  Group GroupOf(Parcel parcel) {
    absl::InlinedVector<Code, 8> codes;
    for (const Axis& axis : sorting_.axes) {
      codes.push_back(axis.CodeOf(parcels_.CodeOf(axis.base, parcel)));
    }
    return GroupOf(codes, snapshot_.kind(parcels_.AtomOf(parcel)));
  }

  // A parcel that is in a tree, or in no sum.
  void CountParcel(Parcel parcel) {
    const Pick pick = sorting_.selection.Of(parcel);
    any_could_ = any_could_ || pick == Pick::kCould;
    if (pick != wanted_) return;
    const Atom atom = parcels_.AtomOf(parcel);
    const Group group = GroupOf(parcel);
    if (snapshot_.usable(atom)) kinds_.set(snapshot_.kind(atom));
    if (IsLeftOut(parcel, group)) {
      left_out_.insert(parcel);
      // A row of what could be in is of one kind, and says of which even if all of it is left out.
      if (by_kind()) tally_.kinds[group].set(snapshot_.kind(atom));
      return;
    }
    tally_.kinds[group].set(snapshot_.kind(atom));
    nodes_.emplace_back(group, parcels_.TreeOf(parcel), parcels_.NodeOf(parcel));
    NoteInTree(parcel, group);
  }

  bool Lacks(DenominationId id) const {
    return denominations_.lack(id) != v1::LEFT_OUT_REASON_UNSPECIFIED;
  }

  void LeaveForLack(Parcel parcel, Group group, DenominationId id) {
    const auto [found, inserted] = lack_messages_.try_emplace(id);
    if (inserted) found->second = denominations_[id].lack_message;
    Leave(parcel, group, denominations_.lack(id), found->second);
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

  DenominationId DenominationOf(TreeId tree) {
    // What is simple does not come back, and without a conversion its currency is all that counts.
    if (sorting_.plan.convert_to.empty() && static_cast<size_t>(tree) < snapshot_.components() &&
        snapshot_.component(static_cast<size_t>(tree)).simple) {
      return denominations_.OfLane(snapshot_.LaneOf(snapshot_.tree(tree).top), 0);
    }
    const v1::Claim& claim = snapshot_.claim(parcels_.TopOf(tree));
    const bool is_rate = claim.has_recurrence() && !sorting_.plan.horizon.has_value();
    const Per per = is_rate ? Per{claim.recurrence().every(), claim.recurrence().unit()} : kTotal;
    return denominations_.Of(claim.amount().currency_code(), claim.value_date().edtf(), per);
  }

  // Notes what a reader has to know of a parcel that is counted, in a tree.
  void NoteInTree(Parcel parcel, Group group) {
    Atom stated = parcels_.AtomOf(parcel);
    while (stated != kNoAtom && !snapshot_.claim(stated).amount().figure().has_interval()) {
      stated = snapshot_.whole(stated);
    }
    if (stated == kNoAtom) {
      Leave(parcel, group, v1::LEFT_OUT_REASON_NOT_STATED, "its source gives no figure");
      return;
    }
    const DenominationId id = DenominationOf(parcels_.TreeOf(parcel));
    if (denominations_.per(id) != kTotal) {
      Leave(parcel, group, v1::LEFT_OUT_REASON_NO_HORIZON,
            "it comes back every so often and is among the rates; with a `horizon` it becomes a "
            "total");
    }
    if (Lacks(id)) LeaveForLack(parcel, group, id);
  }

  // Of what the scan has added up: each atom whose money cannot be converted. Looks at all of them,
  // since sums do not know what is in them.
  void LeaveWhatLacks() {
    absl::flat_hash_set<TreeId> pieces;
    for (const Tally::Piece& piece : tally_.pieces) pieces.insert(piece.tree);
    parcels_.ForEach([&](Parcel parcel) {
      if (Parcels::IsShare(parcel)) return;
      const auto atom = static_cast<Atom>(parcel);
      if (IsFlat(atom) ? flat_elsewhere_.count(atom) > 0
                       : !snapshot_.usable(atom) || left_out_.count(parcel) > 0 ||
                             pieces.count(snapshot_.tree_of(atom)) > 0) {
        return;
      }
      if (sorting_.selection.Of(parcel) != wanted_) return;
      const v1::Claim& top = snapshot_.claim(snapshot_.top(atom));
      const DenominationId id = denominations_.Of(
          snapshot_.lanes()[snapshot_.LaneOf(atom)].currency, top.value_date().edtf(), kTotal);
      if (Lacks(id)) LeaveForLack(parcel, GroupOf(parcel), id);
    });
  }

  const Sorting& sorting_;
  const Parcels& parcels_;
  const Snapshot& snapshot_;
  const Pick wanted_;
  Denominations& denominations_;
  const KindIndex kind_index_;
  const SpeltKinds spelt_kinds_;
  const Grid grid_;
  GroupIndex groups_;
  std::unordered_map<Atom, const SameMoney*> same_money_;
  std::unordered_map<Atom, const Unusable*> unusable_;
  absl::flat_hash_set<Atom> flat_elsewhere_;
  absl::flat_hash_set<uint32_t> components_elsewhere_;
  absl::flat_hash_map<DenominationId, std::string> lack_messages_;
  std::vector<std::tuple<Group, TreeId, algebra::NodeId>> nodes_;
  absl::flat_hash_set<Parcel> left_out_;
  std::bitset<kKinds> kinds_;
  bool any_could_ = false;
  bool lacking_ = false;
  size_t charged_ = 0;  // bytes
  Tally tally_;
};

}  // namespace

bool WantsExtremes(const Plan& plan) {
  return plan.measures.count(v1::MEASURE_MIN) + plan.measures.count(v1::MEASURE_MAX) +
             plan.measures.count(v1::MEASURE_MEAN) >
         0;
}

GroupIndex::GroupIndex(const std::vector<size_t>& sizes) : sizes_(sizes) {
  size_t places = 1;
  for (const size_t size : sizes) {
    in_array_ = in_array_ && size <= kMostInArray && places * size <= kMostInArray;
    places = in_array_ ? places * size : 0;
  }
  if (in_array_) array_.assign(places, kNoGroup);
}

Group GroupIndex::Find(Key key) const {
  if (in_array_) return array_[PlaceOf(key)];
  const auto found = map_.find(absl::InlinedVector<Code, 4>(key.begin(), key.end()));
  return found == map_.end() ? kNoGroup : found->second;
}

Group GroupIndex::FindOrAdd(Key key, Group next) {
  if (in_array_) {
    Group& group = array_[PlaceOf(key)];
    if (group == kNoGroup) group = next;
    return group;
  }
  return map_.try_emplace(absl::InlinedVector<Code, 4>(key.begin(), key.end()), next).first->second;
}

absl::StatusOr<Counted> Count(const Sorting& sorting, Pick wanted, Denominations* denominations) {
  return Counter(sorting, wanted, denominations).Count();
}

}  // namespace entente::funding::query
