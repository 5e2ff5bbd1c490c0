// SPDX-License-Identifier: Apache-2.0
#include "common/filter/sort_key.h"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

namespace entente::filter::internal {
namespace {

constexpr char kUnset = '\x00';
constexpr char kSet = '\x01';
constexpr char kZero = '\x00';        // in a text: begins one of the two below
constexpr char kZeroItself = '\xFF';  // after kZero: a byte 00 of the text
constexpr char kEndOfText = '\x01';   // after kZero: the end
constexpr uint64_t kSignBit = uint64_t{1} << 63;

void AppendBytes(uint64_t value, int count, std::string* key) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
    key->push_back(static_cast<char>((value >> shift) & 0xFF));
  }
}

uint64_t RealBits(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0;  // -0
  uint64_t bits = 0;
  static_assert(sizeof(bits) == sizeof(value));
  std::memcpy(&bits, &value, sizeof(bits));
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

// After the byte for presence.
size_t FixedSize(KeyType type) {
  switch (type) {
    case KeyType::kBool:
      return 1;
    case KeyType::kMoment:
      return 12;
    default:
      return 8;
  }
}

}  // namespace

void AppendUnset(std::string* key) { key->push_back(kUnset); }

void AppendSigned(int64_t value, std::string* key) {
  key->push_back(kSet);
  AppendBytes(static_cast<uint64_t>(value) ^ kSignBit, 8, key);
}

void AppendUnsigned(uint64_t value, std::string* key) {
  key->push_back(kSet);
  AppendBytes(value, 8, key);
}

void AppendBool(bool value, std::string* key) {
  key->push_back(kSet);
  key->push_back(value ? '\x01' : '\x00');
}

void AppendReal(double value, std::string* key) {
  key->push_back(kSet);
  AppendBytes(RealBits(value), 8, key);
}

void AppendMoment(const Moment& value, std::string* key) {
  AppendSigned(value.seconds, key);
  AppendBytes(static_cast<uint32_t>(value.nanos) ^ (uint32_t{1} << 31), 4, key);
}

void AppendText(absl::string_view value, std::string* key) {
  key->push_back(kSet);
  for (char c : value) {
    key->push_back(c);
    if (c == kZero) key->push_back(kZeroItself);
  }
  key->push_back(kZero);
  key->push_back(kEndOfText);
}

int CompareReals(double a, double b) {
  const uint64_t left = RealBits(a);
  const uint64_t right = RealBits(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

void Complement(size_t start, std::string* key) {
  for (size_t i = start; i < key->size(); ++i) (*key)[i] = static_cast<char>(~(*key)[i]);
}

bool ConsumeComponent(KeyType type, bool descending, absl::string_view* key) {
  const auto at = [&](size_t i) { return static_cast<char>(descending ? ~(*key)[i] : (*key)[i]); };
  if (key->empty()) return false;
  if (at(0) == kUnset) {
    key->remove_prefix(1);
    return true;
  }
  if (at(0) != kSet) return false;
  if (type != KeyType::kText) {
    const size_t size = 1 + FixedSize(type);
    if (key->size() < size) return false;
    if (type == KeyType::kBool && at(1) != '\x00' && at(1) != '\x01') return false;
    key->remove_prefix(size);
    return true;
  }
  for (size_t i = 1; i + 1 < key->size(); ++i) {
    if (at(i) != kZero) continue;
    ++i;
    if (at(i) == kEndOfText) {
      key->remove_prefix(i + 1);
      return true;
    }
    if (at(i) != kZeroItself) return false;
  }
  return false;
}

}  // namespace entente::filter::internal
