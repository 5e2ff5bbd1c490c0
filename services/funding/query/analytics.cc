// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/analytics.h"

#include <optional>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/explain.h"
#include "services/funding/query/messages.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/snapshots.h"
#include "services/funding/rates/table.h"

namespace entente::funding::query {

namespace {

// What is beyond a Decimal is found deep down, where nothing is known of requests.
template <typename Response>
absl::StatusOr<Messages<Response>> ForCaller(absl::StatusOr<Messages<Response>> messages) {
  if (absl::IsOutOfRange(messages.status()) && errors::InfoOf(messages.status()).reason().empty()) {
    return errors::SumTooLarge(messages.status());
  }
  return messages;
}

}  // namespace

class Analytics::Impl {
 public:
  Impl(const resource::Store* store, const catalogue::CatalogueView* catalogue,
       const AnalyticsOptions& options)
      : store_(store),
        catalogue_(catalogue),
        memory_(options.query_memory_bytes),
        parallel_(static_cast<size_t>(options.query_threads)),
        snapshots_(store) {}

  absl::StatusOr<Messages<v1::QueryFundingResponse>> Query(const v1::QueryFundingRequest& request,
                                                           const Cancelled& cancelled) {
    ASSIGN_OR_RETURN(const Plan plan, MakePlan(request, ""));
    ASSIGN_OR_RETURN(Sources sources, SourcesAt(resource::AsOfRequest(request)));
    // One catalogue for both sides, so that what differs is the money.
    std::optional<Plan> other_plan;
    Sources other_sources = sources;
    if (request.has_compare_with()) {
      other_plan = plan;
      RETURN_IF_ERROR(ReadComparison(request, &*other_plan, &other_sources));
    }
    const auto resources = std::make_shared<const Resources>(&parallel_, memory_, cancelled);
    ASSIGN_OR_RETURN(const auto evaluation, Evaluation::Of(plan, sources, resources));
    std::unique_ptr<const Evaluation> compared;
    if (other_plan.has_value()) {
      ASSIGN_OR_RETURN(compared, Evaluation::Of(*other_plan, other_sources, resources));
    }
    ASSIGN_OR_RETURN(Answer answer, MakeAnswer(*evaluation, compared.get()));
    answer.header->set_revision(sources.snapshot->state().revision());
    answer.header->set_catalogue_revision(sources.catalogue->revision());
    if (compared != nullptr) {
      answer.header->set_compared_revision(other_sources.snapshot->state().revision());
    }
    return std::move(answer.messages);
  }

  absl::StatusOr<Messages<v1::ExplainFundingResponse>> Explain(
      const v1::ExplainFundingRequest& request, const Cancelled& cancelled) {
    if (request.query().has_compare_with()) {
      Violations violations;
      violations.Add("query.compare_with",
                     "must be unset: each side of a comparison is explained as a query of its own");
      return violations.ToStatus();
    }
    ASSIGN_OR_RETURN(const Plan plan, MakePlan(request.query(), "query."));
    ASSIGN_OR_RETURN(Sources sources, SourcesAt(resource::AsOfRequest(request.query())));
    const auto resources = std::make_shared<const Resources>(&parallel_, memory_, cancelled);
    ASSIGN_OR_RETURN(const auto evaluation, Evaluation::Of(plan, sources, resources));
    ASSIGN_OR_RETURN(Explanation explanation, query::Explain(*evaluation, request));
    explanation.header.set_revision(sources.snapshot->state().revision());
    explanation.header.set_catalogue_revision(sources.catalogue->revision());
    return InMessages(std::move(explanation));
  }

 private:
  absl::StatusOr<Sources> SourcesAt(const resource::AsOf& as_of) {
    ASSIGN_OR_RETURN(const auto state, store_->At(as_of));
    return Sources{snapshots_.Of(state), catalogue_->Current(), rates_.For(*state)};
  }

  absl::Status ReadComparison(const v1::QueryFundingRequest& request, Plan* plan,
                              Sources* sources) {
    const v1::Comparison& comparison = request.compare_with();
    const resource::AsOf as_of = resource::AsOfRequest(comparison);
    if (as_of.revision == 0 && !as_of.time.has_value() && comparison.filter().empty()) {
      Violations violations;
      violations.Add("compare_with", "must have a revision, a read_time or a filter that differs");
      return violations.ToStatus();
    }
    if (!comparison.filter().empty()) {
      v1::QueryFundingRequest other = request;
      other.set_filter(comparison.filter());
      ASSIGN_OR_RETURN(plan->filter, CompileFilter(comparison.filter(), "compare_with.filter"));
      // Where only this filter speaks of sectors, it still has to say whose.
      RETURN_IF_ERROR(MakePlan(other, "").status());
    }
    Violations violations;
    if (as_of.revision < 0) {
      violations.Add("compare_with.revision",
                     "must not be negative; 0 means the revision of the query");
    }
    if (as_of.revision != 0 && as_of.time.has_value()) {
      violations.Add("compare_with.read_time",
                     "stands in place of `revision`: give one of the two");
    }
    RETURN_IF_ERROR(violations.ToStatus());
    if (as_of.revision != 0 || as_of.time.has_value()) {
      const auto catalogue = sources->catalogue;
      ASSIGN_OR_RETURN(*sources, SourcesAt(as_of));
      sources->catalogue = catalogue;
    }
    return absl::OkStatus();
  }

  const resource::Store* const store_;
  const catalogue::CatalogueView* const catalogue_;
  const size_t memory_;
  Parallel parallel_;
  Snapshots snapshots_;
  rates::RateTables rates_;
};

Analytics::Analytics(const resource::Store* store, const catalogue::CatalogueView* catalogue,
                     const AnalyticsOptions& options)
    : impl_(std::make_unique<Impl>(store, catalogue, options)) {}
Analytics::~Analytics() = default;

absl::StatusOr<Messages<v1::QueryFundingResponse>> Analytics::Query(
    const v1::QueryFundingRequest& request, const Cancelled& cancelled) const {
  return ForCaller(impl_->Query(request, cancelled));
}

absl::StatusOr<Messages<v1::ExplainFundingResponse>> Analytics::Explain(
    const v1::ExplainFundingRequest& request, const Cancelled& cancelled) const {
  return ForCaller(impl_->Explain(request, cancelled));
}

}  // namespace entente::funding::query
