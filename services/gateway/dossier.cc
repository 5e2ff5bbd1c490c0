// SPDX-License-Identifier: Apache-2.0
//
// GetDossier. Two stages:
//   1. at once: the tree of the initiative from the catalogue, its claims, its events
//   2. at the revisions of stage 1: everything that those refer to and what the organisations among
//      it have been merged into, from the catalogue; the series of the events, from there; and
//      whether claims are there that events name as outcomes
// Resources are passed on as the bytes that the services give.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/funding/types.h"
#include "services/gateway/compose.h"
#include "services/gateway/gateway.h"
#include "services/gateway/passed.h"

namespace entente::gateway {
namespace {

class DossierComposition : public std::enable_shared_from_this<DossierComposition> {
 public:
  DossierComposition(const Peers& peers, const client::CallOptions& options,
                     const v1::GetDossierRequest& request, v1::Dossier* dossier,
                     std::string* resources, client::Done done)
      : peers_(peers),
        options_(options),
        budget_(absl::Now(), options.deadline, /*stages=*/2),
        request_(request),
        dossier_(dossier),
        resources_(resources),
        done_(std::move(done)) {}

  void Start() {
    tree_.request.set_name(request_.name());
    ReadAt(request_.revisions().catalogue(), request_, &tree_.request);
    claims_.request.set_initiative_tree(request_.name());
    claims_.request.set_view(type::v1::RESOURCE_VIEW_FULL);
    ReadAt(request_.revisions().funding(), request_, &claims_.request);
    events_.request.set_initiative_tree(request_.name());
    events_.request.set_view(type::v1::RESOURCE_VIEW_FULL);
    ReadAt(request_.revisions().events(), request_, &events_.request);

    const auto self = shared_from_this();
    const auto join = Join::Of(3, [self] { self->AfterFirstStage(); });
    const auto arrive = [self, join] { join->Arrive(); };
    // Without it there is no dossier at all: it may take all the time that there is, and where it
    // is refused nothing else is waited for. From then on the request may be gone.
    tree_.Get(peers_.catalogue, Until(2), [self, join] {
      if (self->tree_.status.ok()) return join->Arrive();
      self->options_.GiveUp();
      join->Cut();
    });
    claims_.GetAll(peers_.funding, Until(1), arrive);
    events_.GetAll(peers_.events, Until(1), arrive);
  }

 private:
  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }

  void AfterFirstStage() {
    if (!tree_.status.ok()) {
      return done_(IsUnreachable(tree_.status)
                       ? errors::PeerUnreachable(peers_.catalogue->service(), tree_.status)
                       : tree_.status);
    }
    dossier_->set_name(request_.name());
    for (const Passed& passed : tree_.resources) {
      passed_on_.Add(FieldOfTree(passed.field->number()), passed);
    }
    dossier_->mutable_revisions()->set_catalogue(tree_.rest.revision());
    if (Take(claims_.status, peers_.funding)) {
      for (const Passed& claim : claims_.resources) {
        passed_on_.Add(v1::Dossier::kClaimsFieldNumber, claim);
      }
      OrderClaimsAsTrees(&passed_on_.In(v1::Dossier::kClaimsFieldNumber));
      dossier_->mutable_revisions()->set_funding(claims_.rest.revision());
    }
    if (Take(events_.status, peers_.events)) {
      for (const Passed& event : events_.resources) {
        passed_on_.Add(v1::Dossier::kEventsFieldNumber, event);
      }
      OrderEventsByDate(&passed_on_.In(v1::Dossier::kEventsFieldNumber));
      dossier_->mutable_revisions()->set_events(events_.rest.revision());
    }
    if (!refused_.ok()) return done_(refused_);
    const std::set<std::string> missing = passed_on_.MissingReferences();
    PrepareOthers(missing);
    LookUp(missing);
  }

