// SPDX-License-Identifier: Apache-2.0
//
// Any request, of a record that has something of everything: answered or refused without a fault,
// and with what query.proto promises of answers and of explanations.
//
// Bytes become a request in three ways: as they come from the network, as text, and by a decoder
// that writes filters and groupings that mostly are some, so that it is the engine that is tested
// and not its parsers alone.

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/figure/decimal.h"
#include "common/filter/error.h"
#include "common/status/errors.h"
#include "services/funding/claim_tree.h"
#include "services/funding/query/ledger_test_util.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;

#define REQUIRE(condition) Require((condition), #condition, __LINE__)

// The request that is being tested, for whoever has to find out what it did.
const v1::QueryFundingRequest* asked = nullptr;

void Require(bool condition, const char* what, int line) {
  if (condition) return;
  std::fprintf(stderr, "line %d: not so: %s\n", line, what);
  if (asked != nullptr) std::fprintf(stderr, "%s\n", asked->DebugString().c_str());
  std::abort();
}

void RequireEqual(const google::protobuf::Message& a, const google::protobuf::Message& b,
                  int line) {
  if (a.SerializeAsString() == b.SerializeAsString()) return;
  std::fprintf(stderr, "%s\n%s\n", a.ShortDebugString().c_str(), b.ShortDebugString().c_str());
  Require(false, "both are the same", line);
}

