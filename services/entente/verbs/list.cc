// SPDX-License-Identifier: Apache-2.0
//
// entente list COLLECTION
#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/names/names.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "services/entente/text/display_width.h"
#include "services/entente/text/nearest.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"
#include "services/entente/verbs/columns.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

namespace fields = resource::fields;

// Of the list of collections in the help.
constexpr int kHelpWidth = 80;

// "pillars" of "partnerships/p/pillars", and "partnerships/p" as the parent.
absl::StatusOr<const Collection*> Find(const std::string& operand, std::string* parent) {
  const size_t slash = operand.rfind('/');
  const std::string id = operand.substr(slash == std::string::npos ? 0 : slash + 1);
  const Collection* collection = FindCollection(id);
  if (collection == nullptr) {
    const std::string near = text::Nearest(id, CollectionIds());
    return absl::InvalidArgumentError(
        absl::StrCat("there is no collection \"", operand, "\"",
                     near.empty() ? "" : absl::StrCat(": did you mean ", near, "?"),
                     "; the collections are ", absl::StrJoin(CollectionIds(), ", ")));
  }
  *parent = slash == std::string::npos ? "" : operand.substr(0, slash);
  const names::NamePattern& pattern = collection->type->pattern;
  if (pattern.has_parent() && parent->empty()) *parent = "partnerships/-";
  if (!pattern.MatchesParent(*parent, true)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", operand, "\" is not a collection: names ", "are like ", pattern.text()));
  }
  return collection;
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  ListOptions options;
  ASSIGN_OR_RETURN(const Collection* collection, Find(invocation.operands[0], &options.parent));
  const int limit = absl::GetFlag(FLAGS_limit);
  if (limit < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--limit must be at least 1, not ", limit, "; --all has no limit"));
  }
  options.filter = absl::GetFlag(FLAGS_filter);
  options.order_by = absl::GetFlag(FLAGS_order_by);
  options.deleted = absl::GetFlag(FLAGS_deleted);
  options.limit = absl::GetFlag(FLAGS_all) ? 0 : static_cast<size_t>(limit);
  ASSIGN_OR_RETURN(const auto listed, ListAll(*invocation.servers, *collection, options));
  const auto resources = ResourcesIn(*collection, *listed);
  if (invocation.format == "json") {
    Write(JsonText(*listed));
  } else if (invocation.format == "names") {
    for (const auto* resource : resources) {
      Write(absl::StrCat(fields::GetString(*resource, "name"), "\n"));
    }
  } else {
    const text::Table table = TableOf(*collection, resources, options.deleted);
    if (invocation.format == "csv") {
      Write(table.ToCsv());
    } else if (table.empty()) {
      Note(absl::StrCat("there are no ", collection->id(),
                        options.filter.empty() ? "" : " that the filter selects"));
    } else {
      Write(table.ToText(invocation.style));
    }
  }
  if (!fields::GetString(*listed, "next_page_token").empty()) {
    Note(absl::StrCat("these are the first ", resources.size(),
                      "; --all lists all there are, --limit=N so many"));
  }
  return 0;
}

}  // namespace

Verb ListVerb() {
  Verb verb;
  verb.name = "list";
  verb.operands = "COLLECTION";
  verb.summary = "the resources of a collection, as a table";
  verb.details = absl::StrCat(
      "The collections:\n",
      absl::StrJoin(text::Wrap(absl::StrJoin(CollectionIds(), ", "), kHelpWidth), "\n"),
      ".\nPillars also of one partnership: partnerships/us-asean-csp/pillars.\n\n"
      "  entente list claims --filter='stage = CLAIM_STAGE_ANNOUNCED' --order_by='value_date "
      "desc'\n"
      "  entente list initiatives --filter='parent = "
      "\"initiatives/catalyzing-private-sector-investment\"' -o names\n\n"
      "What does not fit a terminal is cut; in a pipe or a file nothing is. -o csv is RFC 4180 "
      "with\n"
      "the columns of the table, -o json the answer of the service with all pages in it.\n");
  verb.least_operands = 1;
  verb.most_operands = 1;
  verb.completes = Completes::kCollections;
  verb.flags = {"all", "at", "deleted", "filter", "limit", "order_by", "revision"};
  verb.formats = {"table", "json", "names", "csv"};
  verb.run = Run;
  return verb;
}

}  // namespace entente
