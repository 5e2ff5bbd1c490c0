// SPDX-License-Identifier: Apache-2.0
//
// What one field says of every atom of money: a dictionary of the values that occur, and a code for
// each atom. Filters and groupings work on dictionaries, and look at atoms by code only.
//
//   ColumnBuilder builder(atoms);
//   builder.Set(atom, Stated({"places/laos", "places/thailand"}));   // one value, with two members
//   const Column column = std::move(builder).Build();
//   column.values[column.codes[atom]].members;
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_COLUMN_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_COLUMN_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/figure/decimal.h"

namespace entente::funding::query {

// The money of one claim that no part of it itemises; by the place of the claim in a Snapshot.
using Atom = int32_t;
inline constexpr Atom kNoAtom = -1;

// A value by its place in a dictionary.
using Code = uint32_t;

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

// An atom whose money its claim divides by percentages.
struct Division {
  Atom atom = kNoAtom;
  std::vector<figure::Decimal> percents;
  // The value of each share; one more than percents if they add up to less than 100.
  std::vector<Code> codes;
};

struct Column {
  std::vector<Value> values;        // by code
  std::vector<Code> codes;          // by atom; for a divided one, of all shares together
  std::vector<Division> divisions;  // by atom
};

// Gives each different value a code.
class Dictionary {
 public:
  Code CodeOf(const Value& value);
  const std::vector<Value>& values() const { return values_; }
  std::vector<Value> Take() && { return std::move(values_); }

 private:
  absl::flat_hash_map<std::string, Code> codes_;
  std::vector<Value> values_;
  std::string key_;  // reused
};

class ColumnBuilder {
 public:
  explicit ColumnBuilder(size_t atoms) : codes_(atoms, 0) { dictionary_.CodeOf(Value{}); }

  // Every atom is "not stated" unless it is set.
  void Set(Atom atom, const Value& value) {
    codes_[static_cast<size_t>(atom)] = dictionary_.CodeOf(value);
  }
  // `values`: as Division::codes.
  void Divide(Atom atom, std::vector<figure::Decimal> percents, const std::vector<Value>& values);

  Column Build() && {
    return {std::move(dictionary_).Take(), std::move(codes_), std::move(divisions_)};
  }

 private:
  Dictionary dictionary_;
  std::vector<Code> codes_;
  std::vector<Division> divisions_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_COLUMN_H_