// Trees, percentages, rates, recurrences, dates of every form, relations, what is at fault, and
// what the catalogue does not know.
Ledger MakeLedger() {
  Ledger ledger;
  ledger.PutPlace("places/asia", "kind: PLACE_KIND_REGION");
  ledger.PutPlace("places/asean", "kind: PLACE_KIND_REGION parent: 'places/asia'");
  ledger.PutPlace("places/laos", "kind: PLACE_KIND_COUNTRY parent: 'places/asean'");
  ledger.PutPlace("places/thailand", "kind: PLACE_KIND_COUNTRY parent: 'places/asean'");
  ledger.PutPlace("places/bangkok", "kind: PLACE_KIND_CITY parent: 'places/thailand'");
  ledger.PutPlace("places/round", "kind: PLACE_KIND_CITY parent: 'places/about'");
  ledger.PutPlace("places/about", "kind: PLACE_KIND_CITY parent: 'places/round'");
  ledger.PutInitiative("initiatives/health",
                       "pillars: ['partnerships/p/pillars/people', 'partnerships/p/pillars/x']");
  ledger.PutInitiative("initiatives/vaccines", "parent: 'initiatives/health'");
  ledger.PutInitiative("initiatives/cold-chain", "parent: 'initiatives/vaccines'");
  ledger.PutInitiative("initiatives/schools", "");
  ledger.PutRates(FromText<v1::RateSeries>(
      "name: 'rateSeries/ecb-eur-usd' kind: RATE_KIND_DAILY_REFERENCE source: 'Source: ECB.' "
      "base_currency_code: 'EUR' quote_currency_code: 'USD' "
      "rates { date: '2022-12-30' value: '1.0666' } rates { date: '2023-08-31' value: '1.0868' } "
      "rates { date: '2023-09-01' value: '1.0844' } rates { date: '2023-12-29' value: '1.1050' }"));
  ledger.PutRates(FromText<v1::RateSeries>(
      "name: 'rateSeries/ecb-eur-thb' kind: RATE_KIND_DAILY_REFERENCE source: 'Source: ECB.' "
      "base_currency_code: 'EUR' quote_currency_code: 'THB' "
      "rates { date: '2023-09-01' value: '37.987' }"));
  ledger.PutRates(FromText<v1::RateSeries>(
      "name: 'rateSeries/imf-usd-vnd' kind: RATE_KIND_ANNUAL_AVERAGE source: 'Source: IMF.' "
      "base_currency_code: 'USD' quote_currency_code: 'VND' "
      "rates { date: '2022' value: '23271.2125' } rates { date: '2023' value: '23787.3' }"));
  const std::string us = "parties { organisation: 'organisations/us' role: PARTY_ROLE_FUNDING } ";
  ledger.PutClaims({
      // Exact totals.
      {"flat", us + "amount { figure { value: '10.01' } } value_date { edtf: '2023-09-01' }"},
      {"flat-back", us + "amount { figure { value: '-3.3' } } value_date { edtf: '2023-09-02' } "
                         "places { place: 'places/laos' }"},
      {"flat-in",
       "amount { figure { value: '7' } } direction: CLAIM_DIRECTION_INCOMING "
       "instrument: CLAIM_INSTRUMENT_LOAN"},
      {"flat-paid", us + "amount { figure { value: '4' } } stage: CLAIM_STAGE_DISBURSED "
                         "relations { kind: CLAIM_RELATION_KIND_REALISES claim: 'claims/flat' }"},
      {"baht",
       "amount { currency_code: 'THB' figure { value: '1000.55' } } "
       "value_date { edtf: '2023-09' } places { place: 'places/bangkok' }"},
      {"dong",
       "amount { currency_code: 'VND' figure { value: '123456789' } } "
       "value_date { edtf: '2023' } period { edtf: '2023-01/2023-06' }"},
      {"euro",
       "amount { currency_code: 'EUR' figure { value: '0.5' } } "
       "value_date { edtf: '2022/2024' }"},
      {"gold",
       "amount { currency_code: 'XAU' figure { value: '1.2345' } } title { text: 'gold' } "
       "value_date { edtf: '2023-09-01' }"},
      {"fine", "amount { figure { value: '0.000000000000000001' } }"},
      {"huge",
       "amount { figure { value: '999999999999999.99' } } "
       "value_date { edtf: '2023-09-04' }"},
      // By percentages: all, less than all, some without, several fields, of what is returned.
      {"split", us + "amount { figure { value: '100.01' } } value_date { edtf: '2023-09-01' } "
                     "places { place: 'places/laos' percentage: '33.33' } "
                     "places { place: 'places/thailand' percentage: '66.67' } "
                     "sectors { vocabulary: '1' code: '12220' percentage: '50' } "
                     "sectors { vocabulary: '1' code: '11220' percentage: '25' } "
                     "sectors { vocabulary: '2' code: '122' }"},
      {"split-some",
       "amount { currency_code: 'EUR' figure { value: '1' qualifier: "
       "QUALIFIER_AT_LEAST } } value_date { edtf: '2023-09-01' } "
       "places { place: 'places/laos' percentage: '10' } "
       "places { place: 'places/asean' } places { place: 'places/nowhere' }"},
      {"split-back",
       "amount { figure { value: '-0.05' } } "
       "places { place: 'places/laos' percentage: '50' } "
       "places { place: 'places/thailand' percentage: '50' }"},
      {"both",
       "amount { figure { value: '12' qualifier: QUALIFIER_ABOUT } } "
       "places { place: 'places/laos' } places { place: 'places/thailand' } "
       "sectors { vocabulary: '2' code: '122' } sectors { vocabulary: '99' code: 'a + b' }"},
      // A whole and its parts, three deep, with a part for elsewhere and divisions inside.
      {"aid", us + "amount { figure { value: '500' qualifier: QUALIFIER_MORE_THAN } } "
                   "places { place: 'places/asean' } value_date { edtf: '2023-08' } "
                   "initiative: 'initiatives/health' period { edtf: '2022-10-01/2023-09-30' }"},
      {"aid-a",
       "amount { figure { value: '100' } } part_of: 'claims/aid' "
       "initiative: 'initiatives/vaccines' places { place: 'places/laos' }"},
      {"aid-b",
       "amount { figure { value: '15' qualifier: QUALIFIER_AT_LEAST } } "
       "part_of: 'claims/aid' places { place: 'places/laos' percentage: '60' } "
       "places { place: 'places/thailand' percentage: '30' }"},
      {"aid-c", "part_of: 'claims/aid' initiative: 'initiatives/schools'"},
      {"aid-aa",
       "amount { figure { value: '60' qualifier: QUALIFIER_UP_TO } } "
       "part_of: 'claims/aid-a' initiative: 'initiatives/cold-chain'"},
      {"aid-ab",
       "amount { figure { value: '70' qualifier: QUALIFIER_NEARLY } } "
       "part_of: 'claims/aid-a' sectors { vocabulary: '1' code: '12220' }"},
      // Nothing is stated of the whole, and of a part below a part.
      {"dark", "places { place: 'places/asia' }"},
      {"dark-a",
       "amount { figure { value: '9' qualifier: QUALIFIER_LESS_THAN } } "
       "part_of: 'claims/dark'"},
      {"dark-b", "part_of: 'claims/dark'"},
      {"dark-ba", "amount { figure { value: '0' } } part_of: 'claims/dark-b'"},
      {"unknown", "title { text: 'not told' } value_date { edtf: '2023-09-01/..' }"},
      // What comes back.
      {"yearly", us + "amount { figure { value: '20' } } recurrence { every: 1 unit: "
                      "RECURRENCE_UNIT_YEAR validity { edtf: '2024/2026' } } "
                      "value_date { edtf: '2023-09-01' }"},
      {"yearly-a",
       "amount { figure { value: '5' qualifier: QUALIFIER_MORE_THAN } } "
       "part_of: 'claims/yearly' recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR "
       "validity { edtf: '2024/2026' } } places { place: 'places/laos' }"},
      {"monthly",
       "amount { currency_code: 'EUR' figure { value: '0.333' } } "
       "recurrence { every: 5 unit: RECURRENCE_UNIT_MONTH } "
       "value_date { edtf: '2023-09-01' } "
       "places { place: 'places/laos' percentage: '1' }"},
      {"quarterly",
       "recurrence { every: 1 unit: RECURRENCE_UNIT_QUARTER "
       "validity { edtf: '2024-01?/' } }"},
      // The same money.
      {"again",
       "amount { figure { value: '499' } } relations { kind: CLAIM_RELATION_KIND_RESTATES "
       "claim: 'claims/aid' } places { place: 'places/asean' }"},
      {"on",
       "amount { figure { value: '30' } } relations { kind: "
       "CLAIM_RELATION_KIND_PASSED_ON_FROM claim: 'claims/aid-a' } "
       "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/flat' }"},
      {"ring",
       "amount { figure { value: '1' } } relations { kind: "
       "CLAIM_RELATION_KIND_PASSED_ON_FROM claim: 'claims/rung' }"},
      {"rung",
       "amount { figure { value: '2' qualifier: QUALIFIER_ABOUT } } relations { kind: "
       "CLAIM_RELATION_KIND_RESTATES claim: 'claims/ring' }"},
      {"new",
       "amount { figure { value: '8' } } relations { kind: CLAIM_RELATION_KIND_SUPERSEDES "
       "claim: 'claims/old' }"},
      {"old", "amount { figure { value: '6' } } places { place: 'places/laos' percentage: '40' }"},
      {"old-a", "amount { figure { value: '1' } } part_of: 'claims/old'"},
      {"new-b",
       "amount { figure { value: '16' } } part_of: 'claims/aid' relations { kind: "
       "CLAIM_RELATION_KIND_SUPERSEDES claim: 'claims/aid-b2' }"},
      {"aid-b2", "amount { figure { value: '14' } } part_of: 'claims/aid'"},
      // Money of other kinds.
      {"mobilised",
       "amount { figure { value: '1000' qualifier: QUALIFIER_UP_TO } } "
       "nature: CLAIM_NATURE_MOBILISED stage: CLAIM_STAGE_ANNOUNCED"},
      {"trade",
       "amount { figure { value: '500000000' } } nature: CLAIM_NATURE_STATISTIC "
       "stage: CLAIM_STAGE_NOT_APPLICABLE period { edtf: '2022' }"},
      {"asked",
       "amount { figure { value: '90.1' } } stage: CLAIM_STAGE_REQUESTED "
       "period { edtf: '2023-10-01/2024-09-30' } value_date { edtf: '2023-03?' }"},
      {"asked-a",
       "amount { figure { value: '50' } } part_of: 'claims/asked' "
       "stage: CLAIM_STAGE_REQUESTED period { edtf: '2024-21' }"},
      {"asked-b",
       "amount { figure { value: '45.2' qualifier: QUALIFIER_ABOUT } } "
       "part_of: 'claims/asked' stage: CLAIM_STAGE_REQUESTED"},
      // Dates of other forms.
      {"sometime", "amount { figure { value: '1' } } value_date { edtf: '[..2023-09-07]' }"},
      {"either", "amount { figure { value: '1' } } value_date { edtf: '[2021,2023]' }"},
      {"long-ago",
       "amount { figure { value: '1' } } value_date { edtf: '-0043-03-15' } "
       "period { edtf: 'Y123456' }"},
      {"from-nobody-knows-when", "amount { figure { value: '1' } } period { edtf: '/2023-01' }"},
      // What the rules refuse, and a record of another origin might have.
      {"less", "amount { figure { value: '1' } }"},
      {"less-than-its-part", "amount { figure { value: '2' } } part_of: 'claims/less'"},
      {"cycle-a", "amount { figure { value: '1' } } part_of: 'claims/cycle-b'"},
      {"cycle-b", "amount { figure { value: '1' } } part_of: 'claims/cycle-a'"},
      {"orphan", "amount { figure { value: '3' } } part_of: 'claims/nobody'"},
  });
  return ledger;
}

