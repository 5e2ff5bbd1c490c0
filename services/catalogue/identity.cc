// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/identity.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace entente::catalogue {
namespace {

using google::protobuf::Message;
using resource::State;
using v1::Organisation;

const icu::Normalizer2& CaseFolding() {
  UErrorCode error = U_ZERO_ERROR;
  const auto* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error)) std::abort();  // Its data is part of the library.
  return *normalizer;
}

const icu::Normalizer2& Decomposition() {
  UErrorCode error = U_ZERO_ERROR;
  const auto* normalizer = icu::Normalizer2::getNFKDInstance(error);
  if (U_FAILURE(error)) std::abort();
  return *normalizer;
}

icu::UnicodeString Normalised(const icu::Normalizer2& normalizer, const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString result = normalizer.normalize(text, error);
  return U_FAILURE(error) ? text : result;
}

// Of any letter: accents, cedillas, dots.
bool IsDiacritic(UChar32 c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF);
}

// What Unicode takes for letters of their own, and people for others with a stroke.
const char16_t* WithoutStroke(UChar32 c) {
  switch (c) {
    case 0x00E6:  // æ
      return u"ae";
    case 0x00F0:  // ð
    case 0x0111:  // đ
      return u"d";
    case 0x00F8:  // ø
      return u"o";
    case 0x00FE:  // þ
      return u"th";
    case 0x0127:  // ħ
      return u"h";
    case 0x0131:  // ı
      return u"i";
    case 0x0142:  // ł
      return u"l";
    case 0x0153:  // œ
      return u"oe";
    default:
      return nullptr;
  }
}

bool IsDropped(UChar32 c) {
  switch (c) {
    case '.':
    case '\'':
    case '`':
    case 0x2018:  // ‘
    case 0x2019:  // ’
    case 0x02BC:  // ʼ
    case 0x02BB:  // ʻ
      return true;
    default:
      return IsDiacritic(c) || u_charType(c) == U_FORMAT_CHAR;
  }
}

bool IsPartOfWord(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) != 0;
}

const resource::ResourceType* OrganisationType(const State& state) {
  return state.registry().FindByDescriptor(Organisation::descriptor());
}

}  // namespace

std::string FoldName(absl::string_view name) {
  const auto text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  const icu::UnicodeString folded = Normalised(Decomposition(), Normalised(CaseFolding(), text));
  icu::UnicodeString kept;
  bool space = false;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (IsDropped(c)) continue;
    if (!IsPartOfWord(c)) {
      space = true;
      continue;
    }
    if (space && !kept.isEmpty()) kept.append(u' ');
    space = false;
    if (const char16_t* letters = WithoutStroke(c); letters != nullptr) {
      kept.append(letters, -1);
    } else {
      kept.append(c);
    }
  }
  std::string result;
  kept.toUTF8String(result);
  return result;
}

void ForEachName(const Organisation& organisation,
                 absl::FunctionRef<void(v1::OrganisationMatchKind, const std::string&)> fn) {
  fn(v1::ORGANISATION_MATCH_KIND_TITLE, organisation.title().text());
  for (const auto& translation : organisation.title().translations()) {
    fn(v1::ORGANISATION_MATCH_KIND_TITLE, translation.text());
  }
  for (const std::string& acronym : organisation.acronyms()) {
    fn(v1::ORGANISATION_MATCH_KIND_ACRONYM, acronym);
  }
  for (const std::string& name : organisation.other_names()) {
    fn(v1::ORGANISATION_MATCH_KIND_OTHER_NAME, name);
  }
}

std::string NameText(absl::string_view name) { return absl::StrCat("name ", FoldName(name)); }

std::string IdentifierText(const type::v1::ExternalIdentifier& identifier) {
  // Whoever looks it up compares what is found: a text that stands for two does no harm.
  return absl::StrReplaceAll(absl::StrCat("id ", identifier.scheme(), "\n", identifier.value()),
                             {{absl::string_view("\0", 1), "\n"}});
}

std::string MergedText() { return "merged"; }

void LookUpTextsOf(const Message& message, absl::FunctionRef<void(absl::string_view)> fn) {
  const auto& organisation = static_cast<const Organisation&>(message);
  ForEachName(organisation,
              [&](v1::OrganisationMatchKind, const std::string& name) { fn(NameText(name)); });
  for (const auto& identifier : organisation.external_ids()) fn(IdentifierText(identifier));
  if (!organisation.merged_into().empty()) fn(MergedText());
}

std::string SurvivorOf(const State& state, absl::string_view name) {
  std::string survivor(name);
  std::set<std::string> seen;
  // Faulty states are asked too, by the rules that find them faulty.
  while (seen.insert(survivor).second) {
    const auto* organisation = state.Get<Organisation>(survivor);
    if (organisation == nullptr || organisation->merged_into().empty() ||
        state.Get<Organisation>(organisation->merged_into()) == nullptr) {
      break;
    }
    survivor = organisation->merged_into();
  }
  return survivor;
}

std::vector<std::string> MergedInto(const State& state, absl::string_view name) {
  std::set<std::string> all = {std::string(name)};
  std::vector<std::string> open = {std::string(name)};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    for (std::string& merged : state.Referrers(next, "merged_into")) {
      if (all.insert(merged).second) open.push_back(std::move(merged));
    }
  }
  all.erase(std::string(name));
  return {all.begin(), all.end()};
}

std::vector<std::string> NamesOf(const State& state, const std::string& name) {
  if (OrganisationType(state) == nullptr || state.Get<Organisation>(name) == nullptr) return {name};
  const std::string survivor = SurvivorOf(state, name);
  std::vector<std::string> names = MergedInto(state, survivor);
  names.insert(std::lower_bound(names.begin(), names.end(), survivor), survivor);
  return names;
}

Mergers Mergers::Of(const State& state) {
  Mergers mergers;
  if (OrganisationType(state) == nullptr) return mergers;
  for (const std::string& name : state.LookUp(MergedText())) {
    std::string survivor = catalogue::SurvivorOf(state, name);
    if (survivor == name) continue;
    mergers.names_[survivor].push_back(name);
    mergers.survivors_[name] = std::move(survivor);
  }
  for (auto& [survivor, names] : mergers.names_) {
    names.push_back(survivor);
    std::sort(names.begin(), names.end());
  }
  return mergers;
}

const std::string& Mergers::SurvivorOf(const std::string& name) const {
  const auto found = survivors_.find(name);
  return found == survivors_.end() ? name : found->second;
}

std::vector<std::string> Mergers::NamesOf(const std::string& name) const {
  const auto found = names_.find(SurvivorOf(name));
  return found == names_.end() ? std::vector<std::string>{name} : found->second;
}

}  // namespace entente::catalogue
