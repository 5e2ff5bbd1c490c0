// SPDX-License-Identifier: Apache-2.0
//
// ComposeFactSheet and RenderFactSheet. Stages:
//   1. at once: the tree of the partnership from the catalogue, its claims, its events and series
//   2. at the revisions of stage 1: the organisations, people, places, documents and series of the
//      partnership; the claims elsewhere that are parts of its own or take their place; then what
//      any of it refers to elsewhere, and what that refers to in turn
//   3. from the catalogue: whether the texts hold what the footnotes cite
// What the sheet says is made between 2 and 3, in factsheet/.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/resource/type.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/gateway/arrange.h"
#include "services/gateway/compose.h"
#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/render.h"
#include "services/gateway/factsheet/statements.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {
namespace {

// What the catalogue verifies at once; and so many characters of passages at most, whose words come
// back in one message, of up to four bytes each.
constexpr int kVerifySize = 1000;
constexpr int64_t kVerifyCharacters = 500'000;

// Each is in a filter twice, in 190 bytes at most; see kMaxFilterBytes.
constexpr size_t kNamesInFilter = 80;

class FactSheetComposition : public std::enable_shared_from_this<FactSheetComposition> {
 public:
  FactSheetComposition(const Peers& peers, const client::CallOptions& options,
                       const v1::ComposeFactSheetRequest& request, edtf::Date as_of,
                       v1::FactSheet* sheet, client::Done done)
      : peers_(peers),
        options_(options),
        budget_(absl::Now(), options.deadline, /*stages=*/3),
        request_(request),
        as_of_(std::move(as_of)),
        sheet_(sheet),
        done_(std::move(done)) {}

  void Start() {
    const std::string filter = absl::StrCat("partnerships:\"", request_.name(), "\"");
    tree_.request.set_name(request_.name());
    tree_.request.set_view(type::v1::RESOURCE_VIEW_FULL);
    ReadAt(request_.revisions().catalogue(), request_, &tree_.request);
    const auto prepare = [&](auto* part, int64_t revision) {
      part->request.set_filter(filter);
      part->request.set_view(type::v1::RESOURCE_VIEW_FULL);
      ReadAt(revision, request_, &part->request);
    };
    prepare(&claims_, request_.revisions().funding());
    prepare(&events_, request_.revisions().events());

    const auto self = shared_from_this();
    const auto join = Join::Of(3, [self] { self->AfterFirstStage(); });
    const auto arrive = [self, join] { join->Arrive(); };
    // Without it there is no sheet at all: it may take all the time that there is, and where it is
    // refused nothing else is waited for. From then on the request may be gone.
    tree_.Get(peers_.catalogue, Until(3), [self, join] {
      if (self->tree_.status.ok()) return join->Arrive();
      self->options_.GiveUp();
      join->Cut();
    });
    claims_.GetAll(peers_.funding, Until(1), arrive);
    events_.GetAll(peers_.events, Until(1), arrive);
  }

 private:
  using Lookup =
      Part<catalogue::v1::LookupResourcesRequest, catalogue::v1::LookupResourcesResponse>;
  using Referrers = Part<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse>;
  using Verdicts =
      Part<catalogue::v1::VerifyCitationsRequest, catalogue::v1::VerifyCitationsResponse>;

  // What is asked at once in stage 2. Stays until the end: an answer in the same process comes
  // while the others are being asked.
  struct Round {
    std::vector<std::unique_ptr<Referrers>> referrers;
    std::vector<std::unique_ptr<Lookup>> lookups;
    // Resources of other partnerships that this one's refer to: for their titles, and of claims for
    // what they restate in turn.
    std::vector<std::unique_ptr<Part<funding::v1::GetClaimRequest, funding::v1::Claim>>> claims;
    std::vector<std::unique_ptr<Part<events::v1::GetEventRequest, events::v1::Event>>> events;
    std::vector<std::unique_ptr<Part<events::v1::GetEventSeriesRequest, events::v1::EventSeries>>>
        series;
  };

  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }

