// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/rollup/generated.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <numeric>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/resource/state.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "services/funding/query/claim_table_builder.h"
#include "services/funding/rates/table.h"

namespace entente::benchmarks {
namespace {

using funding::query::ClaimTableBuilder;
namespace v1 = funding::v1;

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

constexpr v1::ClaimStage kStageOf[kStages] = {v1::CLAIM_STAGE_DISBURSED, v1::CLAIM_STAGE_COMMITTED,
                                              v1::CLAIM_STAGE_EXPENDED, v1::CLAIM_STAGE_PLANNED,
                                              v1::CLAIM_STAGE_PLEDGED};
// All with two decimals, so that minor units are hundredths.
constexpr const char* kCurrencyOf[kCurrencies] = {
    "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK",
    "CZK", "PLN", "RON", "BGN", "CNY", "HKD", "SGD", "MYR", "THB", "ZAR"};

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

// A rate to the euro for every day: those of weekends are as good here as any.
std::shared_ptr<const resource::State> Funding(Mix mix) {
  std::vector<log::Change> changes;
  for (int i = 0; mix == Mix::kCurrencies && i < kCurrencies; ++i) {
    const std::string currency = kCurrencyOf[i];
    if (currency == "EUR") continue;
    v1::RateSeries series;
    series.set_name(absl::StrCat("rateSeries/ecb-", i));
    series.set_base_currency_code("EUR");
    series.set_quote_currency_code(currency);
    series.set_kind(v1::RATE_KIND_DAILY_REFERENCE);
    const absl::CivilDay end(kLastYear + 1, 1, 1);
    for (absl::CivilDay day(kLastYear + 1 - kYears, 1, 1); day < end; ++day) {
      auto* rate = series.add_rates();
      rate->set_date(absl::FormatCivilTime(day));
      rate->set_value(absl::StrFormat("1.%04d", (day - end + 100'000 + 37 * i) % 10'000));
    }
    changes.push_back({series.name(), log::ChangeKind::kPut, series.SerializeAsString()});
  }
  return StateOf(FundingTypes(), std::move(changes));
}

// A claim as numbers.
struct Drawn {
  size_t number = 0;
  uint8_t stage = 0;
  uint8_t country = 0;
  uint8_t currency = 0;
  bool at_least = false;
  bool has_part = false;  // the next one
  uint16_t funder = 0;
  uint16_t sector = 0;
  int initiative = 0;
  absl::CivilDay day;
  int64_t amount = 0;  // minor units
};

std::string NameOf(const Drawn& drawn) { return absl::StrFormat("claims/c%09d", drawn.number); }
std::string InitiativeOf(int initiative) { return absl::StrCat("initiatives/i", initiative); }

class Generator {
 public:
  explicit Generator(Mix mix) : mix_(mix) {}

  Drawn Draw() {
    Drawn drawn;
    drawn.stage = static_cast<uint8_t>(skewed_.Below(kStages));
    drawn.initiative = skewed_.Below(kInitiatives);
    drawn.country = static_cast<uint8_t>(skewed_.Below(kCountries));
    drawn.funder = static_cast<uint16_t>(skewed_.Below(kFunders));
    drawn.sector = static_cast<uint16_t>(skewed_.Below(kSectors));
    if (mix_ == Mix::kCurrencies) drawn.currency = static_cast<uint8_t>(skewed_.Below(kCurrencies));
    const int year = kLastYear - skewed_.Below(kYears);
    const int month = 1 + skewed_.Evenly(12);
    drawn.day = absl::CivilDay(year, month, 1 + skewed_.Evenly(28));
    const int whole = skewed_.Below(100'000'000);
    drawn.amount = int64_t{whole} * 100 + 1 + skewed_.Evenly(98);
    drawn.at_least = mix_ == Mix::kMixed && skewed_.Evenly(100) < 3;
    drawn.number = number_++;
    // Every twentieth claim has as a part the next one.
    drawn.has_part = mix_ == Mix::kMixed && drawn.number % 20 == 0;
    return drawn;
  }

 private:
  const Mix mix_;
  Skewed skewed_;
  size_t number_ = 0;
};

v1::Claim* Make(const Drawn& drawn, google::protobuf::Arena* arena) {
  auto* claim = google::protobuf::Arena::CreateMessage<v1::Claim>(arena);
  claim->set_name(NameOf(drawn));
  claim->set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
  claim->set_stage(kStageOf[drawn.stage]);
  claim->set_direction(v1::CLAIM_DIRECTION_OUTGOING);
  claim->set_instrument(v1::CLAIM_INSTRUMENT_GRANT);
  claim->set_initiative(InitiativeOf(drawn.initiative));
  claim->add_places()->set_place(absl::StrCat("places/c", drawn.country));
  auto* party = claim->add_parties();
  party->set_role(type::v1::PARTY_ROLE_FUNDING);
  party->set_organisation(absl::StrCat("organisations/o", drawn.funder));
  auto* code = claim->add_sectors();
  code->set_vocabulary("1");
  code->set_code(absl::StrCat(10'000 + drawn.sector));
  claim->mutable_value_date()->set_edtf(absl::FormatCivilTime(drawn.day));
  claim->mutable_amount()->set_currency_code(kCurrencyOf[drawn.currency]);
  type::v1::Figure* figure = claim->mutable_amount()->mutable_figure();
  const std::string value = absl::StrFormat("%d.%02d", drawn.amount / 100, drawn.amount % 100);
  figure->set_value(value);
  figure->mutable_interval()->set_low(value);
  if (drawn.at_least) {
    figure->set_qualifier(type::v1::QUALIFIER_AT_LEAST);
    figure->mutable_interval()->set_high_open(true);
  } else {
    figure->set_qualifier(type::v1::QUALIFIER_EXACT);
    figure->mutable_interval()->set_high(value);
  }
  return claim;
}

// A part of `whole`: up to so much of it, at its stage and date; and at its place or, of every other
// one, elsewhere.
v1::Claim* MakePart(const Drawn& drawn, const v1::Claim& whole, google::protobuf::Arena* arena) {
  v1::Claim* part = Make(drawn, arena);
  part->set_part_of(whole.name());
  part->set_stage(whole.stage());
  *part->mutable_value_date() = whole.value_date();
  if (drawn.number % 40 == 1) *part->mutable_places() = whole.places();
  type::v1::Figure* figure = part->mutable_amount()->mutable_figure();
  figure->set_qualifier(type::v1::QUALIFIER_UP_TO);
  figure->mutable_interval()->set_low("0");
  figure->mutable_interval()->set_high(figure->value());
  return part;
}

// The places of those that are not parts, in the order in which a table has its rows.
std::vector<size_t> RowsOrder(const std::vector<Drawn>& drawn) {
  // The place of each initiative in the order of names.
  std::vector<int> initiatives(kInitiatives);
  std::iota(initiatives.begin(), initiatives.end(), 0);
  std::sort(initiatives.begin(), initiatives.end(),
            [](int a, int b) { return InitiativeOf(a) < InitiativeOf(b); });
  std::vector<size_t> rank(kInitiatives);
  for (size_t i = 0; i < initiatives.size(); ++i) rank[static_cast<size_t>(initiatives[i])] = i;
  std::vector<size_t> order;
  for (size_t i = 0; i < drawn.size(); i += drawn[i].has_part ? 2 : 1) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return rank[static_cast<size_t>(drawn[a].initiative)] <
           rank[static_cast<size_t>(drawn[b].initiative)];
  });
  return order;
}

Arrays ArraysOf(const std::vector<Drawn>& all) {
  Arrays arrays;
  for (const Drawn& drawn : all) {
    arrays.year.push_back(static_cast<int16_t>(drawn.day.year()));
    arrays.stage.push_back(drawn.stage);
    arrays.country.push_back(drawn.country);
    arrays.sector.push_back(drawn.sector);
    arrays.funder.push_back(drawn.funder);
    arrays.initiative.push_back(static_cast<uint32_t>(drawn.initiative));
    arrays.currency.push_back(drawn.currency);
    arrays.value_date.push_back(static_cast<int32_t>(drawn.day - absl::CivilDay(1970, 1, 1)));
    arrays.amount.push_back(drawn.amount);
  }
  return arrays;
}

template <typename T>
bool WriteArray(const std::string& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
  return file.good();
}

}  // namespace

const resource::Registry& FundingTypes() {
  static const auto* const types = new resource::Registry(
      resource::Registry::Of({v1::Claim::descriptor(), v1::RateSeries::descriptor()}).value());
  return *types;
}

std::shared_ptr<const resource::State> Catalogue() {
  std::vector<log::Change> places;
  for (int i = 0; i < kCountries; ++i) {
    catalogue::v1::Place place;
    place.set_name(absl::StrCat("places/c", i));
    place.set_kind(catalogue::v1::PLACE_KIND_COUNTRY);
    places.push_back({place.name(), log::ChangeKind::kPut, place.SerializeAsString()});
  }
  return StateOf(CatalogueTypes(), std::move(places));
}

class FlatClaims::Impl {
 public:
  log::Change Next() {
    google::protobuf::Arena arena;
    const v1::Claim* claim = Make(generator_.Draw(), &arena);
    return {claim->name(), log::ChangeKind::kPut, claim->SerializeAsString()};
  }

