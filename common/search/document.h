// SPDX-License-Identifier: Apache-2.0
//
// What is searched: a resource as its texts, each in a field, and what it is filtered and counted
// by. How a resource becomes one is no business of this room; see common/resource/searchable.h.
#ifndef ENTENTE_COMMON_SEARCH_DOCUMENT_H_
#define ENTENTE_COMMON_SEARCH_DOCUMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::search {

// Where a word stands, in the order of weight.
enum class Field : uint8_t {
  kTitle,
  kAcronym,
  kName,         // What else it is called.
  kIdentifier,   // Its id, and those that other systems have for it.
  kDescription,  // And whatever other text in words it has.
  kNote,
  kReference,  // The ids of what it refers to.
};
inline constexpr size_t kFields = 7;

// As queries call them: "title:", and how much a word counts for in each.
inline constexpr std::array<absl::string_view, kFields> kFieldNames = {
    "title", "acronym", "name", "identifier", "description", "note", "reference"};
inline constexpr std::array<double, kFields> kFieldWeights = {10, 10, 8, 4, 2, 1, 1};

// A set of fields, the bit of each by its number.
using FieldSet = uint8_t;
inline constexpr FieldSet kAllFields = (1U << kFields) - 1;
inline constexpr FieldSet SetOf(Field field) {
  return static_cast<FieldSet>(1U << static_cast<unsigned>(field));
}
inline constexpr bool Has(FieldSet set, Field field) { return (set & SetOf(field)) != 0; }

// One text of a document.
struct Value {
  Field field;
  // Where the resource has it: "notes[1].text".
  std::string path;
  // A BCP 47 tag; empty for what is of no language.
  std::string language_code;
  // A view of what the document was made of.
  absl::string_view text;
};

// What documents are filtered by and counted under.
struct Attributes {
  std::string type;                       // "entente.dev/Organisation"
  std::string kind;                       // "ORGANISATION_KIND_AGENCY", or empty.
  std::vector<std::string> partnerships;  // "partnerships/us-asean-csp"

  bool operator==(const Attributes&) const = default;
};

struct Document {
  std::string name;
  Attributes attributes;
  std::vector<Value> values;
};

// What stands for an attribute in a query: "organisation" of entente.dev/Organisation,
// "rate-series" of entente.dev/RateSeries, "agency" of ORGANISATION_KIND_AGENCY, "us-asean-csp" of
// partnerships/us-asean-csp.
std::string LabelOfType(absl::string_view type);
std::string LabelOfKind(absl::string_view kind);
std::string LabelOfPartnership(absl::string_view partnership);

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_DOCUMENT_H_
