// SPDX-License-Identifier: Apache-2.0
//
// Time cut into buckets of one length: what rows over time are made by.
//
//   ASSIGN_OR_RETURN(const Buckets buckets, Buckets::Make(v1::PERIOD_UNIT_FISCAL_YEAR, "US"));
//   buckets.Of(*edtf::Parse("2023-11"));  // "FY2024", 2023-10-01 to 2024-09-30
//   buckets.Of(*edtf::Parse("2023"));     // none: it is partly in FY2023, partly in FY2024
//
// Every day is in exactly one bucket. A date is in a bucket only with all that it can mean;
// nothing is spread over several.
#ifndef ENTENTE_SERVICES_FUNDING_CALENDAR_BUCKETS_H_
#define ENTENTE_SERVICES_FUNDING_CALENDAR_BUCKETS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "entente/funding/v1/query.pb.h"

namespace entente::funding::calendar {

struct Bucket {
  // "2023-09-05", "2023-09", "2023-Q3", "2023", "FY2024". Years as EDTF writes them: "-0043" before
  // 0000, "Y12345" beyond four digits; "FY-0043", "Y12345-Q3".
  std::string label;
  // Both belong to it.
  absl::CivilDay first;
  absl::CivilDay last;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// Immutable, and so thread-safe.
class Buckets {
 public:
  // `unit` is not PERIOD_UNIT_UNSPECIFIED. `fiscal_year` is as in Dimension.fiscal_year: a country
  // of fiscal_years.h ("US") or the first day ("--10-01") with PERIOD_UNIT_FISCAL_YEAR, empty with
  // the other units.
  //
  // A fiscal year is named by the calendar year in which it ends, one that begins on January 1 by
  // that year. Not all governments name theirs so: in Japan and Singapore fiscal 2024 begins in
  // 2024. It is Bucket::first and last that tell for certain.
  //
  // Errors: INVALID_ARGUMENT if `fiscal_year` is not as above; the message can follow its name.
  static absl::StatusOr<Buckets> Make(v1::PeriodUnit unit, absl::string_view fiscal_year);

  // The bucket that holds a day. Its year has at most 12 digits, like all years of EDTF.
  Bucket Of(absl::CivilDay day) const;

  // The bucket that holds all of `date`: its earliest and its latest day. None if these are in
  // different ones, or if one of them is not known or there is none.
  std::optional<Bucket> Of(const edtf::Date& date) const;

  // Buckets are the same if all of these are: the unit and, of fiscal years, the first day.
  v1::PeriodUnit unit() const { return unit_; }
  int month() const { return month_; }
  int day() const { return day_; }

 private:
  Buckets(v1::PeriodUnit unit, int month, int day) : unit_(unit), month_(month), day_(day) {}

  v1::PeriodUnit unit_;
  // On which a fiscal year begins.
  int month_;
  int day_;
};

}  // namespace entente::funding::calendar

#endif  // ENTENTE_SERVICES_FUNDING_CALENDAR_BUCKETS_H_
