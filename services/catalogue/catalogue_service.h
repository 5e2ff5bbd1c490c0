// SPDX-License-Identifier: Apache-2.0
//
// The gRPC binding of the catalogue: every method hands its request to the core, which knows it by
// its type.
#ifndef ENTENTE_SERVICES_CATALOGUE_CATALOGUE_SERVICE_H_
#define ENTENTE_SERVICES_CATALOGUE_CATALOGUE_SERVICE_H_

#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "common/server/call_on_workers.h"
#include "common/server/reads.h"
#include "common/server/watch_reactor.h"
#include "common/server/workers.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"

namespace entente::catalogue {

// Handed over as bytes; see common/server/reads.h.
template <typename Base>
using RawGets = v1::CatalogueService::WithRawCallbackMethod_GetPartnership<
    v1::CatalogueService::WithRawCallbackMethod_GetPillar<
        v1::CatalogueService::WithRawCallbackMethod_GetInitiative<
            v1::CatalogueService::WithRawCallbackMethod_GetOrganisation<
                v1::CatalogueService::WithRawCallbackMethod_GetPerson<
                    v1::CatalogueService::WithRawCallbackMethod_GetPlace<
                        v1::CatalogueService::WithRawCallbackMethod_GetDocument<
                            v1::CatalogueService::WithRawCallbackMethod_GetQuantity<Base>>>>>>>>;

template <typename Base>
using RawLists = v1::CatalogueService::WithRawCallbackMethod_ListPartnerships<
    v1::CatalogueService::WithRawCallbackMethod_ListPillars<
        v1::CatalogueService::WithRawCallbackMethod_ListInitiatives<
            v1::CatalogueService::WithRawCallbackMethod_ListOrganisations<
                v1::CatalogueService::WithRawCallbackMethod_ListPeople<
                    v1::CatalogueService::WithRawCallbackMethod_ListPlaces<
                        v1::CatalogueService::WithRawCallbackMethod_ListDocuments<
                            v1::CatalogueService::WithRawCallbackMethod_ListQuantities<Base>>>>>>>>;

template <typename Base>
using RawBatchGets = v1::CatalogueService::WithRawCallbackMethod_BatchGetPartnerships<
    v1::CatalogueService::WithRawCallbackMethod_BatchGetPillars<
        v1::CatalogueService::WithRawCallbackMethod_BatchGetInitiatives<
            v1::CatalogueService::WithRawCallbackMethod_BatchGetOrganisations<
                v1::CatalogueService::WithRawCallbackMethod_BatchGetPeople<
                    v1::CatalogueService::WithRawCallbackMethod_BatchGetPlaces<
                        v1::CatalogueService::WithRawCallbackMethod_BatchGetDocuments<
                            v1::CatalogueService::WithRawCallbackMethod_BatchGetQuantities<
                                Base>>>>>>>>;

template <typename Base>
using RawTrees = v1::CatalogueService::WithRawCallbackMethod_GetInitiativeTree<
    v1::CatalogueService::WithRawCallbackMethod_GetPartnershipTree<
        v1::CatalogueService::WithRawCallbackMethod_LookupResources<Base>>>;

using RawReads = RawGets<RawLists<RawBatchGets<RawTrees<v1::CatalogueService::CallbackService>>>>;

class CatalogueService final : public RawReads {
 public:
  // Both must outlive it.
  CatalogueService(server::Calls* calls, resource::DataService* core)
      : calls_(calls), core_(core), workers_({}) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Bytes = grpc::ByteBuffer;

