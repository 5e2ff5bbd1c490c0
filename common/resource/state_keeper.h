// SPDX-License-Identifier: Apache-2.0
//
// Sees to it that the state file of a store is not far behind its log: writes it anew on a thread
// of its own, from a state that nobody changes, while writes and reads go on.
//
//   StateFileKeeper keeper("funding.db.state", &log, 100'000, [&] { return ImageOf(store); });
//   keeper.Start(/*behind=*/0, resources);
//   keeper.Changed(/*changes=*/3, resources);   // after each revision
//   keeper.Erased();                            // before a revision that erases something is
//   answered
#ifndef ENTENTE_COMMON_RESOURCE_STATE_KEEPER_H_
#define ENTENTE_COMMON_RESOURCE_STATE_KEEPER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/log/log.h"
#include "common/resource/state_file.h"

namespace entente::resource {

// Thread-safe.
class StateFileKeeper {
 public:
  // The file is written when the log has `least_changes` more than it, or a sixteenth of the
  // resources if that is more. `image` is called on the keeper's thread. `log` must outlive this.
  StateFileKeeper(std::string path, log::Log* log, int64_t least_changes,
                  std::function<StateImage()> image);
  // Writes the file once more, if there is none or a hundredth of the resources has changed since:
  // less is read from the log faster than it is written here.
  ~StateFileKeeper();

  // `behind` is how many changes the file lacks; negative if there is no file that can be used.
  void Start(int64_t behind, size_t resources);

  // There are `changes` more, and so many resources.
  void Changed(size_t changes, size_t resources);

  // Something is erased for good, and must not be in a file any longer: the file is gone when this
  // returns.
  void Erased();

 private:
  void Run();
  bool IsDue() const;
  absl::Status Write(int64_t erasures, int64_t* bytes);

  const std::string path_;
  log::Log* const log_;
  const int64_t least_changes_;
  const std::function<StateImage()> image_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int64_t behind_ = 0;  // Guarded by mutex_, like all that follows.
  int64_t resources_ = 0;
  bool has_file_ = false;
  int64_t erasures_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_STATE_KEEPER_H_
