// SPDX-License-Identifier: Apache-2.0
//
// `entente` against running servers: load, check, edition, wait, overview, dossier. The verbs that
// read are in verbs_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/events/v1/events_service.grpc.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

namespace fs = std::filesystem;

constexpr char kRecord[] = "data/us-asean-csp";

// Faults of every sort that a service finds, each on a line of its own.
constexpr char kFaults[] = R"(places {
  name: "places/atlantis"
  kind: PLACE_KIND_CITY
  partnerships: "partnerships/us-asean-csp"
}
places {
  name: "places/thule"
  title { text: "Thule" }
  kind: PLACE_KIND_REGION
  parent: "places/nowhere"
  partnerships: "partnerships/us-asean-csp"
}
places { name: "places/Ultima" title { text: "Ultima" } kind: PLACE_KIND_CITY }
claims {
  name: "claims/of-nothing"
  title { text: "Money for nothing" }
  amount {
    currency_code: "USD"
    figure { value: "a million" qualifier: QUALIFIER_EXACT }
  }
  nature: CLAIM_NATURE_OWN_FUNDING
  stage: CLAIM_STAGE_PLEDGED
  instrument: CLAIM_INSTRUMENT_GRANT
  initiative: "initiatives/none"
  partnerships: "partnerships/us-asean-csp"
}
events {
  name: "events/of-no-day"
  title { text: "A meeting" }
  kind: EVENT_KIND_DIALOGUE
  status: EVENT_STATUS_HELD
  date { edtf: "2023-13" }
  partnerships: "partnerships/us-asean-csp"
}
)";
constexpr char kSyntaxFaults[] = R"(places {
  name: "places/atlantis"
  population: 0
}
)";

class CommandLineTest : public testing::Test {
 protected:
  // A copy of the record with one more file.
  std::string RecordWith(const std::string& content) {
    const std::string directory = cluster_.dir().File(absl::StrCat("record-", ++copies_));
    fs::copy(Source(kRecord), directory);
    WriteFile(absl::StrCat(directory, "/zz.textproto"), content);
    return directory;
  }

  template <typename Service, typename Request, typename Response>
  int64_t RevisionOf(e2e::Service service,
                     grpc::Status (Service::Stub::*list)(grpc::ClientContext*, const Request&,
                                                         Response*)) {
    const auto stub = Service::NewStub(NewChannel(cluster_.server(service).address()));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    Response response;
    EXPECT_TRUE((stub.get()->*list)(&context, Request(), &response).ok());
    return response.revision();
  }

  // The revisions of the three services.
  std::vector<int64_t> Revisions() {
    return {RevisionOf<catalogue::v1::CatalogueService>(
                Service::kCatalogue, &catalogue::v1::CatalogueService::Stub::ListPlaces),
            RevisionOf<funding::v1::FundingService>(Service::kFunding,
                                                    &funding::v1::FundingService::Stub::ListClaims),
            RevisionOf<events::v1::EventsService>(Service::kEvents,
                                                  &events::v1::EventsService::Stub::ListEvents)};
  }

  Cluster cluster_;
  int copies_ = 0;
};

TEST_F(CommandLineTest, LoadingTwiceChangesNothing) {
  cluster_.StartAll();
  const Finished first = cluster_.Command({"load", Source(kRecord)});
  EXPECT_EQ(first.ending, Exited(0)) << first.err;
  EXPECT_THAT(first.out, MatchesRegex("catalogue +[0-9]+ created, 0 updated, 0 unchanged; "
                                      "revision 1\n"
                                      "funding +[0-9]+ created, 0 updated, 0 unchanged; "
                                      "revision 1\n"
                                      "events +[0-9]+ created, 0 updated, 0 unchanged; "
                                      "revision 1\n"));
  EXPECT_EQ(first.err, "");
  const Finished second = cluster_.Command({"load", Source(kRecord)});
  EXPECT_EQ(second.ending, Exited(0)) << second.err;
  EXPECT_THAT(second.out, MatchesRegex("catalogue +0 created, 0 updated, [1-9][0-9]+ unchanged; "
                                       "revision 1\n"
                                       "funding +0 created, 0 updated, [1-9][0-9]+ unchanged; "
                                       "revision 1\n"
                                       "events +0 created, 0 updated, [1-9][0-9]+ unchanged; "
                                       "revision 1\n"));
  EXPECT_THAT(Revisions(), testing::ElementsAre(1, 1, 1));
}

