// SPDX-License-Identifier: Apache-2.0
//
// GetTimeline. Stages:
//   1. of an organisation: which one it is now and what was merged into it, from the catalogue
//   2. at once: the tree of a partnership or initiative from the catalogue, claims, events
//   3. at the revisions of stage 2: the last revisions of the three services, for what they changed
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/gateway/arrange.h"
#include "services/gateway/compose.h"
#include "services/gateway/gateway.h"
#include "services/gateway/timeline_order.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using events::v1::Event;
using funding::v1::Claim;
using type::v1::ImpreciseDate;
using type::v1::Revision;

// All pairs are compared, and an answer is to be looked at.
constexpr int kMaxEntries = 1000;

// What a timeline is of.
enum class Scope { kPartnership, kInitiative, kOrganisation };

std::optional<Scope> ScopeOf(const std::string& name) {
  const auto* type = catalogue::Types().FindByName(name);
  if (type == nullptr) return std::nullopt;
  if (type->descriptor == catalogue::v1::Partnership::descriptor()) return Scope::kPartnership;
  if (type->descriptor == catalogue::v1::Initiative::descriptor()) return Scope::kInitiative;
  if (type->descriptor == catalogue::v1::Organisation::descriptor()) return Scope::kOrganisation;
  return std::nullopt;
}

// By what a claim stands on the axis; null if it has no date.
const ImpreciseDate* DateOf(const Claim& claim) {
  if (claim.has_value_date()) return &claim.value_date();
  if (claim.has_period()) return &claim.period();
  return claim.recurrence().has_validity() ? &claim.recurrence().validity() : nullptr;
}

const ImpreciseDate* DateOf(const Event& event) {
  return event.has_date() ? &event.date() : nullptr;
}

// The filters of the window. Claims that are dated by their recurrence are looked at here: no
// filter reaches into that.
std::string EventsWithin(const std::string& window) {
  return absl::StrCat("(possibly(date, \"", window, "\") OR NOT date:*)");
}
std::string ClaimsWithin(const std::string& window) {
  return absl::StrCat("(possibly(value_date, \"", window, "\") OR possibly(period, \"", window,
                      "\") OR (NOT value_date:* AND NOT period:*))");
}

// What is in a timeline, as it is put together.
struct Item {
  v1::TimelineEntry* entry = nullptr;
  Extent extent;
  int kind = 0;      // Events, claims, changes.
  std::string name;  // Of an event or a claim.
};

// An order that is no claim and always the same.
bool StandsBefore(const Item& a, const Item& b) {
  const auto key = [](const Item& item) {
    return std::make_tuple(item.extent.first.value_or(absl::CivilDay::min()),
                           item.extent.last.value_or(absl::CivilDay::max()), item.kind,
                           item.extent.moment.value_or(absl::InfinitePast()),
                           absl::string_view(item.name));
  };
  return key(a) < key(b);
}

class TimelineComposition : public std::enable_shared_from_this<TimelineComposition> {
 public:
  TimelineComposition(const Peers& peers, const client::CallOptions& options,
                      const v1::GetTimelineRequest& request, Scope scope, edtf::Date as_of,
                      std::optional<edtf::Date> window, v1::Timeline* timeline, client::Done done)
      : peers_(peers),
        options_(options),
        stages_(scope == Scope::kOrganisation ? 3 : 2),
        budget_(absl::Now(), options.deadline, stages_),
        request_(request),
        scope_(scope),
        as_of_(std::move(as_of)),
        window_(std::move(window)),
        timeline_(timeline),
        done_(std::move(done)) {}

  void Start() {
    timeline_->set_name(request_.name());
    timeline_->set_as_of(as_of_.ToString());
    if (scope_ != Scope::kOrganisation) return AskLists(1);
    resolution_.request.add_references()->set_text(request_.name());
    ReadAt(request_.revisions().catalogue(), request_, &resolution_.request);
    const auto self = shared_from_this();
    resolution_.Get(peers_.catalogue, Until(stages_), [self] { self->AfterResolution(); });
  }

