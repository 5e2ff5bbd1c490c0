// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/value.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/currency.h"
#include "services/funding/rates/date.h"

namespace entente::funding::rates {
namespace {

TEST(RateValueTest, ReadsAndWritesDecimals) {
  const std::string many(RateValue::kMaxDigits, '9');
  const std::string small = "0." + std::string(RateValue::kMaxScale - 1, '0') + "1";
  for (const auto& [text, canonical] : {
           std::pair<std::string, std::string>{"1", "1"},
           {"1.0843", "1.0843"},
           {"185.70", "185.7"},
           {"0187.00", "187"},
           {"23000", "23000"},
           {"0.00000000000008099705334969945", "0.00000000000008099705334969945"},
           {"14.4451109778044", "14.4451109778044"},
           {"1." + std::string(100, '0'), "1"},
           {absl::StrCat(std::string(100, '0'), "7"), "7"},
           {many, many},
           {small, small},
       }) {
    SCOPED_TRACE(text);
    const auto value = RateValue::Parse(text);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(value->ToString(), canonical);
    EXPECT_EQ(RateValue::Parse(canonical).value(), *value);
  }
}

TEST(RateValueTest, CoefficientAndScaleAreThoseOfTheShortestForm) {
  EXPECT_EQ(RateValue::Parse("12.3400").value(), (RateValue{1234, 2}));
  EXPECT_EQ(RateValue::Parse("100").value(), (RateValue{100, 0}));
  EXPECT_EQ(RateValue::Parse("0.05").value(), (RateValue{5, 2}));
}

TEST(RateValueTest, RefusesWhatIsNoRate) {
  for (const std::string& text :
       {std::string(), std::string("0"), std::string("0.00"), std::string("-1"), std::string("+1"),
        std::string("1e5"), std::string("1,5"), std::string("1.2.3"), std::string(".5"),
        std::string("5."), std::string("."), std::string(" 1"), std::string("1 "),
        std::string("N/A"), std::string("NaN"), std::string("1'000"),
        "1" + std::string(RateValue::kMaxDigits, '0'),
        "0." + std::string(RateValue::kMaxScale, '0') + "1",
        "1." + std::string(RateValue::kMaxLength, '0')}) {
    EXPECT_EQ(RateValue::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(DateTest, DaysOfTheCalendarAndNoOthers) {
  EXPECT_EQ(DayOf("2024-02-29"), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(DayOf("1999-12-31"), absl::CivilDay(1999, 12, 31));
  for (const char* text : {"", "2023", "2023-02-29", "1900-02-29", "2023-13-01", "2023-00-01",
                           "2023-01-00", "2023-04-31", "2023-1-1", "2023/01/01", "2023-01-01 ",
                           "+023-01-01", "20a3-01-01", "2023-01-1x"}) {
    EXPECT_EQ(DayOf(text), std::nullopt) << text;
  }
}

TEST(DateTest, YearsOfFourDigits) {
  EXPECT_EQ(YearOf("2023"), 2023);
  for (const char* text : {"", "202", "20233", "2O23", "-202", "2023-12-31"}) {
    EXPECT_EQ(YearOf(text), std::nullopt) << text;
  }
}

TEST(CurrencyTest, MinorUnits) {
  for (const auto& [code, digits] :
       {std::pair("USD", 2), std::pair("EUR", 2), std::pair("IDR", 2), std::pair("LAK", 2),
        std::pair("MMK", 2), std::pair("JPY", 0), std::pair("VND", 0), std::pair("XPF", 0),
        std::pair("KWD", 3), std::pair("TND", 3), std::pair("CLF", 4), std::pair("FRF", 2)}) {
    EXPECT_EQ(MinorUnitDigits(code), digits) << code;
  }
  for (const char* code : {"XAU", "XXX", "XDR", "", "usd", "US", "USDX", "D K", "F J"}) {
    EXPECT_EQ(MinorUnitDigits(code), std::nullopt) << code;
  }
}

}  // namespace
}  // namespace entente::funding::rates
