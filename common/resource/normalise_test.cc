// SPDX-License-Identifier: Apache-2.0
#include "common/resource/normalise.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/partnership.pb.h"
#include "entente/catalogue/v1/person.pb.h"
#include "entente/catalogue/v1/pillar.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/claim.pb.h"

namespace entente::resource {
namespace {

using funding::v1::Claim;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Registry& Catalogue() {
  static const auto* const registry = new Registry(
      Registry::Of({catalogue::v1::Partnership::descriptor(), catalogue::v1::Pillar::descriptor(),
                    catalogue::v1::Initiative::descriptor(),
                    catalogue::v1::Organisation::descriptor(), catalogue::v1::Person::descriptor(),
                    catalogue::v1::Place::descriptor(), catalogue::v1::Document::descriptor()})
          .value());
  return *registry;
}

const Registry& Funding() {
  static const auto* const registry = new Registry(Registry::Of({Claim::descriptor()}).value());
  return *registry;
}

// A claim without fault, in canonical form.
constexpr char kClaim[] = R"pb(
  name: "claims/x"
  partnerships: "partnerships/p"
  title { text: "t" language_code: "en" }
  amount {
    currency_code: "USD"
    figure {
      value: "5"
      qualifier: QUALIFIER_EXACT
      interval { low: "5" high: "5" }
    }
  }
  nature: CLAIM_NATURE_OWN_FUNDING
  stage: CLAIM_STAGE_PLEDGED
  instrument: CLAIM_INSTRUMENT_GRANT
)pb";

Claim ClaimWith(const std::string& more) {
  Claim claim;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kClaim, &claim));
  Claim extra;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(more, &extra)) << more;
  claim.MergeFrom(extra);
  return claim;
}

// The places of the faults that are found.
std::vector<std::string> FaultsOf(google::protobuf::Message* resource,
                                  const std::string& path = "") {
  Violations violations;
  Normaliser({&Catalogue(), &Funding()}).Normalise(resource, path, &violations);
  std::vector<std::string> fields;
  for (const auto& violation : violations.all()) {
    EXPECT_FALSE(violation.description().empty());
    fields.push_back(violation.field());
  }
  return fields;
}

std::vector<std::string> FaultsIn(const std::string& more) {
  Claim claim = ClaimWith(more);
  return FaultsOf(&claim);
}

Claim Normalised(const std::string& more) {
  Claim claim = ClaimWith(more);
  EXPECT_THAT(FaultsOf(&claim), IsEmpty()) << more;
  return claim;
}

TEST(NormaliseTest, WhatIsCanonicalStaysAsItIs) {
  EXPECT_EQ(Normalised("").DebugString(), ClaimWith("").DebugString());
}

struct Fault {
  const char* more;
  std::vector<std::string> fields;
};

class NormaliseFaultTest : public testing::TestWithParam<Fault> {};

