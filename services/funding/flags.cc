// SPDX-License-Identifier: Apache-2.0
#include "services/funding/flags.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"

ABSL_FLAG(int, query_threads, 0,
          "on how many processors one query runs if they have nothing else to do; 0 means all");
ABSL_FLAG(int64_t, query_memory_bytes, int64_t{entente::funding::query::kDefaultQueryMemory},
          "what one query may take for its sums and rows; more is RESOURCE_EXHAUSTED");

namespace entente::funding {

absl::StatusOr<query::AnalyticsOptions> AnalyticsFromFlags() {
  constexpr int kMostThreads = 256;
  constexpr int64_t kLeastBytes = int64_t{1} << 20;
  query::AnalyticsOptions options;
  options.query_threads = absl::GetFlag(FLAGS_query_threads);
  if (options.query_threads < 0 || options.query_threads > kMostThreads) {
    return absl::InvalidArgumentError(absl::StrCat("--query_threads must be between 0 and ",
                                                   kMostThreads, ", not ", options.query_threads));
  }
  const int64_t bytes = absl::GetFlag(FLAGS_query_memory_bytes);
  if (bytes < kLeastBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("--query_memory_bytes must be at least ", kLeastBytes, ", not ", bytes));
  }
  options.query_memory_bytes = static_cast<size_t>(bytes);
  return options;
}

}  // namespace entente::funding
