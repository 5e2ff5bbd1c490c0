// SPDX-License-Identifier: Apache-2.0
//
// GetDossier. Two stages:
//   1. at once: the tree of the initiative from the catalogue, its claims, its events
//   2. from the catalogue, at the revision of stage 1: everything that those refer to
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/gateway/arrange.h"
#include "services/gateway/compose.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {
namespace {

// The largest page and lookup that the services take.
constexpr int kPageSize = 1000;
constexpr size_t kLookupSize = 5000;

class DossierComposition : public std::enable_shared_from_this<DossierComposition> {
 public:
  DossierComposition(const Peers& peers, const client::CallOptions& options,
                     const v1::GetDossierRequest& request, v1::Dossier* dossier, client::Done done)
      : peers_(peers),
        request_id_(options.request_id),
        budget_(absl::Now(), options.deadline, /*stages=*/2),
        request_(request),
        dossier_(dossier),
        done_(std::move(done)) {}

  void Start() {
    const auto self = shared_from_this();
    const client::CallOptions options = {budget_.StageDeadline(1), request_id_};
    const auto join = Join::Of(3, [self] { self->AfterFirstStage(); });

    tree_request_.set_name(request_.name());
    tree_request_.set_revision(request_.revisions().catalogue());
    // Without it there is no dossier at all: it may take all the time that there is.
    const client::CallOptions to_the_end = {budget_.StageDeadline(2), request_id_};
    peers_.catalogue->Call(to_the_end, tree_request_, &tree_, [self, join](absl::Status status) {
      self->tree_status_ = std::move(status);
      join->Arrive();
    });

    claims_request_.set_initiative_tree(request_.name());
    claims_request_.set_page_size(kPageSize);
    claims_request_.set_view(type::v1::RESOURCE_VIEW_FULL);
    claims_request_.set_revision(request_.revisions().funding());
    ListAll(peers_.funding, options, &claims_request_, &claims_, [self, join](absl::Status status) {
      self->claims_status_ = std::move(status);
      join->Arrive();
    });

    events_request_.set_initiative_tree(request_.name());
    events_request_.set_page_size(kPageSize);
    events_request_.set_view(type::v1::RESOURCE_VIEW_FULL);
    events_request_.set_revision(request_.revisions().events());
    ListAll(peers_.events, options, &events_request_, &events_, [self, join](absl::Status status) {
      self->events_status_ = std::move(status);
      join->Arrive();
    });
  }

 private:
  void AfterFirstStage() {
    if (!tree_status_.ok()) {
      return done_(IsUnreachable(tree_status_)
                       ? errors::PeerUnreachable(peers_.catalogue->service(), tree_status_)
                       : tree_status_);
    }
    dossier_->set_name(request_.name());
    dossier_->mutable_initiative()->Swap(tree_.mutable_initiative());
    dossier_->mutable_ancestors()->Swap(tree_.mutable_ancestors());
    dossier_->mutable_descendants()->Swap(tree_.mutable_descendants());
    dossier_->mutable_quantities()->Swap(tree_.mutable_quantities());
    dossier_->mutable_revisions()->set_catalogue(tree_.revision());
    if (Take(claims_status_, peers_.funding)) {
      dossier_->mutable_claims()->Swap(claims_.mutable_claims());
      OrderAsTrees(dossier_->mutable_claims());
      dossier_->mutable_revisions()->set_funding(claims_.revision());
    }
    if (Take(events_status_, peers_.events)) {
      dossier_->mutable_events()->Swap(events_.mutable_events());
      OrderByDate(dossier_->mutable_events());
      dossier_->mutable_revisions()->set_events(events_.revision());
    }
    if (!refused_.ok()) return done_(refused_);
    LookUp();
  }

  // Whether a part was had. One that is unreachable is named; one that the request itself kept
  // from being answered refuses the call.
  bool Take(const absl::Status& status, client::Peer* peer) {
    if (status.ok()) return true;
    // A follower that has not heard of the initiative yet can hold nothing about it.
    if (absl::IsNotFound(status)) return false;
    if (IsUnreachable(status)) {
      dossier_->add_unreachable(peer->service());
    } else if (refused_.ok()) {
      refused_ = status;
    }
    return false;
  }