struct Record {
  Sources now;
  Sources then;
  std::set<std::string> claims;
};

const Record& TheRecord() {
  static const auto* const record = [] {
    auto* made = new Record;
    Ledger ledger = MakeLedger();
    made->then = ledger.Now();
    ledger.DeleteClaim("flat");
    ledger.PutClaim("aid-c",
                    "amount { figure { value: '17' } } part_of: 'claims/aid' "
                    "initiative: 'initiatives/schools' places { place: 'places/bangkok' }");
    ledger.PutClaim("late",
                    "amount { currency_code: 'JPY' figure { value: '11' } } "
                    "places { place: 'places/elsewhere' }");
    made->now = ledger.Now();
    made->now.snapshot->ForEachAtom(
        [&](Atom atom) { made->claims.insert(made->now.snapshot->claim(atom).name()); });
    REQUIRE(made->claims.size() > 50);
    return made;
  }();
  return *record;
}

// What a fuzzer has to go by, a little at a time. After the end of the bytes all is 0 or, with a
// tail, what follows from the bytes: fuzzers begin with short inputs, and requests are long.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  void AddTail() {
    tail_ = 0xcbf29ce484222325;  // FNV-1a
    for (size_t i = 0; i < size_; ++i) tail_ = (tail_ ^ data_[i]) * 0x100000001b3;
    tail_ |= 1;
  }

  uint8_t Byte() {
    if (at_ < size_) return data_[at_++];
    // A step of xorshift64, which keeps 0 as it is.
    tail_ ^= tail_ << 13;
    tail_ ^= tail_ >> 7;
    tail_ ^= tail_ << 17;
    return static_cast<uint8_t>(tail_ >> 32);
  }
  // Below `n`.
  size_t Below(size_t n) { return Byte() % n; }
  // Rarely, but always for the highest bytes.
  bool Rarely() { return Byte() >= 224; }
  bool Half() { return Byte() % 2 == 1; }
  absl::string_view Raw(size_t n) {
    n = std::min(n, size_ - at_);
    at_ += n;
    return {reinterpret_cast<const char*>(data_) + at_ - n, n};
  }
  absl::string_view Rest() { return Raw(size_ - at_); }
  bool empty() const { return at_ == size_ && tail_ == 0; }

  std::string OneOf(std::initializer_list<const char*> texts) {
    if (Rarely()) return std::string(Raw(Below(24)));
    return *(texts.begin() + Below(texts.size()));
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
  uint64_t tail_ = 0;
};

