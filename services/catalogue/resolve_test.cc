// SPDX-License-Identifier: Apache-2.0
//
// ResolveOrganisations through the catalogue's core: writes, rules and look-ups together.
#include "services/catalogue/resolve.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/status/errors.h"
#include "services/catalogue/catalogue.h"

namespace entente::catalogue {
namespace {

using google::protobuf::Message;
using testing::ElementsAre;
using testing::IsEmpty;

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// "organisations/a (organisations/b: acronym B; merged: organisations/b)"
std::string Show(const v1::OrganisationResolution& resolution) {
  std::string shown = v1::ResolutionOutcome_Name(resolution.outcome()).substr(19);
  for (const auto& candidate : resolution.candidates()) {
    absl::StrAppend(&shown, " ", candidate.organisation().substr(14), "(");
    for (const auto& match : candidate.matches()) {
      absl::StrAppend(&shown, match.organisation().substr(14), ":",
                      v1::OrganisationMatchKind_Name(match.kind()).substr(24), "=", match.value(),
                      ";");
    }
    for (const std::string& merged : candidate.merged()) {
      absl::StrAppend(&shown, "+", merged.substr(14));
    }
    shown += ")";
  }
  return shown;
}

class ResolveTest : public testing::Test {
 protected:
  ResolveTest()
      : core_(MakeCatalogue(std::make_unique<log::MemoryLog>(&SystemClock::Get()), {}).value()) {
    EXPECT_TRUE(core_->Load().ok());
    v1::ApplyChangesResponse response;
    EXPECT_TRUE(Call(Parse<v1::ApplyChangesRequest>(
                         "changes { put { partnership { name: 'partnerships/p' title { text: 'P' } "
                         "} } }"),
                     &response)
                    .ok());
  }

  absl::Status Call(const Message& request, Message* response) {
    std::promise<absl::Status> answered;
    core_->Call(request, response, [&](absl::Status status) { answered.set_value(status); });
    return answered.get_future().get();
  }
  absl::Status Create(const std::string& id, const std::string& more) {
    auto request = Parse<v1::CreateOrganisationRequest>(
        absl::StrCat("organisation_id: '", id, "' organisation { title { text: 'Title of ", id,
                     "' } kind: ORGANISATION_KIND_AGENCY partnerships: 'partnerships/p' }"));
    request.mutable_organisation()->MergeFrom(Parse<v1::Organisation>(more));
    v1::Organisation response;
    return Call(request, &response);
  }
  absl::Status Merge(const std::string& id, const std::string& into, int64_t* revision = nullptr) {
    v1::UpdateOrganisationRequest request;
    request.mutable_organisation()->set_name("organisations/" + id);
    if (!into.empty()) request.mutable_organisation()->set_merged_into("organisations/" + into);
    request.mutable_update_mask()->add_paths("merged_into");
    v1::Organisation response;
    const absl::Status status = Call(request, &response);
    if (revision != nullptr) *revision = response.revision();
    return status;
  }
  v1::OrganisationResolution Resolve(const v1::OrganisationReference& reference,
                                     int64_t revision = 0) {
    v1::ResolveOrganisationsRequest request;
    *request.add_references() = reference;
    request.set_revision(revision);
    v1::ResolveOrganisationsResponse response;
    EXPECT_TRUE(Call(request, &response).ok());
    EXPECT_EQ(response.resolutions_size(), 1);
    return response.resolutions(0);
  }
  v1::OrganisationResolution Text(const std::string& text, int64_t revision = 0) {
    v1::OrganisationReference reference;
    reference.set_text(text);
    return Resolve(reference, revision);
  }
  v1::OrganisationResolution Id(const std::string& scheme, const std::string& value) {
    v1::OrganisationReference reference;
    reference.mutable_external_id()->set_scheme(scheme);
    reference.mutable_external_id()->set_value(value);
    return Resolve(reference);
  }
  static std::vector<std::string> FieldsOf(const absl::Status& status) {
    const google::rpc::BadRequest details = errors::BadRequestOf(status);
    std::vector<std::string> fields;
    for (const auto& violation : details.field_violations()) {
      fields.push_back(violation.field());
    }
    return fields;
  }

