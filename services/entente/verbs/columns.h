// SPDX-License-Identifier: Apache-2.0
//
// Resources in words, by their own descriptors: as a row of a table, and in full.
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_COLUMNS_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_COLUMNS_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "services/entente/text/table.h"
#include "services/entente/verbs/collections.h"

namespace entente {

// A table of resources of the collection, in its usual columns. `deleted`: with a column that says
// when each was deleted.
text::Table TableOf(const Collection& collection,
                    const std::vector<const google::protobuf::Message*>& resources, bool deleted);

// The value of a field in words: one for each element. "programme"; "over USD 8,000,000,000";
// "funding, organisations/usaid".
std::vector<std::string> FieldTexts(const google::protobuf::Message& message,
                                    const google::protobuf::FieldDescriptor* field);

// Everything that a resource says, field by field.
std::string ResourceText(const google::protobuf::Message& resource, const text::Style& style);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_COLUMNS_H_