std::string FieldName(Bytes* bytes) {
  const auto* facts = v1::ClaimFacts::descriptor();
  return std::string(
      facts->field(static_cast<int>(bytes->Below(static_cast<size_t>(facts->field_count()))))
          ->name());
}

std::string Condition(Bytes* bytes) {
  if (bytes->Half()) {
    return bytes->OneOf({"stage = CLAIM_STAGE_COMMITTED",
                         "nature = CLAIM_NATURE_OWN_FUNDING",
                         "NOT nature = CLAIM_NATURE_STATISTIC",
                         "direction = CLAIM_DIRECTION_OUTGOING",
                         "stage = CLAIM_STAGE_REQUESTED OR stage = CLAIM_STAGE_COMMITTED",
                         "places:\"places/laos\"",
                         "within:\"places/asean\"",
                         "countries:\"places/thailand\"",
                         "regions:\"places/asean\"",
                         "NOT places:*",
                         "initiatives:\"initiatives/health\"",
                         "initiative = \"initiatives/vaccines\"",
                         "pillars:\"partnerships/p/pillars/people\"",
                         "sectors:\"12220\"",
                         "sectors:\"1*\"",
                         "funding:\"organisations/us\"",
                         "recurring = false",
                         "remainder = true",
                         "currency_code = \"USD\"",
                         "qualifier = QUALIFIER_EXACT",
                         "top_claim = \"claims/aid\"",
                         "claim = \"claims/aid-b\"",
                         "possibly(value_date, \"2023\")",
                         "certainly(period, \"2023-09\")",
                         "value_date >= \"2023-09-01\"",
                         "period.earliest:*",
                         "gold"});
  }
  return absl::StrCat(
      FieldName(bytes), bytes->OneOf({" = ", " != ", ":", " < ", " <= ", " > ", " >= ", "."}),
      bytes->OneOf({"\"places/laos\"", "*", "true", "CLAIM_STAGE_COMMITTED", "\"2023\"", "\"*a*\"",
                    "\"\"", "1", "QUALIFIER_ABOUT", "edtf = \"2023\"", "text:\"o\"", "null"}));
}

std::string FilterText(Bytes* bytes, int depth) {
  const size_t kind = bytes->Below(depth > 3 || bytes->empty() ? 3 : 8);
  if (kind < 3) return Condition(bytes);
  if (kind == 3) return absl::StrCat("NOT (", FilterText(bytes, depth + 1), ")");
  if (kind == 7 && bytes->Rarely()) return std::string(bytes->Raw(bytes->Below(48)));
  const std::string left = FilterText(bytes, depth + 1);
  return absl::StrCat("(", left, kind < 6 ? " AND " : " OR ", FilterText(bytes, depth + 1), ")");
}

v1::Dimension DimensionFrom(Bytes* bytes) {
  v1::Dimension dimension;
  dimension.set_field(bytes->Half()
                          ? FieldName(bytes)
                          : bytes->OneOf({"stage", "nature", "direction", "places", "countries",
                                          "regions", "initiative", "sectors", "value_date",
                                          "period", "funding", "currency_code", "claim"}));
  const bool is_date = dimension.field() == "value_date" || dimension.field() == "period";
  if (is_date != bytes->Rarely()) {
    const size_t unit = bytes->Below(is_date ? 5 : 7);
    dimension.set_unit(static_cast<v1::PeriodUnit>(unit + 1));
    if ((unit == 4) != bytes->Rarely()) {
      dimension.set_fiscal_year(
          bytes->OneOf({"US", "--10-01", "--02-28", "GB", "--12-31", "--02-29", "ZZ"}));
    }
  }
  const bool has_level = dimension.field() == "initiative" || dimension.field() == "sectors";
  if (has_level != bytes->Rarely()) dimension.set_level(static_cast<int>(bytes->Below(7)) - 1);
  return dimension;
}

