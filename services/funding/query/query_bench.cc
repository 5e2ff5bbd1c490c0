// SPDX-License-Identifier: Apache-2.0
//
// How long queries take, over a million generated claims (or ENTENTE_BENCH_CLAIMS of them) whose
// dimensions are skewed as real ones are: few values have most of the money. "Flat" claims are
// exact and by themselves; of the "mixed" ones 5 % are parts of others and 3 % have bounds.
//
//   scripts/bench.sh Query
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/resource/state.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "google/protobuf/text_format.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {
namespace {

constexpr int kCountries = 200;

// Random numbers of which small ones are much more frequent.
class Skewed {
 public:
  int Below(int limit) {
    const double x = uniform_(random_);
    return static_cast<int>(x * x * x * limit);
  }
  int Evenly(int limit) { return static_cast<int>(uniform_(random_) * limit); }

 private:
  std::mt19937_64 random_{20231101};
  std::uniform_real_distribution<double> uniform_{0, 1};
};

const resource::Registry& FundingTypes() {
  static const auto* const types = new resource::Registry(
      resource::Registry::Of({v1::Claim::descriptor(), v1::RateSeries::descriptor()}).value());
  return *types;
}

const resource::Registry& CatalogueTypes() {
  static const auto* const types =
      new resource::Registry(resource::Registry::Of({catalogue::v1::Place::descriptor()}).value());
  return *types;
}

std::shared_ptr<const resource::State> StateOf(const resource::Registry& types,
                                               std::vector<log::Change> changes) {
  const log::Revision revision{1, absl::UnixEpoch(), "", "", std::move(changes)};
  return resource::State(&types).With(resource::Materialise(types, revision).value());
}

std::string NameOf(int claim) { return absl::StrFormat("claims/c%09d", claim); }

log::Change Generated(int number, bool mixed, Skewed* skewed) {
  static constexpr v1::ClaimStage kStages[] = {v1::CLAIM_STAGE_DISBURSED, v1::CLAIM_STAGE_COMMITTED,
                                               v1::CLAIM_STAGE_EXPENDED, v1::CLAIM_STAGE_PLANNED,
                                               v1::CLAIM_STAGE_PLEDGED};
  v1::Claim claim;
  claim.set_name(NameOf(number));
  claim.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
  claim.set_stage(kStages[skewed->Below(5)]);
  claim.set_direction(v1::CLAIM_DIRECTION_OUTGOING);
  claim.set_instrument(v1::CLAIM_INSTRUMENT_GRANT);
  claim.set_initiative(absl::StrCat("initiatives/i", skewed->Below(20'000)));
  claim.add_places()->set_place(absl::StrCat("places/c", skewed->Below(kCountries)));
  auto* party = claim.add_parties();
  party->set_role(type::v1::PARTY_ROLE_FUNDING);
  party->set_organisation(absl::StrCat("organisations/o", skewed->Below(3000)));
  auto* sector = claim.add_sectors();
  sector->set_vocabulary("1");
  sector->set_code(absl::StrCat(11110 + 10 * skewed->Below(300)));
  claim.mutable_value_date()->set_edtf(absl::StrFormat(
      "%04d-%02d-%02d", 2024 - skewed->Below(20), 1 + skewed->Evenly(12), 1 + skewed->Evenly(28)));
  claim.mutable_amount()->set_currency_code("USD");
  type::v1::Figure* figure = claim.mutable_amount()->mutable_figure();
  const std::string value =
      absl::StrFormat("%d.%02d", skewed->Below(100'000'000), 1 + skewed->Evenly(98));
  figure->set_value(value);
  figure->set_qualifier(type::v1::QUALIFIER_EXACT);
  figure->mutable_interval()->set_low(value);
  figure->mutable_interval()->set_high(value);
  if (mixed && skewed->Evenly(100) < 3) {
    figure->set_qualifier(type::v1::QUALIFIER_AT_LEAST);
    figure->mutable_interval()->clear_high();
    figure->mutable_interval()->set_high_open(true);
  }
  if (mixed && number % 20 == 1) {
    // Up to so much of the claim before it, which has its kind. It states nothing too much.
    claim.set_part_of(NameOf(number - 1));
    figure->set_qualifier(type::v1::QUALIFIER_UP_TO);
    figure->mutable_interval()->set_low("0");
    figure->mutable_interval()->set_high(value);
    claim.set_stage(v1::CLAIM_STAGE_DISBURSED);
  }
  if (mixed && number % 20 == 0) claim.set_stage(v1::CLAIM_STAGE_DISBURSED);
  return {claim.name(), log::ChangeKind::kPut, claim.SerializeAsString()};
}

Sources MakeSources(bool mixed) {
  const char* const asked = std::getenv("ENTENTE_BENCH_CLAIMS");
  const int count = asked == nullptr ? 1'000'000 : std::atoi(asked);
  Skewed skewed;
  std::vector<log::Change> claims;
  for (int i = 0; i < count; ++i) claims.push_back(Generated(i, mixed, &skewed));
  std::vector<log::Change> places;
  for (int i = 0; i < kCountries; ++i) {
    catalogue::v1::Place place;
    place.set_name(absl::StrCat("places/c", i));
    place.set_kind(catalogue::v1::PLACE_KIND_COUNTRY);
    places.push_back({place.name(), log::ChangeKind::kPut, place.SerializeAsString()});
  }
  auto state = StateOf(FundingTypes(), std::move(claims));
  auto rates = rates::RateTable::Of(*state);
  return {Snapshot::Of(std::move(state)), StateOf(CatalogueTypes(), std::move(places)), rates};
}

const Sources& SourcesOf(bool mixed) {
  // One at a time, for the memory's sake: the flat ones come first.
  static auto* const kept = new std::pair<bool, std::unique_ptr<Sources>>();
  if (kept->second == nullptr || kept->first != mixed) {
    kept->second.reset();
    kept->second = std::make_unique<Sources>(MakeSources(mixed));
    kept->first = mixed;
  }
  return *kept->second;
}

void Ask(benchmark::State& state, const std::string& text, bool mixed) {
  v1::QueryFundingRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(text, &request)) {
    state.SkipWithError("not a request");
    return;
  }
  const Sources& sources = SourcesOf(mixed);
  size_t rows = 0;
  for (auto _ : state) {
    const absl::StatusOr<Plan> plan = MakePlan(request, "");
    const auto evaluation = Evaluation::Of(*plan, sources, nullptr);
    if (!evaluation.ok()) {
      state.SkipWithError(std::string(evaluation.status().message()).c_str());
      return;
    }
    const auto answer = MakeAnswer(**evaluation, nullptr, nullptr);
    if (!answer.ok()) {
      state.SkipWithError(std::string(answer.status().message()).c_str());
      return;
    }
    rows = answer->rows.size();
  }
  state.counters["rows"] = static_cast<double>(rows);
}

constexpr std::pair<const char*, const char*> kQueries[] = {
    {"a_year", "mix: MONEY_KIND_STAGE group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR }"},
    {"b_year_stage_country",
     "group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR } group_by { field: 'stage' } "
     "group_by { field: 'countries' }"},
    {"c_five_sectors_by_funder_top_10",
     "mix: MONEY_KIND_STAGE sector_vocabulary: '1' "
     "filter: 'sectors:(11110 OR 11120 OR 11130 OR 11140 OR 11150)' "
     "group_by { field: 'funding' } order_by: 'stated desc' top: 10"},
    {"d_initiative", "mix: MONEY_KIND_STAGE group_by { field: 'initiative' }"},
    {"e_one_country", "mix: MONEY_KIND_STAGE filter: 'countries:\\\"places/c90\\\"'"},
};

[[maybe_unused]] const bool registered = [] {
  for (const bool mixed : {false, true}) {
    for (const auto& [name, text] : kQueries) {
      benchmark::RegisterBenchmark(
          absl::StrCat("Query/", mixed ? "mixed" : "flat", "/", name).c_str(),
          [text = std::string(text), mixed](benchmark::State& state) { Ask(state, text, mixed); })
          ->Unit(benchmark::kMillisecond)
          ->MeasureProcessCPUTime()
          ->UseRealTime();
    }
  }
  return true;
}();

}  // namespace
}  // namespace entente::funding::query
