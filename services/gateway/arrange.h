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

#include "absl/time/time.h"
#include "common/edtf/edtf.h"
#include "common/status/errors.h"
#include "entente/gateway/v1/gateway_service.pb.h"

namespace entente::gateway {

using Claims = google::protobuf::RepeatedPtrField<funding::v1::Claim>;
using Events = google::protobuf::RepeatedPtrField<events::v1::Event>;
using Initiatives = google::protobuf::RepeatedPtrField<catalogue::v1::Initiative>;

// The day that a request gives, "YYYY-MM-DD", or that of `now` (UTC) if it gives none; a violation
// of `field` if it is no day.
std::optional<edtf::Date> ReadDay(const std::string& text, absl::Time now, const char* field,
                                  Violations* violations);

// Each part after its whole, wholes (and parts whose whole is not there) by name.
void OrderAsTrees(Claims* claims);

// By earliest day; without one (undated, or no beginning known) last; then by name.
void OrderByDate(Events* events);

// The claims by nature and stage, in the order of the enums, rates apart from totals; each group in
// the order of `claims`.
void GroupClaims(const Claims& claims, google::protobuf::RepeatedPtrField<v1::ClaimGroup>* groups);

// Which side of the day `as_of` each event lies on: `overview`'s three lists, each ordered by date.
void SplitByDay(const Events& events, const edtf::Date& as_of, v1::Overview* overview);

// The names of the pillars that each initiative stands under: its own or, without any, those of the
// nearest ancestor among `initiatives` that has some.
std::map<std::string, std::set<std::string>> PillarsOf(const Initiatives& initiatives);

// The citations of everything in `dossier`, each once, in the order in which they are met.
void CollectCitations(v1::Dossier* dossier);

// Every name that something in `dossier` refers to and that is not in it, in order.
std::set<std::string> MissingReferences(const v1::Dossier& dossier);

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ARRANGE_H_
