// SPDX-License-Identifier: Apache-2.0
//
// Money sorted into rows: for each row, by denomination, the sums of flat amounts and of trees that
// are like them, of other claims that are in it with all of their parts, and of single parts; and
// of each other tree the nodes that are in it, not added up yet.
//
//   Counted counted = Count(...);                   // the rows of the query
//   Tally totals = Regroup(tally, to_totals, n);    // rows put together: a tree that was in
//                                                   // several rows is one again
//
// Totals, the rest of a top N and cumulative rows are regroupings of the same tally. That is why
// trees are not added up earlier: the bounds of two rows together are not the sums of their bounds.
// A claim that is in one row with all of its parts is a number like any other; parts that are in
// different rows are so until rows are put together.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_TALLY_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_TALLY_H_

#include <bitset>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/funding/query/axis.h"
#include "services/funding/query/denomination.h"
#include "services/funding/query/kind.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/periods.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/resources.h"
#include "services/funding/query/same_money.h"
#include "services/funding/query/scan.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// A row by its place in a tally.
using Group = uint32_t;
inline constexpr Group kNoGroup = std::numeric_limits<Group>::max();

// The codes of a row on the axes.
using Key = absl::Span<const Code>;

// Keys of one length, by their places.
class Keys {
 public:
  Keys() = default;
  explicit Keys(size_t axes) : axes_(axes) {}

  size_t axes() const { return axes_; }
  size_t size() const { return size_; }
  Key operator[](Group group) const { return {codes_.data() + group * axes_, axes_}; }
  Code& At(Group group, size_t axis) { return codes_[group * axes_ + axis]; }
  Code* Of(Group group) { return codes_.data() + group * axes_; }
  void Resize(size_t keys) {
    codes_.resize(keys * axes_);
    size_ = keys;
  }
  void Append(Key key) {
    codes_.insert(codes_.end(), key.begin(), key.end());
    ++size_;
  }

 private:
  size_t axes_ = 0;
  size_t size_ = 0;
  std::vector<Code> codes_;
};

struct Tally {
  struct Flat {
    Group group = 0;
    DenominationId denomination = 0;
    FlatSum sum;
  };
  // Claims with all of their parts.
  struct Bounded {
    Group group = 0;
    DenominationId denomination = 0;
    BoundedSum sum;
  };
  struct Piece {
    Group group = 0;
    DenominationId denomination = 0;
    TreeId tree = 0;
    std::vector<algebra::NodeId> nodes;
  };
  // Money that is not in its row's sum, or not in the one that it was meant for.
  struct Left {
    Group group = 0;
    v1::LeftOutReason reason = v1::LEFT_OUT_REASON_UNSPECIFIED;
    absl::string_view name;  // of the claim
    Atom atom = kNoAtom;
    std::string message;  // with what it depends on

    friend bool operator<(const Left& a, const Left& b) {
      return std::tie(a.group, a.reason, a.name) < std::tie(b.group, b.reason, b.name);
    }
  };

  Keys keys;
  std::vector<std::bitset<kKinds>> kinds;  // by group: the kinds of money in it
  std::vector<Flat> flats;                 // by group and denomination, each once
  std::vector<Extremes> extremes;          // of each of flats, if the plan asks for them
  std::vector<Bounded> bounded;            // by group and denomination, each once
  // Atoms that are in their rows without any other of their trees, and whose sums by themselves are
  // known; those of one tree one after the other. What they come to is in `split_sums`, and only
  // there; each says where.
  std::vector<Scan::Split> splits;
  std::vector<Bounded> split_sums;  // by group and denomination, each once
  std::vector<Piece> pieces;        // by group and tree, each once
  std::vector<Left> left;           // in order

  size_t size() const { return keys.size(); }
  // Makes so many rows of one sum each.
  void Resize(size_t rows) {
    keys.Resize(rows);
    kinds.resize(rows);
    flats.resize(rows);
  }
};

// Whether the least and the greatest exact amount of a row are asked for, or their mean.
bool WantsExtremes(const Plan& plan);

// What a query has come to when money is to be sorted into rows.
struct Sorting {
  const Plan& plan;
  const Parcels& parcels;
  const std::vector<Axis>& axes;
  const Selection& selection;
  const Periods& periods;
  const std::vector<SameMoney>& same_money;
  const Resources& resources;
};

// Finds rows by their keys.
class GroupIndex {
 public:
  // Of keys with so many codes on each axis.
  explicit GroupIndex(const std::vector<size_t>& sizes);

  // kNoGroup if there is none.
  Group Find(Key key) const;
  // The group of the key, or `next` if there was none until now.
  Group FindOrAdd(Key key, Group next);

  // Whether different keys may be added by different threads.
  bool in_array() const { return in_array_; }

 private:
  static constexpr size_t kMostInArray = size_t{1} << 22;

  size_t PlaceOf(Key key) const {
    size_t place = 0;
    for (size_t i = 0; i < key.size(); ++i) place = place * sizes_[i] + key[i];
    return place;
  }

  std::vector<size_t> sizes_;
  bool in_array_ = true;
  std::vector<Group> array_;
  absl::flat_hash_map<absl::InlinedVector<Code, 4>, Group> map_;
};

struct Counted {
  Tally tally;
  // The kinds of the money, also of what is left out for other money.
  std::bitset<kKinds> kinds;
  // Where rows are, by their keys.
  GroupIndex groups;
  // Parcels that are in no sum of their row.
  absl::flat_hash_set<Parcel> left_out;
  // Whether there is money that is not wanted and that could be in.
  bool any_could = false;
};

// Sorts the money that is `wanted` (in, or could be in) by the axes, and what could be in by kinds
// as well. Errors: those of Scan.
absl::StatusOr<Counted> Count(const Sorting& sorting, Pick wanted, Denominations* denominations);

// The groups of `tally` put together into `keys.size()` new ones; `targets` gives those of one,
// which may be none or several.
Tally Regroup(const Snapshot& snapshot, const Tally& tally, Keys keys,
              const std::function<absl::InlinedVector<Group, 1>(Group)>& targets);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_TALLY_H_
