// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/state.h"
#include "services/catalogue/identity.h"
#include "services/catalogue/resolve.h"
#include "services/catalogue/types.h"
#include "services/entente/record/record.h"
#include "services/entente/record/record_test_util.h"

namespace entente {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string FactSheet() {
  const char* root = std::getenv("ENTENTE_SOURCE_DIR");
  return absl::StrCat(root == nullptr ? "." : root, "/data/us-asean-csp");
}

// "file:line: text" of every fault, files without their directory.
std::vector<std::string> FaultsOf(const RecordFiles& directory) {
  std::vector<std::string> texts;
  for (const Fault& fault : ValidateRecord(directory.path())) {
    const std::string file =
        fault.file.empty() ? "" : fault.file.substr(directory.path().size() + 1);
    texts.push_back(fault.line == 0 ? absl::StrCat(file, ": ", fault.text)
                                    : absl::StrCat(file, ":", fault.line, ": ", fault.text));
  }
  return texts;
}

constexpr char kPartnership[] =
    "partnerships { name: 'partnerships/p' title { text: 'P' } parties { role: PARTY_ROLE_PARTNER "
    "organisation: 'organisations/o' } }\n"
    "organisations { name: 'organisations/o' title { text: 'O' } kind: "
    "ORGANISATION_KIND_GOVERNMENT partnerships: 'partnerships/p' }\n";

constexpr char kClaim[] =
    "claims { name: 'claims/$0' title { text: 't' } partnerships: 'partnerships/p' nature: "
    "CLAIM_NATURE_OWN_FUNDING stage: CLAIM_STAGE_PLEDGED instrument: CLAIM_INSTRUMENT_GRANT "
    "amount { currency_code: 'USD' figure { value: '$1' } } $2 }\n";

std::string Claim(const std::string& id, const std::string& value, const std::string& more = "") {
  std::string text = kClaim;
  text.replace(text.find("$0"), 2, id);
  text.replace(text.find("$1"), 2, value);
  text.replace(text.find("$2"), 2, more);
  return text;
}

TEST(ValidateRecordTest, TheFactSheetHasNoFault) {
  for (const Fault& fault : ValidateRecord(FactSheet())) ADD_FAILURE() << fault.ToString();
}

// Every name of an organisation of the record means it, and no other.
TEST(FactSheetTest, NamesOfOrganisationsResolve) {
  std::vector<Fault> faults;
  const auto record = RecordDirectory::Read(FactSheet(), &faults);
  ASSERT_TRUE(record.ok()) << record.status();
  log::Revision revision{1, absl::UnixEpoch(), "", "", {}};
  std::vector<catalogue::v1::Organisation> organisations;
  const auto changes = record->CatalogueChanges();
  for (const auto& change : changes.changes()) {
    if (!change.put().has_organisation()) continue;
    organisations.push_back(change.put().organisation());
    revision.changes.push_back({organisations.back().name(), log::ChangeKind::kPut,
                                organisations.back().SerializeAsString()});
  }
  ASSERT_GT(organisations.size(), 20u);
  const auto& types = catalogue::Types();
  const auto state = resource::State(&types).With(resource::Materialise(types, revision).value());
  const auto means = [&](const std::string& text) {
    catalogue::v1::OrganisationReference reference;
    reference.set_text(text);
    return catalogue::Resolve(*state, reference);
  };
  int names = 0;
  for (const auto& organisation : organisations) {
    catalogue::ForEachName(organisation,
                           [&](catalogue::v1::OrganisationMatchKind, const std::string& name) {
                             EXPECT_EQ(means(name).organisation(), organisation.name()) << name;
                             ++names;
                           });
    EXPECT_EQ(means(organisation.name()).organisation(), organisation.name());
  }
  EXPECT_GT(names, 40);
  EXPECT_EQ(means("u.s.a.i.d.").organisation(), "organisations/usaid");
  EXPECT_EQ(means("Admm-Plus").candidates_size(), 1);
}

TEST(ValidateRecordTest, ABrokenFactSheetHasExactlyTheFaultsThatWereMadeInIt) {
  RecordFiles record;
  record.CopyFrom(FactSheet());
  std::vector<testing::Matcher<std::string>> expected;
  const auto breaks = [&](const std::string& file, const std::string& from, const std::string& to,
                          const std::string& fault) {
    const int line = record.Replace(file, from, to);
    expected.push_back(testing::StartsWith(absl::StrCat(file, ":", line, ": ", fault)));
  };
  breaks("places.textproto", "country_code: \"KH\"", "country_code: \"kh\"",
         "places/cambodia: country_code: must be an ISO 3166-1");
  breaks("claims.textproto", "currency_code: \"USD\"", "currency_code: \"dollars\"",
         "claims/budget-2024-southeast-asia-assistance: amount.currency_code: must be an ISO 4217");
  breaks("claims.textproto", "\"organisations/united-states\"", "\"organisations/nobody\"",
         "claims/budget-2024-southeast-asia-assistance: parties[0].organisation: there is no "
         "organisations/nobody");
  breaks("events.textproto", "edtf: \"2022\"", "edtf: \"2022-13\"", "events/");
  EXPECT_THAT(FaultsOf(record), testing::UnorderedElementsAreArray(expected));
}

TEST(ValidateRecordTest, AMissingDirectoryIsAFault) {
  const std::vector<Fault> faults = ValidateRecord("/no/such/directory");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0].ToString(), HasSubstr("/no/such/directory"));
}