TEST_P(NormaliseFaultTest, IsFoundWithItsPlace) {
  EXPECT_EQ(FaultsIn(GetParam().more), GetParam().fields) << GetParam().more;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, NormaliseFaultTest,
    testing::Values(
        // Required fields, also in what is nested, and enumerators that are none.
        Fault{"value_date {}", {"value_date.edtf"}},
        Fault{"recurrence {}", {"recurrence.every", "recurrence.unit"}},
        Fault{"nature: 99", {"nature"}}, Fault{"direction: 99", {"direction"}},
        Fault{"citations {}", {"citations[0].document", "citations[0].basis"}},
        Fault{"external_ids { scheme: 'iati' }", {"external_ids[0].value"}},
        // References.
        Fault{"initiative: 'places/x'", {"initiative"}}, Fault{"part_of: 'claims/'", {"part_of"}},
        Fault{"part_of: 'claims/Upper'", {"part_of"}},
        Fault{"partnerships: 'p'", {"partnerships[1]"}},
        Fault{"parties { role: PARTY_ROLE_LEAD organisation: 'people/x' }",
              {"parties[0].organisation"}},
        // Dates.
        Fault{"value_date { edtf: '2023-13' }", {"value_date.edtf"}},
        Fault{"value_date { edtf: 'August' }", {"value_date.edtf"}},
        // Figures.
        Fault{"amount { figure { qualifier: QUALIFIER_NOT_STATED } }", {"amount.figure.value"}},
        Fault{"amount { figure { value: 'five' } }", {"amount.figure.value"}},
        Fault{"amount { figure { value: '-5' qualifier: QUALIFIER_NEARLY } }",
              {"amount.figure.value"}},
        Fault{"amount { figure { tolerance_percent: '5' } }", {"amount.figure.tolerance_percent"}},
        Fault{"amount { figure { qualifier: QUALIFIER_NOT_STATED tolerance_percent: '5' } }",
              {"amount.figure.tolerance_percent", "amount.figure.value"}},
        Fault{"amount { figure { qualifier: QUALIFIER_ABOUT tolerance_percent: 'x' } }",
              {"amount.figure.tolerance_percent"}},
        Fault{"amount { figure { qualifier: QUALIFIER_ABOUT tolerance_percent: '101' } }",
              {"amount.figure.value"}},
        Fault{"amount { currency_code: 'usd' }", {"amount.currency_code"}},
        Fault{"amount { currency_code: 'US' }", {"amount.currency_code"}},
        Fault{"amount { currency_code: 'U$D' }", {"amount.currency_code"}},
        // Citations.
        Fault{"citations { document: 'documents/d' basis: BASIS_STATED span { begin: 2 end: 2 } "
              "span_sha256: "
              "'0123456789012345678901234567890123456789012345678901234567890123' }",
              {"citations[0].span"}},
        Fault{"citations { document: 'documents/d' basis: BASIS_INFERRED }",
              {"citations[0].reason"}},
        Fault{"citations { document: 'documents/d' basis: BASIS_CONVENTION }",
              {"citations[0].reason"}},
        Fault{"citations { document: 'documents/d' basis: BASIS_STATED fields: 'parties[0]' }",
              {"citations[0].fields[0]"}},
        // Texts.
        Fault{"title { text: '' }", {}}, Fault{"description {}", {"description.text"}},
        Fault{"title { language_code: 'english language' }", {"title.language_code"}},
        Fault{"title { language_code: 'e1' }", {"title.language_code"}},
        Fault{"title { language_code: 'en-' }", {"title.language_code"}},
        Fault{"title { translations { text: 'x' } }", {"title.translations[0].language_code"}},
        Fault{"title { translations { language_code: 'EN' text: 'x' } }",
              {"title.translations[0].language_code"}},
        Fault{"title { translations { language_code: 'id' text: 'x' } translations { "
              "language_code: 'ID' text: 'y' } }",
              {"title.translations[1].language_code"}},
        // Percentages.
        Fault{"places { place: 'places/a' percentage: '0' }", {"places[0].percentage"}},
        Fault{"places { place: 'places/a' percentage: '-1' }", {"places[0].percentage"}},
        Fault{"places { place: 'places/a' percentage: '100.01' }", {"places[0].percentage"}},
        Fault{"places { place: 'places/a' percentage: 'half' }", {"places[0].percentage"}},
        Fault{"places { place: 'places/a' percentage: '60' } places { place: 'places/b' "
              "percentage: '40.000001' }",
              {"places[1].percentage"}},
        Fault{"sectors { vocabulary: '1' code: 'a' percentage: '60' } sectors { vocabulary: '2' "
              "code: 'b' percentage: '60' } sectors { vocabulary: '1' code: 'c' percentage: '41' }",
              {"sectors[2].percentage"}},
        // Parties.
        Fault{"parties { role: PARTY_ROLE_LEAD }", {"parties[0].organisation"}},
        Fault{"parties { person: 'people/a' }", {"parties[0].role"}}));