  void AfterFirstStage() {
    if (!tree_.status.ok()) {
      return done_(IsUnreachable(tree_.status)
                       ? errors::PeerUnreachable(peers_.catalogue->service(), tree_.status)
                       : tree_.status);
    }
    for (const absl::Status* status : {&claims_.status, &events_.status}) {
      if (!status->ok() && !IsUnreachable(*status)) return done_(*status);
    }
    sheet_->set_as_of(as_of_.ToString());
    sheet_->mutable_revisions()->set_catalogue(tree_.response.revision());
    material_.partnership.Swap(tree_.response.mutable_partnership());
    material_.pillars.Swap(tree_.response.mutable_pillars());
    material_.initiatives.Swap(tree_.response.mutable_initiatives());
    material_.quantities.Swap(tree_.response.mutable_quantities());
    for (const auto& [initiative, pillars] : PillarsOf(material_.initiatives)) {
      material_.pillars_of[initiative] = {pillars.begin(), pillars.end()};
    }
    if (Reached(claims_.status, peers_.funding)) {
      sheet_->mutable_revisions()->set_funding(claims_.response.revision());
      material_.claims.Swap(claims_.response.mutable_claims());
      OrderAsTrees(&material_.claims);
    }
    if (Reached(events_.status, peers_.events)) {
      sheet_->mutable_revisions()->set_events(events_.response.revision());
      SplitByDay(events_.response.mutable_events(), as_of_, &material_.past_events,
                 &material_.coming_events, &material_.undetermined_events);
    }
    ListAll();
  }

  // What belongs to the partnership.
  void ListAll() {
    const std::string filter = absl::StrCat("partnerships:\"", material_.partnership.name(), "\"");
    const auto self = shared_from_this();
    const bool has_events = events_.status.ok();
    for (const auto& claim : material_.claims) asked_.insert(claim.name());
    rounds_.push_back(std::make_unique<Round>());
    Round* const round = rounds_.back().get();
    AskReferrers(round);
    const auto join = Join::Of(static_cast<int>(round->referrers.size()) + (has_events ? 5 : 4),
                               [self, round] { self->AfterLists(round); });
    const auto ask = [&](auto* part, client::Peer* peer, int64_t revision) {
      part->request.set_filter(filter);
      part->request.set_view(type::v1::RESOURCE_VIEW_FULL);
      part->request.set_revision(revision);
      part->GetAll(peer, Until(2), [join] { join->Arrive(); });
    };
    const v1::RevisionVector at = sheet_->revisions();
    ask(&lists_.organisations, peers_.catalogue, at.catalogue());
    ask(&lists_.people, peers_.catalogue, at.catalogue());
    ask(&lists_.places, peers_.catalogue, at.catalogue());
    if (has_events) ask(&lists_.series, peers_.events, at.events());
    for (const auto& part : round->referrers) {
      part->GetAll(peers_.funding, Until(2), [join] { join->Arrive(); });
    }
    ask(&lists_.documents, peers_.catalogue, at.catalogue());
  }

  void AfterLists(const Round* round) {
    const auto take = [&](const auto& part, client::Peer* peer, auto* from, auto* to) {
      if (!Reached(part.status, peer)) return;
      for (auto& resource : *from) to->Add()->Swap(&resource);
    };
    take(lists_.organisations, peers_.catalogue,
         lists_.organisations.response.mutable_organisations(), &material_.organisations);
    take(lists_.people, peers_.catalogue, lists_.people.response.mutable_people(),
         &material_.people);
    take(lists_.places, peers_.catalogue, lists_.places.response.mutable_places(),
         &material_.places);
    take(lists_.documents, peers_.catalogue, lists_.documents.response.mutable_documents(),
         &material_.documents);
    if (Reached(lists_.series.status, peers_.events)) {
      material_.event_series.Swap(lists_.series.response.mutable_event_series());
    }
    TakeReferrers(*round);
    LookUp();
  }

