// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace entente::funding::query {
namespace {

// Rows of two blocks, and some of a third.
constexpr size_t kCrossing = 2 * kBlockRows + 100;

template <typename List>
void ExpectView(const typename List::View& view, const std::vector<uint32_t>& expected,
                size_t size) {
  ASSERT_EQ(view.size(), size);
  for (size_t i = 0; i < size; ++i) ASSERT_EQ(view[i], expected[i]) << i << " of " << size;
}

TEST(BlocksTest, GrowsAndKeepsWhatItHas) {
  Blocks<std::string, 8> words;
  EXPECT_EQ(words.size(), 0u);
  EXPECT_EQ(words.ViewOf(0).size(), 0u);
  for (int i = 0; i < 100; ++i) {
    words.Append(std::to_string(i));
    ASSERT_EQ(words.size(), static_cast<size_t>(i) + 1);
    for (int k = 0; k <= i; ++k) ASSERT_EQ(words[static_cast<size_t>(k)], std::to_string(k));
  }
}

TEST(BlocksTest, ViewsStayAsTheyWere) {
  Blocks<uint32_t, 64> numbers;
  std::vector<uint32_t> expected;
  std::vector<Blocks<uint32_t, 64>::View> views = {numbers.ViewOf(0)};
  std::mt19937 rng(1);
  for (size_t size = 1; size <= 300; ++size) {
    expected.push_back(static_cast<uint32_t>(rng()));
    numbers.Append(expected.back());
    views.push_back(numbers.ViewOf(size));
  }
  for (size_t size = 0; size < views.size(); ++size) {
    ExpectView<Blocks<uint32_t, 64>>(views[size], expected, size);
    // What is looked at late, through the blocks that there are by then.
    ExpectView<Blocks<uint32_t, 64>>(numbers.ViewOf(size), expected, size);
  }
}

TEST(BlocksTest, ViewsOutliveTheList) {
  Blocks<std::string, 8>::View view;
  {
    Blocks<std::string, 8> words;
    for (int i = 0; i < 20; ++i) words.Append("word " + std::to_string(i));
    view = words.ViewOf(19);
  }
  ASSERT_EQ(view.size(), 19u);
  for (size_t i = 0; i < view.size(); ++i) EXPECT_EQ(view[i], "word " + std::to_string(i));
}

TEST(BlocksTest, BlocksThatAreFullNeverMove) {
  Blocks<uint32_t> numbers;
  std::vector<uint32_t> expected;
  for (size_t i = 0; i < kCrossing; ++i) {
    expected.push_back(static_cast<uint32_t>(i * 7));
    numbers.Append(expected.back());
  }
  // Around both borders.
  for (const size_t size : {kBlockRows - 1, kBlockRows, kBlockRows + 1, 2 * kBlockRows - 1,
                            2 * kBlockRows, 2 * kBlockRows + 1, kCrossing}) {
    const auto view = numbers.ViewOf(size);
    ExpectView<Blocks<uint32_t>>(view, expected, size);
    EXPECT_EQ(view.block(0)[kBlockRows - 2], expected[kBlockRows - 2]);
    if (size > kBlockRows) {
      EXPECT_EQ(view.block(1)[0], expected[kBlockRows]);
    }
  }
  const uint32_t* first = numbers.ViewOf(1).block(0);
  const uint32_t* second = numbers.ViewOf(kBlockRows + 1).block(1);
  for (size_t i = 0; i < 2 * kBlockRows; ++i) numbers.Append(0);
  EXPECT_EQ(numbers.ViewOf(1).block(0), first);
  EXPECT_EQ(numbers.ViewOf(kBlockRows + 1).block(1), second);
}

TEST(BlocksTest, ViewsAreReadWhileTheListGrows) {
  Blocks<uint32_t, 256> numbers;
  for (uint32_t i = 0; i < 100; ++i) numbers.Append(i);
  const auto view = numbers.ViewOf(100);
  std::atomic<bool> done{false};
  std::atomic<int> rounds{0};
  std::thread reader([&] {
    for (; !done; ++rounds) {
      for (uint32_t i = 0; i < 100; ++i) ASSERT_EQ(view[i], i);
    }
  });
  while (rounds == 0) std::this_thread::yield();
  for (uint32_t i = 100; i < 100'000; ++i) numbers.Append(i);
  done = true;
  reader.join();
}

TEST(CodesTest, AreAsWideAsTheyHaveToBe) {
  Codes codes;
  for (const Code code : {0u, 255u}) codes.Append(code);
  EXPECT_EQ(codes.ViewOf(2).block(0).width, 1);
  codes.Append(256);
  EXPECT_EQ(codes.ViewOf(3).block(0).width, 2);
  codes.Append(65'535);
  EXPECT_EQ(codes.ViewOf(4).block(0).width, 2);
  codes.Append(65'536);
  EXPECT_EQ(codes.ViewOf(5).block(0).width, 4);
  codes.Append(0xffffffff);
  ExpectView<Codes>(codes.ViewOf(6), {0, 255, 256, 65'535, 65'536, 0xffffffff}, 6);
}

TEST(CodesTest, WidenFrom1To4BytesAtOnce) {
  Codes codes;
  codes.Append(1);
  const Codes::View before = codes.ViewOf(1);
  codes.Append(0x12345678);
  ExpectView<Codes>(codes.ViewOf(2), {1, 0x12345678}, 2);
  EXPECT_EQ(before.block(0).width, 1);
  ExpectView<Codes>(before, {1}, 1);
}

// Whatever is in a block when it has to be wider, and wherever in it that happens.
TEST(CodesTest, ViewsStayAsTheyWereWhenABlockWidens) {
  for (const size_t wider : {0, 1, 15, 16, 17, 31, 32, 33, 1000}) {
    for (const size_t widest : {wider + 1, wider + 2, wider + 16, wider + 500}) {
      Codes codes;
      std::vector<uint32_t> expected;
      std::vector<Codes::View> views = {codes.ViewOf(0)};
      for (size_t i = 0; i < widest + 50; ++i) {
        expected.push_back(i < wider     ? static_cast<uint32_t>(i % 256)
                           : i == wider  ? 256
                           : i == widest ? 65'536
                                         : static_cast<uint32_t>(i));
        codes.Append(expected.back());
        views.push_back(codes.ViewOf(i + 1));
      }
      const auto width_at = [&](size_t size) { return size <= wider ? 1 : size <= widest ? 2 : 4; };
      for (size_t size = 0; size < views.size(); ++size) {
        ExpectView<Codes>(views[size], expected, size);
        ExpectView<Codes>(codes.ViewOf(size), expected, size);
        if (size > 0) {
          ASSERT_EQ(views[size].block(0).width, width_at(size)) << size;
        }
      }
    }
  }
}

TEST(CodesTest, CrossBlocks) {
  std::mt19937 rng(2);
  // Where codes become wider: in the first block, with the first row of the second, in the second.
  for (const size_t wider : {size_t{100}, kBlockRows, kBlockRows + 1, 2 * kBlockRows - 1}) {
    for (const uint32_t wide : {256u, 65'536u}) {
      Codes codes;
      std::vector<uint32_t> expected;
      std::vector<std::pair<size_t, Codes::View>> views;
      for (size_t i = 0; i < kCrossing; ++i) {
        expected.push_back(i == wider ? wide : static_cast<uint32_t>(rng() % 256));
        codes.Append(expected.back());
        const size_t size = i + 1;
        if (size % kBlockRows < 2 || size % kBlockRows == kBlockRows - 1 || size == wider ||
            size == wider + 1 || size == wider + 2) {
          views.emplace_back(size, codes.ViewOf(size));
        }
      }
      views.emplace_back(kCrossing, codes.ViewOf(kCrossing));
      for (const auto& [size, view] : views) {
        ExpectView<Codes>(view, expected, size);
        ExpectView<Codes>(codes.ViewOf(size), expected, size);
      }
      const Codes::View all = codes.ViewOf(kCrossing);
      const int width = wide == 256 ? 2 : 4;
      // What is before the block with the wide code is as narrow as it was; what follows it need
      // not become narrow again.
      for (size_t block = 0; block < 3; ++block) {
        EXPECT_EQ(all.block(block).width, block < wider / kBlockRows ? 1 : width) << block;
      }
      EXPECT_EQ(codes.size(), kCrossing);
      EXPECT_GE(codes.bytes(), kCrossing);
    }
  }
}

TEST(CodesTest, TakeNoMoreThanTheyNeed) {
  Codes codes;
  for (size_t i = 0; i < kBlockRows; ++i) codes.Append(static_cast<Code>(i % 200));
  EXPECT_EQ(codes.bytes(), kBlockRows);
  codes.Append(300);
  EXPECT_EQ(codes.bytes(), kBlockRows + 2 * kBlockRows);
}

// What is appended at once, whatever was there before: nothing, a part of a block, a wider block.
TEST(CodesTest, SeveralAtOnceAreThoseOneByOne) {
  std::mt19937 rng(3);
  std::vector<uint8_t> bytes(kBlockRows + 1'000);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng());
  for (const size_t before : {size_t{0}, size_t{1}, size_t{17}, kBlockRows - 5, kBlockRows}) {
    for (const Code last : {0u, 300u, 70'000u}) {
      for (const size_t n : {size_t{0}, size_t{1}, size_t{15}, size_t{900}, bytes.size()}) {
        Codes codes;
        std::vector<uint32_t> expected;
        for (size_t i = 0; i < before; ++i) {
          expected.push_back(i + 1 == before ? last : static_cast<Code>(i % 200));
          codes.Append(expected.back());
        }
        codes.Append(bytes.data(), n);
        expected.insert(expected.end(), bytes.begin(),
                        bytes.begin() + static_cast<std::ptrdiff_t>(n));
        ASSERT_EQ(codes.size(), expected.size());
        ExpectView<Codes>(codes.ViewOf(expected.size()), expected, expected.size());
      }
    }
  }
}

// Lists that share pages have blocks of their own, which outlive lists and pages.
TEST(PagesTest, AreSharedByListsAndOutlivedByBlocks) {
  Codes::View of_codes;
  Blocks<int64_t>::View of_numbers;
  std::vector<uint32_t> expected;
  {
    Pages pages;
    Codes codes(&pages);
    Blocks<int64_t> numbers(&pages);
    for (size_t i = 0; i < kCrossing; ++i) {
      expected.push_back(static_cast<uint32_t>(i * 31 % (i < kBlockRows ? 256 : 100'000)));
      codes.Append(expected.back());
      numbers.Append(-static_cast<int64_t>(expected.back()));
    }
    of_codes = codes.ViewOf(kCrossing);
    of_numbers = numbers.ViewOf(kCrossing);
  }
  ExpectView<Codes>(of_codes, expected, kCrossing);
  for (size_t i = 0; i < kCrossing; ++i) ASSERT_EQ(of_numbers[i], -int64_t{expected[i]}) << i;
}

TEST(PagesTest, HandOutLinesOfTheirOwn) {
  Pages pages;
  std::vector<std::pair<std::shared_ptr<uint8_t[]>, size_t>> parts;
  for (const size_t bytes : {size_t{1}, size_t{64}, size_t{65}, Pages::kSlab / 2, Pages::kSlab,
                             size_t{100}, Pages::kSlab - 100, size_t{7}}) {
    parts.emplace_back(pages.Take(bytes), bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(parts.back().first.get()) % 64, 0u) << bytes;
    std::fill_n(parts.back().first.get(), bytes, static_cast<uint8_t>(parts.size()));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto& [part, bytes] = parts[i];
    EXPECT_EQ(static_cast<size_t>(std::count(part.get(), part.get() + bytes, i + 1)), bytes) << i;
  }
}

TEST(CodesTest, ViewsAreReadWhileTheListGrowsAndWidens) {
  Codes codes;
  for (Code i = 0; i < 100; ++i) codes.Append(i);
  const Codes::View view = codes.ViewOf(100);
  std::atomic<bool> done{false};
  std::atomic<int> rounds{0};
  std::thread reader([&] {
    for (; !done; ++rounds) {
      for (Code i = 0; i < 100; ++i) ASSERT_EQ(view[i], i);
    }
  });
  while (rounds == 0) std::this_thread::yield();
  for (Code i = 100; i < kCrossing; ++i) codes.Append(i);
  done = true;
  reader.join();
}

}  // namespace
}  // namespace entente::funding::query
