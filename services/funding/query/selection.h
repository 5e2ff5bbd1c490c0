// SPDX-License-Identifier: Apache-2.0
//
// What a filter makes of each parcel of money: it is in, or out, or it could be in.
//
// A condition on a field is asked once for each value in the dictionary of the field's base; the
// parcels are then looked at by code alone. To see what *could* be in, a condition is also asked of
// all narrower values that a value could turn out to be, and the filter is read with three bits for
// each parcel: it holds, it could hold, it could fail.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SELECTION_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SELECTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "common/filter/filter.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/parcels.h"

namespace entente::funding::query {

enum class Pick : uint8_t {
  kOut,
  kIn,
  // Not as stated; but some narrower place, initiative or sector that the money may be for would
  // be. Never less than what could be in; at times more, where several conditions would need
  // different narrower values.
  kCould,
};

// What is known of a condition on a parcel.
using Bits = uint8_t;
inline constexpr Bits kHolds = 1;
inline constexpr Bits kCouldHold = 2;
inline constexpr Bits kCouldFail = 4;

inline constexpr Bits And(Bits a, Bits b) {
  return static_cast<Bits>((a & b & (kHolds | kCouldHold)) | ((a | b) & kCouldFail));
}
inline constexpr Bits Or(Bits a, Bits b) {
  return static_cast<Bits>(((a | b) & (kHolds | kCouldHold)) | (a & b & kCouldFail));
}
inline constexpr Bits Not(Bits a) {
  return static_cast<Bits>((~a & kHolds) | ((a & kCouldHold) << 1) | ((a & kCouldFail) >> 1));
}
inline constexpr Pick PickOf(Bits bits) {
  return (bits & kHolds) != 0 ? Pick::kIn : (bits & kCouldHold) != 0 ? Pick::kCould : Pick::kOut;
}

// The fields that a filter or a condition of one speaks of, each once.
std::vector<const google::protobuf::FieldDescriptor*> FieldsOf(const filter::Filter& filter);
std::vector<const google::protobuf::FieldDescriptor*> FieldsOf(const filter::Condition& condition);

// Immutable. Thread-safe.
class Selection {
 public:
  // A filter over codes. What speaks of one base only, however much, is one leaf.
  struct Node {
    enum class Kind { kLeaf, kAnd, kOr, kNot };
    Kind kind = Kind::kLeaf;
    BaseId base = 0;             // kLeaf
    std::vector<Bits> of_code;   // kLeaf: by code of the base
    std::vector<Node> operands;  // of the others
  };

  // `fields` has all of FieldsOf(filter), and its bases are in `parcels`, which must outlive it.
  Selection(const filter::Filter& filter, const std::vector<Field>& fields, const Parcels& parcels);

  // Of a parcel: see Parcels::ForEach.
  Pick Of(Parcel parcel) const;

  // None if everything is in.
  const std::optional<Node>& filter() const { return filter_; }

 private:
  const Parcels& parcels_;
  std::optional<Node> filter_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SELECTION_H_
