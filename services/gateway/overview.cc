// SPDX-License-Identifier: Apache-2.0
//
// GetOverview. One stage: the tree of the partnership from the catalogue, its claims, its events.
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/edtf/edtf.h"
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

class OverviewComposition : public std::enable_shared_from_this<OverviewComposition> {
 public:
  OverviewComposition(const Peers& peers, const client::CallOptions& options,
                      const v1::GetOverviewRequest& request, edtf::Date as_of,
                      v1::Overview* overview, client::Done done)
      : peers_(peers),
        options_(options),
        budget_(absl::Now(), options.deadline, /*stages=*/1),
        request_(request),
        as_of_(std::move(as_of)),
        overview_(overview),
        done_(std::move(done)) {}

  void Start() {
    const std::string filter = absl::StrCat("partnerships:\"", request_.name(), "\"");
    tree_.request.set_name(request_.name());
    ReadAt(request_.revisions().catalogue(), request_, &tree_.request);
    claims_.request.set_filter(filter);
    ReadAt(request_.revisions().funding(), request_, &claims_.request);
    events_.request.set_filter(filter);
    ReadAt(request_.revisions().events(), request_, &events_.request);

    const auto self = shared_from_this();
    const client::CallOptions options = options_.Until(budget_.StageDeadline(1));
    const auto join = Join::Of(3, [self] { self->Finish(); });
    const auto arrive = [self, join] { join->Arrive(); };
    // Without it there is no overview: where it is refused nothing else is waited for. From then
    // on the request may be gone.
    tree_.Get(peers_.catalogue, options, [self, join] {
      if (self->tree_.status.ok()) return join->Arrive();
      self->options_.GiveUp();
      join->Cut();
    });
    claims_.GetAll(peers_.funding, options, arrive);
    events_.GetAll(peers_.events, options, arrive);
  }

 private:
  void Finish() {
    if (!tree_.status.ok()) {
      return done_(IsUnreachable(tree_.status)
                       ? errors::PeerUnreachable(peers_.catalogue->service(), tree_.status)
                       : tree_.status);
    }
    for (const absl::Status* status : {&claims_.status, &events_.status}) {
      if (!status->ok() && !IsUnreachable(*status)) return done_(*status);
    }
    overview_->set_name(request_.name());
    overview_->set_as_of(as_of_.ToString());
    overview_->mutable_partnership()->Swap(tree_.response.mutable_partnership());
    overview_->mutable_quantities()->Swap(tree_.response.mutable_quantities());
    overview_->mutable_revisions()->set_catalogue(tree_.response.revision());
    FillPillars();  // While claims and events are where they came.
    if (claims_.status.ok()) {
      overview_->mutable_revisions()->set_funding(claims_.response.revision());
      OrderAsTrees(claims_.response.mutable_claims());
      GroupClaims(claims_.response.mutable_claims(), overview_->mutable_claim_groups());
    } else {
      overview_->add_unreachable(peers_.funding->service());
    }
    if (events_.status.ok()) {
      overview_->mutable_revisions()->set_events(events_.response.revision());
      SplitByDay(events_.response.mutable_events(), as_of_, overview_);
    } else {
      overview_->add_unreachable(peers_.events->service());
    }
    done_(CheckComplete(request_, overview_->unreachable()));
  }

  void FillPillars() {
    const auto pillars_of = PillarsOf(tree_.response.initiatives());
    std::map<std::string, v1::PillarOverview*> by_name;
    for (auto& pillar : *tree_.response.mutable_pillars()) {
      v1::PillarOverview* entry = overview_->add_pillars();
      entry->mutable_pillar()->Swap(&pillar);
      if (claims_.status.ok()) entry->set_claim_count(0);
      if (events_.status.ok()) entry->set_event_count(0);
      by_name[entry->pillar().name()] = entry;
    }
    for (const auto& initiative : tree_.response.initiatives()) {
      bool placed = false;
      for (const std::string& name : pillars_of.at(initiative.name())) {
        const auto found = by_name.find(name);
        if (found == by_name.end()) continue;
        *found->second->add_initiatives() = initiative;
        placed = true;
      }
      if (!placed) *overview_->add_other_initiatives() = initiative;
    }
    // Adds one to the count of each pillar that any of the initiatives stands under.
    const auto count = [&](const std::set<std::string>& initiatives, auto add) {
      std::set<std::string> pillars;
      for (const std::string& initiative : initiatives) {
        const auto found = pillars_of.find(initiative);
        if (found != pillars_of.end()) pillars.insert(found->second.begin(), found->second.end());
      }
      for (const std::string& pillar : pillars) {
        if (const auto found = by_name.find(pillar); found != by_name.end()) add(found->second);
      }
    };
    for (const auto& claim : claims_.response.claims()) {
      count({claim.initiative()},
            [](v1::PillarOverview* pillar) { pillar->set_claim_count(pillar->claim_count() + 1); });
    }
    for (const auto& event : events_.response.events()) {
      count({event.initiatives().begin(), event.initiatives().end()},
            [](v1::PillarOverview* pillar) { pillar->set_event_count(pillar->event_count() + 1); });
    }
    for (const auto& quantity : overview_->quantities()) {
      count({quantity.initiative()}, [](v1::PillarOverview* pillar) {
        pillar->set_quantity_count(pillar->quantity_count() + 1);
      });
    }
  }

  const Peers peers_;
  const Wanted options_;
  const Budget budget_;
  const v1::GetOverviewRequest& request_;
  const edtf::Date as_of_;
  v1::Overview* const overview_;
  const client::Done done_;  // Keeps the arena.
  google::protobuf::Arena* const arena_ = overview_->GetArena();

  Part<catalogue::v1::GetPartnershipTreeRequest, catalogue::v1::PartnershipTree> tree_{arena_};
  Part<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse> claims_{arena_};
  Part<events::v1::ListEventsRequest, events::v1::ListEventsResponse> events_{arena_};
};

}  // namespace

void Gateway::GetOverview(const client::CallOptions& options, const v1::GetOverviewRequest& request,
                          v1::Overview* overview, client::Done done) const {
  Violations violations;
  const auto as_of = ReadDay(request.as_of(), clock_->Now(), "as_of", &violations);
  // The name goes into a filter below.
  if (!catalogue::Types()
           .FindByDescriptor(catalogue::v1::Partnership::descriptor())
           ->pattern.Matches(request.name())) {
    violations.Add("name", "must be a name like partnerships/{partnership}");
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  std::make_shared<OverviewComposition>(peers_, options, request, *as_of, overview, std::move(done))
      ->Start();
}

}  // namespace entente::gateway
