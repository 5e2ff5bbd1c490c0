// SPDX-License-Identifier: Apache-2.0
//
// A state in a file beside the log that it comes from, so that a start need not make it anew. The
// log alone counts: whatever is doubtful about the file, it is not used; to delete it is harmless.
//
//   RETURN_IF_ERROR(WriteStateFile(image, &log, writer.get()));
//   auto history = ReadStateFile("funding.db.state", registry, &log, /*retained=*/1000, &parallel);
//   if (!history.ok()) history = Replay(...);
//
// The file (common/blockfile) holds the state of one revision, and how the revisions before it are
// taken back, as far as they are retained. It names the types by a hash of their descriptors, and
// the log by hashes of its first revision and of the one that the state is of.
#ifndef ENTENTE_COMMON_RESOURCE_STATE_FILE_H_
#define ENTENTE_COMMON_RESOURCE_STATE_FILE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/blockfile/block_file.h"
#include "common/log/log.h"
#include "common/parallel/parallel.h"
#include "common/resource/history.h"
#include "common/resource/state.h"

namespace entente::resource {

// To be raised whenever the same descriptors and log lead to another state, or the blocks change.
inline constexpr uint32_t kStateFileFormat = 1;

// What is to be written.
struct StateImage {
  std::shared_ptr<const State> state;
  // How the last revisions up to that of `state` are taken back, in order. What was erased since is
  // not in it.
  std::vector<Undo> undo;
  // What the pointers in it point to.
  std::vector<std::shared_ptr<const void>> kept;
};

// Adds all of it to `writer`, and stops with CANCELLED when `cancelled` says so. Other errors:
// those of Log::Read and of the writer.
absl::Status WriteStateFile(const StateImage& image, log::Log* log, blockfile::Writer* writer,
                            const std::function<bool()>& cancelled);

// What the file says of a revision that `log` has, with as many revisions before it as are in it
// and among the last `retained` of that revision.
//
//   NOT_FOUND           there is no file
//   DATA_LOSS           it is damaged, or cut short, or of another format
//   FAILED_PRECONDITION it is of other types, or of another log, or newer than the log, or
//                       goes back less far than `retained` revisions of the log
//   others              of Log::Read, or of reading the file
absl::StatusOr<std::shared_ptr<const History>> ReadStateFile(const std::string& path,
                                                             const Registry* registry,
                                                             log::Log* log, size_t retained,
                                                             Parallel* parallel);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_STATE_FILE_H_
