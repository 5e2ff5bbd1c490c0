// SPDX-License-Identifier: Apache-2.0
//
// What a filter makes of each parcel of money: it is in, or out, or it could be in.
//
// A condition on a field is asked once for each value in the dictionary of the field's base; the
// parcels are then looked at by code alone. To see what *could* be in, a condition is also asked of
// all narrower values that a value could turn out to be, and the filter is read with three bits for
// each parcel: it holds, it could hold, it could fail.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SELECTION_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SELECTION_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "common/filter/filter.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/parcels.h"

namespace entente::funding::query {

enum class Pick : uint8_t {
  kOut,
  kIn,
  // Not as stated; but some narrower place, initiative or sector that the money may be for would
  // be. Never less than what could be in; at times more, where several conditions would need
  // different narrower values.
  kCould,
};

// The fields that a filter or a condition of one speaks of, each once.
std::vector<const google::protobuf::FieldDescriptor*> FieldsOf(const filter::Filter& filter);
std::vector<const google::protobuf::FieldDescriptor*> FieldsOf(const filter::Condition& condition);

// By parcel. `fields` has all of FieldsOf(filter), and its bases are in `parcels`. Parcels that are
// not active are out.
std::vector<Pick> Select(const filter::Filter& filter, const std::vector<Field>& fields,
                         const Parcels& parcels);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SELECTION_H_
