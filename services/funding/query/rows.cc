// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/rows.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "entente/type/v1/text.pb.h"

namespace entente::funding::query {
namespace {

constexpr int kMaxExamples = 10;

bool SameSort(const Money& a, const Money& b) {
  return a.currency == b.currency && a.per == b.per && a.converted == b.converted;
}

const Money* FindIn(const std::vector<Money>& all, const Money& like) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Money& money) { return SameSort(money, like); });
  return found == all.end() ? nullptr : &*found;
}

v1::DimensionValueKind SortOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kStated:
      return v1::DIMENSION_VALUE_KIND_STATED;
    case ValueKind::kWider:
      return v1::DIMENSION_VALUE_KIND_WIDER;
    case ValueKind::kUnallocated:
      return v1::DIMENSION_VALUE_KIND_UNALLOCATED;
    case ValueKind::kNotStated:
      return v1::DIMENSION_VALUE_KIND_NOT_STATED;
  }
  return v1::DIMENSION_VALUE_KIND_UNSPECIFIED;
}

// The title of a resource of whatever type; empty if it has none.
std::string TitleOf(const google::protobuf::Message& resource) {
  const auto* field = resource.GetDescriptor()->FindFieldByName("title");
  if (field == nullptr || field->message_type() != type::v1::LocalisedText::descriptor()) return "";
  return static_cast<const type::v1::LocalisedText&>(
             resource.GetReflection()->GetMessage(resource, field))
      .text();
}

}  // namespace

void Write(const figure::Interval& interval, type::v1::Interval* written) {
  written->set_low(interval.low.value.ToString());
  written->set_low_open(interval.low.open);
  if (interval.high.has_value()) written->set_high(interval.high->value.ToString());
  written->set_high_open(!interval.high.has_value() || interval.high->open);
}

type::v1::Interval Written(const figure::Interval& interval) {
  type::v1::Interval written;
  Write(interval, &written);
  return written;
}

v1::Recurrence Written(Per per) {
  v1::Recurrence recurrence;
  recurrence.set_every(per.first);
  recurrence.set_unit(per.second);
  return recurrence;
}

v1::AppliedRate Written(const rates::Rate& rate, absl::CivilDay day) {
  v1::AppliedRate written;
  written.set_from(rate.from);
  written.set_to(rate.to);
  written.set_value_date(absl::FormatCivilTime(day));
  written.set_rate_date(rate.date);
  written.set_age_days(rate.age_days);
  for (const rates::UsedRate& used : rate.used) {
    v1::PublishedRate* published = written.add_published();
    published->set_series(used.series);
    published->set_source(used.source);
    published->set_kind(used.kind);
    published->set_base(used.base);
    published->set_quote(used.quote);
    published->set_value(used.value.ToString());
    published->set_divides(used.divides);
  }
  if (rate.no_daily.has_value()) written.set_note(rates::ToString(*rate.no_daily));
  return written;
}

void RowWriter::Write(v1::FundingRowKind kind, const Summed& rows, Group group,
                      const std::vector<Money>& money, const std::vector<Money>* total,
                      v1::FundingRow* row) const {
  row->set_kind(kind);
  const Key key = rows.tally().keys[group];
  for (size_t i = 0; i < key.size(); ++i) Write(i, key[i], row->add_values());
  for (const Money& sum : money) Write(sum, total, row->add_sums());
  row->set_claims(rows.sums().ClaimsOf(group));
  if (!rows.tally().left.empty()) WriteLeft(rows.tally(), group, row);
  WriteKinds(rows.tally().kinds[group], row);
}

void RowWriter::WriteKinds(const std::bitset<kKinds>& kinds, v1::FundingRow* row) const {
  if (kinds != last_kinds_) {
    std::set<v1::ClaimNature> natures;
    std::set<v1::ClaimStage> stages;
    std::set<v1::ClaimDirection> directions;
    for (size_t kind = kinds._Find_first(); kind < kinds.size(); kind = kinds._Find_next(kind)) {
      natures.insert(NatureOf(static_cast<Kind>(kind)));
      stages.insert(StageOf(static_cast<Kind>(kind)));
      directions.insert(DirectionOf(static_cast<Kind>(kind)));
    }
    last_kinds_ = kinds;
    of_last_kinds_.Clear();
    for (const auto nature : natures) of_last_kinds_.add_natures(nature);
    for (const auto stage : stages) of_last_kinds_.add_stages(stage);
    for (const auto direction : directions) of_last_kinds_.add_directions(direction);
  }
  *row->mutable_natures() = of_last_kinds_.natures();
  *row->mutable_stages() = of_last_kinds_.stages();
  *row->mutable_directions() = of_last_kinds_.directions();
}

void RowWriter::Write(const Money& money, const std::vector<Money>* total,
                      v1::MoneySum* sum) const {
  sum->set_currency_code(money.currency);
  if (money.per != kTotal) *sum->mutable_recurrence() = query::Written(money.per);
  // Of money that no one has put a figure to there is no sum, not even 0.
  if (money.claims > 0) {
    query::Write(money.bounds, sum->mutable_bounds());
    sum->set_stated(money.stated.ToString());
  }
  if (!money.excess.is_zero()) sum->set_excess(money.excess.ToString());
  sum->set_claims(money.claims);
  sum->set_not_stated(money.not_stated);
  sum->set_exact_amounts(money.exact_amounts);
  if (money.exact_amounts > 0) {
    if (Wants(v1::MEASURE_MIN)) sum->set_min(money.min->ToString());
    if (Wants(v1::MEASURE_MAX)) sum->set_max(money.max->ToString());
    if (Wants(v1::MEASURE_MEAN)) sum->set_mean(money.mean->ToString());
  }
  if (wants_shares() && total != nullptr && money.claims > 0) {
    const Money* of = FindIn(*total, money);
    const auto percent = of == nullptr ? std::nullopt : PercentOf(money.stated, of->stated);
    if (percent.has_value()) sum->set_share_percent(percent->ToString());
  }
  for (const DenominationId id : money.rates) {
    const Denomination denomination = evaluation_.denominations()[id];
    *sum->add_rates() = query::Written(*denomination.rate, *denomination.day);
  }
}

