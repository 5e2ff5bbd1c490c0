// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace entente::gateway::factsheet {
namespace {

type::v1::ImpreciseDate Date(const std::string& text) {
  type::v1::ImpreciseDate date;
  date.set_edtf(text);
  return date;
}

type::v1::Amount Amount(const std::string& value, type::v1::Qualifier qualifier,
                        const std::string& currency = "USD") {
  type::v1::Amount amount;
  amount.set_currency_code(currency);
  amount.mutable_figure()->set_value(value);
  amount.mutable_figure()->set_qualifier(qualifier);
  return amount;
}

TEST(WordsTest, NumbersAreShortenedOnlyWhereThatLosesNothing) {
  EXPECT_EQ(NumberWords("0"), "0");
  EXPECT_EQ(NumberWords("6200"), "6,200");
  EXPECT_EQ(NumberWords("999999"), "999,999");
  EXPECT_EQ(NumberWords("1000000"), "1 million");
  EXPECT_EQ(NumberWords("8000000000"), "8 billion");
  EXPECT_EQ(NumberWords("520300000000"), "520.3 billion");
  EXPECT_EQ(NumberWords("1234567000"), "1,234,567,000") << "more digits than are said";
  EXPECT_EQ(NumberWords("1234000000000"), "1.234 trillion");
  EXPECT_EQ(NumberWords("12345000000000000000"), "12,345,000 trillion");
  EXPECT_EQ(NumberWords("1.5"), "1.5");
  EXPECT_EQ(NumberWords("1000000.01"), "1,000,000.01");
  EXPECT_EQ(NumberWords("-2500000"), "−2.5 million");
}

TEST(WordsTest, AmountsKeepTheirHedges) {
  EXPECT_EQ(AmountWords(Amount("8000000000", type::v1::QUALIFIER_MORE_THAN)), "over $8 billion");
  EXPECT_EQ(AmountWords(Amount("600000000", type::v1::QUALIFIER_NEARLY)), "nearly $600 million");
  EXPECT_EQ(AmountWords(Amount("5", type::v1::QUALIFIER_UP_TO, "EUR")), "up to EUR 5");
  EXPECT_EQ(AmountWords(Amount("5", type::v1::QUALIFIER_AT_LEAST)), "at least $5");
  EXPECT_EQ(AmountWords(Amount("5", type::v1::QUALIFIER_LESS_THAN)), "less than $5");
  EXPECT_EQ(AmountWords(Amount("5", type::v1::QUALIFIER_ABOUT)),
            "about $5 (taken as ±10 %, a convention)");
  EXPECT_EQ(AmountWords(Amount("", type::v1::QUALIFIER_NOT_STATED)),
            "an amount that is not stated");
  EXPECT_EQ(MoneyWords("-3000000", "USD"), "−$3 million");
}

TEST(WordsTest, UnitsAreOneOrMany) {
  type::v1::Figure figure;
  figure.set_value("1");
  EXPECT_EQ(QuantityWords(figure, "dose"), "1 dose");
  figure.set_value("1.5");
  EXPECT_EQ(QuantityWords(figure, "degree Celsius"), "1.5 degrees Celsius");
  figure.set_value("2");
  EXPECT_EQ(QuantityWords(figure, "person"), "2 people");
  EXPECT_EQ(QuantityWords(figure, "business"), "2 businesses");
  EXPECT_EQ(QuantityWords(figure, "university"), "2 universities");
  EXPECT_EQ(QuantityWords(figure, "survey"), "2 surveys");
  EXPECT_EQ(QuantityWords(figure, "vaccine dose"), "2 vaccine doses");
  EXPECT_EQ(QuantityWords({}, "deal"), "a number of deals that is not stated");
}

TEST(WordsTest, BoundsSayWhichEndsAreOpen) {
  const auto words = [](const char* low, bool low_open, const char* high, bool high_open) {
    type::v1::Interval bounds;
    bounds.set_low(low);
    bounds.set_low_open(low_open);
    bounds.set_high(high);
    bounds.set_high_open(high_open);
    return BoundsWords(bounds, "USD");
  };
  EXPECT_EQ(words("5", false, "5", false), "$5, without a margin");
  EXPECT_EQ(words("5", true, "", true), "more than $5");
  EXPECT_EQ(words("5", false, "", true), "at least $5");
  EXPECT_EQ(words("0", false, "9", true), "less than $9");
  EXPECT_EQ(words("0", true, "9", false), "more than $0 and at most $9");
  EXPECT_EQ(words("115000000", false, "600000000", true),
            "at least $115 million and less than $600 million");
}

TEST(WordsTest, DatesAreNoMoreExactThanTheyAre) {
  EXPECT_EQ(DateWords(Date("2023-08")), "some time in August 2023");
  EXPECT_EQ(SpanWords(Date("2023-08")), "August 2023");
  EXPECT_EQ(SpanWords(Date("2024")), "2024");
  EXPECT_EQ(SpanWords(Date("2021/2023-09")), "2021 to September 2023");
  EXPECT_EQ(SpanWords(Date("2023-09-05/2023-09-07")), "5 September 2023 to 7 September 2023");
  EXPECT_EQ(SpanWords(Date("/2029")), "until 2029; since when is not stated");
  EXPECT_EQ(SpanWords(Date("2023-01/")), "from January 2023 on; until when is not stated");
  EXPECT_EQ(SpanWords(Date("2023-01/..")), "from January 2023 on; without an end");
  EXPECT_EQ(SpanWords(Date("2023?/2024")),
            "some time from 1 January 2023 to 31 December 2024, uncertain");
  EXPECT_EQ(SpanWords(Date("[2021..2023]")), "some time from 1 January 2021 to 31 December 2023");
}

TEST(WordsTest, MoneyToComeIsNotMoneyThatCame) {
  using namespace funding::v1;  // NOLINT(google-build-using-namespace): enumerators only
  EXPECT_EQ(MoneyKindWords(CLAIM_NATURE_OWN_FUNDING, CLAIM_STAGE_REQUESTED),
            "own funding, requested");
  EXPECT_EQ(MoneyKindWords(CLAIM_NATURE_MOBILISED, CLAIM_STAGE_ANNOUNCED),
            "to be mobilised, announced");
  EXPECT_EQ(MoneyKindWords(CLAIM_NATURE_MOBILISED, CLAIM_STAGE_DISBURSED), "mobilised, disbursed");
  EXPECT_EQ(MoneyKindWords(CLAIM_NATURE_MOBILISED, CLAIM_STAGE_NOT_STATED),
            "to be mobilised, stage not stated");
  EXPECT_EQ(MoneyKindWords(CLAIM_NATURE_STATISTIC, CLAIM_STAGE_NOT_APPLICABLE), "statistic");
}

TEST(WordsTest, ASentenceEndsLikeOne) {
  EXPECT_EQ(Sentence(" It\nis "), "It is.");
  EXPECT_EQ(Sentence("It is."), "It is.");
  EXPECT_EQ(Sentence("Is it?"), "Is it?");
  EXPECT_EQ(Sentence("It is!"), "It is!");
  EXPECT_EQ(Sentence(" \n"), "") << "nothing is no sentence";
}

TEST(WordsTest, OneLineHasNoBreaksAndTurnsNothing) {
  EXPECT_EQ(OneLine("  a\n\n b\t\u2028c \r\n"), "a b c");
  EXPECT_EQ(OneLine("a\u202Eb\u2066c\u2069d"), "abcd");
  EXPECT_EQ(OneLine(std::string("a\0b\x7F\x01", 5)), "ab");
  EXPECT_EQ(OneLine("שלום – “é”"), "שלום – “é”");
  EXPECT_EQ(OneLine("cut \xE2\x80"), "cut \xE2\x80") << "what is cut off is not read past";
}

}  // namespace
}  // namespace entente::gateway::factsheet