  Reactor* GetPartnership(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetPartnershipRequest>(c, *q, r);
  }
  Reactor* ListPartnerships(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListPartnershipsRequest, v1::ListPartnershipsResponse>(c, *q, r);
  }
  Reactor* BatchGetPartnerships(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetPartnershipsRequest, v1::BatchGetPartnershipsResponse>(c, *q, r);
  }
  Reactor* CreatePartnership(Context* c, const v1::CreatePartnershipRequest* q,
                             v1::Partnership* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdatePartnership(Context* c, const v1::UpdatePartnershipRequest* q,
                             v1::Partnership* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeletePartnership(Context* c, const v1::DeletePartnershipRequest* q,
                             v1::Partnership* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeletePartnership(Context* c, const v1::UndeletePartnershipRequest* q,
                               v1::Partnership* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetPillar(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetPillarRequest>(c, *q, r);
  }
  Reactor* ListPillars(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListPillarsRequest, v1::ListPillarsResponse>(c, *q, r);
  }
  Reactor* BatchGetPillars(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetPillarsRequest, v1::BatchGetPillarsResponse>(c, *q, r);
  }
  Reactor* CreatePillar(Context* c, const v1::CreatePillarRequest* q, v1::Pillar* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdatePillar(Context* c, const v1::UpdatePillarRequest* q, v1::Pillar* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeletePillar(Context* c, const v1::DeletePillarRequest* q, v1::Pillar* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeletePillar(Context* c, const v1::UndeletePillarRequest* q, v1::Pillar* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetInitiative(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetInitiativeRequest>(c, *q, r);
  }
  Reactor* ListInitiatives(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListInitiativesRequest, v1::ListInitiativesResponse>(c, *q, r);
  }
  Reactor* BatchGetInitiatives(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetInitiativesRequest, v1::BatchGetInitiativesResponse>(c, *q, r);
  }
  Reactor* CreateInitiative(Context* c, const v1::CreateInitiativeRequest* q,
                            v1::Initiative* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateInitiative(Context* c, const v1::UpdateInitiativeRequest* q,
                            v1::Initiative* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteInitiative(Context* c, const v1::DeleteInitiativeRequest* q,
                            v1::Initiative* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteInitiative(Context* c, const v1::UndeleteInitiativeRequest* q,
                              v1::Initiative* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetOrganisation(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetOrganisationRequest>(c, *q, r);
  }
  Reactor* ListOrganisations(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListOrganisationsRequest, v1::ListOrganisationsResponse>(c, *q, r);
  }
  Reactor* BatchGetOrganisations(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetOrganisationsRequest, v1::BatchGetOrganisationsResponse>(c, *q, r);
  }
  Reactor* CreateOrganisation(Context* c, const v1::CreateOrganisationRequest* q,
                              v1::Organisation* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateOrganisation(Context* c, const v1::UpdateOrganisationRequest* q,
                              v1::Organisation* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteOrganisation(Context* c, const v1::DeleteOrganisationRequest* q,
                              v1::Organisation* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteOrganisation(Context* c, const v1::UndeleteOrganisationRequest* q,
                                v1::Organisation* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetPerson(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetPersonRequest>(c, *q, r);
  }
  Reactor* ListPeople(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListPeopleRequest, v1::ListPeopleResponse>(c, *q, r);
  }
  Reactor* BatchGetPeople(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetPeopleRequest, v1::BatchGetPeopleResponse>(c, *q, r);
  }
  Reactor* CreatePerson(Context* c, const v1::CreatePersonRequest* q, v1::Person* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdatePerson(Context* c, const v1::UpdatePersonRequest* q, v1::Person* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeletePerson(Context* c, const v1::DeletePersonRequest* q, v1::Person* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeletePerson(Context* c, const v1::UndeletePersonRequest* q, v1::Person* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetPlace(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetPlaceRequest>(c, *q, r);
  }
  Reactor* ListPlaces(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListPlacesRequest, v1::ListPlacesResponse>(c, *q, r);
  }
  Reactor* BatchGetPlaces(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetPlacesRequest, v1::BatchGetPlacesResponse>(c, *q, r);
  }
  Reactor* CreatePlace(Context* c, const v1::CreatePlaceRequest* q, v1::Place* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdatePlace(Context* c, const v1::UpdatePlaceRequest* q, v1::Place* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeletePlace(Context* c, const v1::DeletePlaceRequest* q, v1::Place* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeletePlace(Context* c, const v1::UndeletePlaceRequest* q, v1::Place* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetDocument(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetDocumentRequest>(c, *q, r);
  }
  Reactor* ListDocuments(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListDocumentsRequest, v1::ListDocumentsResponse>(c, *q, r);
  }
  Reactor* BatchGetDocuments(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetDocumentsRequest, v1::BatchGetDocumentsResponse>(c, *q, r);
  }
  Reactor* CreateDocument(Context* c, const v1::CreateDocumentRequest* q,
                          v1::Document* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateDocument(Context* c, const v1::UpdateDocumentRequest* q,
                          v1::Document* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteDocument(Context* c, const v1::DeleteDocumentRequest* q,
                          v1::Document* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteDocument(Context* c, const v1::UndeleteDocumentRequest* q,
                            v1::Document* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetQuantity(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetQuantityRequest>(c, *q, r);
  }
  Reactor* ListQuantities(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListQuantitiesRequest, v1::ListQuantitiesResponse>(c, *q, r);
  }
  Reactor* BatchGetQuantities(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetQuantitiesRequest, v1::BatchGetQuantitiesResponse>(c, *q, r);
  }
  Reactor* CreateQuantity(Context* c, const v1::CreateQuantityRequest* q,
                          v1::Quantity* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateQuantity(Context* c, const v1::UpdateQuantityRequest* q,
                          v1::Quantity* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteQuantity(Context* c, const v1::DeleteQuantityRequest* q,
                          v1::Quantity* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteQuantity(Context* c, const v1::UndeleteQuantityRequest* q,
                            v1::Quantity* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetInitiativeTree(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::GetInitiativeTreeRequest, v1::InitiativeTree>(c, *q, r);
  }
  Reactor* GetPartnershipTree(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::GetPartnershipTreeRequest, v1::PartnershipTree>(c, *q, r);
  }
  Reactor* ResolveOrganisations(Context* c, const v1::ResolveOrganisationsRequest* q,
                                v1::ResolveOrganisationsResponse* r) override {
    return Call(c, *q, r);
  }
  Reactor* LookupResources(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::LookupResourcesRequest, v1::LookupResourcesResponse>(c, *q, r);
  }
  Reactor* VerifyCitations(Context* c, const v1::VerifyCitationsRequest* q,
                           v1::VerifyCitationsResponse* r) override {
    return Call(c, *q, r);
  }
  Reactor* FindUncited(Context* c, const v1::FindUncitedRequest* q,
                       v1::FindUncitedResponse* r) override {
    return Call(c, *q, r);
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
    return server::UnaryOnWorkers(calls_, &workers_, context, request,
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
  server::Workers workers_;  // Last: what they still do needs the others.
};

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_CATALOGUE_SERVICE_H_