 private:
  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }

  // Why the catalogue did not give what was asked for.
  absl::Status Explain(const absl::Status& status) const {
    return IsUnreachable(status) ? errors::PeerUnreachable(peers_.catalogue->service(), status)
                                 : status;
  }

  void AfterResolution() {
    if (!resolution_.status.ok()) return done_(Explain(resolution_.status));
    const auto& resolution = resolution_.response.resolutions(0);
    if (resolution.organisation().empty()) {
      return done_(errors::ResourceNotFound("entente.dev/Organisation", request_.name()));
    }
    timeline_->set_name(resolution.organisation());
    AddToScope(0, resolution.organisation());
    for (const std::string& merged : resolution.candidates(0).merged()) AddToScope(0, merged);
    timeline_->mutable_revisions()->set_catalogue(resolution_.response.revision());
    AskLists(2);
  }

  void AskLists(int stage) {
    std::vector<std::string> claims, events;
    if (scope_ == Scope::kPartnership) {
      claims = events = {absl::StrCat("partnerships:\"", request_.name(), "\"")};
    } else if (scope_ == Scope::kInitiative) {
      claims_.request.set_initiative_tree(request_.name());
      events_.request.set_initiative_tree(request_.name());
    } else {
      // It stands for every name that was merged into it.
      claims = events = {absl::StrCat("parties.organisation:\"", timeline_->name(), "\"")};
    }
    if (window_.has_value()) {
      claims.push_back(ClaimsWithin(window_->ToString()));
      events.push_back(EventsWithin(window_->ToString()));
    }
    claims_.request.set_filter(absl::StrJoin(claims, " AND "));
    claims_.request.set_page_size(kPageSize);
    ReadAt(request_.revisions().funding(), request_, &claims_.request);
    events_.request.set_filter(absl::StrJoin(events, " AND "));
    events_.request.set_page_size(kPageSize);
    ReadAt(request_.revisions().events(), request_, &events_.request);

    const auto self = shared_from_this();
    const auto join = Join::Of(3, [self] { self->AfterLists(); });
    const auto arrive = [join] { join->Arrive(); };
    // Without it there is no timeline: where it is refused nothing else is waited for.
    const auto required = [self, join](const absl::Status& status) {
      if (status.ok()) return join->Arrive();
      self->options_.GiveUp();
      join->Cut();
    };
    if (scope_ == Scope::kPartnership) {
      partnership_.request.set_name(request_.name());
      partnership_.request.set_view(type::v1::RESOURCE_VIEW_BASIC);
      ReadAt(request_.revisions().catalogue(), request_, &partnership_.request);
      partnership_.Get(peers_.catalogue, Until(2),
                       [self, required] { required(self->partnership_.status); });
    } else if (scope_ == Scope::kInitiative) {
      initiative_.request.set_name(request_.name());
      initiative_.request.set_view(type::v1::RESOURCE_VIEW_BASIC);
      ReadAt(request_.revisions().catalogue(), request_, &initiative_.request);
      initiative_.Get(peers_.catalogue, Until(2),
                      [self, required] { required(self->initiative_.status); });
    } else {
      arrive();
    }
    claims_.Get(peers_.funding, Until(stage), arrive);
    events_.Get(peers_.events, Until(stage), arrive);
  }

  void AfterLists() {
    for (const absl::Status* status : {&partnership_.status, &initiative_.status}) {
      if (!status->ok()) return done_(Explain(*status));
    }
    TakeTree();
    if (Take(claims_.status, peers_.funding)) {
      timeline_->mutable_revisions()->set_funding(claims_.response.revision());
      for (Claim& claim : *claims_.response.mutable_claims()) Add(1, &claim);
    }
    if (Take(events_.status, peers_.events)) {
      timeline_->mutable_revisions()->set_events(events_.response.revision());
      for (Event& event : *events_.response.mutable_events()) Add(2, &event);
    }
    if (!refused_.ok()) return done_(refused_);
    if (!claims_.response.next_page_token().empty() ||
        !events_.response.next_page_token().empty()) {
      return done_(errors::TooManyEvents(kMaxEntries));
    }
    AskChanges();
  }

  void TakeTree() {
    const auto add = [this](const auto& resource) {
      AddToScope(0, resource.name());
      Note(0, resource);
    };
    if (scope_ == Scope::kPartnership) {
      const auto& tree = partnership_.response;
      add(tree.partnership());
      for (const auto& pillar : tree.pillars()) add(pillar);
      for (const auto& initiative : tree.initiatives()) add(initiative);
      for (const auto& quantity : tree.quantities()) add(quantity);
      timeline_->mutable_revisions()->set_catalogue(tree.revision());
    } else if (scope_ == Scope::kInitiative) {
      const auto& tree = initiative_.response;
      add(tree.initiative());
      for (const auto& initiative : tree.descendants()) add(initiative);
      for (const auto& quantity : tree.quantities()) add(quantity);
      timeline_->mutable_revisions()->set_catalogue(tree.revision());
    }
  }

  // Whether a part was had. One that is unreachable is named; one that the request itself kept from
  // being answered refuses the call.
  bool Take(const absl::Status& status, client::Peer* peer) {
    if (status.ok()) return true;
    // A follower that has not heard of the initiative yet can hold nothing about it.
    if (absl::IsNotFound(status)) return false;
    if (IsUnreachable(status)) {
      timeline_->add_unreachable(peer->service());
    } else if (refused_.ok()) {
      refused_ = status;
    }
    return false;
  }

  void AddToScope(size_t service, const std::string& name) { in_scope_[service].insert(name); }

  // Keeps by which revisions a resource was made and last changed.
  template <typename Resource>
  void Note(size_t service, const Resource& resource) {
    known_[service].push_back(
        {resource.name(), resource.revision(), fields::ToTime(resource.create_time())});
  }

  template <typename Resource>
  void Add(size_t service, Resource* resource) {
    AddToScope(service, resource->name());
    Note(service, *resource);
    Item item;
    item.entry = entries_.Add();
    item.kind = service == 2 ? 0 : 1;
    item.name = resource->name();
    const ImpreciseDate* written = DateOf(*resource);
    const auto date = edtf::Parse(written == nullptr ? "" : written->edtf());
    if (date.ok()) {
      if (window_.has_value() && !edtf::PossiblyWithin(*date, *window_)) return;
      item.extent = Extent::Of(*date);
      *item.entry->mutable_date() = *written;
      item.entry->set_uncertain(item.extent.uncertain);
      switch (edtf::Compare(*date, as_of_)) {
        case edtf::Order::kBefore:
          item.entry->set_side(v1::TIMELINE_SIDE_PAST);
          break;
        case edtf::Order::kAfter:
        case edtf::Order::kOverlaps:
          item.entry->set_side(v1::TIMELINE_SIDE_COMING);
          break;
        case edtf::Order::kUnknown:
          item.entry->set_side(v1::TIMELINE_SIDE_UNDETERMINED);
      }
    }
    if constexpr (std::is_same_v<Resource, Event>) {
      item.entry->mutable_event()->Swap(resource);
    } else {
      item.entry->mutable_claim()->Swap(resource);
    }
    (date.ok() ? dated_ : undated_).push_back(std::move(item));
  }

  void AskChanges() {
    const auto& revisions = timeline_->revisions();
    const std::array<int64_t, 3> numbers = {revisions.catalogue(), revisions.funding(),
                                            revisions.events()};
    const auto self = shared_from_this();
    const auto join = Join::Of(4, [self] { self->Finish(); });
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (request_.omit_changes() || numbers[i] == 0) {
        join->Arrive();
        continue;
      }
      changes_[i].request.set_revision(numbers[i]);
      changes_[i].request.set_page_size(kPageSize);
      changes_[i].Get(Peer(i), Until(stages_), [join] { join->Arrive(); });
    }
    join->Arrive();
  }

  client::Peer* Peer(size_t service) const {
    return service == 0 ? peers_.catalogue : service == 1 ? peers_.funding : peers_.events;
  }

  void TakeChanges(size_t service) {
    const auto& part = changes_[service];
    const std::string name = Peer(service)->service();
    if (!part.status.ok()) {
      timeline_->add_unreachable(name);
      return;
    }
    if (!part.response.next_page_token().empty()) timeline_->add_older_changes_omitted(name);
    for (const Revision& revision : part.response.revisions()) {
      Item item;
      item.entry = entries_.Add();
      const absl::Time moment = fields::ToTime(revision.commit_time());
      item.extent = Extent::Of(moment);
      item.kind = 2;
      auto* date = item.entry->mutable_date();
      date->set_earliest(absl::FormatCivilTime(*item.extent.first));
      date->set_latest(absl::FormatCivilTime(*item.extent.last));
      if (window_.has_value()) {
        const auto day =
            edtf::Parse(absl::StrCat("[", date->earliest(), "..", date->latest(), "]"));
        if (!day.ok() || !edtf::PossiblyWithin(*day, *window_)) continue;
      }
      auto* change = item.entry->mutable_change();
      change->set_service(name);
      if (!TakeScope(service, revision, change->mutable_revision())) continue;
      const absl::CivilDay as_of = as_of_.earliest().day;
      item.entry->set_side(*item.extent.last < as_of     ? v1::TIMELINE_SIDE_PAST
                           : *item.extent.first >= as_of ? v1::TIMELINE_SIDE_COMING
                                                         : v1::TIMELINE_SIDE_UNDETERMINED);
      item.name = name;
      dated_.push_back(std::move(item));
    }
  }

  // What of a revision is in scope; false if nothing is.
  bool TakeScope(size_t service, const Revision& revision, Revision* taken) const {
    *taken = revision;
    taken->clear_changes();
    for (const auto& change : revision.changes()) {
      if (in_scope_[service].count(change.name()) > 0) *taken->add_changes() = change;
    }
    if (revision.change_count() == revision.changes_size()) return !taken->changes().empty();
    // Not all of its changes are listed: those that can be told by what they led to are added.
    std::set<std::string> listed;
    for (const auto& change : revision.changes()) listed.insert(change.name());
    const absl::Time moment = fields::ToTime(revision.commit_time());
    for (const Known& known : known_[service]) {
      const bool made = known.create_time == moment;
      if (listed.count(known.name) > 0 || (!made && known.revision != revision.revision()))
        continue;
      auto* change = taken->add_changes();
      change->set_name(known.name);
      change->set_outcome(made ? type::v1::CHANGE_OUTCOME_CREATED
                               : type::v1::CHANGE_OUTCOME_UPDATED);
    }
    return !taken->changes().empty();
  }

  void Finish() {
    for (size_t i = 0; i < changes_.size(); ++i) TakeChanges(i);
    if (const absl::Status status = CheckComplete(request_, timeline_->unreachable());
        !status.ok()) {
      return done_(status);
    }
    if (dated_.size() + undated_.size() > kMaxEntries) {
      return done_(errors::TooManyEvents(kMaxEntries));
    }
    std::sort(dated_.begin(), dated_.end(), StandsBefore);
    std::sort(undated_.begin(), undated_.end(), StandsBefore);
    std::vector<Extent> extents;
    int number = 0;
    for (Item& item : dated_) {
      extents.push_back(item.extent);
      item.entry->set_number(++number);
      timeline_->add_entries()->Swap(item.entry);
    }
    for (Item& item : undated_) {
      item.entry->set_number(++number);
      timeline_->add_undated()->Swap(item.entry);
    }
    for (const auto& [first, second] : Precedences(extents)) {
      v1::TimelinePrecedence* precedence = timeline_->add_before();
      precedence->set_first(first + 1);
      precedence->set_second(second + 1);
    }
    done_(absl::OkStatus());
  }

  struct Known {
    std::string name;
    int64_t revision;
    absl::Time create_time;
  };

  const Peers peers_;
  const Wanted options_;
  const int stages_;
  const Budget budget_;
  const v1::GetTimelineRequest& request_;
  const Scope scope_;
  const edtf::Date as_of_;
  const std::optional<edtf::Date> window_;
  v1::Timeline* const timeline_;
  const client::Done done_;  // Keeps the arena.
  google::protobuf::Arena* const arena_ = timeline_->GetArena();

  Part<catalogue::v1::ResolveOrganisationsRequest, catalogue::v1::ResolveOrganisationsResponse>
      resolution_{arena_};
  Part<catalogue::v1::GetPartnershipTreeRequest, catalogue::v1::PartnershipTree> partnership_{
      arena_};
  Part<catalogue::v1::GetInitiativeTreeRequest, catalogue::v1::InitiativeTree> initiative_{arena_};
  Part<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse> claims_{arena_};
  Part<events::v1::ListEventsRequest, events::v1::ListEventsResponse> events_{arena_};
  std::array<Part<type::v1::ListRevisionsRequest, type::v1::ListRevisionsResponse>, 3> changes_;
  // By service, as in Peers: the names that the timeline is about, and those as they are now.
  std::array<std::set<std::string>, 3> in_scope_;
  std::array<std::vector<Known>, 3> known_;
  absl::Status refused_;
  google::protobuf::RepeatedPtrField<v1::TimelineEntry> entries_{arena_};
  std::vector<Item> dated_, undated_;
};

}  // namespace

void Gateway::GetTimeline(const client::CallOptions& options, const v1::GetTimelineRequest& request,
                          v1::Timeline* timeline, client::Done done) const {
  Violations violations;
  // The name goes into filters.
  const auto scope = ScopeOf(request.name());
  if (!scope.has_value()) {
    violations.Add("name",
                   "must be a name like partnerships/{partnership}, initiatives/{initiative} or "
                   "organisations/{organisation}");
  }
  const auto as_of = ReadDay(request.as_of(), clock_->Now(), "as_of", &violations);
  std::optional<edtf::Date> window;
  if (!request.window().empty()) {
    auto parsed = edtf::Parse(request.window());
    if (parsed.ok()) {
      window = *std::move(parsed);
    } else {
      violations.Add("window", parsed.status().message());
    }
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  std::make_shared<TimelineComposition>(peers_, options, request, *scope, *as_of, std::move(window),
                                        timeline, std::move(done))
      ->Start();
}

}  // namespace entente::gateway