v1::QueryFundingRequest RequestFrom(Bytes* bytes) {
  v1::QueryFundingRequest request;
  // What lets money of all kinds through the check, more often than not.
  for (size_t mix = bytes->Below(8); mix > 0; mix >>= 1) {
    if (mix % 2 == 1) request.add_mix(static_cast<v1::MoneyKind>(request.mix_size() + 1));
  }
  if (!bytes->Rarely()) request.set_filter("NOT nature = CLAIM_NATURE_STATISTIC");
  if (bytes->Half()) {
    const std::string filter = FilterText(bytes, 0);
    request.set_filter(
        request.filter().empty() ? filter : absl::StrCat(request.filter(), " AND (", filter, ")"));
  }
  for (size_t i = bytes->Below(5); i > 0; --i) *request.add_group_by() = DimensionFrom(bytes);
  if (!bytes->Rarely()) {
    request.set_sector_vocabulary(bytes->OneOf({"1", "2", "99", "1"}));
  }
  for (size_t measures = bytes->Below(16), i = 1; measures > 0; measures >>= 1, ++i) {
    if (measures % 2 == 1) request.add_measures(static_cast<v1::Measure>(i));
  }
  if (bytes->Half()) {
    request.set_convert_to(bytes->OneOf({"USD", "EUR", "VND", "THB", "JPY", "XAU", "USD"}));
    if (bytes->Half()) request.set_max_rate_age_days(static_cast<int>(bytes->Below(250)) * 2 - 2);
  }
  if (bytes->Half()) {
    request.set_horizon(bytes->OneOf({"2024/2028", "2024-03/2025-02", "2023-12-31", "2020/2030",
                                      "0000/0999", "2028/2024", "2024/..", "2025"}));
  }
  for (size_t i = bytes->Below(4); i > 0; --i) {
    absl::StrAppend(request.mutable_order_by(), request.order_by().empty() ? "" : ", ",
                    request.group_by_size() > 0 && bytes->Half()
                        ? request.group_by(0).field()
                        : bytes->OneOf({"stated", "low", "high", "claims", "stated"}),
                    bytes->OneOf({"", " desc", " asc"}));
  }
  if (bytes->Half()) request.set_top(static_cast<int>(bytes->Below(8)) - 1);
  if (bytes->Rarely()) request.set_cumulative(true);
  if (bytes->Byte() >= 192) {
    auto* comparison = request.mutable_compare_with();
    if (bytes->Half()) comparison->set_revision(1);
    if (bytes->Half()) comparison->set_filter(FilterText(bytes, 0));
  }
  return request;
}

// Adds up exactly; a number that is no Decimal is none of the record's.
class Sum {
 public:
  void Add(const std::string& text) {
    if (text.empty()) return;
    const auto decimal = Decimal::Parse(text);
    REQUIRE(decimal.ok());
    const auto sum = figure::Add(sum_, *decimal);
    REQUIRE(sum.ok());
    sum_ = *sum;
  }
  const Decimal& value() const { return sum_; }

 private:
  Decimal sum_;
};

Decimal Number(const std::string& text) {
  const auto decimal = Decimal::Parse(text);
  REQUIRE(decimal.ok());
  // As such numbers are written.
  REQUIRE(decimal->ToString() == text);
  return *decimal;
}

// Nothing, where nothing is stated, adds 0.
Decimal NumberOr0(const std::string& text) { return text.empty() ? Decimal(0) : Number(text); }

// The sums of a row that may be compared with each other: those of a currency and a recurrence.
using Sort = std::pair<std::string, std::string>;
template <typename Message>
Sort SortOf(const Message& of) {
  return {of.currency_code(), of.recurrence().ShortDebugString()};
}

bool HasMeasure(const Plan& plan, v1::Measure measure) { return plan.measures.count(measure) > 0; }

// The stated value is within the bounds or, where an end itself is excluded, on that.
void CheckStated(const v1::MoneySum& sum) {
  if (!sum.has_bounds()) return;
  REQUIRE(Number(sum.bounds().low()) <= Number(sum.stated()));
  if (sum.bounds().high().empty()) return;
  REQUIRE(Number(sum.stated()) <= Number(sum.bounds().high()));
}

// Of the trees whose parts, as written, exceed a whole the stated values need not be within the
// bounds: not those of all of it, which have an excess, and not those of the parts alone, which
// have none.
bool MayExceed(const std::string& top_claim) {
  return top_claim == "claims/aid" || top_claim == "claims/asked";
}

