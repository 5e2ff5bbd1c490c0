// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of a scan: over a column at a time, or a few, as plain arrays. What is in, as a
// byte for each row; which rows these are; and their amounts, added up cell by cell.
//
// Only scan.cc, row_filter.cc and cube.cc have them, which are compiled so that the compiler
// vectorises and unrolls them.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_KERNELS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_KERNELS_H_

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
// is in it in the upper ones; the last of these says that any amount is at least so much.
inline constexpr int kCountBits = 40;
static_assert(kCountBits + KindIndex::kMost < 64);
inline constexpr uint32_t kUnboundedBit = uint32_t{1} << KindIndex::kMost;

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

  void Count(int64_t amount) { Count(Both{amount, 1}); }
  void Count(int64_t amount, const KindTag& tag) { Count(Both{amount, 1}, tag); }
  // An amount and how many claims it is of.
  void Count(Both amount) { both_ += amount; }
  void Count(Both amount, const KindTag& tag) { both_ = (both_ + amount) | tag.both; }
  void Count(const Several& several) { Count(Both{several.units, several.claims}); }
  void Count(const Several& several, const KindTag& tag) {
    Count(Both{several.units, several.claims}, tag);
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

// Codes that T can say, each of which may be there several times.
template <typename T>
struct FewCodes {
  // `codes`: 1 to kFewCodes.
  explicit FewCodes(const std::vector<Code>& codes) {
    for (const Code code : codes) {
      if (static_cast<T>(code) == code) all[count++] = static_cast<T>(code);
    }
    for (size_t i = count; i < kFewCodes && count > 0; ++i) all[i] = all[0];
  }

  std::array<T, kFewCodes> all;
  size_t count = 0;
};

// As LookUp, where the 1 to kFewCodes codes of `holding` hold, and everything else fails.
template <typename T>
void Compare(const T* codes, size_t n, const std::vector<Code>& holding, Bits* bits) {
  const FewCodes<T> wanted(holding);
  // A code that T cannot say is in no row.
  if (wanted.count == 0) {
    std::memset(bits, kCouldFail, n);
    return;
  }
  constexpr Bits kYes = kHolds | kCouldHold;
  const T w0 = wanted.all[0];
  if (wanted.count == 1) {
    for (size_t i = 0; i < n; ++i) bits[i] = codes[i] == w0 ? kYes : kCouldFail;
    return;
  }
  const T w1 = wanted.all[1], w2 = wanted.all[2], w3 = wanted.all[3], w4 = wanted.all[4],
          w5 = wanted.all[5];
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
  std::array<uint8_t, 256> count = {};

  static constexpr Positions Make() {
    Positions made;
    for (size_t number = 0; number < 256; ++number) {
      for (uint16_t bit = 0; bit < 8; ++bit) {
        if ((number >> bit & 1) != 0) made.of[number][made.count[number]++] = bit;
      }
    }
    return made;
  }
};
inline constexpr Positions kPositions = Positions::Make();

// Writes where the bits of `mask`, of eight rows from `first` on, are, and says how many they are.
inline size_t WritePositions(uint32_t mask, size_t first, uint16_t* rows) {
  using Eight [[gnu::vector_size(16)]] = uint16_t;
  Eight positions;
  std::memcpy(&positions, kPositions.of[mask].data(), sizeof(positions));
  positions += static_cast<uint16_t>(first);
  std::memcpy(rows, &positions, sizeof(positions));
  return kPositions.count[mask];
}

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
  uint64_t could = 0;
  size_t count = 0;
  size_t i = 0;
  const auto take = [&](uint64_t eight) {
    const uint64_t ones = Wanted(eight, wanted, &could);
    // Which of eight rows, as a number.
    const auto mask = static_cast<uint32_t>(ones * 0x0102040810204080 >> 56);
    count += WritePositions(mask, i, rows + count);
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

#ifdef __SSE2__
inline constexpr bool kCollectsFew = true;

// Of 16 codes, a bit for each that is one of the first kCount wanted ones.
template <size_t kCount, typename T>
uint32_t MaskOf(const T* codes, const FewCodes<T>& wanted) {
  constexpr size_t kEach = sizeof(__m128i) / sizeof(T);
  using Codes16 [[gnu::vector_size(16)]] = T;
  __m128i is[sizeof(T)];
  for (size_t part = 0; part < sizeof(T); ++part) {
    Codes16 these;
    std::memcpy(&these, codes + part * kEach, sizeof(these));
    auto any = these == wanted.all[0];
    for (size_t i = 1; i < kCount; ++i) any |= these == wanted.all[i];
    is[part] = reinterpret_cast<__m128i>(any);
  }
  if constexpr (sizeof(T) == 1) {
    return static_cast<uint32_t>(_mm_movemask_epi8(is[0]));
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(is[0], is[1])));
  } else {
    return static_cast<uint32_t>(_mm_movemask_epi8(
        _mm_packs_epi16(_mm_packs_epi32(is[0], is[1]), _mm_packs_epi32(is[2], is[3]))));
  }
}