  // Where the dossier has what the tree has in this field.
  static int FieldOfTree(int number) {
    using Tree = catalogue::v1::InitiativeTree;
    switch (number) {
      case Tree::kInitiativeFieldNumber:
        return v1::Dossier::kInitiativeFieldNumber;
      case Tree::kAncestorsFieldNumber:
        return v1::Dossier::kAncestorsFieldNumber;
      case Tree::kDescendantsFieldNumber:
        return v1::Dossier::kDescendantsFieldNumber;
      default:
        return v1::Dossier::kQuantitiesFieldNumber;
    }
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

  // Claims that events name were not checked when they were written, and the series of events
  // belong here. `missing`: what the dossier refers to and has not got.
  void PrepareOthers(const std::set<std::string>& missing) {
    std::set<std::string> series;
    std::set<std::string> claims;
    for (const Passed* event : passed_on_.In(v1::Dossier::kEventsFieldNumber)) {
      for (const auto& reference : event->glance.references) {
        const int field = reference.field->number();
        if (field == events::v1::Event::kEditionFieldNumber) {
          series.emplace(reference.target);
        } else if (field == events::v1::Event::kOutcomesFieldNumber &&
                   funding::Types().FindByName(reference.target) != nullptr &&
                   missing.count(std::string(reference.target)) > 0) {
          claims.emplace(reference.target);
        }
      }
    }
    for (const std::string& name : series) {
      if (series_.empty() || series_.back()->request.names_size() == kLookupSize) {
        series_.push_back(std::make_unique<Series>(arena_));
        series_.back()->request.set_revision(dossier_->revisions().events());
      }
      series_.back()->request.add_names(name);
    }
    // Of a funding service that is not reached it is said already.
    if (claims_.status.ok()) {
      for (const std::string& name : claims) {
        outcome_claims_.push_back(std::make_unique<OutcomeClaim>(arena_));
        outcome_claims_.back()->request.set_name(name);
        outcome_claims_.back()->request.set_view(type::v1::RESOURCE_VIEW_BASIC);
        outcome_claims_.back()->request.set_revision(dossier_->revisions().funding());
      }
    }
  }

  // Looks up these names in the catalogue and, the first time, what else is wanted. What was asked
  // stays until the end: an answer in the same process comes while the others are being asked.
  void LookUp(const std::set<std::string>& names) {
    const size_t begin = lookups_.size();
    for (const std::string& name : names) {
      // What a service refers to of its own, or funding of the catalogue, was checked when it was
      // written.
      if (catalogue::Types().FindByName(name) == nullptr) continue;
      if (lookups_.size() == begin || lookups_.back()->request.names_size() == kLookupSize) {
        lookups_.push_back(std::make_unique<Lookup>(arena_));
        lookups_.back()->request.set_revision(tree_.rest.revision());
      }
      lookups_.back()->request.add_names(name);
      looked_up_.insert(name);
    }
    const size_t end = lookups_.size();
    const bool first = !std::exchange(others_asked_, true);
    const size_t calls = end - begin + (first ? series_.size() + outcome_claims_.size() : 0);
    if (calls == 0) return Finish();
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(calls),
                               [self, begin, first] { self->AfterLookUp(begin, first); });
    const auto arrive = [self, join] { join->Arrive(); };
    const client::CallOptions options = Until(2);
    for (size_t i = begin; i < end; ++i) lookups_[i]->Get(peers_.catalogue, options, arrive);
    if (!first) return;
    for (const auto& some : series_) some->Get(peers_.events, options, arrive);
    for (const auto& claim : outcome_claims_) claim->Get(peers_.funding, options, arrive);
  }

  // Takes what the look-ups from `begin` on have brought and, with `others`, the rest.
  void AfterLookUp(size_t begin, bool others) {
    bool reached = true;
    for (size_t i = begin; i < lookups_.size(); ++i) {
      const auto& lookup = lookups_[i];
      if (!Reached(lookup->status, peers_.catalogue)) {
        reached = false;
        continue;
      }
      for (const Passed& passed : lookup->resources) Place(passed);
      for (const std::string& name : lookup->rest.not_found()) dossier_->add_unresolved(name);
    }
    if (others) TakeOthers();
    if (!reached) return Finish();
    // Each time there are names that were not asked for before, so there is an end to it.
    std::set<std::string> merged_into;
    for (const Passed* organisation : passed_on_.In(v1::Dossier::kOrganisationsFieldNumber)) {
      const std::string survivor(organisation->glance.TargetOf("merged_into"));
      if (!survivor.empty() && looked_up_.count(survivor) == 0) merged_into.insert(survivor);
    }
    LookUp(merged_into);
  }

