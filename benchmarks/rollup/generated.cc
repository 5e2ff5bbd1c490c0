// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/rollup/generated.h"

#include <google/protobuf/arena.h>

#include <fstream>
#include <memory>
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

class Generator {
 public:
  Generator(Mix mix, Arrays* arrays) : mix_(mix), arrays_(arrays) {}

  // The next claim, and its part if it has one.
  std::vector<v1::Claim*> Next(google::protobuf::Arena* arena) {
    v1::Claim* claim = Make(arena);
    if (mix_ != Mix::kMixed || number_ % 20 != 1) return {claim};
    // Every twentieth claim has as a part the next one: up to so much of it, at its stage, which
    // is elsewhere or not.
    v1::Claim* part = Make(arena);
    part->set_part_of(claim->name());
    part->set_stage(claim->stage());
    *part->mutable_value_date() = claim->value_date();
    if (number_ % 40 == 2) *part->mutable_places() = claim->places();
    type::v1::Figure* figure = part->mutable_amount()->mutable_figure();
    figure->set_qualifier(type::v1::QUALIFIER_UP_TO);
    figure->mutable_interval()->set_low("0");
    figure->mutable_interval()->set_high(figure->value());
    return {claim, part};
  }
  size_t made() const { return number_; }

 private:
  v1::Claim* Make(google::protobuf::Arena* arena) {
    auto* claim = google::protobuf::Arena::CreateMessage<v1::Claim>(arena);
    const int stage = skewed_.Below(kStages);
    const int initiative = skewed_.Below(kInitiatives);
    const int country = skewed_.Below(kCountries);
    const int funder = skewed_.Below(kFunders);
    const int sector = skewed_.Below(kSectors);
    const int currency = mix_ == Mix::kCurrencies ? skewed_.Below(kCurrencies) : 0;
    const absl::CivilDay day(kLastYear - skewed_.Below(kYears), 1 + skewed_.Evenly(12),
                             1 + skewed_.Evenly(28));
    const int whole = skewed_.Below(100'000'000);
    const int cents = 1 + skewed_.Evenly(98);
    claim->set_name(absl::StrFormat("claims/c%09d", number_));
    claim->set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
    claim->set_stage(kStageOf[stage]);
    claim->set_direction(v1::CLAIM_DIRECTION_OUTGOING);
    claim->set_instrument(v1::CLAIM_INSTRUMENT_GRANT);
    claim->set_initiative(absl::StrCat("initiatives/i", initiative));
    claim->add_places()->set_place(absl::StrCat("places/c", country));
    auto* party = claim->add_parties();
    party->set_role(type::v1::PARTY_ROLE_FUNDING);
    party->set_organisation(absl::StrCat("organisations/o", funder));
    auto* code = claim->add_sectors();
    code->set_vocabulary("1");
    code->set_code(absl::StrCat(10'000 + sector));
    claim->mutable_value_date()->set_edtf(absl::FormatCivilTime(day));
    claim->mutable_amount()->set_currency_code(kCurrencyOf[currency]);
    type::v1::Figure* figure = claim->mutable_amount()->mutable_figure();
    const std::string value = absl::StrFormat("%d.%02d", whole, cents);
    figure->set_value(value);
    figure->set_qualifier(type::v1::QUALIFIER_EXACT);
    figure->mutable_interval()->set_low(value);
    figure->mutable_interval()->set_high(value);
    if (mix_ == Mix::kMixed && skewed_.Evenly(100) < 3) {
      figure->set_qualifier(type::v1::QUALIFIER_AT_LEAST);
      figure->mutable_interval()->clear_high();
      figure->mutable_interval()->set_high_open(true);
    }
    ++number_;
    if (mix_ != Mix::kFlat) return claim;
    arrays_->year.push_back(static_cast<int16_t>(day.year()));
    arrays_->stage.push_back(static_cast<uint8_t>(stage));
    arrays_->country.push_back(static_cast<uint8_t>(country));
    arrays_->sector.push_back(static_cast<uint16_t>(sector));
    arrays_->funder.push_back(static_cast<uint16_t>(funder));
    arrays_->initiative.push_back(static_cast<uint32_t>(initiative));
    arrays_->currency.push_back(0);
    arrays_->value_date.push_back(static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1)));
    arrays_->amount.push_back(int64_t{whole} * 100 + cents);
    return claim;
  }

  const Mix mix_;
  Arrays* const arrays_;
  Skewed skewed_;
  size_t number_ = 0;
};

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
    const v1::Claim* claim = generator_.Next(&arena)[0];
    return {claim->name(), log::ChangeKind::kPut, claim->SerializeAsString()};
  }

 private:
  Arrays arrays_;
  Generator generator_{Mix::kFlat, &arrays_};
};

FlatClaims::FlatClaims() : impl_(std::make_unique<Impl>()) {}
FlatClaims::~FlatClaims() = default;
log::Change FlatClaims::Next() { return impl_->Next(); }

Generated Generate(Mix mix, size_t claims) {
  // Flat claims are let go batch by batch; those in trees are asked again when a tree is split.
  constexpr size_t kBatch = 100'000;
  static auto* const kept = new google::protobuf::Arena();
  Generated generated;
  Generator generator(mix, &generated.arrays);
  const auto funding = Funding(mix);
  ClaimTableBuilder builder(
      funding, {{"value_date", ""}, {"places", ""}, {"funding", ""}, {"initiative", ""},
                {"sectors", "1"}});
  while (generator.made() < claims) {
    google::protobuf::Arena arena;
    const size_t until = std::min(claims, generator.made() + kBatch);
    while (generator.made() < until) {
      google::protobuf::Arena* const where = mix == Mix::kMixed ? kept : &arena;
      builder.Append(generator.Next(where));
    }
    builder.ExtendColumns();
  }
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
