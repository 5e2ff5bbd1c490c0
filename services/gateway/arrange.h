// SPDX-License-Identifier: Apache-2.0
//
// Puts what the data services return in the order and the groups in which the gateway returns it.
// Pure functions of their arguments.
#ifndef ENTENTE_SERVICES_GATEWAY_ARRANGE_H_
#define ENTENTE_SERVICES_GATEWAY_ARRANGE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/edtf/edtf.h"
#include "common/status/errors.h"
#include "entente/gateway/v1/gateway_service.pb.h"

namespace entente::gateway {

using Claims = google::protobuf::RepeatedPtrField<funding::v1::Claim>;
using Events = google::protobuf::RepeatedPtrField<events::v1::Event>;
using CitedPassages = google::protobuf::RepeatedPtrField<v1::CitedStatements>;
using Initiatives = google::protobuf::RepeatedPtrField<catalogue::v1::Initiative>;

// The day that a request gives, "YYYY-MM-DD", or that of `now` (UTC) if it gives none; a violation
// of `field` if it is no day.
std::optional<edtf::Date> ReadDay(const std::string& text, absl::Time now, const char* field,
                                  Violations* violations);

// Each part after its whole, wholes (and parts whose whole is not there) by name.
void OrderAsTrees(Claims* claims);

// By earliest day; without one (undated, or no beginning known) last; then by name.
void OrderByDate(Events* events);

// The same of whatever has these, which live as long as the call: in which order it is to stand,
// by its places in `claims` or `events`.
struct ClaimKey {
  absl::string_view name;
  absl::string_view part_of;  // Empty for none.
};
struct EventKey {
  absl::string_view name;
  absl::string_view date;  // In EDTF; empty for none.
};
std::vector<size_t> TreeOrder(const std::vector<ClaimKey>& claims);
std::vector<size_t> DateOrder(const std::vector<EventKey>& events);

// Moves the claims into groups by nature and stage, in the order of the enums, rates apart from
// totals; each group in the order of `claims`.
void GroupClaims(Claims* claims, google::protobuf::RepeatedPtrField<v1::ClaimGroup>* groups);

// Moves each event to the side of the day `as_of` on which it lies; each list is ordered by date.
void SplitByDay(Events* events, const edtf::Date& as_of, Events* past, Events* coming,
                Events* undetermined);

// The same into the three lists of an overview or a profile.
template <typename Composed>
void SplitByDay(Events* events, const edtf::Date& as_of, Composed* composed) {
  SplitByDay(events, as_of, composed->mutable_past_events(), composed->mutable_coming_events(),
             composed->mutable_undetermined_events());
}

// The names of the pillars that each initiative stands under: its own or, without any, those of the
// nearest ancestor among `initiatives` that has some.
std::map<std::string, std::set<std::string>> PillarsOf(const Initiatives& initiatives);

// The citations of every resource in `composed`, each once, in the order in which they are met.
CitedPassages CitationsIn(const google::protobuf::Message& composed);

// Every name that a resource in `composed` refers to and that is not in it, in order.
std::set<std::string> MissingReferences(const google::protobuf::Message& composed);

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ARRANGE_H_
