// SPDX-License-Identifier: Apache-2.0
//
// The verbs of `entente` that read, against running servers that have the record: get, list,
// search, money, events. docs/command-line.md has their answers word by word, and is a test as
// well.
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "entente/gateway/v1/search.pb.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/terminal.h"

namespace entente::e2e {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

// Of text in which each takes a column.
int64_t CodePoints(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

template <typename Message>
Message Json(const std::string& text) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << text;
  return message;
}

// Servers that are only read, for all tests of the suite.
class VerbsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = new Cluster;
    cluster_->StartAll();
    ASSERT_EQ(cluster_->Command({"load", Source("data/us-asean-csp")}).ending, Exited(0));
    ASSERT_EQ(cluster_->Command({"rates", "load", Source("data/rates/ecb-2023.csv")}).ending,
              Exited(0));
  }
  static void TearDownTestSuite() {
    delete cluster_;
    cluster_ = nullptr;
  }

  // What it prints, having ended well.
  static std::string Out(const std::vector<std::string>& words) {
    const Finished finished = cluster_->Command(words);
    EXPECT_EQ(finished.ending, Exited(0)) << finished.err;
    return finished.out;
  }

  static Finished Terminal(std::vector<std::string> words, const TerminalOptions& options) {
    for (const std::string& target : cluster_->Targets()) words.push_back(target);
    return OnTerminal(Binary("entente"), words, options);
  }

  static Cluster* cluster_;
};

Cluster* VerbsTest::cluster_ = nullptr;

TEST_F(VerbsTest, GetAsksTheServiceThatHasIt) {
  const std::string out = Out({"get", "initiatives/clean-edge-asia", "claims/dfc-financing",
                               "events/us-asean-summit-2022"});
  EXPECT_THAT(out, AllOf(HasSubstr("\ninitiatives/clean-edge-asia\n"),
                         HasSubstr("\nclaims/dfc-financing\n"), HasSubstr("nearly USD 600,000,000"),
                         HasSubstr("\nevents/us-asean-summit-2022\n"),
                         HasSubstr("documents/us-asean-csp-one-year-on [5514, 5672), stated")));
  EXPECT_THAT(Out({"get", "partnerships/us-asean-csp/pillars/defence-maritime"}),
              HasSubstr("ordinal"));
}

TEST_F(VerbsTest, GetAsJsonIsTheResource) {
  const auto claim = Json<funding::v1::Claim>(Out({"get", "claims/dfc-financing", "-o", "json"}));
  EXPECT_EQ(claim.name(), "claims/dfc-financing");
  EXPECT_EQ(claim.amount().figure().value(), "600000000");
  const std::string several =
      Out({"get", "claims/dfc-financing", "initiatives/clean-edge-asia", "-o=json"});
  EXPECT_THAT(several, HasSubstr("\"currency_code\": \"USD\""));
  const auto list = Json<google::protobuf::ListValue>(several);
  ASSERT_THAT(list.values(), SizeIs(2));
  EXPECT_EQ(list.values(1).struct_value().fields().at("name").string_value(),
            "initiatives/clean-edge-asia");
}

TEST_F(VerbsTest, GetOfWhatIsNotThereSaysWhatThereIs) {
  const Finished near = cluster_->Command({"get", "claims/dfc-finansing"});
  EXPECT_EQ(near.ending, Exited(1));
  EXPECT_EQ(near.out, "");
  EXPECT_THAT(Lines(near.err),
              ElementsAre("entente: there is no claims/dfc-finansing",
                          MatchesRegex("  NOT_FOUND RESOURCE_NOT_FOUND, request [0-9a-f]{32}"),
                          "  did you mean claims/dfc-financing?",
                          "  `entente list claims` lists those that there are"));
  // Not spelt like any other, but of the same words.
  const Finished words = cluster_->Command({"get", "initiatives/energy-that-is-clean"});
  EXPECT_EQ(words.ending, Exited(1));
  EXPECT_THAT(words.err, HasSubstr("  did you mean initiatives/"));
  const Finished none = cluster_->Command({"get", "smart-power"});
  EXPECT_EQ(none.ending, Exited(2));
  EXPECT_THAT(none.err, AllOf(HasSubstr("\"smart-power\" is not a name"),
                              HasSubstr("`entente search smart-power`")));
}

