// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of a scan: over a column at a time, or a few, as plain arrays. What is in, as a
// byte for each row; which rows these are; and their amounts, added up cell by cell.
//
// Only scan.cc and cube.cc have them, which are compiled so that the compiler vectorises them and
// unrolls them.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_KERNELS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_KERNELS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "services/funding/query/column.h"
#include "services/funding/query/scan.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// A cell counts its claims in the lower bits of a word, and has a bit for each kind of money that
// is in it in the upper ones.
inline constexpr int kCountBits = 40;
static_assert(kCountBits + KindIndex::kMost <= 64);

// What several claims come to.
struct Several {
  int64_t units = 0;
  int64_t claims = 0;
};

// The bits of a kind, where they are in a cell.
struct KindTag {
  using Both [[gnu::vector_size(16)]] = int64_t;
  Both both = {0, 0};

  static KindTag Of(uint32_t kinds) {
    return {Both{0, static_cast<int64_t>(uint64_t{kinds} << kCountBits)}};
  }
};

// `Sum` is 64 bits wide where these are sure to be enough, else 128. Amounts are of the units of
// the cell's currency.
template <typename Sum>
class Cell {
 public:
  void Count(int64_t amount) { Count(Several{amount, 1}); }
  void Count(int64_t amount, const KindTag& tag) { Count(Several{amount, 1}, tag); }
  void Count(const Several& several) {
    sum_ += several.units;
    claims_ += static_cast<uint64_t>(several.claims);
  }
  void Count(const Several& several, const KindTag& tag) {
    Count(several);
    claims_ |= static_cast<uint64_t>(tag.both[1]);
  }
  void Add(const Cell& other) {
    sum_ += other.sum_;
    const uint64_t kinds = (claims_ | other.claims_) >> kCountBits << kCountBits;
    claims_ = static_cast<uint64_t>(claims() + other.claims()) | kinds;
  }
  Sum sum() const { return sum_; }
  int64_t claims() const {
    return static_cast<int64_t>(claims_ & ((uint64_t{1} << kCountBits) - 1));
  }
  uint32_t kinds() const { return static_cast<uint32_t>(claims_ >> kCountBits); }

 private:
  Sum sum_ = 0;
  uint64_t claims_ = 0;
};

// Both numbers at once.
template <>
class Cell<int64_t> {
 public:
  using Both = KindTag::Both;

  void Count(int64_t amount) { both_ += Both{amount, 1}; }
  void Count(int64_t amount, const KindTag& tag) { both_ = (both_ + Both{amount, 1}) | tag.both; }
  void Count(const Several& several) { both_ += Both{several.units, several.claims}; }
  void Count(const Several& several, const KindTag& tag) {
    both_ = (both_ + Both{several.units, several.claims}) | tag.both;
  }
  void Add(const Cell& other) {
    const uint64_t kinds = (word() | other.word()) >> kCountBits << kCountBits;
    const uint64_t count = static_cast<uint64_t>(claims() + other.claims());
    both_ = Both{both_[0] + other.both_[0], static_cast<int64_t>(count | kinds)};
  }
  int64_t sum() const { return both_[0]; }
  int64_t claims() const {
    return static_cast<int64_t>(word() & ((uint64_t{1} << kCountBits) - 1));
  }
  uint32_t kinds() const { return static_cast<uint32_t>(word() >> kCountBits); }

 private:
  uint64_t word() const { return static_cast<uint64_t>(both_[1]); }

  Both both_ = {0, 0};
};

namespace kernels {

// What is known of `n` rows, by code.
template <typename T>
void LookUp(const T* codes, size_t n, const Bits* of_code, Bits* bits) {
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) bits[i] = of_code[codes[i]];
}

inline constexpr size_t kFewCodes = 6;

// As LookUp, where the 1 to kFewCodes codes of `holding` hold, and everything else fails.
template <typename T>
void Compare(const T* codes, size_t n, const std::vector<Code>& holding, Bits* bits) {
  // A code that T cannot say is in no row; repeating another does no harm.
  std::array<T, kFewCodes> wanted;
  size_t count = 0;
  for (const Code code : holding) {
    if (static_cast<T>(code) == code) wanted[count++] = static_cast<T>(code);
  }
  if (count == 0) {
    std::memset(bits, kCouldFail, n);
    return;
  }
  constexpr Bits kYes = kHolds | kCouldHold;
  if (count == 1) {
    const T one = wanted[0];
    for (size_t i = 0; i < n; ++i) bits[i] = codes[i] == one ? kYes : kCouldFail;
    return;
  }
  for (size_t i = count; i < kFewCodes; ++i) wanted[i] = wanted[0];
  const T w0 = wanted[0], w1 = wanted[1], w2 = wanted[2], w3 = wanted[3], w4 = wanted[4],
          w5 = wanted[5];
  static_assert(kFewCodes == 6);
  for (size_t i = 0; i < n; ++i) {
    const T code = codes[i];
    const bool is_one =
        (code == w0) | (code == w1) | (code == w2) | (code == w3) | (code == w4) | (code == w5);
    bits[i] = is_one ? kYes : kCouldFail;
  }
}

// Of a number, the positions of its bits.
struct Positions {
  std::array<std::array<uint16_t, 8>, 256> of = {};