  std::unique_ptr<resource::DataService> core_;
};

TEST_F(ResolveTest, ByEverythingThatAnOrganisationGoesBy) {
  ASSERT_TRUE(Create("usaid",
                     "title { text: 'U.S. Agency for International Development' "
                     "translations { language_code: 'fr' text: 'Agence am\\303\\251ricaine' } "
                     "} acronyms: 'USAID' other_names: 'AID' "
                     "external_ids { scheme: 'iati' value: 'US-GOV-1' }")
                  .ok());
  EXPECT_EQ(Show(Text("organisations/usaid")), "RESOLVED usaid(usaid:NAME=organisations/usaid;)");
  EXPECT_EQ(Show(Text("us agency for international  development")),
            "RESOLVED usaid(usaid:TITLE=U.S. Agency for International Development;)");
  EXPECT_EQ(Show(Text("AGENCE AMERICAINE")),
            "RESOLVED usaid(usaid:TITLE=Agence am\303\251ricaine;)");
  EXPECT_EQ(Show(Text("U.S.A.I.D.")), "RESOLVED usaid(usaid:ACRONYM=USAID;)");
  EXPECT_EQ(Show(Text("aid")), "RESOLVED usaid(usaid:OTHER_NAME=AID;)");
  EXPECT_EQ(Show(Id("iati", "US-GOV-1")), "RESOLVED usaid(usaid:EXTERNAL_ID=US-GOV-1;)");
  // Identifiers are what they are.
  EXPECT_EQ(Show(Id("iati", "us-gov-1")), "NOT_FOUND");
  EXPECT_EQ(Show(Id("IATI", "US-GOV-1")), "NOT_FOUND");
  EXPECT_EQ(Show(Text("US-GOV-1")), "NOT_FOUND");
  EXPECT_EQ(Show(Text("organisations/none")), "NOT_FOUND");
  EXPECT_EQ(Show(Text("usai")), "NOT_FOUND");
  EXPECT_EQ(Show(Text("?")), "NOT_FOUND");
}

TEST_F(ResolveTest, NothingIsGuessed) {
  ASSERT_TRUE(Create("a", "acronyms: 'DOE'").ok());
  ASSERT_TRUE(Create("b", "other_names: 'DoE'").ok());
  EXPECT_EQ(Show(Text("doe")), "AMBIGUOUS a(a:ACRONYM=DOE;) b(b:OTHER_NAME=DoE;)");
  EXPECT_EQ(Text("doe").organisation(), "");
  // Once it is known that they are one, it is no longer ambiguous.
  ASSERT_TRUE(Merge("b", "a").ok());
  EXPECT_EQ(Show(Text("doe")), "RESOLVED a(a:ACRONYM=DOE;b:OTHER_NAME=DoE;+b)");
}

TEST_F(ResolveTest, WhatIsDeletedOrChangedIsFoundNoLonger) {
  ASSERT_TRUE(Create("a", "acronyms: 'A'").ok());
  v1::DeleteOrganisationRequest request;
  request.set_name("organisations/a");
  v1::Organisation deleted;
  ASSERT_TRUE(Call(request, &deleted).ok());
  EXPECT_EQ(Show(Text("a")), "NOT_FOUND");
  EXPECT_EQ(Show(Text("organisations/a")), "NOT_FOUND");
  EXPECT_EQ(Show(Text("a", deleted.revision() - 1)), "RESOLVED a(a:ACRONYM=A;)");
}

TEST_F(ResolveTest, OldNamesResolveAndTheMergerCanBeTakenBack) {
  ASSERT_TRUE(Create("now", "external_ids { scheme: 's' value: '2' }").ok());
  ASSERT_TRUE(Create("old", "acronyms: 'OLD' external_ids { scheme: 's' value: '1' }").ok());
  int64_t merged = 0;
  ASSERT_TRUE(Merge("old", "now", &merged).ok());
  for (const auto& resolution :
       {Text("organisations/old"), Text("old"), Text("title of old"), Id("s", "1")}) {
    EXPECT_EQ(resolution.organisation(), "organisations/now");
  }
  // Identifiers both ways.
  const auto identifiers = Text("organisations/now").candidates(0).external_ids();
  ASSERT_EQ(identifiers.size(), 2);
  EXPECT_EQ(identifiers[0].value(), "1");
  EXPECT_EQ(identifiers[1].value(), "2");
  // It keeps its name, and says where it went.
  v1::GetOrganisationRequest get;
  get.set_name("organisations/old");
  v1::Organisation old;
  ASSERT_TRUE(Call(get, &old).ok());
  EXPECT_EQ(old.merged_into(), "organisations/now");
  ASSERT_TRUE(Merge("old", "").ok());
  EXPECT_EQ(Text("old").organisation(), "organisations/old");
  EXPECT_EQ(Text("old", merged).organisation(), "organisations/now");
  EXPECT_EQ(Text("old", merged - 1).organisation(), "organisations/old");
}

TEST_F(ResolveTest, AnIdentifierIsOfOneOrganisation) {
  const std::string id = "external_ids { scheme: 's' value: '1' }";
  ASSERT_TRUE(Create("a", id).ok());
  EXPECT_THAT(FieldsOf(Create("b", "external_ids { scheme: 's' value: '0' } " + id)),
              ElementsAre("organisation.external_ids[1]"));
  ASSERT_TRUE(Create("c", "external_ids { scheme: 't' value: '1' }").ok());
  // What was merged may have it too: and then it cannot be taken apart as it is.
  ASSERT_TRUE(Create("b", id + " merged_into: 'organisations/a'").ok());
  ASSERT_TRUE(Create("d", id + " merged_into: 'organisations/b'").ok());
  EXPECT_THAT(FieldsOf(Merge("d", "c")), ElementsAre("organisation.external_ids[0]"));
  EXPECT_THAT(FieldsOf(Merge("b", "c")),
              ElementsAre("organisation.external_ids[0]", "organisation.merged_into"));
  EXPECT_EQ(Id("s", "1").organisation(), "organisations/a");
  EXPECT_EQ(Id("t", "1").organisation(), "organisations/c");
}

TEST_F(ResolveTest, RequestsAreChecked) {
  const auto fields = [&](const std::string& text) {
    v1::ResolveOrganisationsResponse response;
    return FieldsOf(Call(Parse<v1::ResolveOrganisationsRequest>(text), &response));
  };
  EXPECT_THAT(fields(""), ElementsAre("references"));
  EXPECT_THAT(fields("references {} references { text: '' } references { external_id {} }"),
              ElementsAre("references[0]", "references[1].text", "references[2].external_id.scheme",
                          "references[2].external_id.value"));
  std::string many;
  for (int i = 0; i <= kMaxReferences; ++i) many += "references { text: 'x' } ";
  EXPECT_THAT(fields(many), ElementsAre("references"));
  EXPECT_THAT(fields(many.substr(many.find('}') + 1)), IsEmpty());
  EXPECT_THAT(fields("references { text: '" + std::string(kMaxReferenceBytes + 1, 'x') + "' }"),
              ElementsAre("references[0].text"));
}

// After any sequence of mergers and of their undoing every name resolves to exactly one, which is
// merged into none; cycles alone are refused.
TEST_F(ResolveTest, ResolutionIsAFunctionAfterAnySequenceOfMergers) {
  constexpr int kOrganisations = 8;
  std::mt19937 random(20230906);
  const auto any = [&] { return absl::StrCat("o", random() % kOrganisations); };
  std::map<std::string, std::string> into;
  for (int i = 0; i < kOrganisations; ++i) {
    const std::string id = absl::StrCat("o", i);
    ASSERT_TRUE(Create(id, absl::StrCat("acronyms: 'ACR", i,
                                        "' external_ids { scheme: 's' value: '", i, "' }"))
                    .ok());
    into[id] = "";
  }
  const auto end_of = [&](std::string id) {
    while (!into[id].empty()) id = into[id];
    return id;
  };
  int cycles = 0;
  int mergers = 0;
  for (int step = 0; step < 300; ++step) {
    const std::string from = any();
    const std::string to = random() % 4 == 0 ? "" : any();
    // Whether the way from `to` comes by `from`.
    bool is_cycle = false;
    for (std::string at = to; !at.empty(); at = into[at]) is_cycle = is_cycle || at == from;
    const absl::Status status = Merge(from, to);
    if (is_cycle) {
      ++cycles;
      EXPECT_THAT(FieldsOf(status), ElementsAre("organisation.merged_into"));
    } else {
      ASSERT_TRUE(status.ok()) << status;
      into[from] = to;
      mergers += !to.empty();
    }
    for (int i = 0; i < kOrganisations; ++i) {
      const std::string id = absl::StrCat("o", i);
      const std::string expected = "organisations/" + end_of(id);
      ASSERT_EQ(Text("organisations/" + id).organisation(), expected);
      ASSERT_EQ(Text(absl::StrCat("acr", i)).organisation(), expected);
      ASSERT_EQ(Id("s", absl::StrCat(i)).organisation(), expected);
      ASSERT_EQ(Text(expected).organisation(), expected);
    }
  }
  EXPECT_GT(cycles, 30);
  EXPECT_GT(mergers, 100);
}

}  // namespace
}  // namespace entente::catalogue