TEST_F(VerbsTest, GetAsOfATime) {
  const std::string now =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  EXPECT_THAT(Out({"get", "initiatives/clean-edge-asia", "--at", now}), HasSubstr("revision 1;"));
  EXPECT_THAT(Out({"get", "initiatives/clean-edge-asia", "--revision=1"}),
              HasSubstr("revision 1;"));
  const Finished before =
      cluster_->Command({"get", "initiatives/clean-edge-asia", "--at=2001-01-01"});
  EXPECT_EQ(before.ending, Exited(1));
  EXPECT_THAT(before.err, StartsWith("entente: there is no initiatives/clean-edge-asia\n"));
  const std::vector<std::vector<std::string>> wrong = {{"--at=yesterday"},
                                                       {"--at=2023-09-05", "--revision=1"},
                                                       {"claims/dfc-financing", "--revision=1"}};
  for (const auto& more : wrong) {
    std::vector<std::string> words = {"get", "initiatives/clean-edge-asia"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(cluster_->Command(words).ending, Exited(2)) << more[0];
  }
}

TEST_F(VerbsTest, EveryCollectionIsListed) {
  for (const char* collection :
       {"partnerships", "pillars", "initiatives", "organisations", "people", "places", "documents",
        "quantities", "claims", "rateSeries", "events", "eventSeries"}) {
    const std::vector<std::string> names = Lines(Out({"list", collection, "-o", "names", "--all"}));
    EXPECT_THAT(names, Not(SizeIs(0))) << collection;
    EXPECT_THAT(names, Each(HasSubstr(absl::StrCat(collection, "/"))));
    const std::vector<std::string> table = Lines(Out({"list", collection, "--all"}));
    EXPECT_THAT(table, SizeIs(names.size() + 1)) << collection;
    EXPECT_THAT(table[0], MatchesRegex("NAME .*TITLE"));
    const std::vector<std::string> csv = Lines(Out({"list", collection, "-o", "csv", "--all"}));
    EXPECT_THAT(csv[0], MatchesRegex("name,.*title\r"));
    EXPECT_THAT(csv, SizeIs(names.size() + 1));
  }
  EXPECT_EQ(Out({"list", "partnerships/us-asean-csp/pillars", "-o", "names"}),
            Out({"list", "pillars", "-o", "names"}));
}

TEST_F(VerbsTest, ListsAreNeverCutUnsaid) {
  const Finished some = cluster_->Command({"list", "initiatives", "--limit=3"});
  EXPECT_EQ(some.ending, Exited(0));
  EXPECT_THAT(Lines(some.out), SizeIs(4));
  EXPECT_EQ(some.err,
            "entente: these are the first 3; --all lists all there are, --limit=N so many\n");
  const Finished all = cluster_->Command({"list", "initiatives", "--all"});
  EXPECT_THAT(Lines(all.out), Not(SizeIs(4)));
  EXPECT_EQ(all.err, "");
  EXPECT_THAT(all.out, Not(HasSubstr("…")));
}

TEST_F(VerbsTest, ListFiltersAndOrders) {
  EXPECT_EQ(Out({"list", "claims", "--filter", "part_of = \"claims/dfc-financing\"", "--order-by",
                 "name desc", "-o", "names"}),
            "claims/dfc-msme-guarantee-indonesia\nclaims/dfc-climate-tech-equity\n");
  const auto json =
      Json<funding::v1::ListClaimsResponse>(Out({"list", "claims", "-o", "json", "--limit=2"}));
  EXPECT_THAT(json.claims(), SizeIs(2));
  EXPECT_NE(json.next_page_token(), "");
  const Finished none = cluster_->Command({"list", "places",
                                           "--filter=kind = PLACE_KIND_REGION AND "
                                           "name = \"places/atlantis\""});
  EXPECT_EQ(none.ending, Exited(0));
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, "entente: there are no places that the filter selects\n");

  const Finished wrong = cluster_->Command({"list", "claims", "--filter=colour = 1"});
  EXPECT_EQ(wrong.ending, Exited(2));
  EXPECT_THAT(Lines(wrong.err),
              ElementsAre("entente: the service refused this:", StartsWith("  filter: "),
                          MatchesRegex("  INVALID_ARGUMENT INVALID_REQUEST, request .*")));
  const Finished misspelt = cluster_->Command({"list", "initiative"});
  EXPECT_EQ(misspelt.ending, Exited(2));
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean initiatives?"));
  EXPECT_EQ(cluster_->Command({"list", "claims", "--limit=0"}).ending, Exited(2));
  EXPECT_EQ(cluster_->Command({"list", "initiatives/x/claims"}).ending, Exited(2));
}