TEST_F(CommandLineTest, EveryFaultIsReportedAndNothingIsChanged) {
  cluster_.StartAll();
  ASSERT_EQ(cluster_.Command({"load", Source(kRecord)}).ending, Exited(0));
  for (const std::string verb : {"load", "check"}) {
    const Finished faulty = cluster_.Command({verb, RecordWith(kFaults)});
    EXPECT_THAT(faulty.ending, Not(testing::Eq(Exited(0))));
    EXPECT_THAT(
        faulty.err,
        AllOf(HasSubstr("/zz.textproto:1:1: places/atlantis: title: is required"),
              HasSubstr("/zz.textproto:10:3: places/thule: parent: "), HasSubstr("places/nowhere"),
              HasSubstr("/zz.textproto:13:10: places/Ultima: name: "),
              HasSubstr("places/Ultima: partnerships: is required"),
              HasSubstr("/zz.textproto:19:14: claims/of-nothing: amount.figure.value: "),
              HasSubstr("/zz.textproto:24:3: claims/of-nothing: initiative: "),
              HasSubstr("/zz.textproto:32:10: events/of-no-day: date.edtf: "),
              HasSubstr(" has 7 faults")));

    const Finished syntax = cluster_.Command({verb, RecordWith(kSyntaxFaults)});
    EXPECT_THAT(syntax.ending, Not(testing::Eq(Exited(0))));
    EXPECT_THAT(syntax.err, AllOf(HasSubstr("/zz.textproto:3:"), HasSubstr("population")));

    const Finished missing = cluster_.Command({verb, cluster_.dir().File("missing")});
    EXPECT_THAT(missing.ending, Not(testing::Eq(Exited(0))));
    EXPECT_THAT(missing.err, AllOf(HasSubstr(cluster_.dir().File("missing")),
                                   HasSubstr("No such file or directory")));
  }
  EXPECT_THAT(Revisions(), testing::ElementsAre(1, 1, 1));
}

TEST_F(CommandLineTest, CheckNeedsNoServer) {
  const Finished check = cluster_.Command({"check", Source(kRecord)});
  EXPECT_EQ(check.ending, Exited(0));
  EXPECT_EQ(check.out, absl::StrCat(Source(kRecord), ": no faults\n"));
  EXPECT_EQ(check.err, "");
}

TEST_F(CommandLineTest, LoadSaysWhichServiceItCannotReach) {
  cluster_.StartAll();
  cluster_.server(Service::kEvents).Stop();
  const Finished load = cluster_.Command({"load", Source(kRecord), "--timeout_s=2"});
  EXPECT_THAT(load.ending, Not(testing::Eq(Exited(0))));
  EXPECT_THAT(load.err, AllOf(HasSubstr("entente: "), HasSubstr(FullName(Service::kEvents))));
}

TEST_F(CommandLineTest, RatesAreLoadedOnce) {
  cluster_.StartAll();
  const std::vector<std::string> load = {"rates", "load", Source("data/rates/ecb-2023.csv"),
                                         Source("data/rates/imf-annual-2019-2024.csv")};
  const Finished first = cluster_.Command(load);
  EXPECT_EQ(first.ending, Exited(0)) << first.err;
  EXPECT_EQ(first.err, "");
  EXPECT_THAT(first.out,
              HasSubstr("\nrates      19 created, 0 updated, 0 unchanged; revision 1\n"));
  const Finished second = cluster_.Command(load);
  EXPECT_EQ(second.ending, Exited(0)) << second.err;
  EXPECT_THAT(second.out,
              HasSubstr("\nrates      0 created, 0 updated, 19 unchanged; revision 1\n"));

  const std::string faulty = cluster_.dir().File("faulty.csv");
  WriteFile(faulty, "Date,USD\n2023-09-31,1.1\n2023-10-02,1,1\n");
  const Finished refused = cluster_.Command({"rates", "load", faulty});
  EXPECT_EQ(refused.ending, Exited(1));
  EXPECT_THAT(refused.err, AllOf(HasSubstr("/faulty.csv:2:1: "), HasSubstr("/faulty.csv:3:1: "),
                                 HasSubstr("2 faults; nothing was changed")));
  EXPECT_EQ(Revisions()[1], 1);
  EXPECT_EQ(cluster_.Command({"rates", "load"}).ending, Exited(2));
  EXPECT_EQ(cluster_.Command({"rates", "unload", faulty}).ending, Exited(2));
}

