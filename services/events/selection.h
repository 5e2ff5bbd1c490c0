// SPDX-License-Identifier: Apache-2.0
//
// Which events a method is about that reads many at once and is not a List: the same filter, tree
// and party as there, and the same answers to faults.
//
//   ASSIGN_OR_RETURN(const Selection selection, selector.Select(request, response, {}));
//   for (const resource::Entry* entry : selection.events) ... entry->As<v1::Event>()
#ifndef ENTENTE_SERVICES_EVENTS_SELECTION_H_
#define ENTENTE_SERVICES_EVENTS_SELECTION_H_

#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/filter/schema.h"
#include "common/resource/rules.h"
#include "common/resource/state.h"
#include "common/resource/store.h"
#include "common/status/errors.h"

namespace entente::events {

struct Selection {
  // What it was read from; keeps the entries.
  std::shared_ptr<const resource::State> state;
  // By name.
  std::vector<const resource::Entry*> events;
};

// Immutable and thread-safe.
class Selector {
 public:
  // `store` and `rules` must outlive it. INTERNAL if the proto of Event has not the shape that
  // filters need.
  static absl::StatusOr<Selector> Create(const resource::Store* store,
                                         const resource::Rules* rules);

  // By `filter`, `show_deleted` and `revision` of the request, and by whatever Rules::Narrow knows
  // of. Sets `catalogue_revision` of the response. `violations`: what the caller has found already,
  // to be told at once. Errors: those of a List.
  absl::StatusOr<Selection> Select(const google::protobuf::Message& request,
                                   google::protobuf::Message* response,
                                   Violations violations) const;

 private:
  Selector(const resource::Store* store, const resource::Rules* rules, filter::Schema schema)
      : store_(store), rules_(rules), schema_(std::move(schema)) {}

  const resource::Store* store_;
  const resource::Rules* rules_;
  filter::Schema schema_;
};

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_SELECTION_H_