template <size_t kCount, typename T>
size_t CollectFewOf(const T* codes, size_t n, const FewCodes<T>& wanted, uint16_t* rows) {
  size_t count = 0;
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const uint32_t mask = MaskOf<kCount>(codes + i, wanted);
    if (mask == 0) continue;
    count += WritePositions(mask & 0xff, i, rows + count);
    count += WritePositions(mask >> 8, i + 8, rows + count);
  }
  for (; i < n; ++i) {
    rows[count] = static_cast<uint16_t>(i);
    count += std::find(wanted.all.begin(), wanted.all.end(), codes[i]) != wanted.all.end() ? 1 : 0;
  }
  return count;
}

// As Compare and Collect, of what is in.
template <typename T>
size_t CollectFew(const T* codes, size_t n, const std::vector<Code>& holding, uint16_t* rows) {
  const FewCodes<T> wanted(holding);
  if (wanted.count == 0) return 0;
  return wanted.count == 1 ? CollectFewOf<1>(codes, n, wanted, rows)
                           : CollectFewOf<kFewCodes>(codes, n, wanted, rows);
}
#else
inline constexpr bool kCollectsFew = false;
template <typename T>
size_t CollectFew(const T*, size_t, const std::vector<Code>&, uint16_t*) {
  return 0;
}
#endif

// Which row is the i-th of those that are taken: all of them, or those of a list.
struct Every {
  size_t operator()(size_t i) const { return i; }
};
struct Listed {
  const uint16_t* rows;
  size_t operator()(size_t i) const { return rows[i]; }
};

// Asks for rows that are to be read soon.
template <typename T>
void Prefetch(const T* values, size_t n, const Listed& row_of) {
  for (size_t i = 0; i < n; ++i) __builtin_prefetch(values + row_of(i));
}

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

// Whether places are what is said of them, or have that added.
enum class Placing { kSet, kAdd };

// Has in `places` what `place_of` says of `n` rows.
template <Placing placing, typename RowOf, typename PlaceOf>
void Place(size_t n, const RowOf& row_of, const PlaceOf& place_of, uint32_t* places) {
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) {
    places[i] = (placing == Placing::kAdd ? places[i] : 0) + place_of(i, row_of(i));
  }
}

template <typename Amount, typename Sum>
void Count(const Amount& amount, size_t, NoKind, Cell<Sum>* cell) {
  cell->Count(amount);
}
template <typename Amount, typename Sum, typename T>
void Count(const Amount& amount, size_t row, const KindOf<T>& kind_of, Cell<Sum>* cell) {
  cell->Count(amount, kind_of(row));
}

// Whether rows that follow each other are mostly of the same cell, from what the first ones are:
// wrong only costs time.
template <typename PlaceOf>
bool AreInRuns(size_t n, const PlaceOf& place_of) {
  constexpr size_t kSample = 64;
  if (n < kSample) return false;
  size_t changes = 0;
  for (size_t i = 1; i < kSample; ++i) changes += place_of(i, i) != place_of(i - 1, i - 1) ? 1 : 0;
  return changes < kSample / 8;
}

// As AddUp, of all rows, run by run: one after the other to the same cell would each wait for the
// one before.
template <typename PlaceOf, typename Kinds>
void AddUpRuns(const int64_t* amounts, size_t n, const PlaceOf& place_of, const Kinds& kind_of,
               Cell<int64_t>* cells) {
  Cell<int64_t> run;
  uint32_t place = place_of(0, 0);
  for (size_t i = 0; i < n; ++i) {
    if (const uint32_t next = place_of(i, i); next != place) {
      cells[place].Add(run);
      run = {};
      place = next;
    }
    Count(amounts[i], i, kind_of, &run);
  }
  cells[place].Add(run);
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
    size_t i = 0;
    if constexpr (std::is_same_v<Amount, int64_t> && std::is_same_v<Sum, int64_t> &&
                  std::is_same_v<RowOf, Every>) {
      // Two amounts are read at once, and each is put beside a one.
      if (AreInRuns(n, place_of)) {
        AddUpRuns(amounts, n, place_of, kind_of, cells);
        return;
      }
      using Both = typename Cell<Sum>::Both;
      constexpr Both kOnes = {1, 1};
#pragma GCC unroll 2
      for (; i + 2 <= n; i += 2) {
        Both two;
        std::memcpy(&two, amounts + i, sizeof(two));
        const Both first = __builtin_shufflevector(two, kOnes, 0, 2);
        const Both second = __builtin_shufflevector(two, kOnes, 1, 3);
        Count(first, i, kind_of, &cells[place_of(i, i)]);
        Count(second, i + 1, kind_of, &cells[place_of(i + 1, i + 1)]);
      }
    }
#pragma GCC unroll 4
    for (; i < n; ++i) {
      const size_t row = row_of(i);
      Count(amounts[row], row, kind_of, &cells[place_of(i, row)]);
    }
  }
}

}  // namespace kernels
}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_KERNELS_H_