  static constexpr Positions Make() {
    Positions made;
    for (size_t number = 0; number < 256; ++number) {
      size_t count = 0;
      for (uint16_t bit = 0; bit < 8; ++bit) {
        if ((number >> bit & 1) != 0) made.of[number][count++] = bit;
      }
    }
    return made;
  }
};
inline constexpr Positions kPositions = Positions::Make();

// The bytes of `eight` that are what is wanted, as 1, and whether any could be in without being it.
inline uint64_t Wanted(uint64_t eight, Pick wanted, uint64_t* could) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  static_assert(kHolds == 1 && kCouldHold == 2);
  const uint64_t could_be = (eight >> 1) & ~eight & kOnes;
  *could |= could_be;
  return wanted == Pick::kIn ? eight & kOnes : could_be;
}

// The rows, from 0 to n, of which what is wanted is so; how many they are. `rows` has room for
// eight more. `any_could` becomes true if any row could be in without being it.
inline size_t Collect(const Bits* bits, size_t n, Pick wanted, uint16_t* rows, bool* any_could) {
  // Eight rows at once: which of them, as a number, says where they are.
  using Eight [[gnu::vector_size(16)]] = uint16_t;
  uint64_t could = 0;
  size_t count = 0;
  size_t i = 0;
  const auto take = [&](uint64_t eight) {
    const uint64_t ones = Wanted(eight, wanted, &could);
    const size_t which = ones * 0x0102040810204080 >> 56;
    Eight positions;
    std::memcpy(&positions, kPositions.of[which].data(), sizeof(positions));
    positions += static_cast<uint16_t>(i);
    std::memcpy(rows + count, &positions, sizeof(positions));
    count += ones * 0x0101010101010101 >> 56;
    i += 8;
  };
  constexpr uint64_t kEither = 0x0303030303030303;
  while (i + 32 <= n) {
    std::array<uint64_t, 4> words;
    std::memcpy(words.data(), bits + i, sizeof(words));
    if (((words[0] | words[1] | words[2] | words[3]) & kEither) == 0) {
      i += 32;
      continue;
    }
    for (const uint64_t word : words) take(word);
  }
  while (i < n) {
    uint64_t word = 0;
    std::memcpy(&word, bits + i, std::min<size_t>(8, n - i));
    take(word);
  }
  *any_could = *any_could || could != 0;
  return count;
}

// Which row is the i-th of those that are taken: all of them, or those of a list.
struct Every {
  size_t operator()(size_t i) const { return i; }
};
struct Listed {
  const uint16_t* rows;
  size_t operator()(size_t i) const { return rows[i]; }
};

// The place of the cell of a row; `i` is its place among those that are taken.
template <typename T>
struct ByTable {
  const T* codes;
  const uint32_t* of_code;
  uint32_t operator()(size_t, size_t row) const { return of_code[codes[row]]; }
};
template <typename T>
struct ByCode {
  const T* codes;
  uint32_t stride;
  uint32_t operator()(size_t, size_t row) const { return codes[row] * stride; }
};
template <typename A, typename B>
struct Together {
  A a;
  B b;
  uint32_t operator()(size_t i, size_t row) const { return a(i, row) + b(i, row); }
};
// Some compilers do not deduce these by themselves.
template <typename T>
ByTable(const T*, const uint32_t*) -> ByTable<T>;
template <typename T>
ByCode(const T*, uint32_t) -> ByCode<T>;
template <typename A, typename B>
Together(A, B) -> Together<A, B>;
// Where there is but one.
struct OneCell {};
struct Ready {
  const uint32_t* places;
  uint32_t operator()(size_t i, size_t) const { return places[i]; }
};

// The kind of a row, for its cell; or nothing, where cells are of one kind each.
struct NoKind {};
template <typename T>
struct KindOf {
  const T* lanes;
  const KindTag* of_lane;
  const KindTag& operator()(size_t row) const { return of_lane[lanes[row]]; }
};

// Adds to `places` what `place_of` says of `n` rows.
template <typename RowOf, typename PlaceOf>
void Place(size_t n, const RowOf& row_of, const PlaceOf& place_of, uint32_t* places) {
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) places[i] += place_of(i, row_of(i));
}

template <typename Amount, typename Sum>
void Count(const Amount& amount, size_t, NoKind, Cell<Sum>* cell) {
  cell->Count(amount);
}
template <typename Amount, typename Sum, typename T>
void Count(const Amount& amount, size_t row, const KindOf<T>& kind_of, Cell<Sum>* cell) {
  cell->Count(amount, kind_of(row));
}

// Adds the amounts of `n` rows, each of one claim or of several, to their cells.
template <typename Amount, typename Sum, typename RowOf, typename PlaceOf, typename Kinds>
void AddUp(const Amount* amounts, size_t n, const RowOf& row_of, const PlaceOf& place_of,
           const Kinds& kind_of, Cell<Sum>* cells) {
  if constexpr (std::is_same_v<PlaceOf, OneCell>) {
    Cell<Sum> sum;
    for (size_t i = 0; i < n; ++i) {
      const size_t row = row_of(i);
      Count(amounts[row], row, kind_of, &sum);
    }
    cells->Add(sum);
  } else {
#pragma GCC unroll 4
    for (size_t i = 0; i < n; ++i) {
      const size_t row = row_of(i);
      Count(amounts[row], row, kind_of, &cells[place_of(i, row)]);
    }
  }
}

}  // namespace kernels
}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_KERNELS_H_