  void TakeOthers() {
    for (const auto& some : series_) {
      if (!Reached(some->status, peers_.events)) continue;
      for (const Passed& series : some->resources) {
        passed_on_.Add(v1::Dossier::kEventSeriesFieldNumber, series);
      }
    }
    for (const auto& claim : outcome_claims_) {
      const bool is_unknown = absl::IsNotFound(claim->status);
      if (!is_unknown && !Reached(claim->status, peers_.funding)) continue;
      if (is_unknown || claim->response.has_delete_time()) {
        dossier_->add_unresolved(claim->request.name());
      }
    }
  }

  // Whether a look-up was answered. A service that did not is named, once.
  bool Reached(const absl::Status& status, client::Peer* peer) {
    if (status.ok()) return true;
    const auto& named = dossier_->unreachable();
    if (std::find(named.begin(), named.end(), peer->service()) == named.end()) {
      dossier_->add_unreachable(peer->service());
    }
    return false;
  }

  // Puts a resource where the dossier has it; one that is deleted answers to its name no longer.
  void Place(const Passed& passed) {
    int field = 0;
    if (passed.type == catalogue::v1::Organisation::descriptor()) {
      field = v1::Dossier::kOrganisationsFieldNumber;
    } else if (passed.type == catalogue::v1::Person::descriptor()) {
      field = v1::Dossier::kPeopleFieldNumber;
    } else if (passed.type == catalogue::v1::Place::descriptor()) {
      field = v1::Dossier::kPlacesFieldNumber;
    } else if (passed.type == catalogue::v1::Document::descriptor()) {
      field = v1::Dossier::kDocumentsFieldNumber;
    } else {
      return;  // A partnership, pillar or initiative elsewhere: it is there, which is enough.
    }
    if (passed.glance.is_deleted) {
      dossier_->add_unresolved(std::string(passed.glance.name));
    } else {
      passed_on_.Add(field, passed);
    }
  }

  void Finish() {
    if (const absl::Status status = CheckComplete(request_, dossier_->unreachable());
        !status.ok()) {
      return done_(status);
    }
    *dossier_->mutable_citations() = passed_on_.Citations();
    passed_on_.Write(resources_);
    done_(absl::OkStatus());
  }

  using Lookup =
      PassedPart<catalogue::v1::LookupResourcesRequest, catalogue::v1::LookupResourcesResponse>;
  using Series =
      PassedPart<events::v1::BatchGetEventSeriesRequest, events::v1::BatchGetEventSeriesResponse>;
  using OutcomeClaim = Part<funding::v1::GetClaimRequest, funding::v1::Claim>;

  const Peers peers_;
  const Wanted options_;
  const Budget budget_;
  const v1::GetDossierRequest& request_;
  v1::Dossier* const dossier_;  // all but the resources
  std::string* const resources_;
  const client::Done done_;  // Keeps the arena.
  google::protobuf::Arena* const arena_ = dossier_->GetArena();

  PassedPart<catalogue::v1::GetInitiativeTreeRequest, catalogue::v1::InitiativeTree> tree_{arena_};
  PassedPart<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse> claims_{arena_};
  PassedPart<events::v1::ListEventsRequest, events::v1::ListEventsResponse> events_{arena_};
  PassedOn passed_on_;
  absl::Status refused_;
  std::vector<std::unique_ptr<Lookup>> lookups_;
  std::vector<std::unique_ptr<Series>> series_;
  std::vector<std::unique_ptr<OutcomeClaim>> outcome_claims_;
  std::set<std::string> looked_up_;
  bool others_asked_ = false;
};

}  // namespace

void Gateway::GetDossier(const client::CallOptions& options, const v1::GetDossierRequest& request,
                         v1::Dossier* rest, std::string* resources, client::Done done) const {
  std::make_shared<DossierComposition>(peers_, options, request, rest, resources, std::move(done))
      ->Start();
}

}  // namespace entente::gateway
