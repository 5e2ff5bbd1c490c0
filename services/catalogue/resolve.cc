// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/resolve.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/catalogue/identity.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using resource::State;
using v1::Organisation;

// By survivor.
using Matches = std::map<std::string, std::vector<v1::OrganisationMatch>>;

v1::OrganisationMatch MatchOf(const std::string& organisation, v1::OrganisationMatchKind kind,
                              const std::string& value) {
  v1::OrganisationMatch match;
  match.set_organisation(organisation);
  match.set_kind(kind);
  match.set_value(value);
  return match;
}

Matches ByIdentifier(const State& state, const type::v1::ExternalIdentifier& wanted) {
  Matches matches;
  for (const std::string& name : state.LookUp(IdentifierText(wanted))) {
    for (const auto& identifier : state.Get<Organisation>(name)->external_ids()) {
      if (identifier.scheme() != wanted.scheme() || identifier.value() != wanted.value()) continue;
      matches[SurvivorOf(state, name)].push_back(
          MatchOf(name, v1::ORGANISATION_MATCH_KIND_EXTERNAL_ID, identifier.value()));
      break;
    }
  }
  return matches;
}

Matches ByText(const State& state, const std::string& text) {
  static const auto* const type = Types().FindByDescriptor(Organisation::descriptor());
  Matches matches;
  // A resource name means what has it, and nothing that is merely called so.
  if (type->pattern.Matches(text)) {
    if (state.Get<Organisation>(text) != nullptr) {
      matches[SurvivorOf(state, text)] = {MatchOf(text, v1::ORGANISATION_MATCH_KIND_NAME, text)};
    }
    return matches;
  }
  const std::string wanted = FoldName(text);
  if (wanted.empty()) return matches;
  for (const std::string& name : state.LookUp(NameText(text))) {
    auto& of_survivor = matches[SurvivorOf(state, name)];
    ForEachName(*state.Get<Organisation>(name),
                [&](v1::OrganisationMatchKind kind, const std::string& called) {
                  if (FoldName(called) == wanted)
                    of_survivor.push_back(MatchOf(name, kind, called));
                });
  }
  return matches;
}

// Its own and those of what was merged into it, each once.
void AddIdentifiers(const State& state, v1::OrganisationCandidate* candidate) {
  std::set<std::pair<std::string, std::string>> identifiers;
  std::vector<std::string> names = {candidate->merged().begin(), candidate->merged().end()};
  names.push_back(candidate->organisation());
  for (const std::string& name : names) {
    for (const auto& identifier : state.Get<Organisation>(name)->external_ids()) {
      identifiers.emplace(identifier.scheme(), identifier.value());
    }
  }
  for (const auto& [scheme, value] : identifiers) {
    auto* identifier = candidate->add_external_ids();
    identifier->set_scheme(scheme);
    identifier->set_value(value);
  }
}

void Check(const v1::OrganisationReference& reference, const std::string& path,
           Violations* violations) {
  switch (reference.reference_case()) {
    case v1::OrganisationReference::kText:
      if (reference.text().empty() || reference.text().size() > kMaxReferenceBytes) {
        violations->Add(path + ".text",
                        absl::StrCat("must have 1 to ", kMaxReferenceBytes, " bytes"));
      }
      return;
    case v1::OrganisationReference::kExternalId:
      if (reference.external_id().scheme().empty()) {
        violations->Add(path + ".external_id.scheme", "must not be empty");
      }
      if (reference.external_id().value().empty()) {
        violations->Add(path + ".external_id.value", "must not be empty");
      }
      return;
    case v1::OrganisationReference::REFERENCE_NOT_SET:
      violations->Add(path, "must have a text or an external_id");
  }
}

}  // namespace

v1::OrganisationResolution Resolve(const State& state, const v1::OrganisationReference& reference) {
  Matches matches = reference.has_external_id() ? ByIdentifier(state, reference.external_id())
                                                : ByText(state, reference.text());
  v1::OrganisationResolution resolution;
  for (auto& [survivor, fits] : matches) {
    auto* candidate = resolution.add_candidates();
    candidate->set_organisation(survivor);
    for (auto& match : fits) *candidate->add_matches() = std::move(match);
    for (std::string& name : MergedInto(state, survivor)) candidate->add_merged(std::move(name));
    AddIdentifiers(state, candidate);
  }
  switch (matches.size()) {
    case 0:
      resolution.set_outcome(v1::RESOLUTION_OUTCOME_NOT_FOUND);
      break;
    case 1:
      resolution.set_outcome(v1::RESOLUTION_OUTCOME_RESOLVED);
      resolution.set_organisation(matches.begin()->first);
      break;
    default:
      resolution.set_outcome(v1::RESOLUTION_OUTCOME_AMBIGUOUS);
  }
  return resolution;
}

absl::Status ResolveOrganisations(const resource::Store& store,
                                  const v1::ResolveOrganisationsRequest& request,
                                  v1::ResolveOrganisationsResponse* response) {
  Violations violations;
  if (request.references().empty()) violations.Add("references", "must not be empty");
  if (request.references_size() > kMaxReferences) {
    violations.Add("references",
                   absl::StrCat("has ", request.references_size(), " references; at most ",
                                kMaxReferences, " are accepted: ask in parts"));
  } else {
    for (int i = 0; i < request.references_size(); ++i) {
      Check(request.references(i), absl::StrCat("references[", i, "]"), &violations);
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  for (const auto& reference : request.references()) {
    *response->add_resolutions() = Resolve(*state, reference);
  }
  response->set_revision(state->revision());
  return absl::OkStatus();
}

}  // namespace entente::catalogue
