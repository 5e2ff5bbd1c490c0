// SPDX-License-Identifier: Apache-2.0
#include "common/names/names.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace entente::names {
namespace {

constexpr size_t kMaxIdLength = 63;

// Whether the segments of `name` alternate the first `depth` collections with ids.
bool MatchesSegments(absl::string_view name, const std::vector<std::string>& collections,
                     size_t depth, bool allow_wildcard) {
  for (size_t i = 0; i < depth; ++i) {
    if (!absl::ConsumePrefix(&name, collections[i]) || !absl::ConsumePrefix(&name, "/")) {
      return false;
    }
    const bool last = i + 1 == depth;
    const size_t slash = name.find('/');
    if (last != (slash == absl::string_view::npos)) return false;
    const absl::string_view id = name.substr(0, slash);
    if (!IsId(id) && !(allow_wildcard && last && id == "-")) return false;
    if (!last) name.remove_prefix(slash + 1);
  }
  return true;
}

}  // namespace

bool IsId(absl::string_view id) {
  if (id.empty() || id.size() > kMaxIdLength) return false;
  if (!absl::ascii_islower(id.front()) || id.back() == '-') return false;
  for (const char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') return false;
  }
  return true;
}

absl::StatusOr<NamePattern> NamePattern::Parse(absl::string_view pattern) {
  NamePattern result;
  result.text_ = std::string(pattern);
  const std::vector<absl::string_view> segments = absl::StrSplit(pattern, '/');
  if (segments.size() % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat("not a name pattern: ", pattern));
  }
  for (size_t i = 0; i < segments.size(); i += 2) {
    const absl::string_view variable = segments[i + 1];
    if (segments[i].empty() || variable.size() < 3 || variable.front() != '{' ||
        variable.back() != '}') {
      return absl::InvalidArgumentError(absl::StrCat("not a name pattern: ", pattern));
    }
    result.collections_.emplace_back(segments[i]);
  }
  return result;
}

bool NamePattern::Matches(absl::string_view name) const {
  return MatchesSegments(name, collections_, collections_.size(), false);
}

bool NamePattern::MatchesParent(absl::string_view parent, bool allow_wildcard) const {
  if (!has_parent()) return parent.empty();
  return MatchesSegments(parent, collections_, collections_.size() - 1, allow_wildcard);
}

std::string NamePattern::Make(absl::string_view parent, absl::string_view id) const {
  return parent.empty() ? absl::StrCat(collection(), "/", id)
                        : absl::StrCat(parent, "/", collection(), "/", id);
}

absl::string_view ParentOf(absl::string_view name) {
  for (int i = 0; i < 2; ++i) {
    const size_t slash = name.rfind('/');
    if (slash == absl::string_view::npos) return "";
    name = name.substr(0, slash);
  }
  return name;
}

}  // namespace entente::names
