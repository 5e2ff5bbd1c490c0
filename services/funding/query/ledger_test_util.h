// SPDX-License-Identifier: Apache-2.0
//
// Claims, rates and a catalogue in memory, to be asked by queries in text format. For tests.
//
//   Ledger ledger;
//   ledger.PutPlace("places/laos", "kind: PLACE_KIND_COUNTRY");
//   ledger.PutClaim("aid", "amount { figure { value: '5' } } places { place: 'places/laos' }");
//   ledger.Query("group_by { field: 'countries' }");
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_LEDGER_TEST_UTIL_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_LEDGER_TEST_UTIL_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/resource/normalise.h"
#include "common/resource/state.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "services/catalogue/types.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/explain.h"
#include "services/funding/query/messages.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

template <typename T>
T FromText(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// All messages of an answer in one. `then`: the other side of a comparison, null for the same.
inline absl::StatusOr<v1::QueryFundingResponse> AnswerTo(
    const v1::QueryFundingRequest& request, const Sources& now, const Sources* then = nullptr,
    const std::shared_ptr<const Resources>& resources = OneThread()) {
  ASSIGN_OR_RETURN(const Plan plan, MakePlan(request, ""));
  Plan other = plan;
  if (!request.compare_with().filter().empty()) {
    ASSIGN_OR_RETURN(other.filter, CompileFilter(request.compare_with().filter(), "other"));
  }
  ASSIGN_OR_RETURN(const auto evaluation, Evaluation::Of(plan, now, resources));
  std::unique_ptr<const Evaluation> compared;
  if (request.has_compare_with()) {
    ASSIGN_OR_RETURN(compared, Evaluation::Of(other, then == nullptr ? now : *then, resources));
  }
  ASSIGN_OR_RETURN(Answer answer, MakeAnswer(*evaluation, compared.get()));
  v1::QueryFundingResponse all;
  for (const auto& message : answer.messages) all.MergeFrom(*message);
  return all;
}

inline absl::StatusOr<v1::ExplainFundingResponse> ExplanationOf(
    const v1::ExplainFundingRequest& request, const Sources& sources,
    const std::shared_ptr<const Resources>& resources = OneThread()) {
  ASSIGN_OR_RETURN(const Plan plan, MakePlan(request.query(), "query."));
  ASSIGN_OR_RETURN(const auto evaluation, Evaluation::Of(plan, sources, resources));
  ASSIGN_OR_RETURN(Explanation explanation, query::Explain(*evaluation, request));
  v1::ExplainFundingResponse all;
  for (const auto& message : InMessages(std::move(explanation))) all.MergeFrom(*message);
  return all;
}

class Ledger {
 public:
  // A claim named claims/`id`: own funding of the United States dollar, outgoing and committed, a
  // grant without a figure, unless `text` says otherwise.
  void PutClaim(const std::string& id, const std::string& text) { PutClaims({{id, text}}); }
  void PutClaims(const std::vector<std::pair<std::string, std::string>>& claims) {
    std::vector<v1::Claim> made;
    for (const auto& [id, text] : claims) {
      v1::Claim claim = FromText<v1::Claim>(
          "amount { currency_code: 'USD' } nature: CLAIM_NATURE_OWN_FUNDING "
          "stage: CLAIM_STAGE_COMMITTED direction: CLAIM_DIRECTION_OUTGOING "
          "instrument: CLAIM_INSTRUMENT_GRANT");
      claim.MergeFrom(FromText<v1::Claim>(text));
      claim.set_name("claims/" + id);
      made.push_back(std::move(claim));
    }
    PutClaims(std::move(made));
  }
  // As they are, but for what the service fills in.
  void PutClaims(std::vector<v1::Claim> claims) {
    std::vector<log::Change> changes;
    for (v1::Claim& claim : claims) changes.push_back(PutOf(std::move(claim)));
    Commit(std::move(changes));
  }
  void PutRates(const v1::RateSeries& series) {
    Commit({{series.name(), log::ChangeKind::kPut, series.SerializeAsString()}});
  }
  void DeleteClaim(const std::string& id) {
    const std::string name = "claims/" + id;
    Commit({{name, log::ChangeKind::kDelete, funding_->Find(name)->message->SerializeAsString()}});
  }
  void UndeleteClaim(const std::string& id) {
    const std::string name = "claims/" + id;
    Commit(
        {{name, log::ChangeKind::kUndelete, funding_->Find(name)->message->SerializeAsString()}});
  }
  // A revision of whatever claims and rates.
  void Commit(std::vector<log::Change> changes) {
    last_ = Commit(FundingTypes(), std::move(changes), &funding_);
  }
  static log::Change PutOf(v1::Claim claim) {
    if (!claim.amount().has_figure()) {
      claim.mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_NOT_STATED);
    }
    Violations ignored;  // Of what these claims lack for other reasons.
    resource::Normaliser({&FundingTypes()}).Normalise(&claim, "", &ignored);
    return {claim.name(), log::ChangeKind::kPut, claim.SerializeAsString()};
  }
  void PutPlace(const std::string& name, const std::string& text) {
    Put(name, FromText<catalogue::v1::Place>(text));
  }
  void PutInitiative(const std::string& name, const std::string& text) {
    Put(name, FromText<catalogue::v1::Initiative>(text));
  }
  void PutOrganisation(const std::string& name, const std::string& text) {
    Put(name, FromText<catalogue::v1::Organisation>(text));
  }

  std::shared_ptr<const resource::State> funding() const { return funding_; }
  // What led to it.
  const resource::Committed& last() const { return last_; }
  std::shared_ptr<const resource::State> catalogue() const { return catalogue_; }
  Sources Now() const {
    return {Snapshot::Of(funding_), catalogue_, rates::RateTable::Of(*funding_)};
  }

  // `then`: the other side of a comparison, if there is one.
  absl::StatusOr<v1::QueryFundingResponse> Query(const v1::QueryFundingRequest& request,
                                                 const Sources* then = nullptr) const {
    return AnswerTo(request, Now(), then);
  }
  absl::StatusOr<v1::QueryFundingResponse> Query(const std::string& request) const {
    return Query(FromText<v1::QueryFundingRequest>(request));
  }
  absl::StatusOr<v1::ExplainFundingResponse> Explain(
      const v1::ExplainFundingRequest& request) const {
    return ExplanationOf(request, Now());
  }
  absl::StatusOr<v1::ExplainFundingResponse> Explain(const std::string& request) const {
    return Explain(FromText<v1::ExplainFundingRequest>(request));
  }

 private:
  static const resource::Registry& FundingTypes() {
    static const auto* const types = new resource::Registry(
        resource::Registry::Of({v1::Claim::descriptor(), v1::RateSeries::descriptor()}).value());
    return *types;
  }
  template <typename T>
  void Put(const std::string& name, T resource) {
    resource.set_name(name);
    Commit(catalogue::Types(), {{name, log::ChangeKind::kPut, resource.SerializeAsString()}},
           &catalogue_);
  }
  static resource::Committed Commit(const resource::Registry& types,
                                    std::vector<log::Change> changes,
                                    std::shared_ptr<const resource::State>* state) {
    const log::Revision revision{(*state)->revision() + 1, absl::UnixEpoch(), "", "",
                                 std::move(changes)};
    resource::Committed committed = resource::Materialise(types, revision).value();
    *state = (*state)->With(committed);
    return committed;
  }

  std::shared_ptr<const resource::State> funding_ =
      std::make_shared<resource::State>(&FundingTypes());
  resource::Committed last_{};
  std::shared_ptr<const resource::State> catalogue_ =
      std::make_shared<resource::State>(&catalogue::Types());
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_LEDGER_TEST_UTIL_H_
