// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/timeline_order.h"

#include <cstddef>
#include <cstdint>

namespace entente::gateway {
namespace {

// How far local time is from UTC at most, on either side.
constexpr absl::Duration kAhead = absl::Hours(14);
constexpr absl::Duration kBehind = absl::Hours(12);

// A set of places.
class Bits {
 public:
  explicit Bits(size_t size) : words_((size + 63) / 64) {}

  void Set(size_t i) { words_[i / 64] |= uint64_t{1} << (i % 64); }
  bool Has(size_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }
  void Add(const Bits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }

 private:
  std::vector<uint64_t> words_;
};

std::optional<absl::CivilDay> DayOf(const edtf::Bound& bound) {
  return bound.kind == edtf::Bound::kDay ? std::optional(bound.day) : std::nullopt;
}

}  // namespace

Extent Extent::Of(const edtf::Date& date) {
  return {DayOf(date.earliest()), DayOf(date.latest()), std::nullopt,
          date.is_uncertain() || date.is_approximate()};
}

Extent Extent::Of(absl::Time moment) {
  return {absl::ToCivilDay(moment - kBehind, absl::UTCTimeZone()),
          absl::ToCivilDay(moment + kAhead, absl::UTCTimeZone()), moment, false};
}

bool IsBefore(const Extent& a, const Extent& b) {
  if (a.uncertain || b.uncertain) return false;
  if (a.moment.has_value() && b.moment.has_value()) return *a.moment < *b.moment;
  return a.last.has_value() && b.first.has_value() && *a.last < *b.first;
}

std::vector<std::pair<int, int>> Precedences(const std::vector<Extent>& items) {
  const size_t n = items.size();
  std::vector<Bits> after(n, Bits(n));
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      if (IsBefore(items[i], items[j])) after[i].Set(j);
    }
  }
  std::vector<std::pair<int, int>> pairs;
  for (size_t i = 0; i < n; ++i) {
    // What is after something that is after it follows.
    Bits follows(n);
    for (size_t j = 0; j < n; ++j) {
      if (after[i].Has(j)) follows.Add(after[j]);
    }
    for (size_t j = 0; j < n; ++j) {
      if (after[i].Has(j) && !follows.Has(j)) {
        pairs.emplace_back(static_cast<int>(i), static_cast<int>(j));
      }
    }
  }
  return pairs;
}

}  // namespace entente::gateway
