// SPDX-License-Identifier: Apache-2.0
#include "services/events/rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/edtf/day_set.h"
#include "common/edtf/edtf.h"
#include "common/names/names.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/person.pb.h"
#include "entente/events/v1/event.pb.h"
#include "entente/events/v1/event_series.pb.h"
#include "entente/type/v1/party.pb.h"
#include "services/catalogue/types.h"
#include "services/events/edition_rules.h"
#include "services/events/partial_order.h"

namespace entente::events {
namespace {

using google::protobuf::Message;
using resource::Entry;
using v1::Event;

constexpr int kMaxYear = 9999;

const names::NamePattern& ClaimPattern() {
  static const auto* const pattern =
      new names::NamePattern(names::NamePattern::Parse("claims/{claim}").value());
  return *pattern;
}

bool IsToCome(v1::EventStatus status) {
  return status == v1::EVENT_STATUS_PLANNED || status == v1::EVENT_STATUS_IN_PREPARATION ||
         status == v1::EVENT_STATUS_POSTPONED;
}

void CheckEdition(const v1::Edition& edition, const std::string& path, Violations* violations) {
  if (edition.number() < 0) {
    violations->Add(path + "number", "must be at least 1, or 0 where the source gives none");
  } else if (edition.inaugural() && edition.number() > 1) {
    violations->Add(path + "number",
                    absl::StrCat("must be 1, or 0 where the source gives none, for the inaugural "
                                 "edition; it is ",
                                 edition.number()));
  }
  if (edition.year() < 0 || edition.year() > kMaxYear) {
    violations->Add(path + "year", absl::StrCat("must be from 1 to ", kMaxYear,
                                                ", or 0 where the source names it by none"));
  }
}

void CheckOutcomes(const Event& event, const std::string& path, Violations* violations) {
  if (event.outcomes_size() > 0 && IsToCome(event.status())) {
    violations->Add(path + "outcomes",
                    absl::StrCat("must be empty for an event that is to come (",
                                 v1::EventStatus_Name(event.status()),
                                 "): say in the description what is expected of it"));
  }
  std::set<std::pair<int, std::string>> seen;
  for (int i = 0; i < event.outcomes_size(); ++i) {
    const v1::Outcome& outcome = event.outcomes(i);
    const std::string place = absl::StrCat(path, "outcomes[", i, "]");
    std::vector<std::string> about;
    for (const std::string* name : {&outcome.document(), &outcome.initiative(), &outcome.claim()}) {
      if (!name->empty()) about.push_back(*name);
    }
    if (about.size() > 1) {
      violations->Add(place, absl::StrCat("must be about one thing: it names ", about[0], " and ",
                                          about[1], "; make an outcome of each"));
    } else if (about.empty() && !outcome.has_description()) {
      violations->Add(place,
                      "must name a document, an initiative or a claim, or have a description");
    } else if (about.size() == 1 && !seen.insert({outcome.kind(), about[0]}).second) {
      violations->Add(place,
                      absl::StrCat("repeats that ", about[0], " is an outcome of this kind"));
    }
    if (!outcome.claim().empty() && !ClaimPattern().Matches(outcome.claim())) {
      violations->Add(place + ".claim",
                      absl::StrCat("must be a name like ", ClaimPattern().text()));
    }
    const auto document =
        std::find(event.documents().begin(), event.documents().end(), outcome.document());
    if (document != event.documents().end()) {
      violations->Add(absl::StrCat(path, "documents[", document - event.documents().begin(), "]"),
                      "must not stand among the outcomes as well");
    }
  }
}

void CheckEvent(const Event& event, absl::Time now, const std::string& path,
                Violations* violations) {
  if (event.has_edition()) CheckEdition(event.edition(), path + "edition.", violations);
  CheckOutcomes(event, path, violations);
  const bool has_begun =
      event.status() == v1::EVENT_STATUS_HELD || event.status() == v1::EVENT_STATUS_UNDER_WAY;
  if (!has_begun || !event.has_date()) return;
  const auto date = edtf::Parse(event.date().edtf());
  // Where the day begins first it is tomorrow before it is here.
  const absl::CivilDay tomorrow = absl::ToCivilDay(now, absl::UTCTimeZone()) + 1;
  if (date.ok() && ReachOf(*date).first > edtf::DayNumber(tomorrow)) {
    violations->Add(path + "status",
                    absl::StrCat("must not be ", v1::EventStatus_Name(event.status()),
                                 " for an event that is certainly in the future (",
                                 event.date().edtf(), "): one to come is EVENT_STATUS_PLANNED"));
  }
}

void CheckSeries(const v1::EventSeries& series, const std::string& path, Violations* violations) {
  if (series.recurrence() == v1::SERIES_RECURRENCE_OTHER && !series.has_recurrence_text()) {
    violations->Add(path + "recurrence_text", "is required for SERIES_RECURRENCE_OTHER");
  }
}

// The roles of a request that selects by party, noting what is none.
std::set<int> RolesOf(const Message& request, Violations* violations) {
  std::set<int> roles;
  const auto* field = request.GetDescriptor()->FindFieldByName("party_roles");
  if (field == nullptr) return roles;
  const auto* reflection = request.GetReflection();
  for (int i = 0; i < reflection->FieldSize(request, field); ++i) {
    const int role = reflection->GetRepeatedEnumValue(request, field, i);
    if (role == type::v1::PARTY_ROLE_UNSPECIFIED || !type::v1::PartyRole_IsValid(role)) {
      violations->Add(absl::StrCat("party_roles[", i, "]"), "must be a role");
    }
    roles.insert(role);
  }
  return roles;
}

}  // namespace

void Rules::Check(const Message& resource, const std::string& path, Violations* violations) const {
  if (resource.GetDescriptor() == v1::EventSeries::descriptor()) {
    CheckSeries(static_cast<const v1::EventSeries&>(resource), path, violations);
  } else {
    CheckEvent(static_cast<const Event&>(resource), clock_->Now(), path, violations);
  }
}

void Rules::CheckTogether(const resource::State& after,
                          const std::map<std::string, std::string>& changed,
                          Violations* violations) const {
  std::vector<std::string> names;
  for (const auto& [name, path] : changed) {
    if (after.Get<Event>(name) != nullptr) names.push_back(name);
  }
  for (const std::string& name : resource::LeadingBack(after, names, "held_alongside")) {
    violations->Add(changed.at(name) + "held_alongside",
                    absl::StrCat("leads back to ", name, " itself"));
  }
  CheckEditions(after, changed, violations);
}

bool Rules::IsKnownElsewhere(absl::string_view name) const {
  // What is no name of a claim is reported already.
  return ClaimPattern().Matches(name) || name.substr(0, 7) == "claims/" ||
         CatalogueRules::IsKnownElsewhere(name);
}

absl::StatusOr<std::function<bool(const Entry&)>> Rules::Narrow(const Message& list_request,
                                                                Message* list_response) const {
  Violations violations;
  const std::string party = resource::fields::GetString(list_request, "party");
  const std::set<int> roles = RolesOf(list_request, &violations);
  const resource::ResourceType* type = catalogue::Types().FindByName(party);
  const bool is_organisation =
      type != nullptr && type->descriptor == catalogue::v1::Organisation::descriptor();
  const bool is_person = type != nullptr && type->descriptor == catalogue::v1::Person::descriptor();
  if (party.empty() && !roles.empty()) {
    violations.Add("party_roles", "must be empty where there is no party");
  } else if (!party.empty() && !is_organisation && !is_person) {
    violations.Add("party", "must be a name like organisations/{organisation} or people/{person}");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(auto about, CatalogueRules::Narrow(list_request, list_response));
  if (party.empty()) return about;
  if (Catalogue()->Find(party) == nullptr) return errors::ResourceNotFound(type->type, party);
  return std::function<bool(const Entry&)>(
      [about = std::move(about), party, roles, is_person](const Entry& entry) {
        if (about && !about(entry)) return false;
        const auto& parties = entry.As<Event>().parties();
        return std::any_of(parties.begin(), parties.end(), [&](const type::v1::Party& one) {
          return (is_person ? one.person() : one.organisation()) == party &&
                 (roles.empty() || roles.count(one.role()) > 0);
        });
      });
}

bool Rules::IsAbout(const Message& resource, const std::set<std::string>& initiatives) const {
  const auto& event = static_cast<const Event&>(resource);
  return std::any_of(event.initiatives().begin(), event.initiatives().end(),
                     [&](const std::string& name) { return initiatives.count(name) > 0; });
}

}  // namespace entente::events
