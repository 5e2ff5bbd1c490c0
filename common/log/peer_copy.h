// SPDX-License-Identifier: Apache-2.0
//
// A kept copy of what a peer service told us.
//
// A service that follows a peer's watch keeps the last state it has heard of, so that the peer's
// absence delays news, not answers: at start it loads the copy, answers from it, and resumes the
// watch from the token that belongs to it.
//
//   auto token = copy->Load([&](std::string name, std::string body) { ... });
//   // resume the watch from *token; then, for each message of it:
//   copy->Apply(updates, message.resume_token(), PeerCopy::Mode::kMerge);
//
// Names, bodies and tokens are opaque here.

#ifndef ENTENTE_COMMON_LOG_PEER_COPY_H_
#define ENTENTE_COMMON_LOG_PEER_COPY_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::log {

// Thread-safety: every method may be called from several threads at once.
// Errors: those that any method of Log may return (log.h).
class PeerCopy {
 public:
  struct Update {
    std::string name;                 // Not empty, no NUL.
    std::optional<std::string> body;  // None: the peer no longer has it.
  };

  enum class Mode {
    kMerge,       // The updates change what is there.
    kReplaceAll,  // The updates are all there is: what they do not name is dropped.
  };

  virtual ~PeerCopy() = default;

  // Calls `fn` with everything in the copy, by name in byte order, and returns the token that
  // belongs to exactly that state; empty if there is no copy yet. If `fn` returns an error, loading
  // stops and that error is returned. `fn` must not destroy the copy, and may call anything else.
  virtual absl::StatusOr<std::string> Load(
      absl::FunctionRef<absl::Status(std::string name, std::string body)> fn) = 0;

  // The token of the current state; empty if there is no copy yet.
  virtual absl::StatusOr<std::string> Token() = 0;

  // Brings the copy to the state that `token` stands for: all of the updates and the token, or
  // nothing. When a name occurs more than once the last one counts. No updates at all is fine: the
  // token moves.
  //
  // A crash of the process loses nothing that this acknowledged. A crash of the machine may lose
  // the last few calls, never half of one: token and state stay together, and the watch sends
  // again what came after.
  //
  //   INVALID_ARGUMENT an empty name, one with a NUL in it, or an empty token
  virtual absl::Status Apply(absl::Span<const Update> updates, absl::string_view token,
                             Mode mode) = 0;
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_PEER_COPY_H_
