// SPDX-License-Identifier: Apache-2.0
//
// What one field says of every atom of money: a dictionary of the values that occur, and a code for
// each atom. Filters and groupings work on dictionaries, and look at atoms by code only.
//
//   GrowingColumn growing;                                  // belongs to a ClaimTable
//   growing.Append(atom, Stated({"places/laos", "places/thailand"}));   // one value of two members
//   const Column column = growing.ViewOf(flat_rows, tree_rows);         // belongs to a Snapshot
//   column.values[column.CodeOf(atom)].members;
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_COLUMN_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_COLUMN_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/figure/decimal.h"
#include "services/funding/query/atom.h"
#include "services/funding/query/blocks.h"
#include "services/funding/query/class_codes.h"
#include "services/funding/query/derived.h"

namespace entente::funding::query {

// In the order in which rows are listed. As DimensionValueKind in query.proto.
enum class ValueKind : uint8_t { kStated, kWider, kUnallocated, kNotStated };

// What a field says of an atom: nothing, one thing, or several at once.
struct Value {
  ValueKind kind = ValueKind::kNotStated;
  std::vector<std::string> members;  // in order; none unless stated or wider

  friend bool operator==(const Value&, const Value&) = default;
  friend auto operator<=>(const Value&, const Value&) = default;
};

// The value with these members, in order and each once; not stated if there are none.
Value Stated(std::vector<std::string> members, ValueKind kind = ValueKind::kStated);

// Few fields have more than some thousand values.
using Values = Blocks<Value, 1024>;

// Gives each different value a code.
class Dictionary {
 public:
  Code CodeOf(const Value& value);
  // Of Stated({member}), without making it.
  Code CodeOf(absl::string_view member);
  size_t size() const { return values_.size(); }
  Values::View View() const { return values_.ViewOf(values_.size()); }

 private:
  template <typename MakeValue>
  Code CodeOfKey(const MakeValue& make);

  absl::flat_hash_map<std::string, Code> codes_;
  Values values_;
  std::string key_;  // reused
};

// An atom whose money its claim divides by percentages.
struct Division {
  Atom atom = kNoAtom;
  std::vector<figure::Decimal> percents;
  // The value of each share; one more than percents if they add up to less than 100.
  std::vector<Code> codes;
};
using Divisions = Blocks<Division, 1024>;

// As of a snapshot. Immutable but for what is kept in `derived` and `classes`; thread-safe.
struct Column {
  Values::View values;        // by code; perhaps some that only later atoms have
  Codes::View flat;           // by row of flat atoms
  Codes::View trees;          // by row of the others; of a divided atom, of all shares together
  Divisions::View divisions;  // perhaps of some later atoms
  std::shared_ptr<Derived> derived;
  std::shared_ptr<ClassCodes> classes;  // null if of_lanes
  // Whether the codes are those of the lanes that atoms are in.
  bool of_lanes = false;

  Code CodeOf(Atom atom) const { return IsFlat(atom) ? flat[RowOf(atom)] : trees[RowOf(atom)]; }
};

// The column of all atoms there are, in the order of their rows. Not thread-safe.
class GrowingColumn {
 public:
  // `pages`: as those of Blocks.
  explicit GrowingColumn(Pages* pages) : flat_(pages), trees_(pages) {
    dictionary_.CodeOf(Value{});
  }

  // Of the next flat atom or the next other one: there are rows for those before it.
  void Append(Atom atom, const Value& value) { Append(atom, dictionary_.CodeOf(value)); }
  void Append(Atom atom, absl::string_view member) { Append(atom, dictionary_.CodeOf(member)); }
  void AppendNotStated(Atom atom) { Append(atom, Code{0}); }
  // `values`: as Division::codes. After the Append of the atom.
  void Divide(Atom atom, std::vector<figure::Decimal> percents, const std::vector<Value>& values);

  size_t flat_rows() const { return flat_.size(); }
  size_t tree_rows() const { return trees_.size(); }
  size_t bytes() const { return flat_.bytes() + trees_.bytes(); }
  Column ViewOf(size_t flat_rows, size_t tree_rows) const;

 private:
  void Append(Atom atom, Code code) { (IsFlat(atom) ? flat_ : trees_).Append(code); }

  Dictionary dictionary_;
  Codes flat_;
  Codes trees_;
  Divisions divisions_;
  std::shared_ptr<Derived> derived_ = std::make_shared<Derived>();
  std::shared_ptr<ClassCodes> classes_ = std::make_shared<ClassCodes>();
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_COLUMN_H_
