// SPDX-License-Identifier: Apache-2.0
//
// The gRPC binding of the gateway.
#ifndef ENTENTE_SERVICES_GATEWAY_GATEWAY_SERVICE_H_
#define ENTENTE_SERVICES_GATEWAY_GATEWAY_SERVICE_H_

#include "common/server/call.h"
#include "entente/gateway/v1/gateway_service.grpc.pb.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {

class GatewayService final : public v1::GatewayService::CallbackService {
 public:
  // Both must outlive it.
  GatewayService(server::Calls* calls, const Gateway* core) : calls_(calls), core_(core) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetDossier(Context* c, const v1::GetDossierRequest* q, v1::Dossier* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->GetDossier({call.deadline, call.request_id, call.cancellation}, *q, r,
                        std::move(done));
    });
  }

  Reactor* GetOverview(Context* c, const v1::GetOverviewRequest* q, v1::Overview* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->GetOverview({call.deadline, call.request_id, call.cancellation}, *q, r,
                         std::move(done));
    });
  }

  Reactor* ComposeFactSheet(Context* c, const v1::ComposeFactSheetRequest* q,
                            v1::FactSheet* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->ComposeFactSheet({call.deadline, call.request_id, call.cancellation}, *q, r,
                              std::move(done));
    });
  }

  Reactor* RenderFactSheet(Context* c, const v1::RenderFactSheetRequest* q,
                           google::api::HttpBody* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->RenderFactSheet({call.deadline, call.request_id, call.cancellation}, *q, r,
                             std::move(done));
    });
  }

  Reactor* CompareOverTime(Context* c, const v1::CompareOverTimeRequest* q,
                           v1::CompareOverTimeResponse* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->CompareOverTime({call.deadline, call.request_id, call.cancellation}, *q, r,
                             std::move(done));
    });
  }

  Reactor* GetTimeline(Context* c, const v1::GetTimelineRequest* q, v1::Timeline* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->GetTimeline({call.deadline, call.request_id, call.cancellation}, *q, r,
                         std::move(done));
    });
  }

  Reactor* Search(Context* c, const v1::SearchRequest* q, v1::SearchResponse* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->Search({call.deadline, call.request_id, call.cancellation}, *q, r, std::move(done));
    });
  }

  Reactor* VerifyCitations(Context* c, const v1::VerifyCitationsRequest* q,
                           v1::VerifyCitationsResponse* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->VerifyCitations({call.deadline, call.request_id, call.cancellation}, *q, r,
                             std::move(done));
    });
  }

  Reactor* ListUncited(Context* c, const v1::ListUncitedRequest* q,
                       v1::ListUncitedResponse* r) override {
    return calls_->CancellableUnary(c, *q, [=, this](const server::Call& call, server::Done done) {
      core_->ListUncited({call.deadline, call.request_id, call.cancellation}, *q, r,
                         std::move(done));
    });
  }

  server::Calls* const calls_;
  const Gateway* const core_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_GATEWAY_SERVICE_H_
