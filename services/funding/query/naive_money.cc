// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/figure/decimal.h"
#include "services/funding/query/naive_side.h"

namespace entente::funding::query::naive {

using figure::Decimal;

std::vector<int> Side::KindsOf(const Parcel& parcel) const {
  return {parcel.facts.nature(), parcel.facts.stage(), parcel.facts.direction()};
}

std::vector<int> Side::ClassOf(const Parcel& parcel) const {
  std::vector<int> kinds = KindsOf(parcel);
  const char* const names[] = {"nature", "stage", "direction"};
  for (size_t i = 0; i < 3; ++i) {
    const bool grouped =
        std::any_of(request_.group_by().begin(), request_.group_by().end(),
                    [&](const v1::Dimension& dimension) { return dimension.field() == names[i]; });
    if (!grouped) kinds[i] = -1;
  }
  return kinds;
}

bool Side::MayMix(v1::MoneyKind kind) const {
  return std::find(request_.mix().begin(), request_.mix().end(), kind) != request_.mix().end();
}

v1::LeftOutReason Side::ReasonOf(v1::ClaimRelationKind kind) {
  if (kind == v1::CLAIM_RELATION_KIND_RESTATES) return v1::LEFT_OUT_REASON_RESTATED;
  if (kind == v1::CLAIM_RELATION_KIND_PASSED_ON_FROM) return v1::LEFT_OUT_REASON_PASSED_ON;
  if (kind == v1::CLAIM_RELATION_KIND_REALISES) return v1::LEFT_OUT_REASON_REALISED;
  return v1::LEFT_OUT_REASON_UNSPECIFIED;
}

std::vector<int> Side::Reached(int start, const std::vector<std::pair<int, int>>& ways) {
  std::vector<int> reached = {start};
  for (size_t i = 0; i < reached.size(); ++i) {
    for (const auto& [from, to] : ways) {
      if (from == reached[i] && std::find(reached.begin(), reached.end(), to) == reached.end()) {
        reached.push_back(to);
      }
    }
  }
  return reached;
}

void Side::FindSameMoney(bool could) {
  struct Relation {
    int from;
    int to;
    v1::LeftOutReason reason;
  };
  std::vector<Relation> relations;
  std::vector<std::pair<int, int>> chains;
  for (int from = 0; from < Size(); ++from) {
    for (const auto& relation : At(from).relations()) {
      const auto found = ids_.find(relation.claim());
      if (found == ids_.end() || found->second == from) continue;
      const v1::LeftOutReason reason = ReasonOf(relation.kind());
      if (reason == v1::LEFT_OUT_REASON_UNSPECIFIED) {
        chains.emplace_back(found->second, from);  // It has taken the place of the other.
      } else {
        chains.emplace_back(from, found->second);
        relations.push_back({from, found->second, reason});
      }
    }
  }
  std::vector<std::pair<int, int>> left_for;
  for (const auto& [claim_from, first, reason] : relations) {
    const int from = claim_from;
    const auto ours =
        ClassesOf(from, could, [&](const Parcel& p) { return could ? p.could : p.in; });
    if (!IsUsable(from) || ours.empty()) continue;
    for (const int to : Reached(first, chains)) {
      if (!IsUsable(to) || !HasFigure(to) || IsWithin(to, from) || IsWithin(from, to)) continue;
      const auto theirs =
          ClassesOf(to, could, [&](const Parcel& p) { return p.in || (could && p.could); });
      if (std::none_of(ours.begin(), ours.end(),
                       [&](const auto& c) { return theirs.count(c) > 0; })) {
        continue;
      }
      // What closes a circle is not followed, be it through wholes and parts.
      std::vector<int> behind = {to};
      for (size_t i = 0; i < behind.size(); ++i) {
        for (const auto& [left, as] : left_for) {
          if (Touch(left, behind[i]) &&
              std::find(behind.begin(), behind.end(), as) == behind.end()) {
            behind.push_back(as);
          }
        }
      }
      if (std::any_of(behind.begin(), behind.end(),
                      [&](int claim) { return Touch(claim, from); })) {
        continue;
      }
      left_for.emplace_back(from, to);
      same_money_[could].try_emplace(from, reason);
      break;
    }
  }
}

v1::LeftOutReason Side::LeftOutFor(const Parcel& parcel) const {
  for (int claim = parcel.claim; claim >= 0; claim = WholeOf(claim)) {
    if (superseded_[static_cast<size_t>(claim)]) return v1::LEFT_OUT_REASON_SUPERSEDED;
  }
  if (!IsUsable(parcel.claim)) return v1::LEFT_OUT_REASON_CONTRADICTORY;
  for (int claim = parcel.claim; claim >= 0; claim = WholeOf(claim)) {
    const auto same = same_money_[parcel.could].find(claim);
    if (same != same_money_[parcel.could].end()) return same->second;
  }
  if (!request_.horizon().empty() && PeriodsOf(TopOf(parcel.claim)) == 0) {
    return v1::LEFT_OUT_REASON_OUTSIDE_HORIZON;
  }
  return v1::LEFT_OUT_REASON_UNSPECIFIED;
}

std::vector<v1::LeftOutReason> Side::NotesOf(const Parcel& parcel) const {
  if (!IsSummed(parcel.claim)) return {v1::LEFT_OUT_REASON_NOT_STATED};
  std::vector<v1::LeftOutReason> notes;
  if (At(parcel.claim).has_recurrence() && request_.horizon().empty()) {
    notes.push_back(v1::LEFT_OUT_REASON_NO_HORIZON);
  }
  const Denomination denomination = DenominationOf(TopOf(parcel.claim));
  if (denomination.lack != v1::LEFT_OUT_REASON_UNSPECIFIED) notes.push_back(denomination.lack);
  return notes;
}

std::optional<absl::CivilDay> Side::FirstDay(absl::string_view text) {
  int numbers[3] = {0, 1, 1};
  if (text.empty() || text == "..") return std::nullopt;
  int i = 0;
  for (const absl::string_view part : absl::StrSplit(text, '-')) {
    if (!absl::SimpleAtoi(part, &numbers[i++])) std::abort();
  }
  return absl::CivilDay(numbers[0], numbers[1], numbers[2]);
}

std::optional<absl::CivilDay> Side::LastDay(absl::string_view text) {
  const auto first = FirstDay(text);
  if (!first.has_value()) return std::nullopt;
  if (text.size() == 4) return absl::CivilDay(first->year() + 1, 1, 1) - 1;
  if (text.size() == 7) return absl::CivilDay(absl::CivilMonth(*first) + 1) - 1;
  return first;
}

int64_t Side::PeriodsOf(int top) const {
  const Claim& claim = At(top);
  if (!claim.has_recurrence()) return 1;
  const std::vector<std::string> horizon = absl::StrSplit(request_.horizon(), '/');
  const absl::CivilDay begin = *FirstDay(horizon.front());
  absl::CivilDay end = *LastDay(horizon.back());
  absl::CivilDay anchor = begin;
  const std::string& validity = claim.recurrence().has_validity()
                                    ? claim.recurrence().validity().edtf()
                                    : claim.period().edtf();
  if (!validity.empty()) {
    // Of what is uncertain or a choice nothing is certain.
    if (absl::StrContains(validity, "?") || absl::StrContains(validity, "X") ||
        absl::StrContains(validity, "[")) {
      return 0;
    }
    const std::vector<std::string> ends = absl::StrSplit(validity, '/');
    anchor = FirstDay(ends.front()).value_or(anchor);
    end = std::min(end, LastDay(ends.back()).value_or(end));
  }
  int months = claim.recurrence().every();
  if (claim.recurrence().unit() == v1::RECURRENCE_UNIT_QUARTER) months *= 3;
  if (claim.recurrence().unit() == v1::RECURRENCE_UNIT_YEAR) months *= 12;
  const auto begins = [&](int64_t number) {
    const absl::CivilMonth month = absl::CivilMonth(anchor) + number * months;
    absl::CivilDay day(month.year(), month.month(), anchor.day());
    // A day that the month has not is in the next one.
    if (day.month() != month.month()) day = absl::CivilDay(month + 1) - 1;
    return day;
  };
  int64_t periods = 0;
  for (int64_t number = 0; begins(number) <= end; ++number) {
    if (begins(number) >= begin && begins(number + 1) - 1 <= end) ++periods;
  }
  return periods;
}

std::optional<v1::AppliedRate> Side::RateOf(const std::string& from, absl::CivilDay day) const {
  const int max_age = request_.max_rate_age_days() == 0 ? 7 : request_.max_rate_age_days();
  const auto published =
      [&](v1::RateKind kind,
          const std::string& date) -> std::optional<std::vector<v1::PublishedRate>> {
    for (const char* base : {"EUR", "JPY", "USD"}) {
      std::vector<v1::PublishedRate> used;
      const auto use = [&](const std::string& currency, bool divides) {
        if (currency == base) return true;
        for (const v1::RateSeries& series : world_.rates) {
          if (series.kind() != kind || series.base_currency_code() != base ||
              series.quote_currency_code() != currency) {
            continue;
          }
          for (const v1::Rate& rate : series.rates()) {
            if (rate.date() != date) continue;
            v1::PublishedRate one;
            one.set_series(series.name());
            one.set_source(series.source());
            one.set_kind(kind);
            one.set_base(base);
            one.set_quote(currency);
            one.set_value(rate.value());
            one.set_divides(divides);
            used.push_back(one);
            return true;
          }
        }
        return false;
      };
      if (use(from, true) && use(request_.convert_to(), false)) return used;
    }
    return std::nullopt;
  };
  v1::AppliedRate applied;
  applied.set_from(from);
  applied.set_to(request_.convert_to());
  applied.set_value_date(absl::FormatCivilTime(day));
  for (int age = 0; age <= max_age; ++age) {
    const std::string date = absl::FormatCivilTime(day - age);
    const auto used = published(v1::RATE_KIND_DAILY_REFERENCE, date);
    if (!used.has_value()) continue;
    applied.set_rate_date(date);
    applied.set_age_days(age);
    for (const auto& one : *used) *applied.add_published() = one;
    return applied;
  }
  const std::string year = absl::FormatCivilTime(absl::CivilYear(day));
  const auto used = published(v1::RATE_KIND_ANNUAL_AVERAGE, year);
  if (!used.has_value()) return std::nullopt;
  applied.set_rate_date(year);
  for (const auto& one : *used) *applied.add_published() = one;
  return applied;
}

const Side::Denomination& Side::DenominationOf(int top) const {
  const auto [found, inserted] = denominations_.try_emplace(top);
  if (inserted) found->second = MakeDenomination(top);
  return found->second;
}

Side::Denomination Side::MakeDenomination(int top) const {
  const Claim& claim = At(top);
  Per per{0, 0};
  if (claim.has_recurrence() && request_.horizon().empty()) {
    per = {claim.recurrence().every(), claim.recurrence().unit()};
  }
  Denomination made;
  const std::string& currency = claim.amount().currency_code();
  made.sort = {true, per, currency};
  if (request_.convert_to().empty()) return made;
  if (currency == request_.convert_to()) {
    made.rate = 1;
  } else if (!claim.has_value_date()) {
    made.lack = v1::LEFT_OUT_REASON_NO_DATE;
  } else {
    const auto first = FirstDay(claim.value_date().earliest());
    const auto last = FirstDay(claim.value_date().latest());
    if (!first.has_value() || !last.has_value() ||
        *last >= absl::CivilDay(first->year() + 1, first->month(), first->day())) {
      made.lack = v1::LEFT_OUT_REASON_DATE_TOO_WIDE;
    } else if (const auto applied = RateOf(currency, *last); applied.has_value()) {
      made.applied = *applied;
      made.rate = 1;
      for (const v1::PublishedRate& one : applied->published()) {
        const Decimal value = Decimal::Parse(one.value()).value();
        const cpp_rational exact(static_cast<int64_t>(value.coefficient()), Power(value.scale()));
        *made.rate *= one.divides() ? 1 / exact : exact;
      }
    } else {
      made.lack = v1::LEFT_OUT_REASON_NO_RATE;
    }
  }
  if (made.rate.has_value()) made.sort = {false, per, request_.convert_to()};
  return made;
}

}  // namespace entente::funding::query::naive
