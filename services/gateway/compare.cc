// SPDX-License-Identifier: Apache-2.0
//
// CompareOverTime. The answer is a list in six sections, of which a page is a piece:
//   0 to 2  what differs in the catalogue, in funding, in events
//   3 to 5  what reads as before and, by its date, ended or was paid: initiatives, events, claims
// Stages:
//   1. at once: the revisions to compare in each service, when they were committed, and whether the
//      partnership is there. Only for the first page: the token has it for the others
//   2. page by page of a section until the page is full: the section's resources, then what they
//   say
//      in full and whether those of 3 to 5 differ, then who changed them and what they realise
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/edtf/edtf.h"
#include "common/resource/fields.h"
#include "common/resource/page.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/gateway/changes.h"
#include "services/gateway/compose.h"
#include "services/gateway/fetch.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using type::v1::CompareRevisionsRequest;
using type::v1::CompareRevisionsResponse;
using type::v1::ListRevisionsRequest;
using type::v1::ListRevisionsResponse;
using type::v1::ResourceDifference;

constexpr size_t kServices = 3;  // As in Peers: catalogue, funding, events.
constexpr int kSections = 6;
// Which service has a section, and what is asked of it.
constexpr std::array<size_t, kSections> kServiceOf = {0, 1, 2, 0, 2, 1};
constexpr int kInitiativesByDate = 3;
constexpr int kEventsByDate = 4;

// Of each resource on a page its differences, its reason and what it says are looked up.
constexpr size_t kMaxPageSize = 200;
// How many pages of sections are looked through for a page of the answer: filters may pass over
// everything that there is.
constexpr int kMaxSteps = 8;

// Where a page begins, and what all pages are of.
struct Place {
  v1::RevisionVector from, to;
  std::optional<absl::CivilDay> from_day;
  absl::CivilDay to_day;
  std::set<size_t> left_out;  // The services that the first page could not reach.
  int section = 0;
  std::string token;  // Of the section; empty at its beginning.
};

int64_t RevisionOf(const v1::RevisionVector& vector, size_t service) {
  return service == 0 ? vector.catalogue() : service == 1 ? vector.funding() : vector.events();
}

void SetRevision(size_t service, int64_t revision, v1::RevisionVector* vector) {
  if (service == 0) return vector->set_catalogue(revision);
  if (service == 1) return vector->set_funding(revision);
  vector->set_events(revision);
}

// "YYYY-MM-DD", or nothing if it is not that.
std::optional<absl::CivilDay> DayOf(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return std::nullopt;
  return day;
}

absl::CivilDay DayOf(const Timestamp& time) {
  return absl::ToCivilDay(fields::ToTime(time), absl::UTCTimeZone());
}

std::vector<std::string> Written(const Place& place) {
  return {place.from.SerializeAsString(),
          place.to.SerializeAsString(),
          place.from_day.has_value() ? absl::FormatCivilTime(*place.from_day) : "",
          absl::FormatCivilTime(place.to_day),
          absl::StrJoin(place.left_out, ","),
          absl::StrCat(place.section),
          place.token};
}

std::optional<Place> Read(const std::vector<std::string>& written) {
  Place place;
  if (!place.from.ParseFromString(written[0]) || !place.to.ParseFromString(written[1])) {
    return std::nullopt;
  }
  place.from_day = DayOf(written[2]);
  place.to_day = DayOf(written[3]).value_or(absl::CivilDay());
  for (size_t i = 0; i < kServices; ++i) {
    if (written[4].find(absl::StrCat(i)) != std::string::npos) place.left_out.insert(i);
  }
  if (!absl::SimpleAtoi(written[5], &place.section) || place.section < 0 ||
      place.section >= kSections) {
    return std::nullopt;
  }
  place.token = written[6];
  return place;
}

class CompareComposition : public std::enable_shared_from_this<CompareComposition> {
 public:
  CompareComposition(const Peers& peers, const client::CallOptions& options,
                     const v1::CompareOverTimeRequest& request, size_t page_size,
                     resource::PageTokens tokens, std::optional<Place> place, absl::CivilDay today,
                     v1::CompareOverTimeResponse* response, client::Done done)
      : peers_(peers),
        services_{peers.catalogue, peers.funding, peers.events},
        options_(options),
        budget_(absl::Now(), options.deadline, /*stages=*/2),
        request_(request),
        kinds_(request.kinds().begin(), request.kinds().end()),
        page_size_(std::min(page_size, kMaxPageSize)),
        tokens_(std::move(tokens)),
        place_(std::move(place)),
        today_(today),
        response_(response),
        done_(std::move(done)) {}