TEST(NormaliseTest, FaultsStandBehindThePathOfTheResource) {
  Claim claim = ClaimWith("nature: 99 part_of: 'x' value_date { edtf: 'x' }");
  EXPECT_THAT(
      FaultsOf(&claim, "changes[7].put.claim."),
      testing::UnorderedElementsAre("changes[7].put.claim.nature", "changes[7].put.claim.part_of",
                                    "changes[7].put.claim.value_date.edtf"));
}

TEST(NormaliseTest, AllFaultsOfAnEmptyResourceAreFoundAtOnce) {
  Claim claim;
  EXPECT_THAT(FaultsOf(&claim), testing::UnorderedElementsAre("partnerships", "title", "amount",
                                                              "nature", "stage", "instrument"));
}

TEST(NormaliseTest, AFigureWithoutAValueIsNotStatedInSoManyWords) {
  Claim claim = ClaimWith("");
  claim.mutable_amount()->mutable_figure()->Clear();
  EXPECT_THAT(FaultsOf(&claim), ElementsAre("amount.figure.value"));
}

TEST(NormaliseTest, ARequiredEnumSaysWhatThereIs) {
  Claim claim = ClaimWith("");
  claim.clear_nature();
  Violations violations;
  Normaliser({&Catalogue(), &Funding()}).Normalise(&claim, "", &violations);
  ASSERT_EQ(violations.all().size(), 1u);
  EXPECT_THAT(violations.all()[0].description(),
              HasSubstr("CLAIM_NATURE_OWN_FUNDING, CLAIM_NATURE_MOBILISED"));
}

TEST(NormaliseTest, SharesThatAddUpToExactlyAHundredAreFine) {
  Normalised(
      "places { place: 'places/a' percentage: '33.3' } places { place: 'places/b' percentage: "
      "'66.7' } places { place: 'places/c' } sectors { vocabulary: '1' code: 'a' percentage: '100' "
      "} sectors { vocabulary: '2' code: 'a' percentage: '100' }");
}

TEST(NormaliseTest, FieldsOfACitationAreFollowedIntoTheResource) {
  const std::string cited =
      "parties { role: PARTY_ROLE_LEAD organisation: 'organisations/o' } "
      "citations { document: 'documents/d' basis: BASIS_STATED fields: '%' }";
  const auto faults = [&](const std::string& field) {
    std::string text = cited;
    text.replace(text.find('%'), 1, field);
    return FaultsIn(text);
  };
  for (const char* good :
       {"nature", "amount", "amount.figure", "amount.figure.value", "parties", "parties[0]",
        "parties[0].role", "partnerships[0]", "title.text", "amount.figure.interval.low"}) {
    EXPECT_THAT(faults(good), IsEmpty()) << good;
  }
  for (const char* bad : {"",
                          ".",
                          "nothing",
                          "part_of",
                          "amount.",
                          ".amount",
                          "amount.nothing",
                          "parties[1]",
                          "parties[-1]",
                          "parties[]",
                          "parties[",
                          "parties]",
                          "parties[0",
                          "parties[0]]",
                          "parties[0].person",
                          "parties.role",
                          "amount[0]",
                          "nature.value",
                          "partnerships[0].x",
                          "parties[99999999999999999999]",
                          "amount.figure.value.x",
                          "parties[0][0]"}) {
    EXPECT_THAT(faults(bad), ElementsAre("citations[0].fields[0]")) << bad;
  }
}