TEST_F(VerbsTest, SearchFindsInEveryService) {
  const std::string out = Out({"search", "climate"});
  EXPECT_THAT(out, AllOf(HasSubstr(" results\n"), HasSubstr("initiatives/"), HasSubstr("claims/")));
  const std::string corrected = Out({"search", "vacine"});
  EXPECT_THAT(corrected, StartsWith("showing results for \"vaccine\" instead of \"vacine\"\n"));
  EXPECT_THAT(Lines(Out({"search", "climate", "--type=claims", "-o", "names"})),
              Each(StartsWith("claims/")));
  const auto json =
      Json<gateway::v1::SearchResponse>(Out({"search", "climate", "--limit=3", "-o", "json"}));
  EXPECT_EQ(json.results_size(), 3);
  EXPECT_GT(json.total_size(), 3);
  const Finished none = cluster_->Command({"search", "\"no such words anywhere\""});
  EXPECT_EQ(none.ending, Exited(1));
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(cluster_->Command({"search", "climate", "--type=initiative"}).ending, Exited(2));
  EXPECT_EQ(cluster_->Command({"search", "(climate"}).ending, Exited(2));
  const Finished dash = cluster_->Command({"search", "climate", "-energy"});
  EXPECT_EQ(dash.ending, Exited(2));
  EXPECT_THAT(dash.err, HasSubstr("a word that begins with a dash and is none goes after \"--\""));
}

TEST_F(VerbsTest, MoneyIsOneKindAtATime) {
  const std::string out = Out({"money"});
  EXPECT_THAT(out, AllOf(HasSubstr("own funding, requested"), HasSubstr("over 8,000,000,000"),
                         HasSubstr("[115,000,000, 600,000,000)"), HasSubstr("each year"),
                         HasSubstr("no figure is stated: "),
                         HasSubstr("Kinds of money never add up together.")));
  EXPECT_THAT(Out({"money", "--by=instrument",
                   "--filter=stage = CLAIM_STAGE_ANNOUNCED AND nature = "
                   "CLAIM_NATURE_OWN_FUNDING"}),
              AllOf(HasSubstr("under 485,000,000"), HasSubstr("guarantee"), HasSubstr("equity")));
  const Finished mixed = cluster_->Command({"money", "--mix=nature,stage,direction"});
  EXPECT_EQ(mixed.ending, Exited(1));
  EXPECT_THAT(mixed.err, HasSubstr("leave out --mix, or filter for one kind"));
  const auto json = Json<funding::v1::QueryFundingResponse>(Out({"money", "-o", "json"}));
  EXPECT_THAT(json.rows(), Not(SizeIs(0)));
  const std::vector<std::string> csv = Lines(Out({"money", "-o", "csv"}));
  EXPECT_EQ(csv[0],
            "nature,stage,direction,currency,recurrence,low,low_open,stated,high,high_open,claims,"
            "not_stated\r");
  EXPECT_THAT(csv, Contains("mobilised,announced,,USD,,8000000000,true,8000000000,,true,1,0\r"));
  const Finished wrong = cluster_->Command({"money", "--by=pilars"});
  EXPECT_EQ(wrong.ending, Exited(2));
  EXPECT_THAT(wrong.err, HasSubstr("did you mean pillars?"));
}

TEST_F(VerbsTest, MoneySaysWhatItConvertsAndWhatNot) {
  const std::string out = Out({"money", "--currency=EUR"});
  EXPECT_THAT(out, AllOf(HasSubstr("EUR "), HasSubstr("\nRates\n  USD to EUR, rate of "),
                         HasSubstr("not converted, for ")));
}

TEST_F(VerbsTest, MoneyIsExplainedClaimByClaim) {
  const std::vector<std::string> words = {"money", "--explain", "--filter",
                                          "nature = CLAIM_NATURE_STATISTIC"};
  const std::string out = Out(words);
  EXPECT_THAT(out, AllOf(StartsWith("statistic\n"), HasSubstr("claims/us-asean-trade-2022"),
                         HasSubstr("not in it: claims/us-foreign-direct-investment-southeast-asia: "
                                   "its source gives no figure")));
  std::vector<std::string> as_json = words;
  as_json.insert(as_json.end(), {"-o", "json"});
  EXPECT_THAT(Json<google::protobuf::ListValue>(Out(as_json)).values(), SizeIs(1));
  as_json.back() = "csv";
  EXPECT_EQ(cluster_->Command(as_json).ending, Exited(2));
}

