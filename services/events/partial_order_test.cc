// SPDX-License-Identifier: Apache-2.0
#include "services/events/partial_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/edtf/relations.h"
#include "services/events/random_dates.h"

namespace entente::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

PartialOrder OrderOfTexts(const std::vector<std::string>& texts) {
  std::vector<DayReach> items;
  for (const std::string& text : texts) items.push_back(ReachOf(edtf::Parse(text).value()));
  return OrderOf(items);
}

std::vector<std::pair<int, int>> ColumnsOf(const PartialOrder& order) {
  std::vector<std::pair<int, int>> columns;
  for (const auto& [first, last] : order.columns) columns.emplace_back(first, last);
  return columns;
}

TEST(PartialOrderTest, TheExampleOfTheHeader) {
  const PartialOrder order = OrderOfTexts({"2022-05", "2022", "2022-11", "2023-01-02"});
  EXPECT_THAT(ColumnsOf(order), ElementsAre(Pair(1, 1), Pair(1, 2), Pair(2, 2), Pair(3, 3)));
  EXPECT_EQ(order.column_count, 3);
  EXPECT_THAT(order.before, ElementsAre(Pair(0, 2), Pair(1, 3), Pair(2, 3)));
}

TEST(PartialOrderTest, NothingAndOneThing) {
  EXPECT_EQ(OrderOfTexts({}).column_count, 0);
  EXPECT_THAT(OrderOfTexts({}).columns, IsEmpty());
  EXPECT_THAT(ColumnsOf(OrderOfTexts({"2022"})), ElementsAre(Pair(1, 1)));
  EXPECT_THAT(OrderOfTexts({"2022"}).before, IsEmpty());
}

TEST(PartialOrderTest, WhatIsUncertainHasNoPlace) {
  const PartialOrder order = OrderOfTexts({"2020", "2021?", "2022", "1999~"});
  EXPECT_THAT(ColumnsOf(order), ElementsAre(Pair(1, 1), Pair(1, 2), Pair(2, 2), Pair(1, 2)));
  EXPECT_THAT(order.before, ElementsAre(Pair(0, 2)));
}

TEST(PartialOrderTest, TheSameDayIsNotBefore) {
  EXPECT_THAT(OrderOfTexts({"2022-05-01/2022-05-03", "2022-05-03"}).before, IsEmpty());
  EXPECT_THAT(OrderOfTexts({"2022-05-01/2022-05-03", "2022-05-04"}).before,
              ElementsAre(Pair(0, 1)));
}

// Against common/edtf, pair by pair: the columns say "before" where Compare does and nowhere else;
// the edges have that for their closure, and none of them follows from others.
TEST(PartialOrderTest, SaysWhatTheDatesSayAndNoMore) {
  RandomDates dates(20231);
  for (int round = 0; round < 400; ++round) {
    const size_t n = 1 + static_cast<size_t>(dates.Below(24));
    std::vector<edtf::Date> given;
    std::vector<DayReach> items;
    for (size_t i = 0; i < n; ++i) {
      given.push_back(dates.Next());
      items.push_back(ReachOf(given.back()));
    }
    const PartialOrder order = OrderOf(items);
    std::vector<std::vector<bool>> before(n, std::vector<bool>(n));
    std::set<std::vector<bool>> predecessors;
    for (size_t i = 0; i < n; ++i) {
      std::vector<bool> those(n);
      for (size_t j = 0; j < n; ++j) {
        const bool is = edtf::Compare(given[i], given[j]) == edtf::Order::kBefore;
        before[i][j] = is;
        those[j] = edtf::Compare(given[j], given[i]) == edtf::Order::kBefore;
        ASSERT_EQ(is, order.columns[i].last < order.columns[j].first)
            << given[i] << " and " << given[j];
      }
      predecessors.insert(those);
      ASSERT_LE(1, order.columns[i].first);
      ASSERT_LE(order.columns[i].first, order.columns[i].last);
      ASSERT_LE(order.columns[i].last, order.column_count);
    }
    // No picture has fewer columns: what differs in what is before it begins in another one.
    ASSERT_EQ(static_cast<size_t>(order.column_count), predecessors.size());

    std::vector<std::vector<bool>> closure(n, std::vector<bool>(n));
    for (const auto& [a, b] : order.before) {
      closure[static_cast<size_t>(a)][static_cast<size_t>(b)] = true;
      for (size_t c = 0; c < n; ++c) {
        ASSERT_FALSE(before[static_cast<size_t>(a)][c] && before[c][static_cast<size_t>(b)])
            << given[c] << " is between";
      }
    }
    for (size_t k = 0; k < n; ++k) {
      for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; closure[i][k] && j < n; ++j) {
          if (closure[k][j]) closure[i][j] = true;
        }
      }
    }
    ASSERT_EQ(closure, before);
  }
}

}  // namespace
}  // namespace entente::events
