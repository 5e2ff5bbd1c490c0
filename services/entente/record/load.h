// SPDX-License-Identifier: Apache-2.0
//
// `entente load`: reads a record, validates it as a whole without touching anything, and applies
// it to running services as one change set each. Loading the same record twice changes nothing.
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_LOAD_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_LOAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/client/peer.h"
#include "entente/type/v1/revision.pb.h"
#include "services/entente/record/record.h"

namespace entente {

// Every fault of the record in `directory`, found by the very rules of the services: what they
// would refuse. Empty if there is none.
std::vector<Fault> ValidateRecord(const std::string& directory);

struct LoadTargets {
  client::Peer* catalogue;
  client::Peer* funding;
  client::Peer* events;
};

// Validates and applies. Writes what it does to standard output, and faults to standard error.
// `source`: a file with the text of a document of the record, which the catalogue is to have as
// well; empty for none.
// FAILED_PRECONDITION if the record has faults or `source` is none of its texts; otherwise the
// errors of the services, and DEADLINE_EXCEEDED if funding or events do not catch up with the
// catalogue within `patience`.
// `reason`: who loads it and why, kept with each revision.
absl::Status LoadRecord(const std::string& directory, const std::string& source,
                        const type::v1::ChangeReason& reason, const LoadTargets& targets,
                        absl::Duration patience);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_LOAD_H_