TEST_F(VerbsTest, EventsArePastComingOrPossiblyEither) {
  const std::string upcoming = Out({"events", "--upcoming", "--as-of=2023-09-05"});
  EXPECT_THAT(upcoming, AllOf(HasSubstr("After 2023-09-05\n"),
                              HasSubstr("Possibly on or after 2023-09-05\n")));
  EXPECT_THAT(Out({"events", "--past", "--as-of=1990-01-01"}),
              StartsWith("Possibly over before 1990-01-01\n"))
      << "without a date nobody knows";
  const std::string past = Out({"events", "--past", "--as-of=2023-09-05"});
  EXPECT_THAT(past, AllOf(StartsWith("Over before 2023-09-05\n"),
                          HasSubstr("Possibly over before 2023-09-05\n")));
  // Nothing is in neither, and only what is possible in both. Past and undated ones may be over.
  const auto all = Json<events::v1::ListEventsResponse>(Out({"events", "-o", "json"}));
  const auto coming = Json<events::v1::ListUpcomingEventsResponse>(
      Out({"events", "--upcoming", "--as_of=2023-09-05", "-o", "json"}));
  const auto over =
      Json<google::protobuf::Struct>(Out({"events", "--past", "--as_of=2023-09-05", "-o", "json"}));
  const auto count = [&](const char* part) {
    const auto& fields = over.fields().at(part).struct_value().fields();
    return fields.count("events") == 0 ? 0 : fields.at("events").list_value().values_size();
  };
  int possible = 0;
  for (const auto& event : coming.events()) {
    possible += event.standing() == events::v1::UPCOMING_STANDING_POSSIBLE ? 1 : 0;
  }
  EXPECT_GT(possible, 0);
  const int undated = count("possibly_over") - possible;
  EXPECT_GT(undated, 0);
  EXPECT_EQ(count("over") + undated + coming.events_size(), all.events_size());

  const std::string calendar = Out({"events", "--calendar"});
  EXPECT_THAT(calendar, AllOf(StartsWith("BEGIN:VCALENDAR\r\n"), HasSubstr("BEGIN:VJOURNAL\r\n"),
                              Not(HasSubstr("Window:"))));
  EXPECT_THAT(Out({"events", "--calendar", "--windows"}), HasSubstr("Window:"));
  EXPECT_THAT(Lines(Out({"events", "-o", "csv"})), SizeIs(1 + all.events_size()));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--upcoming", "--past"},
                                             {"--as_of=2023-09-05"},
                                             {"--windows"},
                                             {"--calendar", "-o", "json"},
                                             {"--past", "-o", "csv"},
                                             {"--upcoming", "--as_of=2023-13-01"}}) {
    std::vector<std::string> words = {"events"};
    words.insert(words.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(cluster_->Command(words).ending, Exited(2)) << wrong[0];
  }
}

TEST_F(VerbsTest, CompositionsAsJson) {
  const auto overview =
      Json<google::protobuf::Struct>(Out({"overview", "partnerships/us-asean-csp", "-o", "json"}));
  EXPECT_THAT(overview.fields(), Contains(testing::Key("claim_groups")));
}

// A terminal has its width and colour.
TEST_F(VerbsTest, ATerminalIsWrittenToInItsWidth) {
  const Finished narrow = Terminal({"list", "initiatives"}, {.columns = 70});
  EXPECT_EQ(narrow.ending, Exited(0)) << narrow.out;
  EXPECT_THAT(narrow.out, AllOf(HasSubstr("…"), StartsWith("\x1B[1mNAME")));
  const Finished plain =
      Terminal({"list", "initiatives"}, {.columns = 200, .environment = {"NO_COLOR=1"}});
  EXPECT_THAT(plain.out, AllOf(Not(HasSubstr("\x1B")), StartsWith("NAME")));
  const Finished dumb = Terminal({"list", "initiatives"}, {.environment = {"TERM=dumb"}});
  EXPECT_EQ(dumb.ending, Exited(0));
  // COLUMNS wins over what the terminal says.
  const Finished told =
      Terminal({"list", "places"}, {.columns = 20, .environment = {"COLUMNS=300", "NO_COLOR=1"}});
  EXPECT_THAT(told.out, Not(HasSubstr("…")));
  const Finished wide = Terminal({"get", "initiatives/clean-edge-asia"},
                                 {.columns = 60, .environment = {"NO_COLOR=1"}});
  for (const std::string& line : Lines(wide.out)) {
    if (absl::StrContains(line, "; created ")) continue;  // It stands by itself.
    EXPECT_LE(CodePoints(line), 60) << line;
  }
  // What was found is marked.
  EXPECT_THAT(Terminal({"search", "climate"}, {}).out, HasSubstr("\x1B[1;33m"));
  EXPECT_THAT(Out({"search", "climate"}), Not(HasSubstr("\x1B")));
}

