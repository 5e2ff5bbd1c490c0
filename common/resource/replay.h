// SPDX-License-Identifier: Apache-2.0
//
// The state of a log, all of it read at once: rows on one thread, messages made of them on all, and
// one state at the end.
//
//   ASSIGN_OR_RETURN(Replayed replayed, Replay(log, &registry, /*retained=*/1000, &parallel));
#ifndef ENTENTE_COMMON_RESOURCE_REPLAY_H_
#define ENTENTE_COMMON_RESOURCE_REPLAY_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "common/log/log.h"
#include "common/parallel/parallel.h"
#include "common/resource/history.h"
#include "common/resource/state.h"

namespace entente::resource {

// The state of the newest revision, with as many before it as make `retained` (revision 0, which is
// nothing, aside). Errors: those of Log::Read,
// and of Materialise.
absl::StatusOr<std::shared_ptr<const History>> Replay(log::Log* log, const Registry* registry,
                                                      size_t retained, Parallel* parallel);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_REPLAY_H_
