// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/changes.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/resource/fields.h"
#include "entente/catalogue/v1/initiative.pb.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using catalogue::v1::Initiative;
using events::v1::Event;
using funding::v1::Claim;
using google::protobuf::Message;
using type::v1::ImpreciseDate;
using type::v1::ResourceDifference;

std::string TextOf(absl::CivilDay day) { return absl::FormatCivilTime(day); }

// A duration is over when its last day is; a year or month stands for all of it.
enum class Reading { kDuration, kPoint };

// Whether something so dated ended from the first day on and before the second; none if not, else
// whether that is certain.
std::optional<bool> EndedBetween(const ImpreciseDate& written, Reading reading, const Days& days) {
  const auto date = edtf::Parse(written.edtf());
  if (!days.from.has_value() || !date.ok()) return std::nullopt;
  const edtf::Bound latest = date->latest();
  if (latest.kind != edtf::Bound::kDay) return std::nullopt;
  if (latest.day < *days.from || latest.day >= days.to) return std::nullopt;
  if (date->is_uncertain() || date->is_approximate()) return false;
  switch (date->form()) {
    case edtf::Form::kInterval:
      // Of an event that ended in "2023-09" nobody knows on which day.
      return reading == Reading::kDuration || date->precision() >= edtf::Precision::kDay;
    case edtf::Form::kDate:
      if (reading == Reading::kDuration) return true;
      [[fallthrough]];
    default: {
      const edtf::Bound earliest = date->earliest();
      return earliest.kind == edtf::Bound::kDay && earliest.day >= *days.from;
    }
  }
}

// The date by which a resource ends, if it is of a type that does.
const ImpreciseDate* EndOf(const Message& resource, Reading* reading) {
  if (resource.GetDescriptor() == Initiative::descriptor()) {
    const auto& initiative = static_cast<const Initiative&>(resource);
    *reading = Reading::kDuration;
    return initiative.has_period() ? &initiative.period() : nullptr;
  }
  if (resource.GetDescriptor() == Event::descriptor()) {
    const auto& event = static_cast<const Event&>(resource);
    *reading = Reading::kPoint;
    return event.has_date() ? &event.date() : nullptr;
  }
  return nullptr;
}

void AddEnding(v1::EndingKind kind, bool certain, const ImpreciseDate* date,
               v1::ResourceChange* change) {
  v1::Ending* ending = change->add_endings();
  ending->set_kind(kind);
  ending->set_certain(certain);
  if (date != nullptr) *ending->mutable_date() = *date;
}

void AddEndingByDate(const Message& resource, const Days& days, v1::ResourceChange* change) {
  Reading reading = Reading::kDuration;
  const ImpreciseDate* date = EndOf(resource, &reading);
  if (date == nullptr) return;
  if (const auto certain = EndedBetween(*date, reading, days); certain.has_value()) {
    // What was put off has no date that is certain.
    const bool put_off =
        resource.GetDescriptor() == Event::descriptor() &&
        static_cast<const Event&>(resource).status() == events::v1::EVENT_STATUS_POSTPONED;
    AddEnding(v1::ENDING_KIND_DATE, *certain && !put_off, date, change);
  }
}

bool IsPaid(const Claim& claim) {
  return claim.stage() == funding::v1::CLAIM_STAGE_DISBURSED ||
         claim.stage() == funding::v1::CLAIM_STAGE_EXPENDED || !RealisedBy(claim).empty();
}

v1::PaymentDating DatingOf(const Claim& claim, const Days& days) {
  if (!days.from.has_value()) return v1::PAYMENT_DATING_UNSPECIFIED;
  const bool has_day = claim.has_value_date();
  if (!has_day && !claim.has_period()) return v1::PAYMENT_DATING_UNDATED;
  const auto date = edtf::Parse(has_day ? claim.value_date().edtf() : claim.period().edtf());
  if (!date.ok()) return v1::PAYMENT_DATING_UNDATED;
  const auto window = edtf::Parse(absl::StrCat(TextOf(*days.from), "/", TextOf(days.to)));
  if (!window.ok()) return v1::PAYMENT_DATING_OUTSIDE;  // The second day is before the first.
  if (edtf::CertainlyWithin(*date, *window)) return v1::PAYMENT_DATING_BETWEEN;
  return edtf::PossiblyWithin(*date, *window) ? v1::PAYMENT_DATING_POSSIBLY_BETWEEN
                                              : v1::PAYMENT_DATING_OUTSIDE;
}

bool IsBetween(v1::PaymentDating dating) {
  return dating == v1::PAYMENT_DATING_BETWEEN || dating == v1::PAYMENT_DATING_POSSIBLY_BETWEEN;
}

bool IsPaidStage(const std::string& stage) {
  return stage == funding::v1::ClaimStage_Name(funding::v1::CLAIM_STAGE_DISBURSED) ||
         stage == funding::v1::ClaimStage_Name(funding::v1::CLAIM_STAGE_EXPENDED);
}

// Whether the record first says between the two points that the claim, which is paid, is paid.
bool BecamePaid(const ResourceDifference& difference, const Claim& claim) {
  if (difference.kind() == type::v1::DIFFERENCE_KIND_ADDED) return true;
  std::string stage_before = funding::v1::ClaimStage_Name(claim.stage());
  bool realises = false;
  for (const auto& field : difference.fields()) {
    if (field.path() == "stage") stage_before = field.before().string_value();
    if (!absl::StartsWith(field.path(), "relations[")) continue;
    // An element that is new, or one that says what it did not.
    realises = realises ||
               absl::StrContains(field.after().ShortDebugString(), "CLAIM_RELATION_KIND_REALISES");
  }
  if (IsPaidStage(stage_before)) return false;
  return realises || IsPaidStage(funding::v1::ClaimStage_Name(claim.stage()));
}

