// SPDX-License-Identifier: Apache-2.0
// Dates, figures and texts: what is refused, and the form in which the rest is kept.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class ValuesTest : public ConformanceTest {
 protected:
  absl::StatusOr<MessagePtr> CreateDated(const std::string& id, const std::string& edtf) {
    return Of<Event>().Create(id, *Of<Event>().New(absl::StrCat("date { edtf: '", edtf, "' }")));
  }
  absl::StatusOr<MessagePtr> CreateFigure(const std::string& id, const std::string& figure) {
    return Of<Quantity>().Create(id, *Of<Quantity>().New(absl::StrCat("figure { ", figure, " }")));
  }
};
INSTANTIATE_CONFORMANCE(ValuesTest);

TEST_P(ValuesTest, DatesSayTheirEarliestAndLatestDay) {
  struct Case {
    const char* edtf;
    const char* earliest;
    const char* latest;
  };
  const Case cases[] = {
      {"2023-09-05", "2023-09-05", "2023-09-05"},
      {"2024-02", "2024-02-01", "2024-02-29"},
      {"2022", "2022-01-01", "2022-12-31"},
      {"2023-09?", "2023-09-01", "2023-09-30"},
      {"2023-09-05/2023-09-07", "2023-09-05", "2023-09-07"},
      {"2023-09-05/..", "2023-09-05", ""},
      {"[..2023-09-07]", "", "2023-09-07"},
      {"[2023-09-07..2023-12-31]", "2023-09-07", "2023-12-31"},
      {"202X", "2020-01-01", "2029-12-31"},
  };
  int number = 0;
  for (const Case& date : cases) {
    SCOPED_TRACE(date.edtf);
    const auto created = CreateDated(absl::StrCat("e", number++), date.edtf);
    ASSERT_THAT(created, IsOk());
    EXPECT_THAT(static_cast<const Event&>(**created).date(),
                EqualsProto(absl::StrCat("edtf: '", date.edtf, "' earliest: '", date.earliest,
                                         "' latest: '", date.latest, "'")));
  }
}

TEST_P(ValuesTest, GivenBoundsOfADateAreIgnored) {
  const auto created = Of<Event>().Create(
      "a", *Of<Event>().New("date { edtf: '2022' earliest: '1999-01-01' latest: 'x' }"));
  ASSERT_THAT(created, IsOk());
  EXPECT_THAT(static_cast<const Event&>(**created).date(),
              EqualsProto("edtf: '2022' earliest: '2022-01-01' latest: '2022-12-31'"));
}

TEST_P(ValuesTest, MalformedDatesAreRefusedWithTheReason) {
  EXPECT_THAT(CreateDated("a", ""), Refuses("event.date.edtf", "is required"));
  EXPECT_THAT(CreateDated("a", "2023-13"), Refuses("event.date.edtf", HasSubstr("13")));
  EXPECT_THAT(CreateDated("a", "2023-02-29"), Refuses("event.date.edtf", HasSubstr("29")));
  EXPECT_THAT(CreateDated("a", "5 September 2023"), Refuses("event.date.edtf", Not(IsEmpty())));
  EXPECT_THAT(CreateDated("a", "2023-09-07/2023-09-05"), Refuses("event.date.edtf", _));
  EXPECT_THAT(CreateDated("a", "2023-9-5"), Refuses("event.date.edtf", _));
}

TEST_P(ValuesTest, FiguresSayWhatTheyAllow) {
  struct Case {
    const char* given;
    const char* kept;
  };
  const Case cases[] = {
      {"value: '6200'",
       "value: '6200' qualifier: QUALIFIER_EXACT "
       "interval { low: '6200' high: '6200' }"},
      {"value: '0012.500' qualifier: QUALIFIER_EXACT",
       "value: '12.5' qualifier: QUALIFIER_EXACT interval { low: '12.5' high: '12.5' }"},
      {"value: '+1.50e3'",
       "value: '1500' qualifier: QUALIFIER_EXACT interval { low: '1500' high: '1500' }"},
      {"value: '-3'", "value: '-3' qualifier: QUALIFIER_EXACT interval { low: '-3' high: '-3' }"},
      {"value: '8' qualifier: QUALIFIER_MORE_THAN",
       "value: '8' qualifier: QUALIFIER_MORE_THAN "
       "interval { low: '8' low_open: true high_open: true }"},
      {"value: '8' qualifier: QUALIFIER_AT_LEAST",
       "value: '8' qualifier: QUALIFIER_AT_LEAST interval { low: '8' high_open: true }"},
      {"value: '8' qualifier: QUALIFIER_LESS_THAN",
       "value: '8' qualifier: QUALIFIER_LESS_THAN "
       "interval { low: '0' high: '8' high_open: true }"},
      {"value: '8' qualifier: QUALIFIER_NEARLY",
       "value: '8' qualifier: QUALIFIER_NEARLY interval { low: '0' high: '8' high_open: true }"},
      {"value: '8' qualifier: QUALIFIER_UP_TO",
       "value: '8' qualifier: QUALIFIER_UP_TO interval { low: '0' high: '8' }"},
      {"value: '8' qualifier: QUALIFIER_ABOUT",
       "value: '8' qualifier: QUALIFIER_ABOUT tolerance_percent: '10' "
       "interval { low: '7.2' high: '8.8' }"},
      {"value: '8' qualifier: QUALIFIER_ABOUT tolerance_percent: '2.50'",
       "value: '8' qualifier: QUALIFIER_ABOUT tolerance_percent: '2.5' "
       "interval { low: '7.8' high: '8.2' }"},
      {"value: '' qualifier: QUALIFIER_NOT_STATED", "qualifier: QUALIFIER_NOT_STATED"},
      {"value: '1' interval { low: '7' high: '9' low_open: true }",
       "value: '1' qualifier: QUALIFIER_EXACT interval { low: '1' high: '1' }"},
  };
  int number = 0;
  for (const Case& figure : cases) {
    SCOPED_TRACE(figure.given);
    const auto created = CreateFigure(absl::StrCat("q", number++), figure.given);
    ASSERT_THAT(created, IsOk());
    EXPECT_THAT(static_cast<const Quantity&>(**created).figure(), EqualsProto(figure.kept));
  }
}

