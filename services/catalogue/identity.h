// SPDX-License-Identifier: Apache-2.0
//
// By what an organisation is found, and which one it is now: for the catalogue and for those that
// follow it.
//
//   FoldName("U.S. Agency for Int’l Développement")   // "us agency for intl developpement"
//   SurvivorOf(*state, "organisations/us-aid")        // "organisations/usaid", merged into that
#ifndef ENTENTE_SERVICES_CATALOGUE_IDENTITY_H_
#define ENTENTE_SERVICES_CATALOGUE_IDENTITY_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "common/resource/state.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/resolution.pb.h"

namespace entente::catalogue {

// What a name is compared by: Unicode's compatibility forms and case are folded (NFKC_Casefold),
// combining diacritical marks are dropped, and so are strokes and ligatures of Latin letters (đ, ø,
// æ) and of full stops, apostrophes and invisible characters every one; whatever else is no letter,
// digit or mark, is one space, and none at the ends. Marks that letters of other scripts have for
// vowels or sounds (Thai, Japanese, Hindi) stay. Empty if nothing is left.
//
// The state file (common/resource/state_file.h) has what this makes of names: whoever changes it
// raises kStateFileFormat.
std::string FoldName(absl::string_view name);

// Calls `fn` with everything that an organisation goes by but its resource name: what it is, and
// how it is recorded.
void ForEachName(
    const v1::Organisation& organisation,
    absl::FunctionRef<void(v1::OrganisationMatchKind kind, const std::string& name)> fn);

// Texts of State::LookUp: of those who have this name, of those who have this identifier of another
// system, and of those who were merged into another.
std::string NameText(absl::string_view name);
std::string IdentifierText(const type::v1::ExternalIdentifier& identifier);
std::string MergedText();

// ResourceType::look_up_texts of organisations.
void LookUpTextsOf(const google::protobuf::Message& organisation,
                   absl::FunctionRef<void(absl::string_view text)> fn);

// The organisation that `name` is now: following `merged_into` as far as it leads to what is there.
// `name` itself if it was not merged, or is not there.
std::string SurvivorOf(const resource::State& state, absl::string_view name);

// All that were merged into `name`, at any distance, in order; without itself.
std::vector<std::string> MergedInto(const resource::State& state, absl::string_view name);

// Every name of the organisation that `name` is: the survivor's and those of all that were merged
// into it, in order. `name` alone if it names none.
std::vector<std::string> NamesOf(const resource::State& state, const std::string& name);

// All mergers of a state, for those who ask for many names. Immutable.
class Mergers {
 public:
  static Mergers Of(const resource::State& state);

  bool empty() const { return survivors_.empty(); }

  // As above.
  const std::string& SurvivorOf(const std::string& name) const;

  std::vector<std::string> NamesOf(const std::string& name) const;

 private:
  std::map<std::string, std::string> survivors_;           // of those that were merged
  std::map<std::string, std::vector<std::string>> names_;  // of survivors
};

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_IDENTITY_H_