void AddPayment(const Claim& claim, v1::PaymentDating dating, bool newly_recorded,
                v1::ResourceChange* change) {
  v1::Payment* payment = change->mutable_payment();
  *payment->mutable_claim() = claim;
  payment->mutable_claim()->clear_citations();
  payment->mutable_claim()->clear_notes();
  payment->set_dating(dating);
  payment->set_newly_recorded(newly_recorded);
}

void SetTitle(const Message& resource, v1::ResourceChange* change) {
  const Message* title = fields::GetMessage(resource, "title");
  if (title == nullptr || title->GetDescriptor() != type::v1::LocalisedText::descriptor()) return;
  *change->mutable_title() = static_cast<const type::v1::LocalisedText&>(*title);
}

// The kinds that follow from the rest.
void AddKinds(v1::ResourceChange* change) {
  if (!change->endings().empty()) change->add_kinds(v1::CHANGE_KIND_ENDED);
  if (change->has_payment()) change->add_kinds(v1::CHANGE_KIND_PAID);
}

// A condition, and that of the partnership.
std::string With(const std::string& condition, const std::string& partnership) {
  if (partnership.empty()) return condition;
  return absl::StrCat("partnerships:\"", partnership, "\" AND ", condition);
}

std::string EndsBetween(const char* field, const Days& days) {
  return absl::StrCat(field, ".latest >= \"", TextOf(*days.from), "\" AND ", field, ".latest < \"",
                      TextOf(days.to), "\"");
}

}  // namespace

bool BelongsTo(const Message& resource, const std::string& partnership) {
  const std::string name = fields::GetString(resource, "name");
  if (name == partnership || absl::StartsWith(name, absl::StrCat(partnership, "/"))) return true;
  const auto partnerships = fields::GetStrings(resource, "partnerships");
  return std::find(partnerships.begin(), partnerships.end(), partnership) != partnerships.end();
}

std::vector<std::string> RealisedBy(const Claim& claim) {
  std::vector<std::string> names;
  for (const auto& relation : claim.relations()) {
    if (relation.kind() == funding::v1::CLAIM_RELATION_KIND_REALISES) {
      names.push_back(relation.claim());
    }
  }
  return names;
}

void Describe(const ResourceDifference& difference, const Message* resource, const Days& days,
              v1::ResourceChange* change) {
  change->set_resource(difference.resource());
  *change->mutable_fields() = difference.fields();
  change->set_revision(difference.revision());
  if (difference.has_update_time()) *change->mutable_update_time() = difference.update_time();
  if (resource != nullptr) SetTitle(*resource, change);
  switch (difference.kind()) {
    case type::v1::DIFFERENCE_KIND_ERASED:
      change->add_kinds(v1::CHANGE_KIND_ERASED);
      return;
    case type::v1::DIFFERENCE_KIND_REMOVED:
      AddEnding(v1::ENDING_KIND_DELETED, true, nullptr, change);
      return AddKinds(change);
    case type::v1::DIFFERENCE_KIND_ADDED:
      change->add_kinds(v1::CHANGE_KIND_NEW);
      break;
    default:
      change->add_kinds(v1::CHANGE_KIND_CHANGED);
      for (const auto& field : difference.fields()) {
        if (field.path() != "status") continue;
        const std::string& after = field.after().string_value();
        if (after == InitiativeStatus_Name(catalogue::v1::INITIATIVE_STATUS_COMPLETED)) {
          AddEnding(v1::ENDING_KIND_COMPLETED, true, nullptr, change);
        } else if (after == EventStatus_Name(events::v1::EVENT_STATUS_POSTPONED)) {
          AddEnding(v1::ENDING_KIND_POSTPONED, true, nullptr, change);
        }
      }
  }
  if (resource == nullptr) return;
  AddEndingByDate(*resource, days, change);
  if (resource->GetDescriptor() == Claim::descriptor()) {
    const auto& claim = static_cast<const Claim&>(*resource);
    const v1::PaymentDating dating = DatingOf(claim, days);
    const bool became = BecamePaid(difference, claim);
    if (IsPaid(claim) && (became || IsBetween(dating))) AddPayment(claim, dating, became, change);
  }
  AddKinds(change);
}

bool DescribeByDates(const Message& resource, const Days& days, v1::ResourceChange* change) {
  change->set_resource(fields::GetString(resource, "name"));
  SetTitle(resource, change);
  AddEndingByDate(resource, days, change);
  if (resource.GetDescriptor() == Claim::descriptor()) {
    const auto& claim = static_cast<const Claim&>(resource);
    const v1::PaymentDating dating = DatingOf(claim, days);
    if (IsPaid(claim) && IsBetween(dating)) AddPayment(claim, dating, false, change);
  }
  AddKinds(change);
  return !change->kinds().empty();
}

std::string EndedInitiatives(const Days& days, const std::string& partnership) {
  return With(EndsBetween("period", days), partnership);
}

std::string EndedEvents(const Days& days, const std::string& partnership) {
  return With(EndsBetween("date", days), partnership);
}

std::string PaidClaims(const Days& days, const std::string& partnership) {
  const std::string window = absl::StrCat("\"", TextOf(*days.from), "/", TextOf(days.to), "\"");
  return With(
      absl::StrCat("(stage = CLAIM_STAGE_DISBURSED OR stage = CLAIM_STAGE_EXPENDED OR "
                   "relations.kind:CLAIM_RELATION_KIND_REALISES) AND (possibly(value_date, ",
                   window, ") OR possibly(period, ", window, "))"),
      partnership);
}

}  // namespace entente::gateway
