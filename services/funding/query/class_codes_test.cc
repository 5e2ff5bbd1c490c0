// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/class_codes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

namespace entente::funding::query {
namespace {

// Rows of a block, and some of another.
constexpr size_t kRows = kBlockRows + 5'000;

// Codes that become wider: up to 1,000 of them, 70,000 from the second block on.
Codes CodesOfRows(size_t rows) {
  Codes codes;
  for (size_t i = 0; i < rows; ++i) {
    codes.Append(static_cast<Code>(i * 7 % (i < kBlockRows ? 1'000 : 70'000)));
  }
  return codes;
}

std::vector<uint32_t> ClassesBy(uint32_t divisor, size_t codes) {
  std::vector<uint32_t> class_of;
  for (uint32_t code = 0; code < codes; ++code) class_of.push_back(code / divisor % 256);
  return class_of;
}

void ExpectClasses(const std::optional<Codes::View>& classes, const std::vector<uint32_t>& class_of,
                   const Codes::View& codes) {
  ASSERT_TRUE(classes.has_value());
  ASSERT_EQ(classes->size(), codes.size());
  for (size_t row = 0; row < codes.size(); ++row) {
    ASSERT_EQ((*classes)[row], class_of[codes[row]]) << row;
  }
  for (size_t block = 0; block * kBlockRows < codes.size(); ++block) {
    EXPECT_EQ(classes->block(block).width, 1);
  }
}

// Snapshots that are older and newer, and dictionaries that know less and more.
TEST(ClassCodesTest, GoOnWithRowsAndDictionaries) {
  const Codes codes = CodesOfRows(kRows);
  ClassCodes kept;
  for (const size_t rows : {size_t{0}, size_t{1}, size_t{3'000}, kBlockRows, size_t{2'000}, kRows,
                            kBlockRows + 1, kRows}) {
    const auto class_of = ClassesBy(17, rows > kBlockRows ? 70'000 : 1'000);
    ExpectClasses(kept.Of(class_of, codes.ViewOf(rows), *OneThread()), class_of,
                  codes.ViewOf(rows));
  }
}

// Several ways, in turn: more than are kept.
TEST(ClassCodesTest, AreOfTheWayThatIsAskedFor) {
  const Codes codes = CodesOfRows(5'000);
  ClassCodes kept;
  for (const uint32_t divisor : {3u, 5u, 3u, 7u, 11u, 13u, 5u, 3u, 7u, 11u, 3u}) {
    for (const size_t rows : {size_t{1'000}, size_t{5'000}}) {
      const auto class_of = ClassesBy(divisor, 1'000);
      ExpectClasses(kept.Of(class_of, codes.ViewOf(rows), *OneThread()), class_of,
                    codes.ViewOf(rows));
    }
  }
}

// What the catalogue says of one value has changed, and there are more values than before.
TEST(ClassCodesTest, AreNotThoseOfAnotherCatalogue) {
  const Codes codes = CodesOfRows(5'000);
  ClassCodes kept;
  const auto before = ClassesBy(17, 1'000);
  ExpectClasses(kept.Of(before, codes.ViewOf(4'000), *OneThread()), before, codes.ViewOf(4'000));
  auto after = ClassesBy(17, 1'500);
  after[500] = 255;
  ExpectClasses(kept.Of(after, codes.ViewOf(5'000), *OneThread()), after, codes.ViewOf(5'000));
  ExpectClasses(kept.Of(before, codes.ViewOf(5'000), *OneThread()), before, codes.ViewOf(5'000));
}

// A query that cannot spare the memory, or that nobody waits for, does without.
TEST(ClassCodesTest, AreNotMadeAtAnyPrice) {
  const Codes codes = CodesOfRows(5'000);
  const auto class_of = ClassesBy(17, 1'000);
  ClassCodes kept;
  const Resources poor(nullptr, 4'999, nullptr);
  EXPECT_FALSE(kept.Of(class_of, codes.ViewOf(5'000), poor).has_value());
  const Resources alone(nullptr, kDefaultQueryMemory, [] { return true; });
  EXPECT_FALSE(kept.Of(class_of, codes.ViewOf(5'000), alone).has_value());
  const Resources enough(nullptr, 5'000, nullptr);
  ExpectClasses(kept.Of(class_of, codes.ViewOf(5'000), enough), class_of, codes.ViewOf(5'000));
  // Nothing is left of the charge, and what is there costs nothing.
  EXPECT_TRUE(enough.Spare(5'000));
  ExpectClasses(kept.Of(class_of, codes.ViewOf(5'000), enough), class_of, codes.ViewOf(5'000));
}

// Those who ask at the same time get them, or are told to do without.
TEST(ClassCodesTest, AreMadeOnceAndReadByMany) {
  const Codes codes = CodesOfRows(kRows);
  const auto class_of = ClassesBy(17, 70'000);
  ClassCodes kept;
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t rows = 1 + thread; rows < kRows; rows += 1'500) {
        const auto classes = kept.Of(class_of, codes.ViewOf(rows), *OneThread());
        if (!classes.has_value()) continue;
        ++got;
        for (const size_t row : {size_t{0}, rows / 2, rows - 1}) {
          ASSERT_EQ((*classes)[row], class_of[codes.ViewOf(rows)[row]]);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(got, 0);
}

}  // namespace
}  // namespace entente::funding::query