  void Start() {
    if (place_.has_value()) return Begin();
    const auto self = shared_from_this();
    // Of each service what is compared and when the two ends were committed, and the partnership.
    const auto join = Join::Of(static_cast<int>(3 * kServices + 1), [self] { self->AfterPins(); });
    const auto arrive = [self, join] { join->Arrive(); };
    const client::CallOptions options = Until(1);
    for (size_t i = 0; i < kServices; ++i) {
      Pin& pin = pins_[i];
      auto& compared = pin.compared.request;
      compared.set_from_revision(RevisionOf(request_.from_revisions(), i));
      if (compared.from_revision() == 0 && request_.has_from_time()) {
        *compared.mutable_from_time() = request_.from_time();
      }
      compared.set_to_revision(RevisionOf(request_.to_revisions(), i));
      if (compared.to_revision() == 0 && request_.has_to_time()) {
        *compared.mutable_to_time() = request_.to_time();
      }
      compared.set_page_size(1);
      pin.compared.Get(services_[i], options, arrive);
      AskCommit(i, request_.from_day().empty() && !request_.has_from_time(),
                compared.from_revision(), options, &pin.from_commit, arrive);
      AskCommit(i, request_.to_day().empty() && !request_.has_to_time(), compared.to_revision(),
                options, &pin.to_commit, arrive);
    }
    if (request_.name().empty()) return join->Arrive();
    partnership_.request.set_name(request_.name());
    partnership_.request.set_view(type::v1::RESOURCE_VIEW_BASIC);
    partnership_.request.set_revision(request_.to_revisions().catalogue());
    if (partnership_.request.revision() == 0 && request_.has_to_time()) {
      *partnership_.request.mutable_read_time() = request_.to_time();
    }
    partnership_.Get(peers_.catalogue, options, arrive);
  }

