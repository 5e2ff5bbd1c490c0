// SPDX-License-Identifier: Apache-2.0
//
// A dimension of a query, laid over the data: which of its values each value of a base column is.
//
//   const Axis axis = MakeAxis(dimension, field, catalogue, parcels);
//   axis.values[axis.code_of[parcels.CodeOf(axis.base, parcel)]];
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_AXIS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_AXIS_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/resource/state.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/plan.h"

namespace entente::funding::query {

// The days of a value of a date; an end that is unbounded or not known is none.
struct Days {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
};

struct Axis {
  BaseId base = 0;
  std::vector<Code> code_of;  // by code of the base
  std::vector<Value> values;  // by code of the axis; buckets by their labels
  std::vector<Days> days;     // by code of the axis, for dates
  // By code of the axis: its place in the order of rows. What is stated comes first and what is not
  // comes last; dates by their first day, classes of money in the order of their declaration, and
  // everything else by name.
  std::vector<uint32_t> rank;
};

Axis MakeAxis(const PlannedDimension& dimension, const Field& field,
              const resource::State& catalogue, const Parcels& parcels);

// Makes `rank` anew, after values were added; `field` is that of the dimension.
void Rank(const google::protobuf::FieldDescriptor& field, Axis* axis);

// The days that an EDTF text means.
Days DaysOf(const std::string& edtf);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_AXIS_H_