void RowWriter::Write(size_t axis, Code code, v1::DimensionValue* written) const {
  const size_t size = axes_[axis].size();
  if (code == kAnyCode || size > kMostKept) return Make(axis, code, written);
  auto& kept = written_[axis];
  if (kept.empty()) kept.resize(size);
  if (kept[code] == nullptr) {
    auto made = std::make_unique<v1::DimensionValue>();
    Make(axis, code, made.get());
    kept[code] = std::move(made);
  }
  *written = *kept[code];
}

void RowWriter::Make(size_t axis, Code code, v1::DimensionValue* written) const {
  if (code == kAnyCode) {
    written->set_kind(v1::DIMENSION_VALUE_KIND_ANY);
    return;
  }
  const Value& value = axes_[axis].value(code);
  written->set_kind(SortOf(value.kind));
  if (value.members.size() == 1) {
    written->set_value(value.members[0]);
  } else {
    written->set_value(absl::StrJoin(value.members, " + "));
  }
  // Setting nothing takes memory too.
  if (std::string title = TitleOf(value); !title.empty()) written->set_title(std::move(title));
  const Days days = axes_[axis].days(code);
  if (days.first.has_value()) written->set_earliest(absl::FormatCivilTime(*days.first));
  if (days.last.has_value()) written->set_latest(absl::FormatCivilTime(*days.last));
}

std::string RowWriter::TitleOf(const Value& value) const {
  std::vector<std::string> titles;
  for (const std::string& member : value.members) {
    const resource::Entry* entry = evaluation_.sources().catalogue->Find(member);
    // Of all that is not in the catalogue only claims have titles; looking others up among a
    // million claims takes as long as writing the row.
    if (entry == nullptr && absl::StartsWith(member, "claims/")) {
      entry = evaluation_.sources().snapshot->state().Find(member);
    }
    if (entry == nullptr) return "";
    titles.push_back(query::TitleOf(*entry->message));
  }
  return absl::StrJoin(titles, " + ");
}

void RowWriter::WriteLeft(const Tally& tally, Group group, v1::FundingRow* row) const {
  const Tally::Left first{group, v1::LEFT_OUT_REASON_UNSPECIFIED, "", kNoAtom, ""};
  v1::LeftOut* left_out = nullptr;
  Atom last = kNoAtom;
  for (auto left = std::lower_bound(tally.left.begin(), tally.left.end(), first);
       left != tally.left.end() && left->group == group; ++left) {
    if (left_out == nullptr || left_out->reason() != left->reason) {
      left_out = row->add_left_out();
      left_out->set_reason(left->reason);
      last = kNoAtom;
    }
    // The shares of one claim are one claim.
    if (left->atom == last) continue;
    last = left->atom;
    left_out->set_claims(left_out->claims() + 1);
    if (left_out->examples_size() < kMaxExamples) {
      left_out->add_examples(std::string(left->name));
    }
  }
}

absl::StatusOr<std::vector<v1::MoneyChange>> ChangesOf(const std::vector<Money>& sums,
                                                       const std::vector<Money>& compared) {
  std::vector<v1::MoneyChange> changes;
  const auto change = [&](const Money& sort, const Money* now, const Money* then) -> absl::Status {
    static const Money nothing;
    if (now == nullptr) now = &nothing;
    if (then == nullptr) then = &nothing;
    // From or to what no one has put a figure to there is no change that could be told.
    if (!now->is_known() || !then->is_known()) return absl::OkStatus();
    v1::MoneyChange written;
    written.set_currency_code(sort.currency);
    if (sort.per != kTotal) *written.mutable_recurrence() = query::Written(sort.per);
    ASSIGN_OR_RETURN(const figure::Decimal stated, figure::Sub(now->stated, then->stated));
    written.set_stated(stated.ToString());
    // [a, b] - [c, d] is [a - d, b - c].
    type::v1::Interval* bounds = written.mutable_bounds();
    if (then->bounds.high.has_value()) {
      ASSIGN_OR_RETURN(const figure::Decimal low,
                       figure::Sub(now->bounds.low.value, then->bounds.high->value));
      bounds->set_low(low.ToString());
      bounds->set_low_open(now->bounds.low.open || then->bounds.high->open);
    } else {
      bounds->set_low_open(true);
    }
    if (now->bounds.high.has_value()) {
      ASSIGN_OR_RETURN(const figure::Decimal high,
                       figure::Sub(now->bounds.high->value, then->bounds.low.value));
      bounds->set_high(high.ToString());
      bounds->set_high_open(now->bounds.high->open || then->bounds.low.open);
    } else {
      bounds->set_high_open(true);
    }
    changes.push_back(std::move(written));
    return absl::OkStatus();
  };
  for (const Money& money : sums) {
    RETURN_IF_ERROR(change(money, &money, FindIn(compared, money)));
  }
  for (const Money& money : compared) {
    if (FindIn(sums, money) == nullptr) RETURN_IF_ERROR(change(money, nullptr, &money));
  }
  return changes;
}

}  // namespace entente::funding::query
