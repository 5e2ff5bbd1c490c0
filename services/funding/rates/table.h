// SPDX-License-Identifier: Apache-2.0
//
// The exchange rates of a state of funding, made to be asked for the rate of a day.
//
//   const auto table = RateTable::Of(state);
//   const Found found = table->Find("THB", "USD", absl::CivilDay(2023, 9, 3), /*max_age_days=*/7);
//   if (const Rate* rate = std::get_if<Rate>(&found)) {
//     rate->date;      // "2023-09-01": the Friday before that Sunday
//     rate->age_days;  // 2
//     rate->used;      // what was published: EUR in THB and EUR in USD, of that day, with sources
//   }
//
// Which rate serves:
// - A daily rate of the day or, if there is none, of the last day before it that has one, at most
//   `max_age_days` earlier. A rate of a later day never serves.
// - Two currencies that are quoted against the same base (all of the ECB's against EUR) have a
//   cross rate, made of two rates of the same day; so every rate has one date. Rates of different
//   bases or kinds are not combined.
// - Only where no daily rate serves, the annual average of the very year of the day. What kept the
//   daily rates from serving stays with it.
// - Between a currency and itself the rate is 1, and nothing published is used.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_TABLE_H_
#define ENTENTE_SERVICES_FUNDING_RATES_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "common/resource/state.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "services/funding/rates/value.h"

namespace entente::funding::rates {

// A published rate that an amount is converted with.
struct UsedRate {
  std::string series;  // "rateSeries/ecb-eur-thb-2023"
  std::string source;  // "Source: ECB, ...", as the publisher asks to be named.
  v1::RateKind kind;
  std::string base, quote;  // One of `base` cost `value` of `quote`.
  std::string date;         // "2023-09-01", or the year of an average, "2023".
  RateValue value;
  int age_days;  // From its day to the one asked for; 0 for an average, whose year has that day.
  bool divides;  // The amount is in `quote`, and is divided by the value; else it is multiplied.
};

// There is no rate for the day at all.
struct NoRate {
  std::string currency;  // The one that lacks it.
  absl::CivilDay day;    // That was asked for.
  std::string nearest;   // The nearest date that has one, like UsedRate::date; empty for none.
};

// The last rate before the day is from too long ago.
struct RateTooOld {
  std::string currency;  // The one whose rates end first.
  absl::CivilDay day;    // That was asked for.
  std::string date;      // Of the last rate.
  int age_days;
  int max_age_days;
};

using Lack = std::variant<NoRate, RateTooOld>;

// "there is no rate of VND for 2023-09-01; the nearest is of 2022", for people.
std::string ToString(const Lack& lack);

// The rate of one currency in another: the product of what is used.
struct Rate {
  std::string from, to;
  // Of all that is used; empty between a currency and itself.
  std::string date;
  int age_days = 0;
  // None, one, or for a cross rate two.
  std::vector<UsedRate> used;
  // With an annual average: why no daily rate serves.
  std::optional<Lack> no_daily;
};

using Found = std::variant<Rate, Lack>;

// All of a rate that counts: an amount is multiplied by the one and divided by the other.
struct Factor {
  RateValue multiplier;
  RateValue divisor;

  friend bool operator==(const Factor&, const Factor&) = default;
};

// Immutable, and so thread-safe.
class RateTable {
 public:
  // Of all rate series of `state` that are not deleted. Where several state a rate of the same
  // kind, currencies and date they agree (rules.h), and the first by name is used. What the rules
  // do not accept is passed over.
  static std::shared_ptr<const RateTable> Of(const resource::State& state);

  // What is wrong if there is no rate: where daily rates of both currencies are known, with the
  // daily ones, otherwise with the averages. `max_age_days` is at least 0.
  Found Find(absl::string_view from, absl::string_view to, absl::CivilDay day,
             int max_age_days) const;
  // For each of `days`, what Find would find, many times faster; none where that is no rate.
  std::vector<std::optional<Factor>> Factors(absl::string_view from, absl::string_view to,
                                             absl::Span<const absl::CivilDay> days,
                                             int max_age_days) const;

 private:
  struct Series {
    std::string name;
    std::string source;
  };
  struct Point {
    int32_t date;     // Days since 1970-01-01, or a year.
    uint32_t series;  // In `series_`.
    RateValue value;
  };
  // By date, each once.
  using Column = std::vector<Point>;
  // By quote.
  using Quotes = std::map<std::string, Column, std::less<>>;
  // By base.
  using Bases = std::map<std::string, Quotes, std::less<>>;
  // The columns of both currencies under one base; null for the base itself.
  struct Legs;
  // The legs that serve, and the date whose rates do.
  struct Choice;

  RateTable() = default;

  void Add(const v1::RateSeries& series);
  // Brings columns into order once all series are in.
  static void Settle(Bases* bases);
  static std::vector<Legs> LegsUnder(const Bases& bases, absl::string_view from,
                                     absl::string_view to);
  // The last daily rates not after `asked`, of those under several bases the latest; no legs if
  // there are none.
  static Choice LastDaily(const std::vector<Legs>& all, int32_t asked);
  static Choice AnnualOf(const std::vector<Legs>& all, int32_t year);

  Found FindDaily(absl::string_view from, absl::string_view to, absl::CivilDay day,
                  int max_age_days) const;
  Found FindAnnual(absl::string_view from, absl::string_view to, absl::CivilDay day) const;
  Rate RateOf(v1::RateKind kind, const Legs& legs, int32_t date, int age_days) const;

  std::vector<Series> series_;
  Bases daily_;
  Bases annual_;
};

// The tables of the last few states that were asked for: most revisions change no rate, and then
// the table is the same. Thread-safe.
class RateTables {
 public:
  std::shared_ptr<const RateTable> For(const resource::State& state);

 private:
  // More than one, for readers of the past beside those of the present.
  static constexpr size_t kKept = 4;

  std::mutex mutex_;
  // The last revision that changed a rate series, and how many series there are then: an erasure
  // takes them out of revisions that were there before.
  struct Version {
    int64_t changed = 0;
    int64_t series = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  // The latest used is the last. Guarded by mutex_.
  std::vector<std::pair<Version, std::shared_ptr<const RateTable>>> tables_;
};

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_TABLE_H_