  // Asks for the claims that are parts of those of the material or take their place: funding, which
  // knows of all, counts by these too.
  void AskReferrers(Round* round) {
    if (sheet_->revisions().funding() == 0) return;
    std::vector<std::string> terms;
    const auto ask = [&] {
      if (terms.empty()) return;
      round->referrers.push_back(std::make_unique<Referrers>(arena_));
      auto& request = round->referrers.back()->request;
      request.set_filter(absl::StrJoin(terms, " OR "));
      request.set_view(type::v1::RESOURCE_VIEW_FULL);
      request.set_revision(sheet_->revisions().funding());
      terms.clear();
    };
    for (const Claims* claims : {&material_.claims, &material_.other_claims}) {
      for (const auto& claim : *claims) {
        if (!referrers_asked_.insert(claim.name()).second) continue;
        terms.push_back(absl::StrCat("part_of = \"", claim.name(), "\" OR relations.claim:\"",
                                     claim.name(), "\""));
        if (terms.size() == kNamesInFilter) ask();
      }
    }
    ask();
  }

  void TakeReferrers(const Round& round) {
    for (const auto& part : round.referrers) {
      if (!Reached(part->status, peers_.funding)) continue;
      for (auto& claim : *part->response.mutable_claims()) {
        bool counts = referrers_asked_.contains(claim.part_of());
        for (const auto& relation : claim.relations()) {
          counts |= relation.kind() == funding::v1::CLAIM_RELATION_KIND_SUPERSEDES &&
                    referrers_asked_.contains(relation.claim());
        }
        if (!counts || !asked_.insert(claim.name()).second) continue;
        material_.other_titles[claim.name()] = claim.title().text();
        material_.other_claims.Add()->Swap(&claim);
      }
    }
  }

  // All of the partnership, asked for in the first round at the revisions of stage 1.
  struct Lists {
    google::protobuf::Arena* const arena_;
    Part<catalogue::v1::ListOrganisationsRequest, catalogue::v1::ListOrganisationsResponse>
        organisations{arena_};
    Part<catalogue::v1::ListPeopleRequest, catalogue::v1::ListPeopleResponse> people{arena_};
    Part<catalogue::v1::ListPlacesRequest, catalogue::v1::ListPlacesResponse> places{arena_};
    Part<catalogue::v1::ListDocumentsRequest, catalogue::v1::ListDocumentsResponse> documents{
        arena_};
    Part<events::v1::ListEventSeriesRequest, events::v1::ListEventSeriesResponse> series{arena_};
  };

  // Looks up what the material refers to and has not got. Each time there are names that were not
  // asked for before, so there is an end to it.
  void LookUp() {
    rounds_.push_back(std::make_unique<Round>());
    Round* const round = rounds_.back().get();
    const v1::RevisionVector& at = sheet_->revisions();
    for (const std::string& name : NewReferences()) {
      if (catalogue::Types().FindByName(name) != nullptr) {
        if (round->lookups.empty() || round->lookups.back()->request.names_size() == kLookupSize) {
          round->lookups.push_back(std::make_unique<Lookup>(arena_));
          round->lookups.back()->request.set_revision(at.catalogue());
        }
        round->lookups.back()->request.add_names(name);
      } else if (absl::StartsWith(name, "claims/")) {
        Ask(name, at.funding(), &round->claims);
      } else if (absl::StartsWith(name, "events/")) {
        Ask(name, at.events(), &round->events);
      } else {
        Ask(name, at.events(), &round->series);
      }
    }
    AskReferrers(round);
    const size_t calls = round->referrers.size() + round->lookups.size() + round->claims.size() +
                         round->events.size() + round->series.size();
    if (calls == 0) return Compose();
    const auto self = shared_from_this();
    const auto join =
        Join::Of(static_cast<int>(calls), [self, round] { self->AfterLookUp(round); });
    const auto arrive = [join] { join->Arrive(); };
    const client::CallOptions options = Until(2);
    for (const auto& part : round->referrers) part->GetAll(peers_.funding, options, arrive);
    for (const auto& part : round->lookups) part->Get(peers_.catalogue, options, arrive);
    for (const auto& part : round->claims) part->Get(peers_.funding, options, arrive);
    for (const auto& part : round->events) part->Get(peers_.events, options, arrive);
    for (const auto& part : round->series) part->Get(peers_.events, options, arrive);
  }

