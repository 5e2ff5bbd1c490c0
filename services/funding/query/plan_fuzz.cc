// SPDX-License-Identifier: Apache-2.0
//
// Any text in the fields of a query that hold a language of their own, or a name: planned or
// refused without a fault, every refusal naming a field of the request, and a plan in order.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/filter/error.h"
#include "common/status/errors.h"
#include "services/funding/query/plan.h"

namespace entente::funding::query {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

// Where each text goes; the fields that are not fuzzed make for a plan if the texts are good.
v1::QueryFundingRequest RequestOf(uint8_t way, const std::vector<std::string>& texts) {
  const auto text = [&](size_t i) { return i < texts.size() ? texts[i] : std::string(); };
  v1::QueryFundingRequest request;
  v1::Dimension* date = request.add_group_by();
  date->set_field(way & 1 ? "period" : "value_date");
  date->set_unit(v1::PERIOD_UNIT_FISCAL_YEAR);
  date->set_fiscal_year(way & 2 ? "US" : text(1));
  request.set_sector_vocabulary("1");
  switch (way >> 2 & 7) {
    case 0:
      request.set_filter(text(0));
      break;
    case 1:
      request.set_order_by(text(0));
      break;
    case 2:
      request.set_horizon(text(0));
      break;
    case 3:
      date->set_fiscal_year(text(0));
      break;
    case 4:
      request.set_convert_to(text(0));
      request.set_max_rate_age_days(way >> 5);
      break;
    case 5:
      request.add_group_by()->set_field(text(0));
      request.set_order_by(text(2));
      break;
    case 6:
      request.set_sector_vocabulary(text(0));
      request.add_group_by()->set_field("sectors");
      break;
    default:
      request.set_filter(text(0));
      request.set_order_by(text(2));
      request.set_horizon(text(3));
      request.set_convert_to(text(4));
  }
  return request;
}

void CheckPlan(const v1::QueryFundingRequest& request, const Plan& plan) {
  Require(plan.dimensions.size() == static_cast<size_t>(request.group_by_size()));
  for (const PlannedDimension& dimension : plan.dimensions) {
    Require(dimension.field != nullptr && dimension.is_date() == dimension.buckets.has_value());
  }
  for (const OrderBy& order : plan.order) Require(order.dimension < plan.dimensions.size());
  Require(plan.order.empty() == request.order_by().empty());
  Require(plan.horizon.has_value() != request.horizon().empty());
  if (plan.horizon.has_value()) {
    Require(plan.horizon->first <= plan.horizon->last);
    Require(plan.horizon->last.year() - plan.horizon->first.year() <= calendar::kMaxHorizonYears);
  }
  Require(plan.convert_to == request.convert_to());
  Require(plan.convert_to.empty() || plan.convert_to.size() == 3);
  // One bucket follows the other.
  if (plan.dimensions[0].buckets.has_value()) {
    const calendar::Bucket bucket = plan.dimensions[0].buckets->Of(absl::CivilDay(2024, 2, 29));
    Require(bucket.first <= absl::CivilDay(2024, 2, 29) &&
            absl::CivilDay(2024, 2, 29) <= bucket.last);
    Require(plan.dimensions[0].buckets->Of(bucket.last) == bucket);
    Require(plan.dimensions[0].buckets->Of(bucket.last + 1).first == bucket.last + 1);
  }
}

void CheckRefusal(const absl::Status& status, absl::string_view prefix, bool is_text) {
  Require(status.code() == absl::StatusCode::kInvalidArgument);
  Require(errors::InfoOf(status).reason() == "INVALID_REQUEST");
  const auto bad = errors::BadRequestOf(status);
  Require(!bad.field_violations().empty());
  for (const auto& violation : bad.field_violations()) {
    Require(absl::StartsWith(violation.field(), prefix));
    const std::string field = violation.field().substr(prefix.size());
    const std::string name = field.substr(0, field.find_first_of("[."));
    Require(v1::QueryFundingRequest::descriptor()->FindFieldByName(name) != nullptr);
    Require(!violation.description().empty());
  }
  if (is_text) Require(!filter::FindInvalidUtf8(status.message()).has_value());
}

}  // namespace
}  // namespace entente::funding::query

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::funding::query;  // NOLINT(build/namespaces)
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_text = !entente::filter::FindInvalidUtf8(bytes).has_value();
  const std::vector<std::string> texts = absl::StrSplit(bytes, '\n');
  const auto request = RequestOf(data[0], texts);
  const auto plan = MakePlan(request, "query.");
  if (plan.ok()) {
    CheckPlan(request, *plan);
  } else {
    CheckRefusal(plan.status(), "query.", is_text);
  }
  // Without a prefix it is the same.
  Require(MakePlan(request, "").ok() == plan.ok());
  return 0;
}
