// SPDX-License-Identifier: Apache-2.0
//
// Names that could have been meant.
#include <map>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/resource/fields.h"
#include "entente/type/v1/search.pb.h"
#include "services/entente/text/nearest.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"

namespace entente {
namespace {

// An error must not be held up by what is only a help.
constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr size_t kMostNames = 3;
// How many names of the collection are compared, letter by letter.
constexpr size_t kMostCompared = 1000;

absl::string_view IdOf(absl::string_view name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

std::vector<std::string> NamesLike(const Servers::Targets& targets, const std::string& name) {
  const auto collection = CollectionOfName(name);
  if (!collection.ok()) return {};
  const Servers servers(targets, kPatience);
  const std::string id(IdOf(name));
  std::multimap<size_t, std::string> near;
  // Spelt nearly the same.
  const auto listed =
      ListAll(servers, **collection, {.parent = "partnerships/-", .limit = kMostCompared});
  if (listed.ok()) {
    for (const auto* resource : ResourcesIn(**collection, **listed)) {
      const std::string other = resource::fields::GetString(*resource, "name");
      if (other != name && text::IsNear(id, IdOf(other))) {
        near.emplace(text::EditDistance(id, IdOf(other)), other);
      }
    }
  }
  // Made of the same words, some of them.
  type::v1::SearchRequest request;
  request.set_query(absl::StrReplaceAll(id, {{"-", " OR "}}));
  request.add_types((*collection)->type->type);
  request.set_page_size(static_cast<int32_t>(kMostNames));
  type::v1::SearchResponse found;
  if (near.empty() && servers.Call((*collection)->server, request, &found).ok()) {
    for (const auto& result : found.results()) near.emplace(id.size(), result.resource());
  }
  std::vector<std::string> names;
  for (const auto& [distance, other] : near) {
    if (names.size() < kMostNames) names.push_back(other);
  }
  return names;
}

}  // namespace entente
