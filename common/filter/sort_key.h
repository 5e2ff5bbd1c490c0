// SPDX-License-Identifier: Apache-2.0
//
// Sort keys: values as bytes that compare (as unsigned bytes, shorter first) as the values do.
// Internal to common/filter; callers use ordering.h.
//
// One component of a key is a byte for presence (0 unset, 1 set: unset sorts first), then
//   int      8 bytes, most significant first, the sign bit flipped
//   uint     8 bytes, most significant first
//   bool     1 byte
//   real     8 bytes: the IEEE 754 pattern, with the sign bit flipped if positive and all bits if
//            negative; -0 is 0, and any NaN is one that sorts after infinity
//   moment   seconds as an int, then nanoseconds in 4 bytes with the sign bit flipped
//   text     the bytes, 00 written as 00 FF, then 00 01: so a prefix sorts before what it begins
// and, for descending order, every byte complemented.

#ifndef ENTENTE_COMMON_FILTER_SORT_KEY_H_
#define ENTENTE_COMMON_FILTER_SORT_KEY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/filter/literal.h"

namespace entente::filter::internal {

enum class KeyType { kSigned, kUnsigned, kBool, kReal, kMoment, kText };

void AppendUnset(std::string* key);
void AppendSigned(int64_t value, std::string* key);
void AppendUnsigned(uint64_t value, std::string* key);
void AppendBool(bool value, std::string* key);
void AppendReal(double value, std::string* key);
void AppendMoment(const Moment& value, std::string* key);
void AppendText(absl::string_view value, std::string* key);

// -1, 0 or 1: the order of AppendReal.
int CompareReals(double a, double b);

// Complements the bytes of `key` from `start`.
void Complement(size_t start, std::string* key);

// Removes one component from the front of `key`; false if there is none of that type.
bool ConsumeComponent(KeyType type, bool descending, absl::string_view* key);

}  // namespace entente::filter::internal

#endif  // ENTENTE_COMMON_FILTER_SORT_KEY_H_