 private:
  Generator generator_{Mix::kFlat};
};

FlatClaims::FlatClaims() : impl_(std::make_unique<Impl>()) {}
FlatClaims::~FlatClaims() = default;
log::Change FlatClaims::Next() { return impl_->Next(); }

Generated Generate(Mix mix, size_t claims) {
  // Flat claims are let go batch by batch; those in trees are asked again when a tree is split.
  constexpr size_t kBatch = 100'000;
  static auto* const kept = new google::protobuf::Arena();
  std::vector<Drawn> drawn;
  drawn.reserve(claims + 1);
  Generator generator(mix);
  while (drawn.size() < claims || (!drawn.empty() && drawn.back().has_part)) drawn.push_back(generator.Draw());
  Generated generated;
  const auto funding = Funding(mix);
  ClaimTableBuilder builder(
      funding, {{"value_date", ""}, {"places", ""}, {"funding", ""}, {"initiative", ""},
                {"sectors", "1"}});
  const std::vector<size_t> order = RowsOrder(drawn);
  for (size_t next = 0; next < order.size();) {
    google::protobuf::Arena arena;
    google::protobuf::Arena* const where = mix == Mix::kMixed ? kept : &arena;
    for (const size_t until = std::min(order.size(), next + kBatch); next < until; ++next) {
      const Drawn& top = drawn[order[next]];
      std::vector<v1::Claim*> family = {Make(top, where)};
      if (top.has_part) family.push_back(MakePart(drawn[order[next] + 1], *family[0], where));
      builder.Append(family);
    }
    builder.ExtendColumns();
  }
  if (mix == Mix::kFlat) generated.arrays = ArraysOf(drawn);
  generated.bytes = builder.BytesOfColumns();
  generated.sources = {std::move(builder).Finish(), Catalogue(), funding::rates::RateTable::Of(*funding)};
  return generated;
}

absl::Status Arrays::WriteTo(const std::string& directory) const {
  std::ofstream json(directory + "/columns.json");
  json << "{\"rows\": " << amount.size()
       << ", \"columns\": {\"year\": \"int16\", \"stage\": \"uint8\", \"country\": \"uint8\", "
          "\"sector\": \"uint16\", \"funder\": \"uint16\", \"initiative\": \"uint32\", "
          "\"currency\": \"uint8\", \"value_date\": \"int32\", \"amount\": \"int64\"}}\n";
  const bool written =
      json.good() && WriteArray(directory + "/year.bin", year) &&
      WriteArray(directory + "/stage.bin", stage) &&
      WriteArray(directory + "/country.bin", country) &&
      WriteArray(directory + "/sector.bin", sector) &&
      WriteArray(directory + "/funder.bin", funder) &&
      WriteArray(directory + "/initiative.bin", initiative) &&
      WriteArray(directory + "/currency.bin", currency) &&
      WriteArray(directory + "/value_date.bin", value_date) &&
      WriteArray(directory + "/amount.bin", amount);
  return written ? absl::OkStatus()
                 : absl::UnavailableError(absl::StrCat("cannot write to ", directory));
}

}  // namespace entente::benchmarks