TEST_F(CommandLineTest, ARecordIsBroughtToANewEditionOfItsText) {
  const std::string record = cluster_.dir().File("isles");
  fs::create_directory(record);
  const std::string kept = cluster_.dir().File("old");
  const std::string moved = cluster_.dir().File("moved");
  const std::string changed = cluster_.dir().File("changed");
  WriteFile(kept, "The Guild has over 95 boats.");
  WriteFile(moved, "In 2023: The Guild has over 95 boats.");
  WriteFile(changed, "In 2023: The Guild has over 120 boats.");
  const auto record_with = [](int begin, const std::string& hash_and_length) {
    return absl::StrCat(
        "documents { name: 'documents/d' ", hash_and_length,
        " }\nquantities { name: 'quantities/q' citations { document: 'documents/d' "
        "span { begin: ",
        begin, " end: ", begin + 13,
        " } span_sha256: '8fabdc0dde8bdc426a8e9ac2ea2c2cd348368afa51adbe81dd30e69731e3ca26' } }\n");
  };
  const std::string before = record_with(
      14,
      "text_sha256: \"8d49c215c85a367b20173e6e2cef954d0390684d010c9f739f42fa0a55161d15\" "
      "text_length: 28");
  const std::string after = record_with(
      23,
      "text_sha256: \"bc5471d0b6a7598e6e0600cd4fd842470c69f3dc75da853d4483aa6f6da12e8e\" "
      "text_length: 37");
  WriteFile(record + "/all.textproto", before);
  const auto edition = [&](const std::string& to, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"edition", record, "--from", kept, "--to", to};
    words.insert(words.end(), more.begin(), more.end());
    return cluster_.Command(words);
  };

  const Finished look = edition(changed);
  EXPECT_EQ(look.ending, Exited(1)) << look.err;
  EXPECT_EQ(look.err, "");
  EXPECT_THAT(look.out, AllOf(HasSubstr("/old:1:15 [14, 27): over 95 boats\n"),
                              HasSubstr("/changed:1:24 [23, 37): over 120 boats\n"),
                              HasSubstr("/all.textproto:2:35: quantities/q: citations[0]"),
                              HasSubstr("1 changed, 0 gone")));
  EXPECT_EQ(edition(moved).ending, Exited(0));
  EXPECT_EQ(ReadFile(record + "/all.textproto"), before);

  const Finished written = edition(moved, {"--write"});
  EXPECT_EQ(written.ending, Exited(0)) << written.err;
  EXPECT_THAT(written.out, AllOf(HasSubstr("0 unchanged, 1 moved, 0 changed, 0 gone"),
                                 HasSubstr("/all.textproto: 1 spans and the document\n")));
  EXPECT_EQ(ReadFile(record + "/all.textproto"), after);

  const Finished again = edition(moved, {"--write"});
  EXPECT_EQ(again.ending, Exited(2));
  EXPECT_THAT(again.err, AllOf(HasSubstr("documents/d is already at "), HasSubstr("/moved\n")));
  EXPECT_EQ(cluster_.Command({"edition", record, "--from", kept}).ending, Exited(2));
  EXPECT_EQ(edition(moved, {"--write=perhaps"}).ending, Exited(2));
}

