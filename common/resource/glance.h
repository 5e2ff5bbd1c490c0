// SPDX-License-Identifier: Apache-2.0
//
// What those who pass a resource on must know of it, read from its bytes without making a message
// of them: who it is, what it refers to, what it cites.
//
//   ASSIGN_OR_RETURN(const Glance glance, GlanceAt(*v1::Claim::descriptor(), bytes));
#ifndef ENTENTE_COMMON_RESOURCE_GLANCE_H_
#define ENTENTE_COMMON_RESOURCE_GLANCE_H_

#include <google/protobuf/descriptor.h>

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::resource {

// Views of the bytes.
struct Glance {
  struct Reference {
    // The top-level field that holds it, itself or in what is in it.
    const google::protobuf::FieldDescriptor* field;
    absl::string_view target;
  };

  absl::string_view name;
  bool is_deleted = false;
  std::vector<Reference> references;         // Empty ones left out.
  std::vector<absl::string_view> citations;  // Each a type.v1.Citation, serialised.

  // What the first reference in this field refers to; empty if there is none.
  absl::string_view TargetOf(absl::string_view field) const;
};

// `type`: that of the resource. INTERNAL if these are not the bytes of a message, in any depth.
// Whether strings are UTF-8 and lists of numbers well packed is not looked at.
absl::StatusOr<Glance> GlanceAt(const google::protobuf::Descriptor& type, absl::string_view bytes);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_GLANCE_H_
