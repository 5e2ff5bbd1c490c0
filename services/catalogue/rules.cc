// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/names/names.h"
#include "common/passage/text.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "services/catalogue/identity.h"
#include "services/catalogue/resolve.h"

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

// With a text its hash and length follow, unless the writer says what they are to be.
void CompleteDocument(v1::Document* document) {
  document->set_text_loaded(!document->text().empty());
  if (document->text().empty()) return;
  const auto text = passage::Text::FromUtf8(document->text());
  if (!text.ok()) return;  // CheckDocument says so.
  if (document->text_sha256().empty()) document->set_text_sha256(text->sha256());
  if (document->text_length() == 0) document->set_text_length(text->length());
}

void CheckText(const v1::Document& document, const std::string& path, Violations* violations) {
  const auto text = passage::Text::FromUtf8(document.text());
  if (!text.ok()) return violations->Add(path + "text", text.status().message());
  if (text->sha256() != document.text_sha256()) {
    violations->Add(path + "text_sha256",
                    absl::StrCat("is not that of the text, which has ", text->sha256(),
                                 ": leave it empty to have it filled in, and send the text of a "
                                 "new edition with it"));
  }
  if (text->length() != document.text_length()) {
    violations->Add(path + "text_length", absl::StrCat("is not that of the text, which has ",
                                                       text->length(), " code points"));
  }
}

void CheckDocument(const v1::Document& document, const std::string& path, Violations* violations) {
  if (!document.text().empty()) return CheckText(document, path, violations);
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

// Whoever looks an identifier of another system up finds one organisation.
void CheckIdentifiers(const State& after, const std::map<std::string, std::string>& changed,
                      Violations* violations) {
  // An organisation that is merged no longer parts also those that were merged into it from others.
  std::map<std::string, std::string> affected;
  for (const auto& [name, path] : changed) {
    if (after.Get<v1::Organisation>(name) == nullptr) continue;
    for (const std::string& merged : MergedInto(after, name)) {
      affected.emplace(merged, path + "merged_into");
    }
  }
  for (const auto& [name, path] : changed) affected[name] = "";
  for (const auto& [name, where] : affected) {
    const auto* organisation = after.Get<v1::Organisation>(name);
    if (organisation == nullptr) continue;
    for (int i = 0; i < organisation->external_ids_size(); ++i) {
      const auto& identifier = organisation->external_ids(i);
      v1::OrganisationReference reference;
      *reference.mutable_external_id() = identifier;
      const v1::OrganisationResolution resolution = Resolve(after, reference);
      for (const auto& candidate : resolution.candidates()) {
        if (candidate.organisation() == SurvivorOf(after, name)) continue;
        violations->Add(
            where.empty() ? absl::StrCat(changed.at(name), "external_ids[", i, "]") : where,
            absl::StrCat(identifier.scheme(), " ", identifier.value(), " of ", name,
                         " is an identifier of ", candidate.matches(0).organisation(),
                         " already: one of them is wrong, or one is merged_into the other"));
      }
    }
  }
}

}  // namespace

void Rules::Complete(Message* resource) const {
  if (resource->GetDescriptor() == v1::Document::descriptor()) {
    CompleteDocument(static_cast<v1::Document*>(resource));
  }
}

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
  for (const char* field : {"parent", "merged_into"}) {
    for (const std::string& name : resource::LeadingBack(after, names, field)) {
      violations->Add(changed.at(name) + field, absl::StrCat("leads back to ", name, " itself"));
    }
  }
  CheckIdentifiers(after, changed, violations);
}

std::vector<std::string> Rules::NamesOf(const State& state, const std::string& name) const {
  return catalogue::NamesOf(state, name);
}

}  // namespace entente::catalogue
