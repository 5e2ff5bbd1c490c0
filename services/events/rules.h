// SPDX-License-Identifier: Apache-2.0
//
// What the events service demands of events and their series beyond the annotations of their
// protos. Dates are held against each other and against the clock only where they leave no doubt.
#ifndef ENTENTE_SERVICES_EVENTS_RULES_H_
#define ENTENTE_SERVICES_EVENTS_RULES_H_

#include "common/clock/clock.h"
#include "services/catalogue/client/catalogue_rules.h"

namespace entente::events {

// - `held_alongside` never leads back to the event itself.
// - An edition has a number from 1 or none, a year of four digits or none, and is not both the
// first
//   of its series and another number. Of the editions of a series at most one is the first, and
//   none is certainly earlier than that; no two have the same number, and none is certainly later
//   than one with a higher number.
// - An outcome has one document, initiative or claim, or a description. Events to come have none.
// - What is held is not certainly in the future.
// - A series with another rhythm says which.
class Rules final : public catalogue::CatalogueRules {
 public:
  // Both must outlive it.
  Rules(const catalogue::CatalogueView* view, const Clock* clock)
      : CatalogueRules(view), clock_(clock) {}

  void Check(const google::protobuf::Message& resource, const std::string& path,
             Violations* violations) const override;

  void CheckTogether(const resource::State& after,
                     const std::map<std::string, std::string>& changed,
                     Violations* violations) const override;

  // Of claims the service knows nothing: every name of one is taken for known.
  bool IsKnownElsewhere(absl::string_view name) const override;

  // Adds `party` and `party_roles` of requests. NOT_FOUND if the copy of the catalogue does not
  // know the party; INVALID_ARGUMENT if it is no name of one, and for roles without a party or that
  // are none.
  absl::StatusOr<std::function<bool(const resource::Entry&)>> Narrow(
      const google::protobuf::Message& list_request,
      google::protobuf::Message* list_response) const override;

 protected:
  bool IsAbout(const google::protobuf::Message& resource,
               const std::set<std::string>& initiatives) const override;

 private:
  const Clock* const clock_;
};

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_RULES_H_
