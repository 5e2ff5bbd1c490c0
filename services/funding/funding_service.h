// SPDX-License-Identifier: Apache-2.0
//
// The gRPC binding of funding: a method of resources hands its request to the core, which knows it
// by its type; a query goes to the analytics, on threads of its own.
#ifndef ENTENTE_SERVICES_FUNDING_FUNDING_SERVICE_H_
#define ENTENTE_SERVICES_FUNDING_FUNDING_SERVICE_H_

#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "common/server/call_on_workers.h"
#include "common/server/reads.h"
#include "common/server/stream_reactor.h"
#include "common/server/watch_reactor.h"
#include "common/server/workers.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "services/catalogue/client/catalogue_view.h"
#include "services/funding/query/analytics.h"

namespace entente::funding {

// Handed over as bytes; see common/server/reads.h.
template <typename Base>
using RawGets = v1::FundingService::WithRawCallbackMethod_GetClaim<
    v1::FundingService::WithRawCallbackMethod_GetRateSeries<Base>>;

template <typename Base>
using RawLists = v1::FundingService::WithRawCallbackMethod_ListClaims<
    v1::FundingService::WithRawCallbackMethod_ListRateSeries<Base>>;

template <typename Base>
using RawBatchGets = v1::FundingService::WithRawCallbackMethod_BatchGetClaims<
    v1::FundingService::WithRawCallbackMethod_BatchGetRateSeries<Base>>;

using RawReads = RawGets<RawLists<RawBatchGets<v1::FundingService::CallbackService>>>;

class FundingService final : public RawReads {
 public:
  // All must outlive it.
  FundingService(server::Calls* calls, resource::DataService* core,
                 const catalogue::CatalogueView* catalogue,
                 const query::AnalyticsOptions& analytics)
      : calls_(calls),
        core_(core),
        analytics_(&core->store(), catalogue, analytics),
        workers_({}),
        read_workers_({}) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Bytes = grpc::ByteBuffer;

  Reactor* GetClaim(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetClaimRequest>(c, *q, r);
  }
  Reactor* ListClaims(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListClaimsRequest, v1::ListClaimsResponse>(c, *q, r);
  }
  Reactor* BatchGetClaims(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetClaimsRequest, v1::BatchGetClaimsResponse>(c, *q, r);
  }
  Reactor* CreateClaim(Context* c, const v1::CreateClaimRequest* q, v1::Claim* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateClaim(Context* c, const v1::UpdateClaimRequest* q, v1::Claim* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteClaim(Context* c, const v1::DeleteClaimRequest* q, v1::Claim* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteClaim(Context* c, const v1::UndeleteClaimRequest* q, v1::Claim* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetRateSeries(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetRateSeriesRequest>(c, *q, r);
  }
  Reactor* ListRateSeries(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListRateSeriesRequest, v1::ListRateSeriesResponse>(c, *q, r);
  }
  Reactor* BatchGetRateSeries(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetRateSeriesRequest, v1::BatchGetRateSeriesResponse>(c, *q, r);
  }
  Reactor* CreateRateSeries(Context* c, const v1::CreateRateSeriesRequest* q,
                            v1::RateSeries* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateRateSeries(Context* c, const v1::UpdateRateSeriesRequest* q,
                            v1::RateSeries* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteRateSeries(Context* c, const v1::DeleteRateSeriesRequest* q,
                            v1::RateSeries* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteRateSeries(Context* c, const v1::UndeleteRateSeriesRequest* q,
                              v1::RateSeries* r) override {
    return Call(c, *q, r);
  }

  grpc::ServerWriteReactor<v1::QueryFundingResponse>* QueryFunding(
      Context* c, const v1::QueryFundingRequest* q) override {
    return server::StartStream<v1::QueryFundingResponse>(
        calls_, &workers_, c, *q,
        [this, q](const server::Cancelled& cancelled) { return analytics_.Query(*q, cancelled); });
  }
  grpc::ServerWriteReactor<v1::ExplainFundingResponse>* ExplainFunding(
      Context* c, const v1::ExplainFundingRequest* q) override {
    return server::StartStream<v1::ExplainFundingResponse>(
        calls_, &workers_, c, *q, [this, q](const server::Cancelled& cancelled) {
          return analytics_.Explain(*q, cancelled);
        });
  }

  Reactor* ListCitations(Context* c, const type::v1::ListCitationsRequest* q,
                         type::v1::ListCitationsResponse* r) override {
    return Call(c, *q, r);
  }
  Reactor* ListRevisions(Context* c, const type::v1::ListRevisionsRequest* q,
                         type::v1::ListRevisionsResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* CompareRevisions(Context* c, const type::v1::CompareRevisionsRequest* q,
                            type::v1::CompareRevisionsResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* Search(Context* c, const type::v1::SearchRequest* q,
                  type::v1::SearchResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* ApplyChanges(Context* c, const v1::ApplyChangesRequest* q,
                        v1::ApplyChangesResponse* r) override {
    return Call(c, *q, r);
  }

  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(Context* c,
                                                     const v1::WatchRequest* q) override {
    return server::StartWatch<v1::WatchResponse>(calls_, core_, c, *q);
  }

  template <typename Request>
  Reactor* Get(Context* context, const Bytes& request, Bytes* response) {
    return server::Get<Request>(calls_, *core_, context, request, response);
  }

  template <typename Request, typename Response>
  Reactor* Read(Context* context, const Bytes& request, Bytes* response) {
    return server::Read<Request, Response>(calls_, *core_, context, request, response);
  }

  // For what reads from the disk, or computes for longer than gRPC's own threads may.
  Reactor* CallOnWorkers(Context* context, const google::protobuf::Message& request,
                         google::protobuf::Message* response) {
    return server::UnaryOnWorkers(calls_, &read_workers_, context, request,
                                  [this, &request, response](server::Done done) {
                                    core_->Call(request, response, std::move(done));
                                  });
  }

  Reactor* Call(Context* context, const google::protobuf::Message& request,
                google::protobuf::Message* response) {
    return calls_->Unary(context, request, [&](const server::Call& call, server::Done done) {
      core_->Call(request, response, std::move(done), call.deadline);
    });
  }

  server::Calls* const calls_;
  resource::DataService* const core_;
  const query::Analytics analytics_;
  // Last, and so gone before what they work with.
  server::Workers workers_;
  // Others, for a search may wait for the index, and no query is to wait with it.
  server::Workers read_workers_;
};

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_FUNDING_SERVICE_H_
