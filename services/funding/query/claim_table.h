// SPDX-License-Identifier: Apache-2.0
//
// All claims in rows that are only ever appended: those of a base, initiative by initiative, so
// that what is asked of one or grouped by it is together, and after them those of every revision
// since. Nothing is changed in place, so that one table serves the reads of all of its revisions,
// and a revision costs what it changes.
//
//   auto table = ClaimTable::Of(state);         // the base: a step for each claim
//   table->Apply(committed, next_state);        // a step for each claim of the trees it touches
//   table->At(state);                           // a Snapshot: a pointer for each block of rows
//
// What is versioned is a claim with all of its parts, whose rows stand together: when one of them
// changes, the rows of all of them have ended, and new ones are appended. A snapshot sees the rows
// that there were at its revision, but for those that had ended by then.
//
// Thread-safe; snapshots need no lock but when a column is asked for the first time.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CLAIM_TABLE_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CLAIM_TABLE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "common/resource/state.h"
#include "entente/funding/v1/claim.pb.h"
#include "services/funding/algebra/tree.h"
#include "services/funding/query/atom.h"
#include "services/funding/query/blocks.h"
#include "services/funding/query/column.h"
#include "services/funding/query/derived.h"
#include "services/funding/query/kind.h"

namespace entente::funding::query {

class Snapshot;

// A kind of money in one currency. Sums never run over several of them, unless they are asked to.
struct Lane {
  Kind kind = 0;
  std::string currency;
  // Of flat rows: whether their amounts are no less than so much, and have no upper bound; else
  // they are exact. These do add up with each other.
  bool at_least = false;

  friend auto operator<=>(const Lane&, const Lane&) = default;
};

// A claim at the top with all of its parts, but for those that are superseded.
struct TreeOfClaims {
  Atom top = kNoAtom;
  std::vector<Atom> atoms;  // by node
  algebra::Tree tree;
};

// A tree by its place among those of a table.
using TreeId = int32_t;
inline constexpr TreeId kNoTree = -1;

// What some money in one tree comes to (algebra/row_sum.h), in 10^-MinorDigits(currency).
struct SmallSum {
  int64_t low = 0;
  int64_t high = 0;  // 0 if unbounded
  int64_t stated = 0;
  int64_t excess = 0;
  bool low_open = false;
  bool high_open = false;
  bool unbounded = false;
};

// The rows of a claim that is not flat and of all of its parts.
struct Component {
  uint32_t first = 0;  // row of the claim at the top
  uint32_t rows = 0;
  // Whether its money is numbers as well, all together (`sum`) and each claim's by itself: every
  // claim in it counts and has a figure that the units of its currency and 52 bits can say, and
  // none comes back.
  bool simple = false;
  // Whether all of it together is like an amount of a flat row: exact or at least so much.
  bool like_flat = false;
  SmallSum sum;
};

// Claims that are in no sum, whatever is asked: one and all of its parts.
struct Unusable {
  Atom atom = kNoAtom;
  bool superseded = false;  // else its tree is contradictory
  std::string message;
};

// Amounts of more units than this are not flat, whatever they are: so many of the others add up
// within 64 bits that hardly any sum needs more.
inline constexpr int64_t kMostUnits = int64_t{1} << 52;

// Which amounts are flat: all that can be or, for tests of what is done with trees, only those that
// trees cannot have.
enum class FlatRows : uint8_t { kAll, kNegative };

class ClaimTable : public std::enable_shared_from_this<ClaimTable> {
 public:
  // Of all claims of `state` that are not deleted.
  static std::shared_ptr<ClaimTable> Of(std::shared_ptr<const resource::State> state,
                                        FlatRows flat_rows = FlatRows::kAll);

  // Takes in the revision after the last one. `after` is the state that it led to.
  void Apply(const resource::Committed& revision, std::shared_ptr<const resource::State> after);

  int64_t base_revision() const { return base_revision_; }
  int64_t revision() const;
  // How many rows have ended, and of all rows which part: at some point a new base is worth its
  // making.
  size_t ends() const;
  double ended() const;

  // The claims of `state`, whose revision is from that of the base to the last one.
  std::shared_ptr<const Snapshot> At(std::shared_ptr<const resource::State> state);

  // For columns (facts.h), which are made under the table's lock.
  const v1::Claim& claim(Atom atom) const {
    return *(IsFlat(atom) ? flat_.claims : trees_.claims)[RowOf(atom)];
  }
  Atom whole(Atom atom) const { return IsFlat(atom) ? kNoAtom : wholes_[RowOf(atom)]; }
  Atom top(Atom atom) const;
  bool has_parts(Atom atom) const { return !IsFlat(atom) && has_parts_[RowOf(atom)] != 0; }