TEST_F(VerbsTest, HelpIsOfEachVerb) {
  EXPECT_EQ(Out({"--help"}), Out({"help"}));
  EXPECT_THAT(Out({"help"}), HasSubstr("entente money "));
  const std::string money = Out({"help", "money"});
  EXPECT_THAT(money, AllOf(HasSubstr("--by=..."), Not(HasSubstr("--data_dir"))));
  EXPECT_EQ(Out({"money", "--help"}), money);
  EXPECT_THAT(Out({"help", "rates", "load"}), StartsWith("entente rates load FILE...: "));
  EXPECT_EQ(cluster_->Command({"help", "nothing"}).ending, Exited(2));
  const Finished near = cluster_->Command({"serach", "climate"});
  EXPECT_EQ(near.ending, Exited(2));
  EXPECT_THAT(near.err, HasSubstr("did you mean search?"));
  const Finished flag = cluster_->Command({"search", "climate", "--by=stage"});
  EXPECT_EQ(flag.ending, Exited(2));
  EXPECT_THAT(flag.err, HasSubstr("--by says nothing to search; see entente help search"));
  const Finished format = cluster_->Command({"search", "climate", "-o", "yaml"});
  EXPECT_EQ(format.ending, Exited(2));
  EXPECT_THAT(format.err, HasSubstr("search can write text, json, names"));
}

// With servers of its own, which it changes and stops.
class ChangedServersTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster_.StartAll();
    ASSERT_EQ(cluster_.Command({"load", Source("data/us-asean-csp")}).ending, Exited(0));
  }

  void Apply(const catalogue::v1::CatalogueChange& change) {
    const auto stub = catalogue::v1::CatalogueService::NewStub(
        NewChannel(cluster_.server(Service::kCatalogue).address()));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    catalogue::v1::ApplyChangesRequest request;
    *request.add_changes() = change;
    catalogue::v1::ApplyChangesResponse response;
    const grpc::Status status = stub->ApplyChanges(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  Cluster cluster_;
};

TEST_F(ChangedServersTest, WhatIsGoneIsSaidToBe) {
  catalogue::v1::CatalogueChange change;
  auto& place = *change.mutable_put()->mutable_place();
  place.set_name("places/atlantis");
  place.mutable_title()->set_text("Atlantis\x1B[2J");
  place.set_kind(catalogue::v1::PLACE_KIND_CITY);
  place.add_partnerships("partnerships/us-asean-csp");
  Apply(change);
  // What others wrote does nothing to a terminal.
  EXPECT_THAT(cluster_.Command({"get", "places/atlantis"}).out,
              StartsWith("Atlantis\uFFFD[2J\nplaces/atlantis\n\n"));
  change.set_delete_("places/atlantis");
  Apply(change);
  EXPECT_THAT(cluster_.Command({"get", "places/atlantis"}).out,
              HasSubstr("\nplaces/atlantis\nDELETED at "));
  EXPECT_THAT(cluster_.Command({"list", "places", "-o", "names"}).out,
              Not(HasSubstr("places/atlantis")));
  EXPECT_THAT(cluster_.Command({"list", "places", "--deleted"}).out,
              AllOf(StartsWith("NAME"), HasSubstr("DELETED"), HasSubstr("places/atlantis")));
  EXPECT_THAT(cluster_.Command({"get", "places/atlantis", "--revision=2"}).out,
              Not(HasSubstr("DELETED")));
  change.set_erase("places/atlantis");
  Apply(change);
  EXPECT_THAT(cluster_.Command({"get", "places/atlantis"}).out,
              StartsWith("places/atlantis  ERASED for good at "));
}

TEST_F(ChangedServersTest, WhoIsAwayIsNamed) {
  cluster_.server(Service::kFunding).Stop();
  const Finished claims = cluster_.Command({"list", "claims", "--timeout_s=5"});
  EXPECT_EQ(claims.ending, Exited(1));
  EXPECT_THAT(claims.err,
              AllOf(StartsWith(absl::StrCat("entente: funding at ",
                                            cluster_.server(Service::kFunding).address(),
                                            " cannot be reached: ")),
                    HasSubstr("`entente serve` starts all services; --funding=HOST:PORT or "
                              "ENTENTE_FUNDING says where a running one is")));
  const Finished money = cluster_.Command({"money", "--timeout_s=5"});
  EXPECT_EQ(money.ending, Exited(1));
  EXPECT_THAT(money.err, StartsWith("entente: funding at "));
  const Finished search = cluster_.Command({"search", "climate", "--timeout_s=5"});
  EXPECT_EQ(search.ending, Exited(0));
  EXPECT_EQ(search.err,
            "entente: MISSING, because it cannot be reached: entente.funding.v1.FundingService\n");
  EXPECT_THAT(search.out, HasSubstr("initiatives/"));
}

}  // namespace
}  // namespace entente::e2e
