// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/names/names.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/place.pb.h"

namespace entente::catalogue {
namespace {

using google::protobuf::Message;
using resource::State;

void CheckPillars(const v1::Initiative& initiative, const std::string& path,
                  Violations* violations) {
  for (int i = 0; i < initiative.pillars_size(); ++i) {
    const absl::string_view partnership = names::ParentOf(initiative.pillars(i));
    if (std::find(initiative.partnerships().begin(), initiative.partnerships().end(),
                  partnership) == initiative.partnerships().end()) {
      violations->Add(absl::StrCat(path, "pillars[", i, "]"),
                      "is a pillar of a partnership that the initiative does not belong to");
    }
  }
}

void CheckPlace(const v1::Place& place, const std::string& path, Violations* violations) {
  const std::string& code = place.country_code();
  if (place.kind() != v1::PLACE_KIND_COUNTRY) {
    if (!code.empty()) violations->Add(path + "country_code", "goes with PLACE_KIND_COUNTRY only");
    return;
  }
  if (code.size() != 2 || !absl::ascii_isupper(code[0]) || !absl::ascii_isupper(code[1])) {
    violations->Add(path + "country_code",
                    "must be an ISO 3166-1 alpha-2 code, for example \"ID\"");
  }
}

void CheckDocument(const v1::Document& document, const std::string& path, Violations* violations) {
  const std::string& hash = document.text_sha256();
  const bool is_hash = hash.size() == 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                         return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
                       });
  if (!hash.empty() && !is_hash) {
    violations->Add(path + "text_sha256", "must be a SHA-256, 64 lower-case hexadecimal digits");
  }
  if (hash.empty() ? document.text_length() != 0 : document.text_length() <= 0) {
    violations->Add(path + "text_length",
                    "must be the length in code points with a text_sha256, and 0 without");
  }
}

}  // namespace

void Rules::Check(const Message& resource, const std::string& path, Violations* violations) const {
  const auto* descriptor = resource.GetDescriptor();
  if (descriptor == v1::Initiative::descriptor()) {
    CheckPillars(static_cast<const v1::Initiative&>(resource), path, violations);
  } else if (descriptor == v1::Place::descriptor()) {
    CheckPlace(static_cast<const v1::Place&>(resource), path, violations);
  } else if (descriptor == v1::Document::descriptor()) {
    CheckDocument(static_cast<const v1::Document&>(resource), path, violations);
  }
}

void Rules::CheckTogether(const State& after, const std::map<std::string, std::string>& changed,
                          Violations* violations) const {
  std::vector<std::string> names;
  for (const auto& [name, path] : changed) names.push_back(name);
  for (const std::string& name : resource::LeadingBack(after, names, "parent")) {
    violations->Add(changed.at(name) + "parent", absl::StrCat("leads back to ", name, " itself"));
  }
}

}  // namespace entente::catalogue
