// SPDX-License-Identifier: Apache-2.0
//
// What became of one resource between two points in time: what differs in the record, and what its
// dates tell. Pure functions of their arguments.
//
//   v1::ResourceChange change;
//   Describe(difference, resource, {from_day, to_day}, &change);   // kinds: NEW, PAID
#ifndef ENTENTE_SERVICES_GATEWAY_CHANGES_H_
#define ENTENTE_SERVICES_GATEWAY_CHANGES_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "entente/events/v1/event.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/gateway/v1/compare.pb.h"

namespace entente::gateway {

// The two days; without the first, nothing is told by dates.
struct Days {
  std::optional<absl::CivilDay> from;
  absl::CivilDay to;
};

// Whether a resource of any type belongs to a partnership, "partnerships/{partnership}": it says
// so, or it is the partnership itself or something beneath it.
bool BelongsTo(const google::protobuf::Message& resource, const std::string& partnership);

// Fills in what a comparison says of a resource, and what its dates say. `resource`: as it reads at
// the second point, or at the first if it is gone; null for what is erased. Of the payment, what it
// realises is left to the caller.
void Describe(const type::v1::ResourceDifference& difference,
              const google::protobuf::Message* resource, const Days& days,
              v1::ResourceChange* change);

// The same for a resource that reads as before: false if its dates tell nothing.
bool DescribeByDates(const google::protobuf::Message& resource, const Days& days,
                     v1::ResourceChange* change);

// The claims that a claim realises, as it names them.
std::vector<std::string> RealisedBy(const funding::v1::Claim& claim);

// What selects the resources of which DescribeByDates tells something, and some more: filters of
// ListInitiatives, ListEvents and ListClaims. `days.from` must be there; `partnership` may be
// empty.
std::string EndedInitiatives(const Days& days, const std::string& partnership);
std::string EndedEvents(const Days& days, const std::string& partnership);
std::string PaidClaims(const Days& days, const std::string& partnership);

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_CHANGES_H_
