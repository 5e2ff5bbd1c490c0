// SPDX-License-Identifier: Apache-2.0
//
// The gRPC binding of the gateway. Requests and answers are bytes here: an answer that is kept is
// sent as it was.
#ifndef ENTENTE_SERVICES_GATEWAY_GATEWAY_SERVICE_H_
#define ENTENTE_SERVICES_GATEWAY_GATEWAY_SERVICE_H_

#include "common/clock/clock.h"
#include "common/server/call.h"
#include "entente/gateway/v1/gateway_service.grpc.pb.h"
#include "services/gateway/answers/answers.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {

// All methods, handed over as bytes.
template <typename Base>
using RawMethods = v1::GatewayService::WithRawCallbackMethod_GetDossier<
    v1::GatewayService::WithRawCallbackMethod_GetOverview<
        v1::GatewayService::WithRawCallbackMethod_GetOrganisationProfile<
            v1::GatewayService::WithRawCallbackMethod_GetCountryProfile<
                v1::GatewayService::WithRawCallbackMethod_ComposeFactSheet<
                    v1::GatewayService::WithRawCallbackMethod_RenderFactSheet<
                        v1::GatewayService::WithRawCallbackMethod_CompareOverTime<
                            v1::GatewayService::WithRawCallbackMethod_GetTimeline<
                                v1::GatewayService::WithRawCallbackMethod_Search<
                                    v1::GatewayService::WithRawCallbackMethod_VerifyCitations<
                                        v1::GatewayService::WithRawCallbackMethod_ListUncited<
                                            Base>>>>>>>>>>>;

class GatewayService final : public RawMethods<v1::GatewayService::Service> {
 public:
  // All must outlive it. `clock` tells which day it is.
  GatewayService(server::Calls* calls, Answers* answers, const Clock* clock)
      : calls_(calls),
        answers_(answers),
        get_dossier_(QuestionOf(&Gateway::GetDossier, clock)),
        get_overview_(QuestionOf(&Gateway::GetOverview, clock)),
        get_organisation_profile_(QuestionOf(&Gateway::GetOrganisationProfile, clock)),
        get_country_profile_(QuestionOf(&Gateway::GetCountryProfile, clock)),
        compose_fact_sheet_(QuestionOf(&Gateway::ComposeFactSheet, clock)),
        render_fact_sheet_(QuestionOf(&Gateway::RenderFactSheet, clock)),
        compare_over_time_(QuestionOf(&Gateway::CompareOverTime, clock)),
        get_timeline_(QuestionOf(&Gateway::GetTimeline, clock)),
        search_(QuestionOf(&Gateway::Search, clock)),
        verify_citations_(QuestionOf(&Gateway::VerifyCitations, clock)),
        list_uncited_(QuestionOf(&Gateway::ListUncited, clock)) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Bytes = grpc::ByteBuffer;

  template <typename Request, typename Response>
  static Question QuestionOf(void (Gateway::*method)(const client::CallOptions&, const Request&,
                                                     Response*, client::Done) const,
                             const Clock* clock) {
    return {&Request::default_instance(), &Response::default_instance(),
            [method, clock](const Peers& peers, const client::CallOptions& options,
                            const google::protobuf::Message& request,
                            google::protobuf::Message* response, std::string*, client::Done done) {
              (Gateway(peers, clock).*method)(options, static_cast<const Request&>(request),
                                              static_cast<Response*>(response), std::move(done));
            }};
  }

  // Of a method that passes resources on.
  template <typename Request, typename Response>
  static Question QuestionOf(void (Gateway::*method)(const client::CallOptions&, const Request&,
                                                     Response*, std::string*, client::Done) const,
                             const Clock* clock) {
    return {
        &Request::default_instance(), &Response::default_instance(),
        [method, clock](const Peers& peers, const client::CallOptions& options,
                        const google::protobuf::Message& request, google::protobuf::Message* rest,
                        std::string* passed_on, client::Done done) {
          (Gateway(peers, clock).*method)(options, static_cast<const Request&>(request),
                                          static_cast<Response*>(rest), passed_on, std::move(done));
        }};
  }

  Reactor* Answer(const Question& question, Context* context, const Bytes* request,
                  Bytes* response) {
    return calls_->CancellableUnary(context, *question.request->GetDescriptor(), request->Length(),
                                    [&](const server::Call& call, server::Done done) {
                                      answers_->Answer(question, call, *request, response,
                                                       std::move(done));
                                    });
  }

  Reactor* GetDossier(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(get_dossier_, c, q, r);
  }
  Reactor* GetOverview(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(get_overview_, c, q, r);
  }
  Reactor* GetOrganisationProfile(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(get_organisation_profile_, c, q, r);
  }
  Reactor* GetCountryProfile(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(get_country_profile_, c, q, r);
  }
  Reactor* ComposeFactSheet(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(compose_fact_sheet_, c, q, r);
  }
  Reactor* RenderFactSheet(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(render_fact_sheet_, c, q, r);
  }
  Reactor* CompareOverTime(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(compare_over_time_, c, q, r);
  }
  Reactor* GetTimeline(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(get_timeline_, c, q, r);
  }
  Reactor* Search(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(search_, c, q, r);
  }
  Reactor* VerifyCitations(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(verify_citations_, c, q, r);
  }
  Reactor* ListUncited(Context* c, const Bytes* q, Bytes* r) override {
    return Answer(list_uncited_, c, q, r);
  }

  server::Calls* const calls_;
  Answers* const answers_;
  const Question get_dossier_;
  const Question get_overview_;
  const Question get_organisation_profile_;
  const Question get_country_profile_;
  const Question compose_fact_sheet_;
  const Question render_fact_sheet_;
  const Question compare_over_time_;
  const Question get_timeline_;
  const Question search_;
  const Question verify_citations_;
  const Question list_uncited_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_GATEWAY_SERVICE_H_
