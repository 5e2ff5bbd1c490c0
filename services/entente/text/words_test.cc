// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/words.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "entente/events/v1/event.pb.h"

namespace entente::text {
namespace {

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(FigureTextTest, SaysWhatTheSourceSays) {
  const std::pair<const char*, const char*> cases[] = {
      {"value: '6200' qualifier: QUALIFIER_EXACT", "6,200"},
      {"value: '0' qualifier: QUALIFIER_EXACT", "0"},
      {"value: '999' qualifier: QUALIFIER_MORE_THAN", "more than 999"},
      {"value: '1000' qualifier: QUALIFIER_AT_LEAST", "at least 1,000"},
      {"value: '1234567.1234567' qualifier: QUALIFIER_LESS_THAN", "less than 1,234,567.1234567"},
      {"value: '-1234' qualifier: QUALIFIER_EXACT", "-1,234"},
      {"value: '-123' qualifier: QUALIFIER_EXACT", "-123"},
      {"value: '600' qualifier: QUALIFIER_NEARLY", "nearly 600"},
      {"value: '15' qualifier: QUALIFIER_UP_TO", "up to 15"},
      {"value: '10' qualifier: QUALIFIER_ABOUT tolerance_percent: '10'",
       "about 10 (±10 % by convention)"},
      {"qualifier: QUALIFIER_NOT_STATED", "not stated"},
  };
  for (const auto& [figure, text] : cases) {
    EXPECT_EQ(FigureText(Parse<type::v1::Figure>(figure)), text);
  }
}

TEST(MoneyTextTest, HasItsCurrency) {
  const std::pair<const char*, const char*> cases[] = {
      {"value: '8000000000' qualifier: QUALIFIER_MORE_THAN", "more than USD 8,000,000,000"},
      {"value: '1.5' qualifier: QUALIFIER_EXACT", "USD 1.5"},
      {"value: '50' qualifier: QUALIFIER_ABOUT tolerance_percent: '2'",
       "about USD 50 (±2 % by convention)"},
      {"qualifier: QUALIFIER_NOT_STATED", "USD, amount not stated"},
  };
  for (const auto& [figure, text] : cases) {
    EXPECT_EQ(MoneyText(Parse<type::v1::Amount>("currency_code: 'USD' figure { " +
                                                std::string(figure) + " }")),
              text);
  }
}

TEST(IntervalTextTest, SaysWhatASumCanBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"low: '1290000000' high: '1290000000'", "exactly 1,290,000,000"},
      {"low: '0' high: '0'", "exactly 0"},
      {"low: '8000000000' low_open: true high_open: true", "over 8,000,000,000"},
      {"low: '3' high_open: true", "at least 3"},
      {"low: '0' high: '600000000' high_open: true", "under 600,000,000"},
      {"low: '0' high: '15'", "up to 15"},
      {"low: '115000000' high: '600000000' high_open: true", "[115,000,000, 600,000,000)"},
      {"low: '0' low_open: true high: '5'", "(0, 5]"},
      {"low: '-5' high: '-1'", "[-5, -1]"},
      {"low: '1.25' high: '1234.5' low_open: true high_open: true", "(1.25, 1,234.5)"},
  };
  for (const auto& [interval, text] : cases) {
    EXPECT_EQ(IntervalText(Parse<type::v1::Interval>(interval)), text);
  }
}

TEST(EnumTextTest, IsTheNameWithoutThatOfTheEnum) {
  EXPECT_EQ(EnumText(funding::v1::CLAIM_NATURE_OWN_FUNDING), "own funding");
  EXPECT_EQ(EnumText(funding::v1::CLAIM_STAGE_REQUESTED), "requested");
  EXPECT_EQ(EnumText(funding::v1::CLAIM_DIRECTION_UNSPECIFIED), "");
  EXPECT_EQ(EnumText(events::v1::EVENT_STATUS_IN_PREPARATION), "in preparation");
  EXPECT_EQ(EnumText(static_cast<funding::v1::ClaimStage>(4711)), "");
  EXPECT_EQ(EnumPrefix(funding::v1::RecurrenceUnit_descriptor()), "RECURRENCE_UNIT_");
}

TEST(KindTextTest, StagesThatThereCannotBeAreNotSaid) {
  EXPECT_EQ(KindText(funding::v1::CLAIM_NATURE_OWN_FUNDING, funding::v1::CLAIM_STAGE_REQUESTED),
            "own funding, requested");
  EXPECT_EQ(KindText(funding::v1::CLAIM_NATURE_MOBILISED, funding::v1::CLAIM_STAGE_NOT_STATED),
            "mobilised, stage not stated");
  EXPECT_EQ(KindText(funding::v1::CLAIM_NATURE_STATISTIC, funding::v1::CLAIM_STAGE_NOT_APPLICABLE),
            "statistic");
}

TEST(RecurrenceTextTest, EachOrEvery) {
  EXPECT_EQ(RecurrenceText(Parse<funding::v1::Recurrence>("every: 1 unit: RECURRENCE_UNIT_YEAR")),
            "each year");
  EXPECT_EQ(RecurrenceText(Parse<funding::v1::Recurrence>("every: 2 unit: RECURRENCE_UNIT_YEAR")),
            "every 2 years");
}

TEST(DateTextTest, UndatedIsSaid) {
  EXPECT_EQ(DateText(Parse<type::v1::ImpreciseDate>("edtf: '2023-09'")), "2023-09");
  EXPECT_EQ(DateText({}), "undated");
}

}  // namespace
}  // namespace entente::text