 private:
  using Compared = Part<CompareRevisionsRequest, CompareRevisionsResponse>;
  using Revisions = Part<ListRevisionsRequest, ListRevisionsResponse>;
  struct Pin {
    Compared compared;
    Revisions from_commit, to_commit;
  };
  // One page of a section.
  struct Step {
    Compared differences;
    Part<catalogue::v1::ListInitiativesRequest, catalogue::v1::ListInitiativesResponse> initiatives;
    Part<events::v1::ListEventsRequest, events::v1::ListEventsResponse> events;
    Part<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse> claims;
    absl::Status status;                       // Of whichever of these was asked.
    std::string next;                          // And its next page.
    std::vector<const Message*> candidates;    // By their dates, of sections 3 to 5.
    std::map<std::string, Compared> compared;  // Of those that were changed, and perhaps back.
    Fetch resources;
    std::vector<v1::ResourceChange> changes;
    std::map<int64_t, Revisions> reasons;  // By revision.
    Fetch realised;
  };

  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }

  void AskCommit(size_t service, bool wanted, int64_t revision, const client::CallOptions& options,
                 Revisions* commit, const std::function<void()>& arrive) {
    if (!wanted || revision <= 0) return arrive();
    commit->request.set_revision(revision);
    commit->request.set_page_size(1);
    commit->Get(services_[service], options, arrive);
  }

  void AfterPins() {
    if (!request_.name().empty() && !partnership_.status.ok()) {
      return done_(IsUnreachable(partnership_.status)
                       ? errors::PeerUnreachable(peers_.catalogue->service(), partnership_.status)
                       : partnership_.status);
    }
    Place place;
    absl::Status first;
    for (size_t i = 0; i < kServices; ++i) {
      const Pin& pin = pins_[i];
      absl::Status status = pin.compared.status;
      status.Update(pin.from_commit.status);
      status.Update(pin.to_commit.status);
      if (status.ok()) {
        SetRevision(i, pin.compared.response.from_revision(), &place.from);
        SetRevision(i, pin.compared.response.to_revision(), &place.to);
        continue;
      }
      if (!IsUnreachable(status)) return done_(status);
      if (first.ok()) first = status;
      place.left_out.insert(i);
    }
    if (place.left_out.size() == kServices) {
      return done_(errors::PeerUnreachable(services_[0]->service(), first));
    }
    place.from_day = !request_.from_day().empty() ? DayOf(request_.from_day())
                     : request_.has_from_time()   ? std::optional(DayOf(request_.from_time()))
                                                  : LastCommit(&Pin::from_commit);
    place.to_day = !request_.to_day().empty() ? DayOf(request_.to_day()).value_or(today_)
                   : request_.has_to_time()   ? DayOf(request_.to_time())
                                              : LastCommit(&Pin::to_commit).value_or(today_);
    place_ = std::move(place);
    Begin();
  }

  // The day on which the last of the revisions that were asked for was committed: from then on the
  // record was as they say.
  std::optional<absl::CivilDay> LastCommit(Revisions Pin::*commit) const {
    std::optional<absl::CivilDay> last;
    for (const Pin& pin : pins_) {
      for (const auto& revision : (pin.*commit).response.revisions()) {
        const absl::CivilDay day = DayOf(revision.commit_time());
        if (!last.has_value() || *last < day) last = day;
      }
    }
    return last;
  }

  void Begin() {
    days_ = {place_->from_day, place_->to_day};
    unreachable_ = place_->left_out;
    *response_->mutable_from_revisions() = place_->from;
    *response_->mutable_to_revisions() = place_->to;
    if (days_.from.has_value()) response_->set_from_day(absl::FormatCivilTime(*days_.from));
    response_->set_to_day(absl::FormatCivilTime(days_.to));
    Next();
  }

  bool Wants(v1::ChangeKind kind) const { return kinds_.empty() || kinds_.count(kind) > 0; }

  // Whether a section can have anything that is asked for.
  bool IsWanted(int section) const {
    const size_t service = kServiceOf.at(static_cast<size_t>(section));
    // A service without revisions has nothing, and 0 would mean its current one.
    if (unreachable_.count(service) > 0 || RevisionOf(place_->to, service) == 0) return false;
    if (section < static_cast<int>(kServices)) {
      return Wants(v1::CHANGE_KIND_NEW) || Wants(v1::CHANGE_KIND_CHANGED) ||
             Wants(v1::CHANGE_KIND_ENDED) || Wants(v1::CHANGE_KIND_ERASED) || service == 1;
    }
    // From the beginning everything differs, and days that are not in order have nothing between.
    if (!days_.from.has_value() || *days_.from > days_.to) return false;
    if (RevisionOf(place_->from, service) == 0) return false;
    return Wants(service == 1 ? v1::CHANGE_KIND_PAID : v1::CHANGE_KIND_ENDED);
  }

  // Goes on with the next page of a section, until the answer is full or there is none.
  void Next() {
    while (place_->section < kSections && !IsWanted(place_->section)) {
      ++place_->section;
      place_->token.clear();
    }
    if (place_->section == kSections || steps_ == kMaxSteps ||
        static_cast<size_t>(response_->changes_size()) >= page_size_ ||
        response_->ByteSizeLong() >= resource::kPageBytes) {
      return Finish();
    }
    ++steps_;
    const auto step = std::make_shared<Step>();
    const auto self = shared_from_this();
    if (place_->section < static_cast<int>(kServices)) return AskDifferences(step);
    if (place_->section == kInitiativesByDate) {
      return AskByDate(step, &step->initiatives, EndedInitiatives(days_, request_.name()));
    }
    if (place_->section == kEventsByDate) {
      return AskByDate(step, &step->events, EndedEvents(days_, request_.name()));
    }
    AskByDate(step, &step->claims, PaidClaims(days_, request_.name()));
  }

  size_t service() const { return kServiceOf.at(static_cast<size_t>(place_->section)); }
  client::Peer* peer() const { return services_[service()]; }
  int64_t from() const { return RevisionOf(place_->from, service()); }
  int64_t to() const { return RevisionOf(place_->to, service()); }
  int Room() const { return static_cast<int>(page_size_) - response_->changes_size(); }

  void AskDifferences(const std::shared_ptr<Step>& step) {
    auto& request = step->differences.request;
    request.set_from_revision(from());
    request.set_to_revision(to());
    // Only claims are paid.
    if (kinds_ == std::set<int>{v1::CHANGE_KIND_PAID}) request.add_types("entente.dev/Claim");
    request.set_page_size(Room());
    request.set_page_token(place_->token);
    const auto self = shared_from_this();
    step->differences.Get(peer(), Until(2), [self, step] {
      step->status = step->differences.status;
      step->next = step->differences.response.next_page_token();
      for (const auto& difference : step->differences.response.differences()) {
        if (difference.kind() == type::v1::DIFFERENCE_KIND_ERASED) continue;
        step->resources.Add(difference.resource(), self->RevisionOfText(difference));
      }
      self->AfterSection(step);
    });
  }

  // At which revision a resource that differs is there.
  int64_t RevisionOfText(const ResourceDifference& difference) const {
    return difference.kind() == type::v1::DIFFERENCE_KIND_REMOVED ? from() : to();
  }

  template <typename List>
  void AskByDate(const std::shared_ptr<Step>& step, List* list, const std::string& filter) {
    list->request.set_filter(filter);
    list->request.set_view(type::v1::RESOURCE_VIEW_BASIC);
    list->request.set_revision(to());
    list->request.set_page_size(Room());
    list->request.set_page_token(place_->token);
    const auto self = shared_from_this();
    list->Get(peer(), Until(2), [self, step, list] {
      step->status = list->status;
      step->next = list->response.next_page_token();
      const auto* field =
          list->response.GetDescriptor()->field(0);  // The resources, as in every List.
      const auto* reflection = list->response.GetReflection();
      for (int i = 0; i < reflection->FieldSize(list->response, field); ++i) {
        step->candidates.push_back(&reflection->GetRepeatedMessage(list->response, field, i));
      }
      self->AfterSection(step);
    });
  }

  // A service that cannot be reached is left out from here on, and said to be. False if the call is
  // refused, and over.
  bool Reached(const absl::Status& status, size_t service) {
    if (status.ok()) return true;
    if (IsUnreachable(status)) {
      unreachable_.insert(service);
    } else if (refused_.ok()) {
      refused_ = status;
    }
    return false;
  }

  void AfterSection(const std::shared_ptr<Step>& step) {
    if (!Reached(step->status, service())) return refused_.ok() ? Next() : done_(refused_);
    // What was changed since, and reads as before, is told by its dates alone.
    for (const Message* candidate : step->candidates) {
      if (fields::GetInt(*candidate, "revision") <= from()) continue;
      auto& request = step->compared[fields::GetString(*candidate, "name")].request;
      request.set_resource(fields::GetString(*candidate, "name"));
      request.set_from_revision(from());
      request.set_to_revision(to());
      request.set_page_size(1);
    }
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(step->compared.size()) + 1,
                               [self, step] { self->AfterResources(step); });
    for (auto& [name, compared] : step->compared) {
      compared.Get(peer(), Until(2), [join] { join->Arrive(); });
    }
    step->resources.Start(peers_, Until(2), [join] { join->Arrive(); });
  }

  void AfterResources(const std::shared_ptr<Step>& step) {
    // What is asked here is what the service itself has named: one that does not know it
    // contradicts itself.
    const auto consistent = [](const absl::Status& status) {
      return absl::IsNotFound(status) ? absl::InternalError(status.message()) : status;
    };
    bool reached = Reached(consistent(step->resources.StatusOf(peer())), service());
    for (const auto& [name, compared] : step->compared) {
      reached = Reached(consistent(compared.status), service()) && reached;
    }
    if (!reached) return refused_.ok() ? Next() : done_(refused_);
    const std::string& partnership = request_.name();
    for (const auto& difference : step->differences.response.differences()) {
      const Message* resource =
          step->resources.Find(difference.resource(), RevisionOfText(difference));
      if (!partnership.empty() && (resource == nullptr || !BelongsTo(*resource, partnership))) {
        continue;
      }
      v1::ResourceChange change;
      Describe(difference, resource, days_, &change);
      Keep(step, std::move(change));
    }
    for (const Message* candidate : step->candidates) {
      const auto compared = step->compared.find(fields::GetString(*candidate, "name"));
      if (compared != step->compared.end() && !compared->second.response.differences().empty()) {
        continue;
      }
      v1::ResourceChange change;
      if (DescribeByDates(*candidate, days_, &change)) Keep(step, std::move(change));
    }
    AskTheRest(step);
  }

  void Keep(const std::shared_ptr<Step>& step, v1::ResourceChange change) {
    const bool wanted = std::any_of(change.kinds().begin(), change.kinds().end(), [&](int kind) {
      return Wants(static_cast<v1::ChangeKind>(kind));
    });
    if (wanted) step->changes.push_back(std::move(change));
  }

  void AskTheRest(const std::shared_ptr<Step>& step) {
    for (const v1::ResourceChange& change : step->changes) {
      if (change.revision() > 0 && step->reasons.count(change.revision()) == 0) {
        auto& request = step->reasons[change.revision()].request;
        request.set_resource(change.resource());
        request.set_revision(change.revision());
        request.set_page_size(1);
      }
      for (const std::string& name : RealisedBy(change.payment().claim())) {
        step->realised.Add(name, to());
      }
    }
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(step->reasons.size()) + 1,
                               [self, step] { self->AfterTheRest(step); });
    for (auto& [revision, reason] : step->reasons) {
      reason.Get(peer(), Until(2), [join] { join->Arrive(); });
    }
    step->realised.Start(peers_, Until(2), [join] { join->Arrive(); });
  }

  void AfterTheRest(const std::shared_ptr<Step>& step) {
    // What was had is kept without what was not.
    const size_t here = service();
    const int64_t at = to();
    for (auto& [revision, reason] : step->reasons) {
      if (!reason.status.ok()) unreachable_.insert(here);
    }
    if (!step->realised.StatusOf(services_[here]).ok()) unreachable_.insert(here);
    for (v1::ResourceChange& change : step->changes) {
      const auto reason = step->reasons.find(change.revision());
      if (reason != step->reasons.end() && !reason->second.response.revisions().empty()) {
        const auto& revision = reason->second.response.revisions(0);
        if (revision.revision() == change.revision() && revision.has_reason()) {
          *change.mutable_reason() = revision.reason();
        }
      }
      for (const std::string& name : RealisedBy(change.payment().claim())) {
        const Message* claim = step->realised.Find(name, at);
        if (claim == nullptr) continue;
        auto* realised = change.mutable_payment()->add_realises();
        realised->CopyFrom(*claim);
        realised->clear_citations();
        realised->clear_notes();
      }
      *response_->add_changes() = std::move(change);
    }
    place_->token = step->next;
    if (place_->token.empty()) ++place_->section;
    Next();
  }

  void Finish() {
    for (const size_t service : unreachable_) {
      response_->add_unreachable(services_[service]->service());
    }
    if (const absl::Status status = CheckComplete(request_, response_->unreachable());
        !status.ok()) {
      return done_(status);
    }
    if (place_->section < kSections) {
      response_->set_next_page_token(tokens_.Seal(Written(*place_)));
    }
    done_(absl::OkStatus());
  }

  const Peers peers_;
  const std::array<client::Peer*, kServices> services_;
  const client::CallOptions options_;
  const Budget budget_;
  const v1::CompareOverTimeRequest& request_;
  const std::set<int> kinds_;
  const size_t page_size_;
  const resource::PageTokens tokens_;
  std::optional<Place> place_;
  const absl::CivilDay today_;
  v1::CompareOverTimeResponse* const response_;
  const client::Done done_;

  std::array<Pin, kServices> pins_;
  Part<catalogue::v1::GetPartnershipRequest, catalogue::v1::Partnership> partnership_;
  Days days_;
  std::set<size_t> unreachable_;
  absl::Status refused_;
  int steps_ = 0;
};

