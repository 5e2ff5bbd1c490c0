// SPDX-License-Identifier: Apache-2.0
//
// Structured logging: one JSON object a line on standard error.
//
//   logging::Info("listening").With("address", address).With("port", port);
//
// prints {"time":"2023-09-05T08:00:00.000000Z","level":"info","event":"listening",...}.
// Thread-safe: lines never mix. Lines below the level of SetLevel are not made.
#ifndef ENTENTE_COMMON_LOGGING_LOGGING_H_
#define ENTENTE_COMMON_LOGGING_LOGGING_H_

#include <concepts>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::logging {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

void SetLevel(Level level);

// "debug", "info", "warning", "error" or "off". False if `text` is none of them.
bool ParseLevel(absl::string_view text, Level* level);

// A line, written when it goes out of scope.
class Line {
 public:
  Line(Level level, absl::string_view event);
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line();

  // Adds a member. `key` is written as it is.
  Line& With(absl::string_view key, absl::string_view value);
  Line& With(absl::string_view key, const char* value) {
    return With(key, absl::string_view(value));
  }
  template <std::integral Integer>
  Line& With(absl::string_view key, Integer value) {
    return WithNumber(key, static_cast<int64_t>(value));
  }

 private:
  Line& WithNumber(absl::string_view key, int64_t value);

  bool enabled_;
  std::string text_;
};

inline Line Debug(absl::string_view event) { return Line(Level::kDebug, event); }
inline Line Info(absl::string_view event) { return Line(Level::kInfo, event); }
inline Line Warning(absl::string_view event) { return Line(Level::kWarning, event); }
inline Line Error(absl::string_view event) { return Line(Level::kError, event); }

}  // namespace entente::logging

#endif  // ENTENTE_COMMON_LOGGING_LOGGING_H_
