// SPDX-License-Identifier: Apache-2.0
//
// How long List takes over 100,000 claims, organisations and events, by what its filter asks about.
// One line of JSON for each filter:
//
//   filter_lists --resources=100000 --runs=15
//
// "first_ms" is the first page of 50 in the order of names; "ordered_ms" the same page in an order
// that has to look at every match; "none_ms" a filter of the same kind that nothing satisfies, so
// that all resources are looked at unless an index tells. Medians, in this process, without gRPC.
#include <google/protobuf/message.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "common/log/memory_log.h"
#include "common/logging/logging.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/catalogue.h"
#include "services/catalogue/client/catalogue_view.h"
#include "services/events/events.h"
#include "services/funding/funding.h"

ABSL_FLAG(int, resources, 100'000, "how many of each type there are");
ABSL_FLAG(int, runs, 15, "how often each list is asked for");
ABSL_FLAG(std::string, only, "", "measure this collection alone: claims, organisations or events");
ABSL_FLAG(std::string, filter, "", "measure this filter alone");

namespace entente::benchmarks {
namespace {

using google::protobuf::Message;

constexpr int kInitiatives = 5000;
constexpr int kOrganisations = 3000;
constexpr int kPlaces = 200;
constexpr int kPerRevision = 10'000;

class Random {
 public:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  // Small numbers are much more frequent, as they are in real records.
  int Skewed(int limit) {
    const double x = std::uniform_real_distribution<double>(0, 1)(engine_);
    return static_cast<int>(x * x * x * limit);
  }

 private:
  std::mt19937_64 engine_{20231101};
};

// Some words, about seven letters each.
std::string Words(Random* random, int count) {
  static const char* const kSyllables[] = {"ca", "den", "for", "gra", "lin", "mo",  "nus", "par",
                                           "ro", "sil", "tar", "un",  "ver", "wes", "yo",  "zan"};
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text.push_back(' ');
    for (int j = 2 + random->Below(2); j > 0; --j) text.append(kSyllables[random->Below(16)]);
  }
  return text;
}

// One date in eight is a month, one a duration, one uncertain; the rest are days.
void SetDate(Random* random, type::v1::ImpreciseDate* date) {
  const absl::CivilDay day(2024 - random->Skewed(20), 1 + random->Below(12), 1 + random->Below(28));
  std::string text = absl::FormatCivilTime(day);
  switch (random->Below(8)) {
    case 0:
      text = absl::FormatCivilTime(absl::CivilMonth(day));
      break;
    case 1:
      absl::StrAppend(&text, "/", absl::FormatCivilTime(day + random->Below(30)));
      break;
    case 2:
      text.push_back('?');
      break;
    default:
      break;
  }
  const edtf::Date parsed = edtf::Parse(text).value();
  date->set_edtf(parsed.ToString());
  date->set_earliest(absl::FormatCivilTime(parsed.earliest().day));
  date->set_latest(absl::FormatCivilTime(parsed.latest().day));
}

template <typename T>
void SetCommon(Random* random, T* resource) {
  resource->mutable_title()->set_text(Words(random, 7));
  resource->mutable_title()->set_language_code("en");
  resource->mutable_description()->set_text(Words(random, 24));
  resource->mutable_description()->set_language_code("en");
  resource->add_partnerships("partnerships/us-asean-csp");
  auto* citation = resource->add_citations();
  citation->set_document(absl::StrCat("documents/d", random->Below(500)));
}

void AddParty(Random* random, type::v1::PartyRole role, type::v1::Party* party) {
  party->set_role(role);
  party->set_organisation(absl::StrCat("organisations/o", random->Skewed(kOrganisations)));
}

funding::v1::Claim MakeClaim(Random* random) {
  funding::v1::Claim claim;
  SetCommon(random, &claim);
  claim.set_nature(funding::v1::CLAIM_NATURE_OWN_FUNDING);
  claim.set_stage(static_cast<funding::v1::ClaimStage>(1 + random->Skewed(10)));
  claim.set_direction(funding::v1::CLAIM_DIRECTION_OUTGOING);
  claim.set_instrument(funding::v1::CLAIM_INSTRUMENT_GRANT);
  claim.set_initiative(absl::StrCat("initiatives/i", random->Skewed(kInitiatives)));
  AddParty(random, type::v1::PARTY_ROLE_FUNDING, claim.add_parties());
  AddParty(random, type::v1::PARTY_ROLE_IMPLEMENTING, claim.add_parties());
  claim.add_places()->set_place(absl::StrCat("places/c", random->Skewed(kPlaces)));
  SetDate(random, claim.mutable_value_date());
  claim.mutable_amount()->set_currency_code("USD");
  auto* figure = claim.mutable_amount()->mutable_figure();
  figure->set_qualifier(type::v1::QUALIFIER_EXACT);
  figure->set_value(absl::StrCat(random->Skewed(100'000'000), ".", 10 + random->Below(90)));
  return claim;
}

catalogue::v1::Organisation MakeOrganisation(Random* random) {
  catalogue::v1::Organisation organisation;
  SetCommon(random, &organisation);
  organisation.add_acronyms(Words(random, 1));
  organisation.add_other_names(Words(random, 5));
  organisation.set_kind(static_cast<catalogue::v1::OrganisationKind>(1 + random->Skewed(8)));
  organisation.set_place(absl::StrCat("places/c", random->Skewed(kPlaces)));
  organisation.set_parent(absl::StrCat("organisations/r", 100'000 + random->Skewed(1000)));
  auto* id = organisation.add_external_ids();
  id->set_scheme("iati");
  id->set_value(absl::StrCat("XM-", random->Below(1'000'000'000)));
  return organisation;
}

events::v1::Event MakeEvent(Random* random) {
  events::v1::Event event;
  SetCommon(random, &event);
  event.set_kind(static_cast<events::v1::EventKind>(1 + random->Skewed(8)));
  event.set_status(events::v1::EVENT_STATUS_HELD);
  SetDate(random, event.mutable_date());
  event.add_places(absl::StrCat("places/c", random->Skewed(kPlaces)));
  AddParty(random, type::v1::PARTY_ROLE_HOST, event.add_parties());
  AddParty(random, type::v1::PARTY_ROLE_PARTICIPANT, event.add_parties());
  event.add_initiatives(absl::StrCat("initiatives/i", random->Skewed(kInitiatives)));
  return event;
}

// The resources as a log has them: what they refer to need not be there.
template <typename Make>
std::unique_ptr<log::Log> LogOf(const std::string& collection, const Make& make) {
  auto log = std::make_unique<log::MemoryLog>(&SystemClock::Get());
  Random random;
  int64_t head = 0;
  for (int made = 0; made < absl::GetFlag(FLAGS_resources);) {
    log::Proposal proposal;
    for (int i = 0; i < kPerRevision && made < absl::GetFlag(FLAGS_resources); ++i, ++made) {
      proposal.changes.push_back({absl::StrCat(collection, "/r", 100'000 + made),
                                  log::ChangeKind::kPut, make(&random).SerializeAsString()});
    }
    head = log->Append(head, {proposal}).value().back().number;
  }
  return log;
}

// A condition; what it is called in the report, and an order to ask for.
struct Asked {
  std::string kind;
  std::string filter;
  std::string none;
  std::string order = "title.text";
};

template <typename Request, typename Response>
class Lister {
 public:
  explicit Lister(const resource::DataService* service) : service_(service) {}

  // The median time of a call, and how many resources its page has.
  std::pair<double, int> Ask(const std::string& filter, const std::string& order) const {
    Request request;
    request.set_filter(filter);
    request.set_order_by(order);
    request.set_page_size(50);
    std::vector<double> times;
    int count = 0;
    for (int i = 0; i < absl::GetFlag(FLAGS_runs); ++i) {
      Response response;
      absl::Status status = absl::UnknownError("no answer");
      const auto begin = std::chrono::steady_clock::now();
      service_->Call(request, &response, [&](absl::Status answered) { status = answered; });
      times.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
              .count());
      if (!status.ok()) {
        std::cerr << filter << ": " << status << "\n";
        std::exit(1);
      }
      const auto* list = response.GetDescriptor()->field(0);
      count = response.GetReflection()->FieldSize(response, list);
    }
    std::sort(times.begin(), times.end());
    return {times[times.size() / 2], count};
  }

  void Report(const std::string& collection, const std::vector<Asked>& all) const {
    for (const Asked& asked : all) {
      if (const std::string only = absl::GetFlag(FLAGS_filter);
          !only.empty() && only != asked.filter) {
        continue;
      }
      const auto [first_ms, count] = Ask(asked.filter, "");
      const auto [ordered_ms, ordered] = Ask(asked.filter, asked.order);
      const auto [none_ms, none] = Ask(asked.none, "");
      if (none != 0) {
        std::cerr << asked.none << " is satisfied\n";
        std::exit(1);
      }
      std::cout << absl::StrFormat(R"({"benchmark": "filter", "collection": "%s", "kind": "%s", )"
                                   R"("filter": "%s", "page": %d, "first_ms": %.2f, )"
                                   R"("ordered_ms": %.2f, "none_ms": %.2f})",
                                   collection, asked.kind,
                                   absl::StrReplaceAll(asked.filter, {{"\"", "\\\""}}), count,
                                   first_ms, ordered_ms, none_ms)
                << std::endl;
    }
  }

 private:
  const resource::DataService* const service_;
};

void Claims(const catalogue::CatalogueView& view) {
  auto service =
      funding::MakeFunding(&view, LogOf("claims", MakeClaim), resource::StoreOptions{}).value();
  if (!service->Load().ok()) std::exit(1);
  Lister<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse>(service.get())
      .Report(
          "claims",
          {{"everything", "", "revision = 1000000"},
           {"name", R"(name = "claims/r150000")", R"(name = "claims/none")"},
           {"name prefix", R"(name = "claims/r1500*")", R"(name = "claims/s*")"},
           {"reference", R"(initiative = "initiatives/i700")", R"(initiative = "initiatives/j")"},
           {"reference in a part", R"(parties.organisation:"organisations/o900")",
            R"(parties.organisation:"organisations/none")"},
           {"references, or", R"(initiative = ("initiatives/i700" OR "initiatives/i701"))",
            R"(initiative = ("initiatives/j" OR "initiatives/k"))"},
           {"reference and enum",
            R"(initiative = "initiatives/i70" AND stage = CLAIM_STAGE_PLANNED)",
            R"(initiative = "initiatives/i70" AND nature = CLAIM_NATURE_STATISTIC)"},
           {"reference, frequent", R"(parties.organisation:"organisations/o0")",
            R"(parties.organisation:"organisations/o0" AND title.text = "none")"},
           {"enum", "stage = CLAIM_STAGE_DISBURSED", "nature = CLAIM_NATURE_STATISTIC"},
           {"enum, not", "NOT stage = CLAIM_STAGE_REQUESTED",
            "NOT nature = CLAIM_NATURE_OWN_FUNDING"},
           {"string", R"(amount.currency_code = "USD")", R"(amount.currency_code = "EUR")"},
           {"string part", R"(title.text = "*denformo*")", R"(title.text = "*denformoxx*")"},
           {"date, certainly", R"(certainly(value_date, "2023-08"))",
            R"(certainly(value_date, "1923-08"))"},
           {"date, possibly", R"(possibly(value_date, "2023-08"))",
            R"(possibly(value_date, "1923-08"))"},
           {"date, bound", R"(value_date.earliest >= "2024-06-01")",
            R"(value_date.earliest >= "2025-06-01")"},
           {"decimal", "amount.figure.value > 99000000", "amount.figure.value > 990000000"},
           {"word", "denformo", "denformoxx"},
           {"words", R"(denformo OR zanwes OR "ver unsil")", "denformoxx OR zanwesxx OR verxx"},
           {"mix",
            R"((denformo OR stage = CLAIM_STAGE_PLANNED) AND -possibly(value_date, "2023") AND )"
            R"(amount.figure.value > 1000000)",
            R"((denformoxx OR possibly(value_date, "1923")) AND -certainly(value_date, "2023") )"
            R"(AND amount.figure.value > 0)"}});
}

void Organisations() {
  auto service =
      catalogue::MakeCatalogue(LogOf("organisations", MakeOrganisation), resource::StoreOptions{})
          .value();
  if (!service->Load().ok()) std::exit(1);
  Lister<catalogue::v1::ListOrganisationsRequest, catalogue::v1::ListOrganisationsResponse>(
      service.get())
      .Report(
          "organisations",
          {{"everything", "", "revision = 1000000"},
           {"name", R"(name = "organisations/r150000")", R"(name = "organisations/none")"},
           {"reference", R"(parent = "organisations/r100200")", R"(parent = "organisations/s")"},
           {"enum", "kind = ORGANISATION_KIND_ACADEMIC", "kind = ORGANISATION_KIND_UNSPECIFIED"},
           {"string of several", R"(acronyms:"denformo")", R"(acronyms:"denformoxx")"},
           {"identifier", R"(external_ids.value:"XM-1*")", R"(external_ids.value:"XM-none")"},
           {"word", "denformo", "denformoxx"},
           {"mix",
            R"(kind = ORGANISATION_KIND_AGENCY AND (denformo OR zanwes) AND )"
            R"(NOT parent = "organisations/r100200")",
            R"((denformoxx OR zanwesxx) AND NOT parent = "organisations/r100200")"}});
}

void Events(const catalogue::CatalogueView& view) {
  auto service =
      events::MakeEvents(&view, LogOf("events", MakeEvent), resource::StoreOptions{}).value();
  if (!service->Load().ok()) std::exit(1);
  Lister<events::v1::ListEventsRequest, events::v1::ListEventsResponse>(service.get())
      .Report("events", {{"everything", "", "revision = 1000000", "date.earliest desc"},
                         {"name", R"(name = "events/r150000")", R"(name = "events/none")"},
                         {"reference", R"(initiatives:"initiatives/i700")",
                          R"(initiatives:"initiatives/j")", "date.earliest"},
                         {"reference in a part", R"(parties.organisation:"organisations/o900")",
                          R"(parties.organisation:"organisations/none")"},
                         {"enum", "kind = EVENT_KIND_SUMMIT", "kind = EVENT_KIND_UNSPECIFIED",
                          "date.earliest desc"},
                         {"date, certainly", R"(certainly(date, "2023-08"))",
                          R"(certainly(date, "1923-08"))", "date.earliest"},
                         {"date, possibly", R"(possibly(date, "2023-08"))",
                          R"(possibly(date, "1923-08"))", "date.earliest"},
                         {"date, bound", R"(date.earliest >= "2024-06-01")",
                          R"(date.earliest >= "2025-06-01")", "date.earliest"},
                         {"word", "denformo", "denformoxx"}});
}

int Run() {
  logging::SetLevel(logging::Level::kOff);
  const catalogue::CatalogueView view;
  const std::string only = absl::GetFlag(FLAGS_only);
  if (only.empty() || only == "claims") Claims(view);
  if (only.empty() || only == "organisations") Organisations();
  if (only.empty() || only == "events") Events(view);
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return entente::benchmarks::Run();
}