void CheckDay(const std::string& text, const char* field, Violations* violations) {
  if (!text.empty() && !DayOf(text).has_value()) {
    violations->Add(field, "must be a day, YYYY-MM-DD");
  }
}

void CheckKinds(const v1::CompareOverTimeRequest& request, Violations* violations) {
  std::set<int> seen;
  for (int i = 0; i < request.kinds_size(); ++i) {
    const int kind = request.kinds(i);
    const std::string path = absl::StrCat("kinds[", i, "]");
    if (kind == v1::CHANGE_KIND_UNSPECIFIED || !v1::ChangeKind_IsValid(kind)) {
      violations->Add(path, "must be a kind of change");
    } else if (!seen.insert(kind).second) {
      violations->Add(path, "stands in the list twice");
    }
  }
}

}  // namespace

void Gateway::CompareOverTime(const client::CallOptions& options,
                              const v1::CompareOverTimeRequest& request,
                              v1::CompareOverTimeResponse* response, client::Done done) const {
  Violations violations;
  // The name goes into filters.
  if (!request.name().empty() && !catalogue::Types()
                                      .FindByDescriptor(catalogue::v1::Partnership::descriptor())
                                      ->pattern.Matches(request.name())) {
    violations.Add("name", "must be a name like partnerships/{partnership}");
  }
  CheckDay(request.from_day(), "from_day", &violations);
  CheckDay(request.to_day(), "to_day", &violations);
  CheckKinds(request, &violations);
  const size_t page_size = resource::PageSize(request, &violations);
  resource::PageTokens tokens(request);
  std::optional<Place> place;
  if (const auto opened = tokens.Open(request, 7, &violations); opened.has_value()) {
    place = Read(*opened);
    if (!place.has_value()) resource::AddForeignToken(&violations);
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  std::make_shared<CompareComposition>(
      peers_, options, request, page_size, std::move(tokens), std::move(place),
      absl::ToCivilDay(clock_->Now(), absl::UTCTimeZone()), response, std::move(done))
      ->Start();
}

}  // namespace entente::gateway
