// SPDX-License-Identifier: Apache-2.0
#include "common/filter/substring.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/strings/ascii.h"

namespace entente::filter::internal {
namespace {

unsigned char Byte(char c) { return static_cast<unsigned char>(c); }

}  // namespace

Substring::Substring(absl::string_view wanted) : wanted_(absl::AsciiStrToLower(wanted)) {
  const unsigned char first = Byte(wanted_.front());
  const unsigned char last = Byte(wanted_.back());
  first_lower_ = Bytes{} + first;
  first_upper_ = Bytes{} + Byte(absl::ascii_toupper(first));
  last_lower_ = Bytes{} + last;
  last_upper_ = Bytes{} + Byte(absl::ascii_toupper(last));
}

bool Substring::IsAt(const char* place) const {
  return std::equal(wanted_.begin(), wanted_.end(), place, [](char wanted, char found) {
    return absl::ascii_tolower(Byte(found)) == wanted;
  });
}

bool Substring::IsIn(absl::string_view text) const {
  if (text.size() < wanted_.size()) return false;
  const size_t last = wanted_.size() - 1;
  const size_t places = text.size() - last;
  const char* place = text.data();
  size_t at = 0;
  for (; at + sizeof(Bytes) <= places; at += sizeof(Bytes)) {
    Bytes firsts;
    Bytes lasts;
    std::memcpy(&firsts, place + at, sizeof(Bytes));
    std::memcpy(&lasts, place + at + last, sizeof(Bytes));
    const auto hits = ((firsts == first_lower_) | (firsts == first_upper_)) &
                      ((lasts == last_lower_) | (lasts == last_upper_));
    // Where there is none in a half, which is nearly everywhere, its bytes are not looked at.
    constexpr size_t kHalf = sizeof(uint64_t);
    uint64_t halves[sizeof(Bytes) / kHalf];
    static_assert(sizeof(halves) == sizeof(hits));
    std::memcpy(halves, &hits, sizeof(hits));
    for (size_t half = 0; half < sizeof(Bytes) / kHalf; ++half) {
      if (halves[half] == 0) continue;
      unsigned char bytes[kHalf];
      std::memcpy(bytes, &halves[half], kHalf);
      for (size_t i = 0; i < kHalf; ++i) {
        if (bytes[i] != 0 && IsAt(place + at + half * kHalf + i)) return true;
      }
    }
  }
  for (; at < places; ++at) {
    if (IsAt(place + at)) return true;
  }
  return false;
}

}  // namespace entente::filter::internal
