// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/flags.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"

ABSL_FLAG(int64_t, kept_answers_bytes, 64 << 20,
          "what answers may take that are kept until something changes; 0 means that none is");
ABSL_FLAG(int, compositions, 256, "how many answers the gateway composes at once");
ABSL_FLAG(int, compositions_waiting, 256,
          "how many calls of one caller wait for that; one more is RESOURCE_EXHAUSTED");

namespace entente::gateway {

absl::StatusOr<Answers::Options> AnswersFromFlags() {
  constexpr int kMost = 1'000'000;
  Answers::Options options;
  const int64_t bytes = absl::GetFlag(FLAGS_kept_answers_bytes);
  if (bytes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--kept_answers_bytes must not be negative, and is ", bytes));
  }
  options.kept_bytes = static_cast<uint64_t>(bytes);
  options.turns.at_once = absl::GetFlag(FLAGS_compositions);
  if (options.turns.at_once < 1 || options.turns.at_once > kMost) {
    return absl::InvalidArgumentError(absl::StrCat("--compositions must be between 1 and ", kMost,
                                                   ", not ", options.turns.at_once));
  }
  options.turns.waiting_per_caller = absl::GetFlag(FLAGS_compositions_waiting);
  if (options.turns.waiting_per_caller < 0 || options.turns.waiting_per_caller > kMost) {
    return absl::InvalidArgumentError(absl::StrCat("--compositions_waiting must be between 0 and ",
                                                   kMost, ", not ",
                                                   options.turns.waiting_per_caller));
  }
  return options;
}

}  // namespace entente::gateway
