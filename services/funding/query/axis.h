// SPDX-License-Identifier: Apache-2.0
//
// A dimension of a query, laid over the data: which of its values each value of a base column is.
//
//   const Axis axis = MakeAxis(dimension, field, catalogue, parcels);
//   axis.value(axis.CodeOf(parcels.CodeOf(axis.base, parcel)));
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_AXIS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_AXIS_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/resource/state.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/plan.h"

namespace entente::funding::query {

// The code of any value, in the keys of totals and of the rest.
inline constexpr Code kAnyCode = std::numeric_limits<Code>::max();

// The days of a value of a date; an end that is unbounded or not known is none.
struct Days {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
};

// The values of an axis, and which of them each value of the base is. Immutable, and kept for later
// queries with the column that it is of.
struct Scale {
  // By code of the base; empty if the axis has the codes of the base.
  std::vector<Code> code_of;
  Values::View values;     // buckets by their labels
  std::vector<Days> days;  // dates: by code of the axis

  // By code: the place of a value in the order of rows. What is stated comes first and what is not
  // comes last; dates by their first day, classes of money in the order of their declaration, and
  // everything else by name. `field` is that of the dimension, always the same. Thread-safe.
  const std::vector<uint32_t>& Ranks(const google::protobuf::FieldDescriptor& field) const;

  // Made when they are asked for.
  struct Ranking {
    std::once_flag once;
    std::vector<uint32_t> ranks;
  };
  std::shared_ptr<Ranking> ranking = std::make_shared<Ranking>();
};

struct Axis {
  BaseId base = 0;
  std::shared_ptr<const Scale> scale;

  Code CodeOf(Code of_base) const {
    return scale->code_of.empty() ? of_base : scale->code_of[of_base];
  }
  size_t size() const { return scale->values.size(); }
  const Value& value(Code code) const { return scale->values[code]; }
  Days days(Code code) const { return scale->days.empty() ? Days{} : scale->days[code]; }
};

Axis MakeAxis(const PlannedDimension& dimension, const Field& field,
              const resource::State& catalogue, const Parcels& parcels);

// A scale that has the values of both; and for each code of `b` the one there. The codes of `a` are
// the same in it.
std::pair<std::shared_ptr<const Scale>, std::vector<Code>> Merge(const Axis& a, const Axis& b);

// The days that an EDTF text means.
Days DaysOf(const std::string& edtf);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_AXIS_H_