TEST_P(ValuesTest, FiguresThatSayNothingAreRefused) {
  const auto value = [](const auto& description) {
    return Refuses("quantity.figure.value", description);
  };
  EXPECT_THAT(CreateFigure("a", "value: ''"), value(HasSubstr("QUALIFIER_NOT_STATED")));
  EXPECT_THAT(CreateFigure("a", "value: '1' qualifier: QUALIFIER_NOT_STATED"),
              value(HasSubstr("empty")));
  for (const char* bad : {"x", "1,000", "1 000", "0x10", "NaN", " 1", "--1", "1e", "$1"}) {
    SCOPED_TRACE(bad);
    EXPECT_THAT(CreateFigure("a", absl::StrCat("value: '", bad, "'")), value(_));
  }
  EXPECT_THAT(CreateFigure("a", "value: '1.0000000000000000001'"), value(_));  // 19 places
  EXPECT_THAT(CreateFigure("a", absl::StrCat("value: '", std::string(39, '9'), "'")), value(_));
  EXPECT_THAT(CreateFigure("a", "value: '-1' qualifier: QUALIFIER_UP_TO"), value(_));
  EXPECT_THAT(CreateFigure("a", "value: '1' tolerance_percent: '5'"),
              Refuses("quantity.figure.tolerance_percent", HasSubstr("QUALIFIER_ABOUT")));
  EXPECT_THAT(CreateFigure("a", "value: '1' qualifier: QUALIFIER_ABOUT tolerance_percent: 'x'"),
              Refuses("quantity.figure.tolerance_percent", _));
  EXPECT_THAT(CreateFigure("a", "value: '1' qualifier: QUALIFIER_ABOUT tolerance_percent: '101'"),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST_P(ValuesTest, CurrenciesAreCodes) {
  for (const char* code : {"usd", "US", "USDX", "$"}) {
    SCOPED_TRACE(code);
    EXPECT_THAT(Of<Claim>().Create(
                    "a", *Of<Claim>().New(absl::StrCat("amount { currency_code: '", code, "' }"))),
                Refuses("claim.amount.currency_code", HasSubstr("ISO 4217")));
  }
}

TEST_P(ValuesTest, TextsAreInALanguageAndEachLanguageOnce) {
  const auto create = [&](const std::string& title) {
    return Of<Place>().Create("a", *Of<Place>().New(absl::StrCat("title { ", title, " }")));
  };
  for (const char* tag : {"e_n", "1a", "en-", "-en", "toolongtag", "e n"}) {
    SCOPED_TRACE(tag);
    EXPECT_THAT(create(absl::StrCat("language_code: '", tag, "'")),
                Refuses("place.title.language_code", HasSubstr("BCP 47")));
  }
  EXPECT_THAT(create("translations { language_code: 'EN' text: 'T' }"),
              Refuses("place.title.translations[0].language_code", HasSubstr("repeats")));
  EXPECT_THAT(
      create("translations { } translations { language_code: 'id' text: 'J' } "
             "translations { language_code: 'ID' text: 'J' }"),
      AllOf(StatusIs(StatusCode::kInvalidArgument),
            ViolationsAre(UnorderedElementsAre("place.title.translations[0].language_code",
                                               "place.title.translations[0].text",
                                               "place.title.translations[2].language_code"))));
  const auto created = create(
      "language_code: 'pt-BR' translations { language_code: 'id' "
      "text: 'J' }");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(static_cast<const Place&>(**created).title().language_code(), "pt-BR");
}

}  // namespace
}  // namespace entente::conformance