 private:
  friend class ClaimTableBuilder;
  friend class Snapshot;

  using ClaimPtr = const v1::Claim*;

  // What both sorts of rows have.
  struct Rows {
    explicit Rows(Pages* pages) : lanes(pages) {}

    Blocks<ClaimPtr> claims;
    Codes lanes;

    size_t size() const { return claims.size(); }
  };
  // Which rows have ended, a bit for each; null where none has. Shared with snapshots, and then
  // copied before it is changed.
  struct Ended {
    std::vector<std::shared_ptr<std::vector<uint64_t>>> blocks;
    std::vector<bool> shared;
    size_t count = 0;

    void Add(size_t row);
  };
  // How much of everything there was after a revision.
  struct Mark {
    int64_t revision = 0;
    size_t flat_rows = 0;
    size_t tree_rows = 0;
    size_t components = 0;
    size_t ends = 0;
    size_t unusable = 0;
    size_t related = 0;
  };
  // A claim at the top and all of its parts, whatever has become of them: wholes before parts, and
  // parts by name.
  struct Family {
    std::vector<ClaimPtr> claims;
    std::vector<int32_t> wholes;          // by place; -1 for the top
    std::vector<ClaimPtr> superseded_by;  // by place; null if it is not
  };

  explicit ClaimTable(FlatRows flat_rows = FlatRows::kAll) : flat_rows_(flat_rows) {}

  void Load();
  void Append(const Family& family);
  bool AppendFlat(const Family& family);
  void AppendTree(const Family& family);
  Component Summarise(const Family& family, const TreeOfClaims* tree,
                      std::vector<SmallSum>* alone) const;
  void AppendRow(Rows* rows, ClaimPtr claim, v1::ClaimDirection direction, bool at_least);
  void End(Atom atom, const resource::State& before);
  void TakeMark(int64_t revision);
  Family FamilyOf(const resource::State& state, const v1::Claim& top) const;
  // The rows of the claim in `state`, which is the last one taken in; kNoAtom if it has none.
  Atom Latest(const resource::State& state, absl::string_view name) const;
  // The flat row of the base that the claim of `state` has, unless it was another at the base's
  // revision.
  std::optional<Atom> FindInBase(const resource::State& state, absl::string_view name) const;
  std::vector<Atom> MembersOf(Atom atom) const;
  // The column of a base, with every row that there is.
  const GrowingColumn& Extend(absl::string_view field, absl::string_view vocabulary);
  std::shared_ptr<const Column> ColumnFor(const Snapshot& snapshot, absl::string_view field,
                                          absl::string_view vocabulary);

  const FlatRows flat_rows_;
  mutable std::mutex mutex_;
  // All that follows is guarded by mutex_; what is in blocks, only for appending.
  Pages pages_;                                   // of what scans go through
  std::shared_ptr<const resource::State> state_;  // the last one taken in
  int64_t base_revision_ = 0;
  size_t base_flat_rows_ = 0;  // in the order of initiatives and, of each, of names
  Rows flat_{&pages_};
  Blocks<int64_t> units_{&pages_};   // of flat rows
  std::vector<int64_t> most_units_;  // by block of flat rows: the greatest magnitude
  Rows trees_{&pages_};
  Blocks<Atom> wholes_;  // of the other rows, and so on
  Blocks<uint8_t> has_parts_;
  Blocks<TreeId> tree_of_;  // kNoTree for what is not usable
  Blocks<algebra::NodeId> node_of_;
  Blocks<uint32_t> component_of_;
  Blocks<SmallSum> alone_;          // of simple components: the sum of each atom by itself
  absl::int128 most_of_trees_ = 0;  // no sum of components and of atoms by themselves is greater
  Blocks<Component, 4096> components_;
  Blocks<std::shared_ptr<const TreeOfClaims>, 4096> trees_of_claims_;  // by component; or null
  Blocks<Lane, 256> lanes_;
  std::map<Lane, Code> lane_codes_;
  Blocks<Unusable, 256> unusable_;
  Blocks<Atom, 4096> related_;  // atoms whose claims have relations
  Blocks<Atom, 4096> ends_;     // in the order in which they ended
  Ended ended_flat_;
  Ended ended_trees_;
  std::vector<Mark> marks_;
  // Where claims are that are not in the base's flat rows: all of their rows, in order.
  absl::flat_hash_map<std::string, std::vector<Atom>> places_;
  // What rows that have ended point to.
  std::vector<std::shared_ptr<const google::protobuf::Message>> kept_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<GrowingColumn>> columns_;

  Derived derived_;  // not guarded by mutex_
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CLAIM_TABLE_H_