  void LookUp() {
    const std::set<std::string> missing = MissingReferences(*dossier_);
    for (const std::string& name : missing) {
      // What another service holds was checked when it was written, and is not this dossier's.
      if (catalogue::Types().FindByName(name) == nullptr) continue;
      if (lookups_.empty() || lookups_.back()->request.names_size() == kLookupSize) {
        lookups_.push_back(std::make_unique<Lookup>());
        lookups_.back()->request.set_revision(tree_.revision());
      }
      lookups_.back()->request.add_names(name);
    }
    if (lookups_.empty()) return Finish();
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(lookups_.size()), [self] { self->AfterLookUp(); });
    const client::CallOptions options = {budget_.StageDeadline(2), request_id_};
    for (const auto& lookup : lookups_) {
      peers_.catalogue->Call(options, lookup->request, &lookup->response,
                             [join, raw = lookup.get()](absl::Status status) {
                               raw->status = std::move(status);
                               join->Arrive();
                             });
    }
  }

  void AfterLookUp() {
    bool reached = true;
    for (const auto& lookup : lookups_) {
      if (!lookup->status.ok()) {
        reached = false;
        continue;
      }
      for (auto& resource : *lookup->response.mutable_resources()) Place(&resource);
      for (const std::string& name : lookup->response.not_found()) {
        dossier_->add_unresolved(name);
      }
    }
    if (!reached) dossier_->add_unreachable(peers_.catalogue->service());
    Finish();
  }

  // Puts a resource where the dossier has it; one that is deleted answers to its name no longer.
  void Place(catalogue::v1::CatalogueResource* resource) {
    const auto take = [&](auto* from, auto* list) {
      if (from->has_delete_time()) {
        dossier_->add_unresolved(from->name());
      } else {
        list->Add()->Swap(from);
      }
    };
    switch (resource->resource_case()) {
      case catalogue::v1::CatalogueResource::kOrganisation:
        return take(resource->mutable_organisation(), dossier_->mutable_organisations());
      case catalogue::v1::CatalogueResource::kPerson:
        return take(resource->mutable_person(), dossier_->mutable_people());
      case catalogue::v1::CatalogueResource::kPlace:
        return take(resource->mutable_place(), dossier_->mutable_places());
      case catalogue::v1::CatalogueResource::kDocument:
        return take(resource->mutable_document(), dossier_->mutable_documents());
      default:
        return;  // A partnership, pillar or initiative elsewhere: it is there, which is enough.
    }
  }

  void Finish() {
    CollectCitations(dossier_);
    done_(absl::OkStatus());
  }

  struct Lookup {
    catalogue::v1::LookupResourcesRequest request;
    catalogue::v1::LookupResourcesResponse response;
    absl::Status status;
  };

  const Peers peers_;
  const std::string request_id_;
  const Budget budget_;
  const v1::GetDossierRequest& request_;
  v1::Dossier* const dossier_;
  const client::Done done_;

  catalogue::v1::GetInitiativeTreeRequest tree_request_;
  catalogue::v1::InitiativeTree tree_;
  absl::Status tree_status_;
  funding::v1::ListClaimsRequest claims_request_;
  funding::v1::ListClaimsResponse claims_;
  absl::Status claims_status_;
  events::v1::ListEventsRequest events_request_;
  events::v1::ListEventsResponse events_;
  absl::Status events_status_;
  absl::Status refused_;
  std::vector<std::unique_ptr<Lookup>> lookups_;
};

}  // namespace

void Gateway::GetDossier(const client::CallOptions& options, const v1::GetDossierRequest& request,
                         v1::Dossier* dossier, client::Done done) const {
  std::make_shared<DossierComposition>(peers_, options, request, dossier, std::move(done))->Start();
}

}  // namespace entente::gateway