TEST(NormaliseTest, ACitationWithASpanHasItsHashAndNoneWithout) {
  const std::string hash(64, 'a');
  const auto faults = [&](const std::string& more) {
    return FaultsIn("citations { document: 'documents/d' basis: BASIS_STATED " + more + " }");
  };
  EXPECT_THAT(faults("span { end: 1 } span_sha256: '" + hash + "'"), IsEmpty());
  EXPECT_THAT(faults(""), IsEmpty());
  EXPECT_THAT(faults("span { end: 1 }"), ElementsAre("citations[0].span_sha256"));
  EXPECT_THAT(faults("span_sha256: '" + hash + "'"), ElementsAre("citations[0].span"));
  EXPECT_THAT(faults("span { begin: -1 end: 1 } span_sha256: '" + hash + "'"),
              ElementsAre("citations[0].span"));
  EXPECT_THAT(faults("span { end: 1 } span_sha256: '" + std::string(64, 'A') + "'"),
              ElementsAre("citations[0].span_sha256"));
  EXPECT_THAT(faults("span { end: 1 } span_sha256: 'a'"), ElementsAre("citations[0].span_sha256"));
}

TEST(NormaliseTest, DatesAreCanonicalWithTheirBounds) {
  const struct {
    const char* edtf;
    const char* canonical;
    const char* earliest;
    const char* latest;
  } cases[] = {
      {"2023-08", "2023-08", "2023-08-01", "2023-08-31"},
      {"2024-02", "2024-02", "2024-02-01", "2024-02-29"},
      {"2023-09-05/2023-09-07", "2023-09-05/2023-09-07", "2023-09-05", "2023-09-07"},
      {"[..2023-09-07]", "[..2023-09-07]", "", "2023-09-07"},
      {"2022/..", "2022/..", "2022-01-01", ""},
      {"2022/", "2022/", "2022-01-01", ""},
      {"2023-09?", "2023-09?", "2023-09-01", "2023-09-30"},
  };
  for (const auto& expected : cases) {
    const Claim claim = Normalised(
        absl::StrCat("period { edtf: '", expected.edtf, "' earliest: 'x' latest: 'y' }"));
    EXPECT_EQ(claim.period().edtf(), expected.canonical);
    EXPECT_EQ(claim.period().earliest(), expected.earliest) << expected.edtf;
    EXPECT_EQ(claim.period().latest(), expected.latest) << expected.edtf;
  }
}

TEST(NormaliseTest, FiguresAreCanonicalWithTheirIntervals) {
  const struct {
    const char* figure;
    const char* canonical;
  } cases[] = {
      {"value: '5.50'",
       "value: '5.5' qualifier: QUALIFIER_EXACT interval { low: '5.5' high: '5.5' "
       "}"},
      {"value: '005' qualifier: QUALIFIER_MORE_THAN",
       "value: '5' qualifier: QUALIFIER_MORE_THAN interval { low: '5' low_open: true high_open: "
       "true }"},
      {"value: '5' qualifier: QUALIFIER_AT_LEAST",
       "value: '5' qualifier: QUALIFIER_AT_LEAST interval { low: '5' high_open: true }"},
      {"value: '5' qualifier: QUALIFIER_LESS_THAN",
       "value: '5' qualifier: QUALIFIER_LESS_THAN interval { low: '0' high: '5' high_open: true }"},
      {"value: '5' qualifier: QUALIFIER_NEARLY",
       "value: '5' qualifier: QUALIFIER_NEARLY interval { low: '0' high: '5' high_open: true }"},
      {"value: '5' qualifier: QUALIFIER_UP_TO",
       "value: '5' qualifier: QUALIFIER_UP_TO interval { low: '0' high: '5' }"},
      {"value: '50' qualifier: QUALIFIER_ABOUT",
       "value: '50' qualifier: QUALIFIER_ABOUT tolerance_percent: '10' interval { low: '45' high: "
       "'55' }"},
      {"value: '50' qualifier: QUALIFIER_ABOUT tolerance_percent: '2.0'",
       "value: '50' qualifier: QUALIFIER_ABOUT tolerance_percent: '2' interval { low: '49' high: "
       "'51' }"},
      {"value: '1e3' qualifier: QUALIFIER_UP_TO",
       "value: '1000' qualifier: QUALIFIER_UP_TO interval { low: '0' high: '1000' }"},
      {"qualifier: QUALIFIER_NOT_STATED interval { low: '7' }", "qualifier: QUALIFIER_NOT_STATED"},
  };
  for (const auto& expected : cases) {
    Claim claim = ClaimWith("");
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        expected.figure, claim.mutable_amount()->mutable_figure()));
    EXPECT_THAT(FaultsOf(&claim), IsEmpty()) << expected.figure;
    type::v1::Figure figure;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(expected.canonical, &figure));
    EXPECT_EQ(claim.amount().figure().DebugString(), figure.DebugString());
  }
}

