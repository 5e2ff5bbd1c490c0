// SPDX-License-Identifier: Apache-2.0
#include "common/logging/logging.h"

#include <atomic>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entente::logging {
namespace {

std::atomic<Level> minimum{Level::kInfo};

absl::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
    case Level::kOff:
      return "off";
  }
  return "";
}

// JSON string escapes (RFC 8259, section 7).
void AppendQuoted(absl::string_view value, std::string* text) {
  text->push_back('"');
  for (const char c : value) {
    switch (c) {
      case '"':
        absl::StrAppend(text, "\\\"");
        break;
      case '\\':
        absl::StrAppend(text, "\\\\");
        break;
      case '\n':
        absl::StrAppend(text, "\\n");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppend(text, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
        } else {
          text->push_back(c);
        }
    }
  }
  text->push_back('"');
}

}  // namespace

void SetLevel(Level level) { minimum = level; }

bool ParseLevel(absl::string_view text, Level* level) {
  for (const Level candidate :
       {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError, Level::kOff}) {
    if (text == LevelName(candidate)) {
      *level = candidate;
      return true;
    }
  }
  return false;
}

Line::Line(Level level, absl::string_view event) : enabled_(level >= minimum.load()) {
  if (!enabled_) return;
  text_ = absl::StrCat("{\"time\":\"",
                       absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
                       "\",\"level\":\"", LevelName(level), "\",\"event\":");
  AppendQuoted(event, &text_);
}

Line::~Line() {
  if (!enabled_) return;
  absl::StrAppend(&text_, "}\n");
  // One call of the C library writes one line as a whole.
  std::fwrite(text_.data(), 1, text_.size(), stderr);
}

Line& Line::With(absl::string_view key, absl::string_view value) {
  if (!enabled_) return *this;
  absl::StrAppend(&text_, ",\"", key, "\":");
  AppendQuoted(value, &text_);
  return *this;
}

Line& Line::WithNumber(absl::string_view key, int64_t value) {
  if (enabled_) absl::StrAppend(&text_, ",\"", key, "\":", value);
  return *this;
}

}  // namespace entente::logging
