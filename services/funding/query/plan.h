// SPDX-License-Identifier: Apache-2.0
//
// A query, understood: a QueryFundingRequest that is without fault.
//
//   ASSIGN_OR_RETURN(const Plan plan, MakePlan(request, "query."));
//
// A plan knows nothing of any claim.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_PLAN_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_PLAN_H_

#include <google/protobuf/descriptor.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/calendar/buckets.h"
#include "services/funding/calendar/recurrence.h"

namespace entente::funding::query {

inline constexpr int kMaxDimensions = 8;
// A published rate is rarely older than a long weekend.
inline constexpr int kDefaultRateAgeDays = 7;
inline constexpr int kMaxRateAgeDays = 366;

struct PlannedDimension {
  const google::protobuf::FieldDescriptor* field = nullptr;  // of ClaimFacts
  int level = 0;
  std::optional<calendar::Buckets> buckets;  // dates

  bool is_date() const { return field->message_type() != nullptr; }
};

// A criterion of the order of rows.
struct OrderBy {
  enum class What { kStated, kLow, kHigh, kClaims, kDimension };
  What what = What::kDimension;
  size_t dimension = 0;  // kDimension: in group_by
  bool descending = false;

  bool is_money() const { return what != What::kClaims && what != What::kDimension; }
};

struct Plan {
  filter::Filter filter;
  std::vector<PlannedDimension> dimensions;
  std::string sector_vocabulary;
  std::set<v1::Measure> measures;
  std::string convert_to;
  int max_rate_age_days = kDefaultRateAgeDays;
  std::optional<calendar::Horizon> horizon;
  std::set<v1::MoneyKind> mix;
  std::vector<OrderBy> order;  // then by the values of all dimensions
  size_t top = 0;
  std::optional<size_t> cumulative;  // along this dimension

  // Where `field` of ClaimFacts is among the dimensions.
  std::optional<size_t> DimensionOf(absl::string_view field) const;
};

// INVALID_ARGUMENT with all that is wrong, fields named from `prefix` on. Does not look at
// `revision` and `compare_with`.
absl::StatusOr<Plan> MakePlan(const v1::QueryFundingRequest& request, absl::string_view prefix);

// The filter of the other side of a comparison, `path` its field.
absl::StatusOr<filter::Filter> CompileFilter(absl::string_view text, absl::string_view path);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PLAN_H_
