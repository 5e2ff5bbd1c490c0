// SPDX-License-Identifier: Apache-2.0
//
// Resource names (https://google.aip.dev/122): the only place that parses and makes them.
//
//   ASSIGN_OR_RETURN(auto pattern,
//   NamePattern::Parse("partnerships/{partnership}/pillars/{pillar}"));
//   pattern.Matches("partnerships/us-asean-csp/pillars/health");            // true
//   pattern.Make("partnerships/us-asean-csp", "health");                    // the same name
#ifndef ENTENTE_COMMON_NAMES_NAMES_H_
#define ENTENTE_COMMON_NAMES_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::names {

// What an id looks like, for messages to people.
inline constexpr absl::string_view kIdPattern = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";

// Whether `id` is a resource id by kIdPattern.
bool IsId(absl::string_view id);

// The pattern of the names of one type of resource. Immutable.
class NamePattern {
 public:
  // `pattern` alternates collection names and {variables}. INVALID_ARGUMENT if it does not.
  static absl::StatusOr<NamePattern> Parse(absl::string_view pattern);

  // Whether `name` has this pattern, each variable standing for an id.
  bool Matches(absl::string_view name) const;

  // Whether `parent` has the pattern of the parents of these names. With `allow_wildcard` the last
  // id may be "-", which stands for every parent. The parent of a top-level name is empty.
  bool MatchesParent(absl::string_view parent, bool allow_wildcard) const;

  // The name of the child `id` of `parent`. Neither is checked.
  std::string Make(absl::string_view parent, absl::string_view id) const;

  // "partnerships/{partnership}/pillars/{pillar}".
  const std::string& text() const { return text_; }
  // "pillars".
  const std::string& collection() const { return collections_.back(); }
  bool has_parent() const { return collections_.size() > 1; }

 private:
  std::string text_;
  std::vector<std::string> collections_;
};

// The parent of a name: "partnerships/p" for "partnerships/p/pillars/q", "" for "events/e".
absl::string_view ParentOf(absl::string_view name);

}  // namespace entente::names

#endif  // ENTENTE_COMMON_NAMES_NAMES_H_