  // Names that the material refers to, that are not in it and were not asked for before. Looks at
  // each resource once.
  std::set<std::string> NewReferences() {
    absl::flat_hash_set<absl::string_view> referred;
    factsheet::ForEachResource(material_, [&](const auto& resource) {
      if (!walked_.insert(&resource).second) return;
      asked_.insert(resource.name());
      resource::ForEachReference(
          resource, [&](const google::protobuf::FieldDescriptor*, absl::string_view target) {
            referred.insert(target);
          });
    });
    std::set<std::string> missing;
    for (const absl::string_view name : referred) {
      if (asked_.emplace(name).second) missing.emplace(name);
    }
    // The same money may be told by way of several claims of other partnerships.
    for (const auto& claim : material_.other_claims) {
      if (!walked_.insert(&claim).second) continue;
      std::set<std::string> beyond = {claim.part_of()};
      for (const auto& relation : claim.relations()) beyond.insert(relation.claim());
      for (const std::string& name : beyond) {
        if (name.empty() || !asked_.insert(name).second) continue;
        missing.insert(name);
        beyond_.insert(name);
      }
    }
    return missing;
  }

  // Asks for one resource, unless its service was not reached before, of which it is said already.
  template <typename OnePart>
  void Ask(const std::string& name, int64_t revision,
           std::vector<std::unique_ptr<OnePart>>* parts) {
    if (revision == 0) return;
    parts->push_back(std::make_unique<OnePart>(arena_));
    parts->back()->request.set_name(name);
    parts->back()->request.set_view(type::v1::RESOURCE_VIEW_BASIC);
    parts->back()->request.set_revision(revision);
  }

  void AfterLookUp(Round* round) {
    bool reached = true;
    TakeReferrers(*round);
    for (const auto& lookup : round->lookups) {
      if (!Reached(lookup->status, peers_.catalogue)) {
        reached = false;
        continue;
      }
      for (auto& resource : *lookup->response.mutable_resources()) Take(&resource);
      for (const std::string& name : lookup->response.not_found()) sheet_->add_unresolved(name);
    }
    for (const auto& part : round->claims) {
      TakeTitle(*part, peers_.funding);
      if (part->status.ok() && !part->response.has_delete_time()) {
        material_.other_claims.Add()->Swap(&part->response);
      }
    }
    for (const auto& part : round->events) TakeTitle(*part, peers_.events);
    for (const auto& part : round->series) TakeTitle(*part, peers_.events);
    reached ? LookUp() : Compose();
  }

  // Puts a resource where the material has it; one that is deleted answers to its name no longer.
  void Take(catalogue::v1::CatalogueResource* resource) {
    using catalogue::v1::CatalogueResource;
    const auto take = [&](auto* from, auto* list) {
      if (from->has_delete_time()) {
        sheet_->add_unresolved(from->name());
      } else {
        list->Add()->Swap(from);
      }
    };
    const auto title = [&](const auto& elsewhere) {
      if (elsewhere.has_delete_time()) {
        sheet_->add_unresolved(elsewhere.name());
      } else {
        material_.other_titles[elsewhere.name()] = elsewhere.title().text();
      }
    };
    switch (resource->resource_case()) {
      case CatalogueResource::kOrganisation:
        return take(resource->mutable_organisation(), &material_.organisations);
      case CatalogueResource::kPerson:
        return take(resource->mutable_person(), &material_.people);
      case CatalogueResource::kPlace:
        return take(resource->mutable_place(), &material_.places);
      case CatalogueResource::kDocument:
        return take(resource->mutable_document(), &material_.documents);
      case CatalogueResource::kInitiative:
        return title(resource->initiative());
      case CatalogueResource::kPillar:
        return title(resource->pillar());
      case CatalogueResource::kPartnership:
        return title(resource->partnership());
      default:
        return;
    }
  }

