// SPDX-License-Identifier: Apache-2.0
//
// The core of the gateway: composes what the data services answer. It owns nothing and never
// blocks; each composition is a small object that lives until its answer is sent.
//
//   Gateway gateway({&catalogue, &funding, &events}, &clock);
//   gateway.GetOverview({.deadline = ...}, request, &overview, done);
#ifndef ENTENTE_SERVICES_GATEWAY_GATEWAY_H_
#define ENTENTE_SERVICES_GATEWAY_GATEWAY_H_

#include "common/client/peer.h"
#include "common/clock/clock.h"
#include "entente/gateway/v1/gateway_service.pb.h"
#include "services/gateway/peers.h"

namespace entente::gateway {

// Thread-safe. Requests and responses must live until `done`, which is called exactly once.
//
// Errors of all methods:
//   INVALID_ARGUMENT  the name is none, or the request is wrong otherwise
//   NOT_FOUND         there is no such initiative, partnership, organisation, place or document
//   OUT_OF_RANGE, FAILED_PRECONDITION  a revision asked for is not to be had
//   UNAVAILABLE       the catalogue, which holds what is asked for, cannot be reached in time, or
//                     any service, and the request wants all or nothing
class Gateway {
 public:
  // `clock` tells which day it is; must outlive the gateway.
  Gateway(Peers peers, const Clock* clock) : peers_(peers), clock_(clock) {}

  // The resources in it are appended to `resources` as the bytes that the services gave, fields of
  // the dossier, and everything else becomes `rest`; see common/resource/reply.h.
  void GetDossier(const client::CallOptions& options, const v1::GetDossierRequest& request,
                  v1::Dossier* rest, std::string* resources, client::Done done) const;
  void GetOverview(const client::CallOptions& options, const v1::GetOverviewRequest& request,
                   v1::Overview* overview, client::Done done) const;
  void GetOrganisationProfile(const client::CallOptions& options,
                              const v1::GetOrganisationProfileRequest& request,
                              v1::OrganisationProfile* profile, client::Done done) const;
  void GetCountryProfile(const client::CallOptions& options,
                         const v1::GetCountryProfileRequest& request, v1::CountryProfile* profile,
                         client::Done done) const;
  void ComposeFactSheet(const client::CallOptions& options,
                        const v1::ComposeFactSheetRequest& request, v1::FactSheet* sheet,
                        client::Done done) const;
  void RenderFactSheet(const client::CallOptions& options,
                       const v1::RenderFactSheetRequest& request, google::api::HttpBody* body,
                       client::Done done) const;
  void CompareOverTime(const client::CallOptions& options,
                       const v1::CompareOverTimeRequest& request,
                       v1::CompareOverTimeResponse* response, client::Done done) const;
  void GetTimeline(const client::CallOptions& options, const v1::GetTimelineRequest& request,
                   v1::Timeline* timeline, client::Done done) const;
  void Search(const client::CallOptions& options, const v1::SearchRequest& request,
              v1::SearchResponse* response, client::Done done) const;
  void VerifyCitations(const client::CallOptions& options,
                       const v1::VerifyCitationsRequest& request,
                       v1::VerifyCitationsResponse* response, client::Done done) const;
  void ListUncited(const client::CallOptions& options, const v1::ListUncitedRequest& request,
                   v1::ListUncitedResponse* response, client::Done done) const;

 private:
  const Peers peers_;
  const Clock* const clock_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_GATEWAY_H_