TEST(ValidateRecordTest, WhatIsNotInTheFormatIsReportedAlone) {
  RecordFiles record;
  record.Write("a.textproto", "claims { nam: 'claims/a' }");
  record.Write("b.textproto", Claim("b", "1"));
  EXPECT_THAT(FaultsOf(record), ElementsAre(testing::StartsWith("a.textproto:1: ")));
}

TEST(ValidateRecordTest, OneResourceInTwoFilesIsAFaultOfTheSecond) {
  RecordFiles record;
  record.Write("a.textproto", kPartnership);
  record.Write("b.textproto", "\n" + Claim("a", "1"));
  record.Write("c.textproto", "\n\n" + Claim("a", "2"));
  EXPECT_THAT(FaultsOf(record),
              ElementsAre("c.textproto:3: claims/a: claims/a stands in the change set twice"));
}

// One run shows all there is to mend.
TEST(ValidateRecordTest, FaultsOfAllServicesAreFoundAtOnce) {
  RecordFiles record;
  record.Write("a.textproto", kPartnership);
  record.Write("b.textproto",
               "places { name: 'places/x' title { text: 'X' } partnerships: 'partnerships/p' }\n"
               "initiatives { name: 'initiatives/i' }\n");
  record.Write("c.textproto",
               Claim("a", "x", "places { place: 'places/x' }") +
                   Claim("b", "1", "initiative: 'initiatives/none' places { place: 'places/x' }"));
  record.Write("d.textproto", "events { name: 'events/e' }\n");
  std::vector<std::string> places;
  for (const std::string& fault : FaultsOf(record)) {
    places.push_back(fault.substr(0, fault.find(": ", fault.find(": ", 14) + 2)));
  }
  EXPECT_THAT(
      places,
      UnorderedElementsAre(
          "b.textproto:1: places/x: kind", "b.textproto:2: initiatives/i: partnerships",
          "b.textproto:2: initiatives/i: title", "b.textproto:2: initiatives/i: kind",
          "b.textproto:2: initiatives/i: status", "c.textproto:1: claims/a: amount.figure.value",
          "c.textproto:2: claims/b: initiative", "d.textproto:1: events/e: partnerships",
          "d.textproto:1: events/e: title", "d.textproto:1: events/e: kind",
          "d.textproto:1: events/e: status"));
}

TEST(ValidateRecordTest, PartsMustFitTheirWholeWhateverFileTheyStandIn) {
  RecordFiles record;
  record.Write("a.textproto", kPartnership);
  record.Write("b.textproto", Claim("part-1", "60", "part_of: 'claims/whole'"));
  record.Write("c.textproto", Claim("part-2", "40", "part_of: 'claims/whole'"));
  record.Write("d.textproto", Claim("whole", "100"));
  EXPECT_THAT(FaultsOf(record), IsEmpty());
  record.Write("c.textproto", Claim("part-2", "41", "part_of: 'claims/whole'"));
  const auto faults = FaultsOf(record);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0], HasSubstr("claims/whole: its parts come to [101, inf), and it states "
                                   "[100, 100]"));
}

}  // namespace
}  // namespace entente
