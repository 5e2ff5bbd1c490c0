// SPDX-License-Identifier: Apache-2.0
//
// A resource as it is searched: which of its texts stand in which field.
//
//   title, title.translations        title
//   acronyms                         acronym
//   other_names                      name
//   its own id, external_ids,        identifier
//     codes of country and currency
//   notes                            note
//   any other text in a language,    description
//     a source, a unit
//   ids of what it refers to         reference: "usaid" of organisations/usaid; not those of
//                                    partnerships, which most resources share, nor of citations
//
// Read off the descriptors, for every type alike. What is INPUT_ONLY, the text of a document, is
// not among it.
#ifndef ENTENTE_COMMON_RESOURCE_SEARCHABLE_H_
#define ENTENTE_COMMON_RESOURCE_SEARCHABLE_H_

#include "common/resource/state.h"
#include "common/resource/type.h"
#include "common/search/document.h"
#include "common/search/query.h"
#include "entente/type/v1/text.pb.h"

namespace entente::resource {

// Has views of the entry's message.
search::Document DocumentOf(const Entry& entry);

// What the resource is called; empty if it has no title, as what was erased.
const type::v1::LocalisedText& TitleOf(const Entry& entry);

// The types of a service, and the kinds that they have, as queries call them.
search::Labels LabelsOf(const Registry& registry);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_SEARCHABLE_H_
