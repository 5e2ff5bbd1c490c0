// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/charts.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace entente::gateway::factsheet {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

v1::FactSheet Sheet(const std::string& text) {
  v1::FactSheet sheet;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &sheet)) << text;
  return sheet;
}

TEST(ChartsTest, BoundsAreDrawnAsBounds) {
  const auto charts = MoneyCharts(Sheet(R"pb(
    sections { pillar: "p" heading: "Growth" }
    money_by_pillar {
      nature: CLAIM_NATURE_OWN_FUNDING
      currency_code: "USD"
      label: "Announced"
      pillars: "p"
      stated: "600"
      bounds { low: "115" high: "600" high_open: true }
    }
    money_by_pillar {
      nature: CLAIM_NATURE_OWN_FUNDING
      currency_code: "USD"
      label: "Requested"
      stated: "1320"
      bounds { low: "1320" high: "1320" }
    }
    money_by_pillar {
      nature: CLAIM_NATURE_OWN_FUNDING
      currency_code: "USD"
      label: "Provided"
      stated: "660"
      bounds { low: "660" low_open: true high_open: true }
    }
    money_by_pillar { nature: CLAIM_NATURE_OWN_FUNDING currency_code: "USD" label: "Not stated" }
    money_by_pillar {
      nature: CLAIM_NATURE_MOBILISED
      currency_code: "USD"
      label: "To come"
      stated: "8"
      bounds { low: "8" low_open: true high_open: true }
    })pb"));
  ASSERT_THAT(charts, SizeIs(2)) << "natures never share a scale";
  const Chart& own = charts[0];
  ASSERT_THAT(own.bars, SizeIs(3)) << "what is not stated is not drawn";
  // The scale is 660 units wide for 1320.
  EXPECT_EQ(own.bars[0].label, "Announced · Growth");
  EXPECT_EQ(own.bars[0].words, "at least $115 and less than $600");
  EXPECT_EQ(own.bars[0].begin, kLeft);
  EXPECT_EQ(own.bars[0].solid_end, kLeft + 57);
  EXPECT_EQ(own.bars[0].end, kLeft + 300);
  EXPECT_EQ(own.bars[0].mark, kLeft + 300);
  EXPECT_FALSE(own.bars[0].open_end);
  EXPECT_EQ(own.bars[1].label, "Requested · under no pillar");
  EXPECT_EQ(own.bars[1].solid_end, kRight);
  EXPECT_EQ(own.bars[1].end, kRight) << "exact: nothing is left open";
  EXPECT_EQ(own.bars[2].solid_end, kLeft + 330);
  EXPECT_EQ(own.bars[2].end, kWidth) << "unbounded: to the edge, beyond the scale";
  EXPECT_TRUE(own.bars[2].open_end);
  EXPECT_THAT(own.ticks, ElementsAre(Field(&Tick::label, "$0"), Field(&Tick::label, "$200"),
                                     Field(&Tick::label, "$400"), Field(&Tick::label, "$600"),
                                     Field(&Tick::label, "$800"), Field(&Tick::label, "$1,000"),
                                     Field(&Tick::label, "$1,200")));
  EXPECT_EQ(own.ticks[1].x, kLeft + 100);
}

TEST(ChartsTest, SumsOfAnySizeHaveTheirPlace) {
  const std::string huge(38, '9');
  const auto charts = MoneyCharts(Sheet(
      "money_by_pillar { nature: CLAIM_NATURE_OWN_FUNDING currency_code: 'USD' stated: '" + huge +
      "' bounds { low: '" + huge + "' high: '" + huge + "' } } " +
      "money_by_pillar { nature: CLAIM_NATURE_OWN_FUNDING currency_code: 'USD' stated: '-5' " +
      "bounds { low: '-5' high: '-5' } }"));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].bars[0].end, kRight);
  EXPECT_EQ(charts[0].bars[1].end, kLeft) << "a correction downwards has no length";
  EXPECT_GE(charts[0].ticks.size(), 3U);
  EXPECT_LE(charts[0].ticks.size(), 12U);
  const auto nothing = MoneyCharts(
      Sheet("money_by_pillar { nature: CLAIM_NATURE_OWN_FUNDING currency_code: 'USD' stated: '0' "
            "bounds { low: '0' high: '0' } }"));
  ASSERT_THAT(nothing, SizeIs(1));
  EXPECT_EQ(nothing[0].bars[0].end, kLeft);
}

TEST(ChartsTest, ImpreciseDatesAreDrawnAsRanges) {
  const auto chart = Timeline(Sheet(R"pb(
    as_of: "2022-07-02"
    past_events {
      heading: "Some day of 2021"
      date { edtf: "2021" }
    }
    past_events {
      heading: "These days"
      date { edtf: "2022-01-01/2022-12-31" }
    }
    coming_events {
      heading: "A day"
      date { edtf: "2022-01-01" }
    }
    undetermined_events {
      heading: "No end"
      date { edtf: "2022-01/.." }
    }
    undetermined_events { heading: "Undated" })pb"));
  ASSERT_TRUE(chart.has_value());
  ASSERT_THAT(chart->bars, SizeIs(4)) << "what is undated is not drawn";
  // Two years, 730 days, on 660 units.
  const Bar& year = chart->bars[0];
  EXPECT_EQ(year.begin, kLeft);
  EXPECT_EQ(year.solid_end, year.begin) << "which day it is is not known";
  EXPECT_EQ(year.end, kLeft + 330);
  EXPECT_EQ(year.words, "some time in 2021");
  const Bar& days = chart->bars[1];
  EXPECT_EQ(days.begin, kLeft + 330);
  EXPECT_EQ(days.solid_end, kRight) << "certainly all of these days";
  EXPECT_EQ(days.end, kRight);
  const Bar& day = chart->bars[2];
  EXPECT_EQ(day.end, day.begin + 1);
  EXPECT_EQ(day.solid_end, day.end);
  const Bar& open = chart->bars[3];
  EXPECT_TRUE(open.open_end);
  EXPECT_FALSE(open.open_begin);
  EXPECT_EQ(open.end, kWidth);
  EXPECT_EQ(open.solid_end, open.begin);
  EXPECT_THAT(chart->ticks, ElementsAre(Field(&Tick::label, "2021"), Field(&Tick::label, "2022"),
                                        Field(&Tick::label, "2023")));
  EXPECT_EQ(chart->line, kLeft + 660 * 547 / 730);
}

TEST(ChartsTest, NothingToDrawIsNoChart) {
  EXPECT_THAT(MoneyCharts({}), IsEmpty());
  EXPECT_FALSE(Timeline({}).has_value());
  EXPECT_FALSE(Timeline(Sheet("past_events { heading: 'x' }")).has_value());
  const auto far =
      Timeline(Sheet("past_events { date { edtf: 'Y-170000002' } } "
                     "past_events { date { edtf: '2023' } }"));
  ASSERT_TRUE(far.has_value());
  EXPECT_LE(far->ticks.size(), 12U);
  EXPECT_FALSE(far->line.has_value());
}

}  // namespace
}  // namespace entente::gateway::factsheet