TEST_F(CommandLineTest, OverviewAndDossierAreReadable) {
  cluster_.StartAll();
  ASSERT_EQ(cluster_.Command({"load", Source(kRecord)}).ending, Exited(0));
  const Finished overview = cluster_.Command({"overview", "partnerships/us-asean-csp"});
  EXPECT_EQ(overview.ending, Exited(0)) << overview.err;
  EXPECT_THAT(overview.out, AllOf(HasSubstr("U.S.-ASEAN Comprehensive Strategic Partnership"),
                                  HasSubstr("USD 1,200,000,000"), Not(HasSubstr("unreachable"))));

  const auto stub = catalogue::v1::CatalogueService::NewStub(
      NewChannel(cluster_.server(Service::kCatalogue).address()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  catalogue::v1::ListInitiativesResponse initiatives;
  ASSERT_TRUE(stub->ListInitiatives(&context, {}, &initiatives).ok());
  ASSERT_GT(initiatives.initiatives_size(), 0);
  const auto& initiative = initiatives.initiatives(0);
  const Finished dossier = cluster_.Command({"dossier", initiative.name()});
  EXPECT_EQ(dossier.ending, Exited(0)) << dossier.err;
  EXPECT_THAT(dossier.out, HasSubstr(initiative.title().text()));

  const Finished none = cluster_.Command({"dossier", "initiatives/none"});
  EXPECT_THAT(none.ending, Not(testing::Eq(Exited(0))));
  EXPECT_THAT(none.err, StartsWith("entente: there is no initiatives/none\n"));

  // What is missing is said.
  cluster_.server(Service::kFunding).Stop();
  const Finished partial = cluster_.Command({"overview", "partnerships/us-asean-csp"});
  EXPECT_EQ(partial.ending, Exited(0)) << partial.err;
  EXPECT_THAT(partial.out,
              AllOf(HasSubstr(FullName(Service::kFunding)), Not(HasSubstr("USD 1,200,000,000"))));

  cluster_.server(Service::kGateway).Stop();
  const Finished gone =
      cluster_.Command({"overview", "partnerships/us-asean-csp", "--timeout_s=1"});
  EXPECT_THAT(gone.ending, Not(testing::Eq(Exited(0))));
  EXPECT_THAT(gone.err, AllOf(StartsWith(absl::StrCat("entente: gateway at ",
                                                      cluster_.server(Service::kGateway).address(),
                                                      " cannot be reached: ")),
                              HasSubstr("`entente serve`"), HasSubstr("--gateway=HOST:PORT")));
}

TEST_F(CommandLineTest, WaitUntilHealthy) {
  Server& catalogue = cluster_.server(Service::kCatalogue);
  const Finished none = cluster_.Command(
      {"wait", catalogue.address(), FullName(Service::kCatalogue), "--timeout_s=1"});
  EXPECT_THAT(none.ending, Not(testing::Eq(Exited(0))));
  EXPECT_THAT(none.err, AllOf(HasSubstr(FullName(Service::kCatalogue)),
                              HasSubstr(catalogue.address()), HasSubstr("not healthy")));
  catalogue.Start();
  EXPECT_EQ(cluster_.Command({"wait", catalogue.address(), FullName(Service::kCatalogue)}).ending,
            Exited(0));
}

TEST_F(CommandLineTest, WhatIsNoCommandIsRefused) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"lod"},
                                             {"load"},
                                             {"load", "a", "b"},
                                             {"overview"},
                                             {"wait", "a"},
                                             {"edition"},
                                             {"edition", "a", "b"},
                                             {"edition", "a"},
                                             {"edition", "a", "--to", "b"}}) {
    const Finished finished = cluster_.Command(words);
    EXPECT_EQ(finished.ending, Exited(2));
    EXPECT_THAT(finished.err, MatchesRegex("entente: [^\n]*see entente help[^\n]*\n"));
  }
  EXPECT_EQ(cluster_.Command({"check", Source(kRecord), "--timeout_s=0"}).ending, Exited(2));
}

}  // namespace
}  // namespace entente::e2e