void CheckSum(const Plan& plan, const v1::MoneySum& sum) {
  REQUIRE(sum.claims() >= 0 && sum.not_stated() >= 0);
  if (sum.claims() == 0) {
    // No figure, which is not 0.
    REQUIRE(sum.not_stated() > 0 && sum.stated().empty() && !sum.has_bounds());
    REQUIRE(sum.excess().empty() && sum.exact_amounts() == 0 && sum.share_percent().empty());
    return;
  }
  Number(sum.stated());
  const Decimal low = Number(sum.bounds().low());
  REQUIRE(sum.excess().empty() || Number(sum.excess()) > Decimal(0));
  if (sum.bounds().high().empty()) {
    REQUIRE(sum.bounds().high_open());
  } else {
    const Decimal high = Number(sum.bounds().high());
    REQUIRE(low <= high);
    if (low == high && !plan.convert_to.empty()) {
      // Rounded, ends may meet.
    } else if (low == high) {
      REQUIRE(!sum.bounds().low_open() && !sum.bounds().high_open());
    }
  }
  if (sum.exact_amounts() == 0) {
    REQUIRE(sum.min().empty() && sum.max().empty() && sum.mean().empty());
  } else {
    REQUIRE(sum.min().empty() != HasMeasure(plan, v1::MEASURE_MIN));
    REQUIRE(sum.max().empty() != HasMeasure(plan, v1::MEASURE_MAX));
    REQUIRE(sum.mean().empty() != HasMeasure(plan, v1::MEASURE_MEAN));
    if (!sum.min().empty() && !sum.max().empty()) REQUIRE(Number(sum.min()) <= Number(sum.max()));
    // The mean is rounded to the minor unit, which moves it by less than one of these.
    const Decimal unit = *Decimal::FromUnits(1, MinorDigits(sum.currency_code()));
    if (!sum.mean().empty() && !sum.max().empty()) {
      REQUIRE(Number(sum.mean()) <= *figure::Add(Number(sum.max()), unit));
    }
    if (!sum.mean().empty() && !sum.min().empty()) {
      REQUIRE(Number(sum.min()) <= *figure::Add(Number(sum.mean()), unit));
    }
  }
  if (!sum.share_percent().empty()) REQUIRE(HasMeasure(plan, v1::MEASURE_SHARE));
  for (const v1::AppliedRate& rate : sum.rates()) {
    REQUIRE(rate.to() == sum.currency_code() && rate.to() == plan.convert_to);
    REQUIRE(!rate.published().empty() && !rate.rate_date().empty());
  }
}

void CheckRow(const v1::QueryFundingRequest& request, const Plan& plan, const v1::FundingRow& row) {
  REQUIRE(row.values_size() == request.group_by_size());
  REQUIRE(row.kind() != v1::FUNDING_ROW_KIND_UNSPECIFIED);
  std::set<Sort> sorts;
  for (const v1::MoneySum& sum : row.sums()) {
    CheckSum(plan, sum);
    REQUIRE(sorts.insert(SortOf(sum)).second);
    REQUIRE(sum.claims() <= row.claims());
  }
  for (const v1::MoneySum& sum : row.compared()) {
    CheckSum(plan, sum);
    sorts.insert(SortOf(sum));
  }
  if (request.has_compare_with() && row.kind() != v1::FUNDING_ROW_KIND_COULD_INCLUDE) {
    REQUIRE(static_cast<size_t>(row.changes_size()) == sorts.size());
  } else {
    REQUIRE(row.changes().empty() && row.compared().empty());
  }
  for (const v1::MoneyChange& change : row.changes()) {
    Sum difference;
    difference.Add(change.stated());
    for (const v1::MoneySum& sum : row.compared()) {
      if (SortOf(sum) == SortOf(change)) difference.Add(sum.stated());
    }
    Sum now;
    for (const v1::MoneySum& sum : row.sums()) {
      if (SortOf(sum) == SortOf(change)) now.Add(sum.stated());
    }
    REQUIRE(now.value() == difference.value());
  }
  for (const v1::LeftOut& left : row.left_out()) {
    REQUIRE(left.reason() != v1::LEFT_OUT_REASON_UNSPECIFIED && left.claims() > 0);
    REQUIRE(left.examples_size() == std::min(int64_t{10}, left.claims()));
  }
  // No row mixes what may not be mixed.
  if (row.kind() == v1::FUNDING_ROW_KIND_COULD_INCLUDE) {
    REQUIRE(row.natures_size() <= 1 && row.stages_size() <= 1 && row.directions_size() <= 1);
    return;
  }
  REQUIRE(row.natures_size() <= 1 || plan.mix.count(v1::MONEY_KIND_NATURE) > 0);
  REQUIRE(row.stages_size() <= 1 || plan.mix.count(v1::MONEY_KIND_STAGE) > 0);
  REQUIRE(row.directions_size() <= 1 || plan.mix.count(v1::MONEY_KIND_DIRECTION) > 0);
  if (row.natures_size() > 1) {
    for (const int nature : row.natures()) REQUIRE(nature != v1::CLAIM_NATURE_STATISTIC);
  }
}

// The values of a row in the kinds of money, by which totals are kept apart.
std::string ClassOf(const v1::QueryFundingRequest& request, const v1::FundingRow& row) {
  std::string of;
  for (int i = 0; i < row.values_size(); ++i) {
    const std::string& field = request.group_by(i).field();
    if (field != "nature" && field != "stage" && field != "direction") continue;
    absl::StrAppend(&of, row.values(i).kind(), row.values(i).value(), "|");
  }
  return of;
}

// Of all sums of one sort in rows of one class.
struct Together {
  Sum stated;
  Sum excess;
  Sum low;
  Sum high;
  bool unbounded = false;
  int64_t not_stated = 0;
  int64_t claims = 0;
  int64_t rows = 0;
};