  template <typename OnePart>
  void TakeTitle(const OnePart& part, client::Peer* peer) {
    const bool is_unknown = absl::IsNotFound(part.status);
    if (!is_unknown && !Reached(part.status, peer)) return;
    if (is_unknown || part.response.has_delete_time()) {
      if (beyond_.count(part.request.name()) == 0) sheet_->add_unresolved(part.request.name());
    } else {
      material_.other_titles[part.request.name()] = part.response.title().text();
    }
  }

  // Whether a part was had. A service that did not answer is named, once.
  bool Reached(const absl::Status& status, client::Peer* peer) {
    if (status.ok()) return true;
    const auto& named = sheet_->unreachable();
    if (std::find(named.begin(), named.end(), peer->service()) == named.end()) {
      sheet_->add_unreachable(peer->service());
    }
    return false;
  }

  void Compose() {
    const auto sort = [](auto* resources) {
      std::sort(resources->pointer_begin(), resources->pointer_end(),
                [](const auto* a, const auto* b) { return a->name() < b->name(); });
    };
    sort(&material_.organisations);
    sort(&material_.people);
    sort(&material_.places);
    sort(&material_.documents);
    std::sort(sheet_->mutable_unresolved()->begin(), sheet_->mutable_unresolved()->end());
    if (absl::Status status = factsheet::Compose(material_, sheet_); !status.ok()) {
      return done_(std::move(status));
    }
    Verify();
  }

  void Verify() {
    int64_t characters = 0;
    for (const auto& footnote : sheet_->footnotes()) {
      const auto& span = footnote.citation().span();
      characters += span.end() - span.begin();
      if (verdicts_.empty() || verdicts_.back()->request.citations_size() == kVerifySize ||
          characters > kVerifyCharacters) {
        verdicts_.push_back(std::make_unique<Verdicts>(arena_));
        verdicts_.back()->request.set_revision(sheet_->revisions().catalogue());
        characters = span.end() - span.begin();
      }
      // Where the words are, and what they hash to: nothing else of it is looked at.
      auto* citation = verdicts_.back()->request.add_citations();
      citation->set_document(footnote.citation().document());
      if (footnote.citation().has_span()) *citation->mutable_span() = span;
      citation->set_span_sha256(footnote.citation().span_sha256());
    }
    if (verdicts_.empty()) return done_(CheckComplete(request_, sheet_->unreachable()));
    const auto self = shared_from_this();
    const auto join =
        Join::Of(static_cast<int>(verdicts_.size()), [self] { self->AfterVerdicts(); });
    for (const auto& part : verdicts_) {
      part->Get(peers_.catalogue, Until(3), [join] { join->Arrive(); });
    }
  }

  // A sheet is as good without verdicts: the footnotes say that nothing was looked up.
  void AfterVerdicts() {
    int footnote = 0;
    for (const auto& part : verdicts_) {
      const int begin = footnote;
      footnote += part->request.citations_size();
      if (!Reached(part->status, peers_.catalogue)) continue;
      for (int i = 0; i < part->response.verdicts_size() && begin + i < footnote; ++i) {
        auto* verdict = part->response.mutable_verdicts(i);
        auto* of_verdict = sheet_->mutable_footnotes(begin + i);
        of_verdict->set_outcome(verdict->outcome());
        of_verdict->mutable_words()->swap(*verdict->mutable_words());
      }
    }
    done_(CheckComplete(request_, sheet_->unreachable()));
  }

