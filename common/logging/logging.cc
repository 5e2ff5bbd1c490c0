// SPDX-License-Identifier: Apache-2.0
#include "common/logging/logging.h"

#include <algorithm>
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

// Enough for the line of a call.
constexpr size_t kUsualBytes = 320;

// As RFC 3339 writes it, to the microsecond. The calendar is asked once a second, not once a line.
void AppendTime(absl::Time time, std::string* text) {
  constexpr int64_t kMicros = 1'000'000;
  thread_local int64_t known_second = -1;
  thread_local std::string known;
  const int64_t micros = absl::ToUnixMicros(time);
  if (micros / kMicros != known_second) {
    known_second = micros / kMicros;
    known = absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
  }
  absl::StrAppend(text, known, ".", absl::Dec(micros % kMicros, absl::kZeroPad6), "Z");
}

bool NeedsEscape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// JSON string escapes (RFC 8259, section 7).
void AppendQuoted(absl::string_view value, std::string* text) {
  text->push_back('"');
  auto begin = value.begin();
  while (true) {
    const auto end = std::find_if(begin, value.end(), &NeedsEscape);
    text->append(begin, end);
    if (end == value.end()) break;
    switch (*end) {
      case '"':
        text->append("\\\"");
        break;
      case '\\':
        text->append("\\\\");
        break;
      case '\n':
        text->append("\\n");
        break;
      default:
        absl::StrAppend(text, "\\u", absl::Hex(static_cast<unsigned char>(*end), absl::kZeroPad4));
    }
    begin = end + 1;
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
  text_.reserve(kUsualBytes);
  text_ = "{\"time\":\"";
  AppendTime(absl::Now(), &text_);
  absl::StrAppend(&text_, "\",\"level\":\"", LevelName(level), "\",\"event\":");
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