void CheckAddingUp(const v1::QueryFundingRequest& request, const Plan& plan,
                   const v1::QueryFundingResponse& answer, bool compared) {
  const auto sums_of = [&](const v1::FundingRow& row) -> const auto& {
    return compared ? row.compared() : row.sums();
  };
  std::map<std::pair<std::string, Sort>, Together> of_rows;
  for (const v1::FundingRow& row : answer.rows()) {
    for (const v1::MoneySum& sum : sums_of(row)) {
      Together& all = of_rows[{ClassOf(request, row), SortOf(sum)}];
      all.stated.Add(sum.stated());
      all.excess.Add(sum.excess());
      all.low.Add(sum.bounds().low());
      all.high.Add(sum.bounds().high());
      all.unbounded = all.unbounded || (sum.has_bounds() && sum.bounds().high().empty());
      all.not_stated += sum.not_stated();
      all.claims += sum.claims();
      ++all.rows;
    }
  }
  size_t totals = 0;
  for (const v1::FundingRow& total : answer.totals()) {
    for (const v1::MoneySum& sum : sums_of(total)) {
      const auto found = of_rows.find({ClassOf(request, total), SortOf(sum)});
      REQUIRE(found != of_rows.end());
      ++totals;
      const Together& rows = found->second;
      REQUIRE(sum.claims() <= rows.claims);
      if (sum.currency_code() != plan.convert_to) {
        REQUIRE(rows.stated.value() == NumberOr0(sum.stated()));
        REQUIRE(rows.excess.value() == NumberOr0(sum.excess()));
        if (!sum.has_bounds()) continue;
        REQUIRE(rows.low.value() <= Number(sum.bounds().low()));
        if (!rows.unbounded) {
          REQUIRE(!sum.bounds().high().empty());
          REQUIRE(Number(sum.bounds().high()) <= rows.high.value());
        }
        continue;
      }
      // Each row and the total are rounded, by half a minor unit at most.
      const Decimal error =
          *figure::Mul(rows.rows + 1, *Decimal::FromUnits(5, MinorDigits(sum.currency_code()) + 1));
      const Decimal stated = NumberOr0(sum.stated());
      REQUIRE(rows.stated.value() <= *figure::Add(stated, error));
      REQUIRE(stated <= *figure::Add(rows.stated.value(), error));
    }
  }
  REQUIRE(totals == of_rows.size());
}

void CheckAnswer(const v1::QueryFundingRequest& request, const Plan& plan,
                 const v1::QueryFundingResponse& answer) {
  REQUIRE(!answer.totals().empty());
  for (const v1::FundingRow& row : answer.totals()) {
    REQUIRE(row.kind() == v1::FUNDING_ROW_KIND_TOTAL);
    CheckRow(request, plan, row);
  }
  size_t groups = 0;
  bool rest = false;
  std::set<std::string> keys;
  for (const v1::FundingRow& row : answer.rows()) {
    CheckRow(request, plan, row);
    if (row.kind() == v1::FUNDING_ROW_KIND_REST) {
      rest = true;
    } else {
      REQUIRE(row.kind() == v1::FUNDING_ROW_KIND_GROUP && !rest);
      ++groups;
    }
    std::string key = absl::StrCat(row.kind());
    for (const v1::DimensionValue& value : row.values()) {
      absl::StrAppend(&key, "|", value.kind(), value.value());
    }
    REQUIRE(keys.insert(key).second);
  }
  REQUIRE(plan.top == 0 || groups <= plan.top);
  REQUIRE(!rest || groups == plan.top);
  for (const v1::FundingRow& row : answer.could_include()) {
    REQUIRE(row.kind() == v1::FUNDING_ROW_KIND_COULD_INCLUDE);
    CheckRow(request, plan, row);
  }
  if (plan.cumulative.has_value()) return;
  CheckAddingUp(request, plan, answer, false);
  if (request.has_compare_with()) CheckAddingUp(request, plan, answer, true);
}

// The money of a row as its explanation tells it.
void CheckExplanation(const v1::QueryFundingRequest& request, const v1::FundingRow& row) {
  v1::ExplainFundingRequest explain;
  *explain.mutable_query() = request;
  explain.set_kind(row.kind());
  *explain.mutable_values() = row.values();
  const auto plan = MakePlan(explain.query(), "query.");
  REQUIRE(plan.ok());
  const auto evaluation = Evaluation::Of(*plan, TheRecord().now, OneThread());
  REQUIRE(evaluation.ok());
  const auto explanation = Explain(**evaluation, explain);
  if (!explanation.ok()) std::fprintf(stderr, "%s\n", explanation.status().ToString().c_str());
  REQUIRE(explanation.ok());
  RequireEqual(explanation->header.row(), row, __LINE__);

  std::map<Sort, Sum> counted;
  std::set<Sort> may_exceed;
  std::set<std::string> told;
  for (const v1::ExplainedTree& tree : explanation->trees) {
    Sort sort = SortOf(tree.sum());
    if (tree.has_rate()) sort.first = tree.rate().to();
    if (MayExceed(tree.claim())) {
      may_exceed.insert(sort);
    } else {
      REQUIRE(tree.sum().excess().empty());
      CheckStated(tree.sum());
    }
    Sum stated;
    Sum excess;
    REQUIRE(!tree.contributions().empty());
    for (const v1::Contribution& contribution : tree.contributions()) {
      stated.Add(contribution.stated());
      excess.Add(contribution.excess());
      counted[sort].Add(contribution.counted());
      told.insert(contribution.claim());
      for (const v1::AppliedShare& share : contribution.shares()) {
        REQUIRE(Number(share.percentage()) > Decimal(0));
      }
    }
    REQUIRE(stated.value() == NumberOr0(tree.sum().stated()));
    REQUIRE(excess.value() == NumberOr0(tree.sum().excess()));
    if (!tree.sum().has_bounds()) continue;
    if (tree.steps().empty()) {
      REQUIRE(tree.contributions_size() == 1);
      REQUIRE(tree.sum().bounds().low() == tree.sum().stated());
      REQUIRE(tree.sum().bounds().high() == tree.sum().stated());
    } else {
      RequireEqual(tree.steps().rbegin()->row_after(), tree.sum().bounds(), __LINE__);
    }
  }
  REQUIRE(counted.size() == static_cast<size_t>(row.sums_size()));
  for (const v1::MoneySum& sum : row.sums()) {
    const auto found = counted.find(SortOf(sum));
    REQUIRE(found != counted.end());
    REQUIRE(found->second.value() == NumberOr0(sum.stated()));
    if (may_exceed.count(SortOf(sum)) == 0) CheckStated(sum);
  }
  // Every claim is in the row or is told why it is not.
  for (const v1::Exclusion& exclusion : explanation->exclusions) {
    REQUIRE(exclusion.reason() != v1::LEFT_OUT_REASON_UNSPECIFIED);
    REQUIRE(!exclusion.message().empty());
    told.insert(exclusion.claim());
  }
  REQUIRE(told == TheRecord().claims);
}