  const Peers peers_;
  const Wanted options_;
  const Budget budget_;
  const v1::ComposeFactSheetRequest& request_;
  const edtf::Date as_of_;
  v1::FactSheet* const sheet_;
  const client::Done done_;  // Keeps the arena.
  google::protobuf::Arena* const arena_ = sheet_->GetArena();

  Part<catalogue::v1::GetPartnershipTreeRequest, catalogue::v1::PartnershipTree> tree_{arena_};
  Part<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse> claims_{arena_};
  Part<events::v1::ListEventsRequest, events::v1::ListEventsResponse> events_{arena_};
  Lists lists_{arena_};
  std::vector<std::unique_ptr<Round>> rounds_;
  std::vector<std::unique_ptr<Verdicts>> verdicts_;
  absl::flat_hash_set<std::string> asked_;
  std::set<std::string> beyond_;  // What the sheet does not speak of.
  absl::flat_hash_set<const void*> walked_;
  absl::flat_hash_set<std::string> referrers_asked_;  // Claims.
  factsheet::Material material_{arena_};
};

void CheckName(const std::string& name, Violations* violations) {
  // The name goes into a filter.
  if (!catalogue::Types()
           .FindByDescriptor(catalogue::v1::Partnership::descriptor())
           ->pattern.Matches(name)) {
    violations->Add("name", "must be a name like partnerships/{partnership}");
  }
}

// A sheet that is made to be rendered, and the request that it is made by.
struct Rendered {
  v1::ComposeFactSheetRequest request;
  google::protobuf::Arena arena;
  v1::FactSheet& sheet = *google::protobuf::Arena::CreateMessage<v1::FactSheet>(&arena);
};

}  // namespace

void Gateway::ComposeFactSheet(const client::CallOptions& options,
                               const v1::ComposeFactSheetRequest& request, v1::FactSheet* sheet,
                               client::Done done) const {
  Violations violations;
  const auto as_of = ReadDay(request.as_of(), clock_->Now(), "as_of", &violations);
  CheckName(request.name(), &violations);
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  std::make_shared<FactSheetComposition>(peers_, options, request, *as_of, sheet, std::move(done))
      ->Start();
}

void Gateway::RenderFactSheet(const client::CallOptions& options,
                              const v1::RenderFactSheetRequest& request,
                              google::api::HttpBody* body, client::Done done) const {
  Violations violations;
  const auto as_of = ReadDay(request.as_of(), clock_->Now(), "as_of", &violations);
  CheckName(request.name(), &violations);
  const v1::FactSheetFormat format = request.format();
  if (format != v1::FACT_SHEET_FORMAT_MARKDOWN && format != v1::FACT_SHEET_FORMAT_HTML) {
    violations.Add("format", "must be FACT_SHEET_FORMAT_MARKDOWN or FACT_SHEET_FORMAT_HTML");
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));

  const auto rendered = std::make_shared<Rendered>();
  rendered->request.set_name(request.name());
  *rendered->request.mutable_revisions() = request.revisions();
  if (request.has_read_time()) *rendered->request.mutable_read_time() = request.read_time();
  rendered->request.set_require_complete(request.require_complete());
  const auto render = [rendered, format, body, done = std::move(done)](absl::Status status) {
    if (!status.ok()) return done(std::move(status));
    if (format == v1::FACT_SHEET_FORMAT_HTML) {
      body->set_content_type("text/html; charset=utf-8");
      body->set_data(factsheet::RenderHtml(rendered->sheet));
    } else {
      body->set_content_type("text/markdown; charset=utf-8");
      body->set_data(factsheet::RenderMarkdown(rendered->sheet));
    }
    done(absl::OkStatus());
  };
  std::make_shared<FactSheetComposition>(peers_, options, rendered->request, *as_of,
                                         &rendered->sheet, render)
      ->Start();
}

}  // namespace entente::gateway