TEST(NormaliseTest, LanguageTagsAreCanonical) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "en"},
      {"EN", "en"},
      {"pt-br", "pt-BR"},
      {"ZH-hant-tw", "zh-Hant-TW"},
      {"sl-ROZAJ", "sl-rozaj"},
      {"en-x-US", "en-x-us"},
      {"x-Private", "x-private"},
      {"es-419", "es-419"},
  };
  for (const auto& [tag, canonical] : cases) {
    Claim claim = ClaimWith("");
    claim.mutable_title()->set_language_code(tag);
    EXPECT_THAT(FaultsOf(&claim), IsEmpty()) << tag;
    EXPECT_EQ(claim.title().language_code(), canonical);
  }
  EXPECT_EQ(Normalised("title { translations { language_code: 'PT-BR' text: 'x' } }")
                .title()
                .translations(0)
                .language_code(),
            "pt-BR");
}

// Random resources, most of them with faults; what is found to be right is canonical.
TEST(NormaliseTest, IsIdempotent) {
  const Normaliser normaliser({&Catalogue(), &Funding()});
  std::mt19937 random(7);
  const auto below = [&](size_t n) { return random() % n; };
  const auto pick = [&](const std::vector<std::string>& from) { return from[below(from.size())]; };
  const std::vector<std::string> dates = {"2023",           "2023-09",  "2023-09-05/..", "../2023",
                                          "[2021,2023]",    "{2021..}", "2023-21",       "Y-17E7",
                                          "2023-09-05?",    "198X",     "2023/",         "2004-06~",
                                          "[..2023-09-07]", "-0044",    "2023-1",        "x"};
  const std::vector<std::string> decimals = {
      "5", "05.50", "0", "-3", "1e3", "0.00", "", "100", "999.999", "12345678901234567890"};
  const std::vector<std::string> tags = {"",           "en",  "EN-us",      "id",
                                         "zh-hans-CN", "x-y", "toolongtag1"};
  int right = 0;
  for (int i = 0; i < 4000; ++i) {
    Claim claim = ClaimWith("");
    if (below(2) == 0) claim.mutable_value_date()->set_edtf(pick(dates));
    if (below(2) == 0) claim.mutable_period()->set_edtf(pick(dates));
    auto* figure = claim.mutable_amount()->mutable_figure();
    figure->set_value(pick(decimals));
    figure->set_qualifier(static_cast<type::v1::Qualifier>(below(10)));
    if (below(4) == 0) figure->set_tolerance_percent(pick(decimals));
    claim.mutable_title()->set_language_code(pick(tags));
    if (below(3) == 0) {
      auto* translation = claim.mutable_title()->add_translations();
      translation->set_language_code(pick(tags));
      translation->set_text("x");
    }
    for (size_t n = below(3); n > 0; --n) {
      auto* share = claim.add_sectors();
      share->set_vocabulary("1");
      share->set_code("a");
      share->set_percentage(pick(decimals));
    }
    Violations violations;
    normaliser.Normalise(&claim, "", &violations);
    if (!violations.empty()) continue;
    ++right;
    const Claim once = claim;
    normaliser.Normalise(&claim, "", &violations);
    EXPECT_TRUE(violations.empty()) << violations.ToStatus();
    ASSERT_EQ(claim.SerializeAsString(), once.SerializeAsString())
        << once.DebugString() << "became\n"
        << claim.DebugString();
  }
  EXPECT_GT(right, 200);
}

}  // namespace
}  // namespace entente::resource