void RequireRefusal(const absl::Status& status) {
  const bool refusal = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  if (!refusal) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  REQUIRE(refusal);
  const std::string reason = errors::InfoOf(status).reason();
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    REQUIRE(reason == "INVALID_REQUEST");
    REQUIRE(!errors::BadRequestOf(status).field_violations().empty());
  } else {
    REQUIRE(status.code() == absl::StatusCode::kFailedPrecondition);
    REQUIRE(reason == "MIXED_KINDS" || reason == "MIXED_CURRENCIES");
  }
  REQUIRE(!filter::FindInvalidUtf8(status.message()).has_value());
}

void Ask(const v1::QueryFundingRequest& request, uint8_t choice) {
  const auto plan = MakePlan(request, "");
  if (!plan.ok()) return RequireRefusal(plan.status());
  Plan other = *plan;
  if (!request.compare_with().filter().empty()) {
    v1::QueryFundingRequest of_other = request;
    of_other.set_filter(request.compare_with().filter());
    auto plan_of_other = MakePlan(of_other, "compare_with.");
    if (!plan_of_other.ok()) return RequireRefusal(plan_of_other.status());
    other.filter = std::move(plan_of_other->filter);
  }
  const auto evaluation = Evaluation::Of(*plan, TheRecord().now, OneThread());
  if (!evaluation.ok()) return RequireRefusal(evaluation.status());
  std::unique_ptr<const Evaluation> compared;
  if (request.has_compare_with()) {
    Sources sources = TheRecord().now;
    if (request.compare_with().revision() != 0) {
      sources = TheRecord().then;
      sources.catalogue = TheRecord().now.catalogue;
    }
    auto made = Evaluation::Of(other, sources, OneThread());
    if (!made.ok()) return RequireRefusal(made.status());
    compared = *std::move(made);
  }
  auto answer = MakeAnswer(**evaluation, compared.get());
  if (!answer.ok()) return RequireRefusal(answer.status());
  v1::QueryFundingResponse all;
  for (const auto& message : answer->messages) all.MergeFrom(*message);
  CheckAnswer(request, *plan, all);
  if (request.has_compare_with()) return;
  if (!all.rows().empty()) {
    const int chosen = choice % all.rows_size();
    CheckExplanation(request, all.rows(chosen));
    if (chosen != 0) CheckExplanation(request, all.rows(0));
  }
  CheckExplanation(request, all.totals(choice % all.totals_size()));
}

class Silent final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {}
};

}  // namespace
}  // namespace entente::funding::query

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  // It tells of each string that is no UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace query = entente::funding::query;
  query::Bytes bytes(data, size);
  const uint8_t way = bytes.Byte();
  const uint8_t choice = bytes.Byte();
  entente::funding::v1::QueryFundingRequest request;
  switch (way % 8) {
    case 0: {
      const absl::string_view rest = bytes.Rest();
      if (!request.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) return 0;
      break;
    }
    case 1: {
      const absl::string_view rest = bytes.Rest();
      query::Silent silent;
      google::protobuf::TextFormat::Parser parser;
      parser.RecordErrorsTo(&silent);
      if (!parser.ParseFromString(std::string(rest), &request)) return 0;
      break;
    }
    default:
      if (way % 2 == 1) bytes.AddTail();
      request = query::RequestFrom(&bytes);
  }
  // Strings that are not UTF-8 do not go through a network.
  const std::string wire = request.SerializeAsString();
  if (!request.ParseFromString(wire)) return 0;
  query::asked = &request;
  query::Ask(request, choice);
  query::asked = nullptr;
  return 0;
}
