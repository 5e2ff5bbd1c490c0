// SPDX-License-Identifier: Apache-2.0
//
// What makes a resource as given into a resource as kept: checks it against the annotations of its
// protos and the rules of the shared types, writes dates and figures in canonical form and fills
// in what follows from them.
//
//   Violations violations;
//   normaliser.Normalise(&initiative, "initiative.", &violations);
#ifndef ENTENTE_COMMON_RESOURCE_NORMALISE_H_
#define ENTENTE_COMMON_RESOURCE_NORMALISE_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "common/resource/type.h"
#include "common/status/errors.h"

namespace entente::resource {

// Immutable and thread-safe.
class Normaliser {
 public:
  // `registries`: the types that references may be to; they must outlive it.
  explicit Normaliser(std::vector<const Registry*> registries)
      : registries_(std::move(registries)) {}

  // Notes every fault of `resource`, each with its path behind `path` ("" or ending in "."):
  // - a REQUIRED field that is not set (an enum: unspecified); an enum value that is not defined
  // - a reference that is no name of the type referred to (whether it exists is checked later)
  // - entente.type.v1.ImpreciseDate: no EDTF; Figure: no decimal, or one that does not go with its
  //   qualifier; Amount: no ISO 4217 code; Citation: a span without hash, a basis without reason,
  //   fields that the resource has not; LocalisedText: no language tag; SectorShare, PlaceShare:
  //   percentages that are none or add up to more than 100 (per vocabulary); Party: nobody
  // and writes dates, figures and language tags in canonical form, with ImpreciseDate.earliest and
  // latest and Figure.interval filled in. What is faulty is left as it was.
  void Normalise(google::protobuf::Message* resource, const std::string& path,
                 Violations* violations) const;

  // Whether what `reference` holds is a name of the type referred to, if that type is known.
  bool IsOfItsType(const Reference& reference) const;

 private:
  // Null if none of the registries has it.
  const ResourceType* TypeOf(const Reference& reference) const;
  void CheckReferences(const google::protobuf::Message& resource, const std::string& path,
                       Violations* violations) const;

  const std::vector<const Registry*> registries_;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_NORMALISE_H_
