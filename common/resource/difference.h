// SPDX-License-Identifier: Apache-2.0
//
// What differs between two versions of a resource, field by field.
//
//   for (type::v1::FieldDifference& difference : DifferencesOf(*type, before, after)) ...
//   // path: "amount.figure.value", before: "8000000000", after: "8500000000"
//
// Left out are the fields that only the store sets (the name, etag, times and revision), and what
// is derived from other fields, such as the interval of a figure. All others, applied to `before`,
// make it `after`: elements of lists that are gone are taken out, those that are new put in, the
// others changed where they then stand.
#ifndef ENTENTE_COMMON_RESOURCE_DIFFERENCE_H_
#define ENTENTE_COMMON_RESOURCE_DIFFERENCE_H_

#include <google/protobuf/message.h>

#include <vector>

#include "common/resource/type.h"
#include "entente/type/v1/revision.pb.h"

namespace entente::resource {

// Of two resources of `type`, in the order of their fields. Either may be null: then all that the
// other says is new, or gone. Elements of a list keep their order where they can: a list of which
// the beginning and the end stay is told by what changed between them.
std::vector<type::v1::FieldDifference> DifferencesOf(const ResourceType& type,
                                                     const google::protobuf::Message* before,
                                                     const google::protobuf::Message* after);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_DIFFERENCE_H_
