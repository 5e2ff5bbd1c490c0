// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/types.h"

#include "entente/catalogue/v1/document.pb.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/partnership.pb.h"
#include "entente/catalogue/v1/person.pb.h"
#include "entente/catalogue/v1/pillar.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/catalogue/v1/quantity.pb.h"
#include "services/catalogue/identity.h"

namespace entente::catalogue {

const resource::Registry& Types() {
  // Its only fault could be in the protos, and every test would find it.
  static const auto* const registry = new resource::Registry(
      resource::Registry::Of(
          {v1::Partnership::descriptor(), v1::Pillar::descriptor(), v1::Initiative::descriptor(),
           v1::Organisation::descriptor(), v1::Person::descriptor(), v1::Place::descriptor(),
           v1::Document::descriptor(), v1::Quantity::descriptor()},
          {{v1::Organisation::descriptor(), &LookUpTextsOf}})
          .value());
  return *registry;
}

}  // namespace entente::catalogue
