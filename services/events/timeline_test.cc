// SPDX-License-Identifier: Apache-2.0
#include "services/events/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edtf/relations.h"
#include "common/testing/matchers.h"
#include "services/events/random_dates.h"

namespace entente::events {
namespace {

using absl::StatusCode;
using test::EqualsProto;
using test::HasReason;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;

class TimelineTest : public testing::Test {
 protected:
  v1::Event* Add(const std::string& id, const std::string& date) {
    v1::Event& event = events_.emplace_back();
    event.set_name("events/" + id);
    if (!date.empty()) event.mutable_date()->set_edtf(date);
    pointers_.push_back(&event);
    return &event;
  }

  v1::Timeline Make(bool list_unknown = true) {
    v1::Timeline timeline;
    EXPECT_THAT(MakeTimeline(pointers_, list_unknown, /*full=*/false, &timeline), IsOk());
    return timeline;
  }

  static std::vector<std::string> RelationsOf(const v1::Timeline& timeline) {
    std::vector<std::string> texts;
    const auto name = [&](int number) {
      const v1::TimelineEvent& event = timeline.events(number - 1);
      EXPECT_EQ(event.number(), number);
      return event.event().name().substr(7);
    };
    for (const auto& relation : timeline.relations()) {
      const char* how = relation.order() == v1::TIMELINE_ORDER_BEFORE     ? " before "
                        : relation.order() == v1::TIMELINE_ORDER_OVERLAPS ? " meets "
                                                                          : " ? ";
      texts.push_back(absl::StrCat(name(relation.first()), how, name(relation.second())));
    }
    return texts;
  }

  std::list<v1::Event> events_;
  std::vector<const v1::Event*> pointers_;
};

TEST_F(TimelineTest, OrdersOnlyWhatTheDatesOrder) {
  Add("washington", "2022");
  Add("jakarta", "2023-09-05/2023-09-07");
  Add("phnom-penh", "2022");
  Add("forum", "2023-09-06");
  Add("some-day", "");
  Add("energy", "[2021..2023-09]");
  const v1::Timeline timeline = Make();
  EXPECT_THAT(
      RelationsOf(timeline),
      ElementsAre("phnom-penh ? washington", "phnom-penh ? energy", "phnom-penh before jakarta",
                  "phnom-penh before forum", "washington ? energy", "washington before jakarta",
                  "washington before forum", "energy ? jakarta", "energy ? forum",
                  "jakarta meets forum"));
  EXPECT_EQ(timeline.column_count(), 2);
  ASSERT_EQ(timeline.undated_size(), 1);
  EXPECT_EQ(timeline.undated(0).name(), "events/some-day");
  EXPECT_THAT(
      RelationsOf(Make(/*list_unknown=*/false)),
      ElementsAre("phnom-penh before jakarta", "phnom-penh before forum",
                  "washington before jakarta", "washington before forum", "jakarta meets forum"));
}

TEST_F(TimelineTest, WhatFollowsIsLeftOut) {
  Add("c", "2023");
  Add("a", "2021");
  Add("b", "2022");
  EXPECT_THAT(RelationsOf(Make()), ElementsAre("a before b", "b before c"));
}

TEST_F(TimelineTest, NothingIsATimelineOfNothing) {
  EXPECT_THAT(Make(), EqualsProto(""));
  Add("undated", "");
  EXPECT_THAT(Make().events(), IsEmpty());
  EXPECT_EQ(Make().undated_size(), 1);
}

// All pairs against common/edtf: what is listed and what follows from it is what Compare says.
TEST_F(TimelineTest, AgreesWithEveryPairOfDates) {
  RandomDates dates(415);
  for (int round = 0; round < 150; ++round) {
    events_.clear();
    pointers_.clear();
    std::map<std::string, edtf::Date> by_name;
    for (int i = 0; i < 16; ++i) {
      const edtf::Date date = dates.Next();
      by_name.emplace(Add(absl::StrCat("e", i), date.ToString())->name(), date);
    }
    const v1::Timeline timeline = Make();
    const auto n = static_cast<size_t>(timeline.events_size());
    ASSERT_EQ(n, 16u);
    std::vector<std::vector<bool>> before(n, std::vector<bool>(n));
    std::set<std::pair<size_t, size_t>> meet;
    std::set<std::pair<size_t, size_t>> unknown;
    for (const auto& relation : timeline.relations()) {
      ASSERT_LT(relation.first(), relation.second());
      const auto a = static_cast<size_t>(relation.first() - 1);
      const auto b = static_cast<size_t>(relation.second() - 1);
      if (relation.order() == v1::TIMELINE_ORDER_BEFORE) before[a][b] = true;
      if (relation.order() == v1::TIMELINE_ORDER_OVERLAPS) meet.insert({a, b});
      if (relation.order() == v1::TIMELINE_ORDER_UNKNOWN) unknown.insert({a, b});
    }
    for (size_t k = 0; k < n; ++k) {
      for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; before[i][k] && j < n; ++j) {
          if (before[k][j]) before[i][j] = true;
        }
      }
    }
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = i + 1; j < n; ++j) {
        const edtf::Date& a = by_name.at(timeline.events(static_cast<int>(i)).event().name());
        const edtf::Date& b = by_name.at(timeline.events(static_cast<int>(j)).event().name());
        const edtf::Order order = edtf::Compare(a, b);
        ASSERT_EQ(before[i][j], order == edtf::Order::kBefore) << a << " and " << b;
        ASSERT_FALSE(before[j][i]);
        // The list never has a later one first.
        ASSERT_NE(order, edtf::Order::kAfter) << a << " and " << b;
        ASSERT_EQ(meet.count({i, j}) > 0, order == edtf::Order::kOverlaps) << a << " and " << b;
        ASSERT_EQ(unknown.count({i, j}) > 0, order == edtf::Order::kUnknown) << a << " and " << b;
      }
    }
    // The same in whatever order they come.
    std::reverse(pointers_.begin(), pointers_.end());
    ASSERT_THAT(Make(), EqualsProto(timeline));
  }
}

TEST_F(TimelineTest, IsBounded) {
  for (size_t i = 0; i < kMaxTimelineEvents; ++i) Add(absl::StrCat("e", i), "2022");
  const v1::Timeline timeline = Make();
  EXPECT_EQ(static_cast<size_t>(timeline.relations_size()),
            kMaxTimelineEvents * (kMaxTimelineEvents - 1) / 2);
  EXPECT_LT(timeline.ByteSizeLong(), size_t{4} << 20);
  Add("one-more", "");
  v1::Timeline none;
  EXPECT_THAT(MakeTimeline(pointers_, false, false, &none),
              AllOf(StatusIs(StatusCode::kResourceExhausted), HasReason("TOO_MANY_EVENTS")));
  pointers_.clear();
  for (int i = 0; i < 3; ++i) {
    Add(absl::StrCat("large", i), "2022")
        ->mutable_description()
        ->set_text(std::string(kMaxTimelineBytes / 2, 'x'));
  }
  EXPECT_THAT(MakeTimeline(pointers_, false, false, &none),
              AllOf(StatusIs(StatusCode::kResourceExhausted), HasReason("ANSWER_TOO_LARGE")));
}

}  // namespace
}  // namespace entente::events
