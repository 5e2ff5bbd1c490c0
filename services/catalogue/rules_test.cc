// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/rules.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "entente/catalogue/v1/document.pb.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/place.pb.h"

namespace entente::catalogue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The places of the faults of one resource by itself.
template <typename T>
std::vector<std::string> FaultsOf(const std::string& text) {
  T resource;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &resource)) << text;
  Violations violations;
  Rules().Check(resource, "r.", &violations);
  std::vector<std::string> fields;
  for (const auto& violation : violations.all()) fields.push_back(violation.field());
  return fields;
}

TEST(RulesTest, PillarsAreThoseOfThePartnerships) {
  EXPECT_THAT(FaultsOf<v1::Initiative>("partnerships: 'partnerships/p' partnerships: "
                                       "'partnerships/q' pillars: 'partnerships/q/pillars/x'"),
              IsEmpty());
  EXPECT_THAT(FaultsOf<v1::Initiative>(
                  "partnerships: 'partnerships/p' pillars: 'partnerships/p/pillars/x' pillars: "
                  "'partnerships/q/pillars/x' pillars: 'partnerships/pp/pillars/x'"),
              ElementsAre("r.pillars[1]", "r.pillars[2]"));
}

TEST(RulesTest, CountriesAndOnlyTheyHaveCodes) {
  EXPECT_THAT(FaultsOf<v1::Place>("kind: PLACE_KIND_COUNTRY country_code: 'ID'"), IsEmpty());
  EXPECT_THAT(FaultsOf<v1::Place>("kind: PLACE_KIND_REGION"), IsEmpty());
  for (const char* wrong :
       {"kind: PLACE_KIND_COUNTRY", "kind: PLACE_KIND_COUNTRY country_code: 'id'",
        "kind: PLACE_KIND_COUNTRY country_code: 'IDN'",
        "kind: PLACE_KIND_COUNTRY country_code: "
        "'I1'",
        "kind: PLACE_KIND_CITY country_code: 'ID'"}) {
    EXPECT_THAT(FaultsOf<v1::Place>(wrong), ElementsAre("r.country_code")) << wrong;
  }
}

TEST(RulesTest, TheTextOfADocumentHasAHashAndALength) {
  const std::string hash = "text_sha256: '" + std::string(64, '0') + "' ";
  EXPECT_THAT(FaultsOf<v1::Document>(""), IsEmpty());
  EXPECT_THAT(FaultsOf<v1::Document>(hash + "text_length: 1"), IsEmpty());
  EXPECT_THAT(FaultsOf<v1::Document>(hash), ElementsAre("r.text_length"));
  EXPECT_THAT(FaultsOf<v1::Document>(hash + "text_length: -1"), ElementsAre("r.text_length"));
  EXPECT_THAT(FaultsOf<v1::Document>("text_length: 1"), ElementsAre("r.text_length"));
  EXPECT_THAT(FaultsOf<v1::Document>("text_length: 1 text_sha256: '" + std::string(64, 'F') + "'"),
              ElementsAre("r.text_sha256"));
  EXPECT_THAT(FaultsOf<v1::Document>("text_length: 1 text_sha256: '00'"),
              ElementsAre("r.text_sha256"));
}

}  // namespace
}  // namespace entente::catalogue
