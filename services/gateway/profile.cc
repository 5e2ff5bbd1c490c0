// SPDX-License-Identifier: Apache-2.0
//
// GetOrganisationProfile and GetCountryProfile. Three stages:
//   1. from the catalogue: which organisation it is now and what was merged into it, or which place
//      and what lies in it
//   2. at once, at that revision: everything in the three services that names it
//   3. what that refers to, from the catalogue
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/resource/fields.h"
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

namespace fields = resource::fields;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// How many names one filter has: each is a term, and there may be 500.
constexpr size_t kNamesInFilter = 200;
// How many places a country has at most for its profile.
constexpr size_t kMaxPlaces = 1000;

// `FIELD:"NAME"` for each of the names, as many filters as it takes.
std::vector<std::string> FiltersFor(const std::string& field,
                                    const std::vector<std::string>& names) {
  std::vector<std::string> filters;
  for (size_t begin = 0; begin < names.size(); begin += kNamesInFilter) {
    std::vector<std::string> terms;
    for (size_t i = begin; i < std::min(names.size(), begin + kNamesInFilter); ++i) {
      terms.push_back(absl::StrCat(field, ":\"", names[i], "\""));
    }
    filters.push_back(absl::StrJoin(terms, " OR "));
  }
  return filters;
}

// All resources of one type that any of some filters selects.
class Listing {
 public:
  // `list` is the field of `response`, the default instances, that has them.
  Listing(client::Peer* peer, const Message* request, const Message* response, const char* list,
          google::protobuf::Arena* arena)
      : peer_(peer), request_(request), response_(response), list_(list), arena_(arena) {}

  client::Peer* peer() const { return peer_; }
  const char* list() const { return list_; }
  size_t calls() const { return parts_.size(); }

  // Before Start. `at` sets the revision or time of a request.
  template <typename At>
  void Ask(const std::vector<std::string>& filters, const At& at) {
    for (const std::string& filter : filters) {
      auto part = std::make_unique<Part>();
      part->request.reset(request_->New());
      part->response = response_->New(arena_);
      if (arena_ == nullptr) part->own.reset(part->response);
      fields::SetString(part->request.get(), "filter", filter);
      fields::SetInt(part->request.get(), "page_size", kPageSize);
      fields::SetInt(part->request.get(), "view", type::v1::RESOURCE_VIEW_FULL);
      at(part->request.get());
      parts_.push_back(std::move(part));
    }
  }

  // Calls `arrive` once for each call.
  void Start(const client::CallOptions& options, const std::function<void()>& arrive) {
    for (const auto& part : parts_) {
      ListAll(peer_, options, part->request.get(), part->response,
              [part = part.get(), arrive](absl::Status status) {
                part->status = std::move(status);
                arrive();
              });
    }
  }

  // The first error; OK if all were answered.
  absl::Status status() const {
    for (const auto& part : parts_) {
      if (!part->status.ok()) return part->status;
    }
    return absl::OkStatus();
  }

  int64_t revision() const {
    return parts_.empty() ? 0 : fields::GetInt(*parts_.front()->response, "revision");
  }

  // Moves them into the field of the same name, or `into`, of `composed`: each once, by name.
  void MoveTo(Message* composed, const char* into) {
    const FieldDescriptor* field = composed->GetDescriptor()->FindFieldByName(into);
    for (const auto& [name, resource] : ByName()) {
      Message* place = composed->GetReflection()->AddMessage(composed, field);
      place->GetReflection()->Swap(place, resource);
    }
  }
  // The same into a list, which must be of the type that the listing was made for.
  template <typename Resource>
  void MoveTo(google::protobuf::RepeatedPtrField<Resource>* list) {
    for (const auto& [name, resource] : ByName()) {
      list->Add()->Swap(static_cast<Resource*>(resource));
    }
  }

 private:
  std::map<std::string, Message*> ByName() {
    std::map<std::string, Message*> by_name;
    for (const auto& part : parts_) {
      Message* response = part->response;
      const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName(list_);
      for (int i = 0; i < response->GetReflection()->FieldSize(*response, field); ++i) {
        Message* resource = response->GetReflection()->MutableRepeatedMessage(response, field, i);
        by_name.emplace(fields::GetString(*resource, "name"), resource);
      }
    }
    return by_name;
  }

  struct Part {
    std::unique_ptr<Message> request;
    std::unique_ptr<Message> own;  // null on an arena
    Message* response = nullptr;
    absl::Status status;
  };

  client::Peer* const peer_;
  const Message* const request_;
  const Message* const response_;
  const char* const list_;
  google::protobuf::Arena* const arena_;
  std::vector<std::unique_ptr<Part>> parts_;
};

template <typename Request, typename Response>
Listing* NewListing(std::vector<std::unique_ptr<Listing>>* listings, client::Peer* peer,
                    const char* list, google::protobuf::Arena* arena) {
  listings->push_back(std::make_unique<Listing>(peer, &Request::default_instance(),
                                                &Response::default_instance(), list, arena));
  return listings->back().get();
}

// What the profiles have in common. The first stage is the derived class's own.
template <typename Asked, typename Profile>
class ProfileComposition : public std::enable_shared_from_this<ProfileComposition<Asked, Profile>> {
 public:
  ProfileComposition(const Peers& peers, const client::CallOptions& options, const Asked& request,
                     edtf::Date as_of, Profile* profile, client::Done done)
      : peers_(peers),
        options_(options),
        budget_(absl::Now(), options.deadline, /*stages=*/3),
        request_(request),
        as_of_(std::move(as_of)),
        profile_(profile),
        done_(std::move(done)),
        initiatives_(NewListing<catalogue::v1::ListInitiativesRequest,
                                catalogue::v1::ListInitiativesResponse>(&listings_, peers.catalogue,
                                                                        "initiatives", arena_)),
        quantities_(
            NewListing<catalogue::v1::ListQuantitiesRequest, catalogue::v1::ListQuantitiesResponse>(
                &listings_, peers.catalogue, "quantities", arena_)),
        organisations_(NewListing<catalogue::v1::ListOrganisationsRequest,
                                  catalogue::v1::ListOrganisationsResponse>(
            &listings_, peers.catalogue, "organisations", arena_)),
        claims_(NewListing<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse>(
            &listings_, peers.funding, "claims", arena_)),
        events_(NewListing<events::v1::ListEventsRequest, events::v1::ListEventsResponse>(
            &listings_, peers.events, "events", arena_)) {}
  virtual ~ProfileComposition() = default;

  virtual void Start() = 0;

 protected:
  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }

  // Without the catalogue there is no profile.
  void Refuse(const absl::Status& status) {
    done_(IsUnreachable(status) ? errors::PeerUnreachable(peers_.catalogue->service(), status)
                                : status);
  }

  // Asks a listing of the catalogue's at the revision of the first stage, or one of another
  // service's at that which was asked for.
  void Ask(Listing* listing, const std::vector<std::string>& filters) {
    const auto& revisions = request_.revisions();
    listing->Ask(filters, [&](Message* request) {
      const bool is_ours = listing->peer() == peers_.catalogue;
      const int64_t revision = is_ours ? profile_->revisions().catalogue()
                               : listing->peer() == peers_.funding ? revisions.funding()
                                                                   : revisions.events();
      fields::SetInt(request, "revision", revision);
      if (revision == 0 && request_.has_read_time()) {
        const auto* field = request->GetDescriptor()->FindFieldByName("read_time");
        request->GetReflection()->MutableMessage(request, field)->CopyFrom(request_.read_time());
      }
    });
  }

  // The second stage: what was asked of the listings.
  void StartListings() {
    size_t calls = 1;
    for (const auto& listing : listings_) calls += listing->calls();
    const auto self = this->shared_from_this();
    const auto join = Join::Of(static_cast<int>(calls), [self] { self->AfterListings(); });
    for (const auto& listing : listings_) listing->Start(Until(2), [join] { join->Arrive(); });
    join->Arrive();
  }

  // Puts what the claims say where the profile has it.
  virtual void PlaceClaims(Claims* claims) = 0;

  const Peers peers_;
  const Wanted options_;
  const Budget budget_;
  const Asked& request_;
  const edtf::Date as_of_;
  Profile* const profile_;
  const client::Done done_;  // Keeps the arena.
  google::protobuf::Arena* const arena_ = profile_->GetArena();

  std::vector<std::unique_ptr<Listing>> listings_;
  Listing* const initiatives_;
  Listing* const quantities_;
  Listing* const organisations_;
  Listing* const claims_;
  Listing* const events_;
  // Where the organisations that were listed belong.
  const char* organisations_into_ = "organisations";

 private:
  using Lookup =
      Part<catalogue::v1::LookupResourcesRequest, catalogue::v1::LookupResourcesResponse>;

  void AfterListings() {
    absl::Status refused;
    for (const auto& listing : listings_) {
      const absl::Status status = listing->status();
      if (status.ok()) {
        Take(listing.get());
      } else if (!IsUnreachable(status)) {
        if (refused.ok()) refused = status;
      } else {
        Miss(listing->peer());
      }
    }
    if (!refused.ok()) return done_(refused);
    profile_->set_as_of(as_of_.ToString());
    LookUp();
  }

  void Take(Listing* listing) {
    auto* revisions = profile_->mutable_revisions();
    if (listing == claims_) {
      Claims claims(this->arena_);
      listing->MoveTo(&claims);
      PlaceClaims(&claims);
      revisions->set_funding(listing->revision());
    } else if (listing == events_) {
      Events events(this->arena_);
      listing->MoveTo(&events);
      SplitByDay(&events, as_of_, profile_);
      revisions->set_events(listing->revision());
    } else {
      listing->MoveTo(profile_, listing == organisations_ ? organisations_into_ : listing->list());
    }
  }

  // Names a service that was not reached, once.
  void Miss(client::Peer* peer) {
    const auto& named = profile_->unreachable();
    if (std::find(named.begin(), named.end(), peer->service()) == named.end()) {
      profile_->add_unreachable(peer->service());
    }
  }

  void LookUp() {
    for (const std::string& name : MissingReferences(*profile_)) {
      // What others refer to of their own was checked when it was written.
      if (catalogue::Types().FindByName(name) == nullptr) continue;
      if (lookups_.empty() || lookups_.back()->request.names_size() == kLookupSize) {
        lookups_.push_back(std::make_unique<Lookup>(this->arena_));
        lookups_.back()->request.set_revision(profile_->revisions().catalogue());
      }
      lookups_.back()->request.add_names(name);
    }
    const auto self = this->shared_from_this();
    const auto join =
        Join::Of(static_cast<int>(lookups_.size()) + 1, [self] { self->AfterLookUp(); });
    for (const auto& lookup : lookups_) {
      lookup->Get(peers_.catalogue, Until(3), [join] { join->Arrive(); });
    }
    join->Arrive();
  }

  void AfterLookUp() {
    for (const auto& lookup : lookups_) {
      if (!lookup->status.ok()) {
        Miss(peers_.catalogue);
        continue;
      }
      for (auto& resource : *lookup->response.mutable_resources()) {
        const Message* found = fields::GetOneof(resource);
        if (found != nullptr && fields::GetMessage(*found, "delete_time") != nullptr) {
          profile_->add_unresolved(fields::GetString(*found, "name"));
        } else {
          profile_->add_related()->Swap(&resource);
        }
      }
      for (const std::string& name : lookup->response.not_found()) profile_->add_unresolved(name);
    }
    std::sort(profile_->mutable_unresolved()->begin(), profile_->mutable_unresolved()->end());
    *profile_->mutable_citations() = CitationsIn(*profile_);
    done_(CheckComplete(request_, profile_->unreachable()));
  }

  std::vector<std::unique_ptr<Lookup>> lookups_;
};

using OfOrganisation =
    ProfileComposition<v1::GetOrganisationProfileRequest, v1::OrganisationProfile>;

class OrganisationProfileComposition final : public OfOrganisation {
 public:
  using OfOrganisation::OfOrganisation;

  void Start() override {
    resolution_.request.add_references()->set_text(request_.name());
    ReadAt(request_.revisions().catalogue(), request_, &resolution_.request);
    resolution_.Get(peers_.catalogue, Until(1), [self = Self()] { self->AfterResolution(); });
  }

 private:
  std::shared_ptr<OrganisationProfileComposition> Self() {
    return std::static_pointer_cast<OrganisationProfileComposition>(shared_from_this());
  }

  void AfterResolution() {
    if (!resolution_.status.ok()) return Refuse(resolution_.status);
    const auto& resolution = resolution_.response.resolutions(0);
    const std::string& name = resolution.organisation();
    if (name.empty()) {
      return done_(errors::ResourceNotFound("entente.dev/Organisation", request_.name()));
    }
    profile_->set_name(name);
    profile_->mutable_revisions()->set_catalogue(resolution_.response.revision());
    names_.insert(name);
    names_.insert(resolution.candidates(0).merged().begin(),
                  resolution.candidates(0).merged().end());
    names_lookup_.request.set_revision(resolution_.response.revision());
    for (const std::string& each : names_) names_lookup_.request.add_names(each);
    names_lookup_.Get(peers_.catalogue, Until(1), [self = Self()] { self->AfterNames(); });
  }

  void AfterNames() {
    if (!names_lookup_.status.ok()) return Refuse(names_lookup_.status);
    for (auto& resource : *names_lookup_.response.mutable_resources()) {
      auto* organisation = resource.mutable_organisation();
      if (organisation->name() == profile_->name()) {
        profile_->mutable_organisation()->Swap(organisation);
      } else if (!organisation->has_delete_time()) {
        profile_->add_merged()->Swap(organisation);
      }
    }
    std::sort(profile_->mutable_merged()->pointer_begin(),
              profile_->mutable_merged()->pointer_end(),
              [](const auto* a, const auto* b) { return a->name() < b->name(); });
    organisations_into_ = "sub_organisations";
    // A name in a filter stands for all that were merged into it.
    const std::vector<std::string> name = {profile_->name()};
    const auto parties = FiltersFor("parties.organisation", name);
    for (Listing* listing : {initiatives_, quantities_, claims_, events_}) Ask(listing, parties);
    Ask(organisations_, FiltersFor("parent", name));
    Ask(NewListing<catalogue::v1::ListPartnershipsRequest, catalogue::v1::ListPartnershipsResponse>(
            &listings_, peers_.catalogue, "partnerships", arena_),
        parties);
    Ask(NewListing<catalogue::v1::ListDocumentsRequest, catalogue::v1::ListDocumentsResponse>(
            &listings_, peers_.catalogue, "documents", arena_),
        parties);
    Ask(NewListing<catalogue::v1::ListPeopleRequest, catalogue::v1::ListPeopleResponse>(
            &listings_, peers_.catalogue, "people", arena_),
        FiltersFor("offices.organisation", name));
    Ask(NewListing<events::v1::ListEventSeriesRequest, events::v1::ListEventSeriesResponse>(
            &listings_, peers_.events, "event_series", arena_),
        parties);
    StartListings();
  }

  void PlaceClaims(Claims* claims) override {
    std::map<int, Claims> by_role;
    for (const auto& claim : *claims) {
      std::set<int> roles;
      for (const auto& party : claim.parties()) {
        if (names_.count(party.organisation()) > 0) roles.insert(party.role());
      }
      for (const int role : roles) *by_role.try_emplace(role, arena_).first->second.Add() = claim;
    }
    for (auto& [role, of_role] : by_role) {
      v1::RoleMoney* money = profile_->add_money();
      money->set_role(static_cast<type::v1::PartyRole>(role));
      OrderAsTrees(&of_role);
      GroupClaims(&of_role, money->mutable_claim_groups());
    }
  }

  Part<catalogue::v1::ResolveOrganisationsRequest, catalogue::v1::ResolveOrganisationsResponse>
      resolution_{arena_};
  Part<catalogue::v1::LookupResourcesRequest, catalogue::v1::LookupResourcesResponse> names_lookup_{
      arena_};
  std::set<std::string> names_;  // It, and those that were merged into it.
};

using OfCountry = ProfileComposition<v1::GetCountryProfileRequest, v1::CountryProfile>;

class CountryProfileComposition final : public OfCountry {
 public:
  using OfCountry::OfCountry;

  void Start() override {
    // The list says at which revision it was read, which a Get does not.
    AskPlaces(
        absl::StrCat("name = \"", request_.name(), "\" OR parent = \"", request_.name(), "\""));
  }

 private:
  using Places = Part<catalogue::v1::ListPlacesRequest, catalogue::v1::ListPlacesResponse>;

  std::shared_ptr<CountryProfileComposition> Self() {
    return std::static_pointer_cast<CountryProfileComposition>(shared_from_this());
  }

  void AskPlaces(const std::string& filter) {
    places_ = std::make_unique<Places>(arena_);
    places_->request.set_filter(filter);
    places_->request.set_view(type::v1::RESOURCE_VIEW_FULL);
    const int64_t revision = profile_->revisions().catalogue();
    ReadAt(revision != 0 ? revision : request_.revisions().catalogue(), request_,
           &places_->request);
    places_->GetAll(peers_.catalogue, Until(1), [self = Self()] { self->AfterPlaces(); });
  }

  // Each time there are places that were not there before, so there is an end to it.
  void AfterPlaces() {
    if (!places_->status.ok()) return Refuse(places_->status);
    profile_->mutable_revisions()->set_catalogue(places_->response.revision());
    std::vector<std::string> parents;
    for (auto& place : *places_->response.mutable_places()) {
      if (!names_.insert(place.name()).second) continue;
      if (place.name() == request_.name()) {
        profile_->mutable_place()->Swap(&place);
      } else {
        parents.push_back(place.name());
        profile_->add_places()->Swap(&place);
      }
    }
    if (!profile_->has_place()) {
      return done_(errors::ResourceNotFound("entente.dev/Place", request_.name()));
    }
    if (names_.size() > kMaxPlaces) return done_(errors::TooManyPlaces(kMaxPlaces));
    for (std::string& name : parents) unasked_.push_back(std::move(name));
    if (!unasked_.empty()) {
      const size_t some = std::min(unasked_.size(), kNamesInFilter);
      const std::vector<std::string> names(unasked_.end() - static_cast<std::ptrdiff_t>(some),
                                           unasked_.end());
      unasked_.resize(unasked_.size() - some);
      return AskPlaces(FiltersFor("parent", names).front());
    }
    AskAll();
  }

  void AskAll() {
    profile_->set_name(request_.name());
    std::sort(profile_->mutable_places()->pointer_begin(),
              profile_->mutable_places()->pointer_end(),
              [](const auto* a, const auto* b) { return a->name() < b->name(); });
    const std::vector<std::string> names(names_.begin(), names_.end());
    const auto shares = FiltersFor("places.place", names);
    for (Listing* listing : {initiatives_, quantities_, claims_}) Ask(listing, shares);
    Ask(events_, FiltersFor("places", names));
    Ask(organisations_, FiltersFor("place", names));
    StartListings();
  }

  void PlaceClaims(Claims* claims) override {
    OrderAsTrees(claims);
    GroupClaims(claims, profile_->mutable_claim_groups());
  }

  std::unique_ptr<Places> places_;
  std::set<std::string> names_;       // It, and what lies in it.
  std::vector<std::string> unasked_;  // Those of them in which nothing was looked for yet.
};

// The day that a request gives, where its name is one of a resource like `Resource`.
template <typename Resource, typename Request>
absl::StatusOr<edtf::Date> Check(const Request& request, const char* pattern, absl::Time now) {
  Violations violations;
  const auto as_of = ReadDay(request.as_of(), now, "as_of", &violations);
  // The name goes into filters.
  if (!catalogue::Types()
           .FindByDescriptor(Resource::descriptor())
           ->pattern.Matches(request.name())) {
    violations.Add("name", absl::StrCat("must be a name like ", pattern));
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return status;
  return *as_of;
}

}  // namespace

void Gateway::GetOrganisationProfile(const client::CallOptions& options,
                                     const v1::GetOrganisationProfileRequest& request,
                                     v1::OrganisationProfile* profile, client::Done done) const {
  const auto as_of =
      Check<catalogue::v1::Organisation>(request, "organisations/{organisation}", clock_->Now());
  if (!as_of.ok()) return done(as_of.status());
  std::make_shared<OrganisationProfileComposition>(peers_, options, request, *as_of, profile,
                                                   std::move(done))
      ->Start();
}

void Gateway::GetCountryProfile(const client::CallOptions& options,
                                const v1::GetCountryProfileRequest& request,
                                v1::CountryProfile* profile, client::Done done) const {
  const auto as_of = Check<catalogue::v1::Place>(request, "places/{place}", clock_->Now());
  if (!as_of.ok()) return done(as_of.status());
  std::make_shared<CountryProfileComposition>(peers_, options, request, *as_of, profile,
                                              std::move(done))
      ->Start();
}

}  // namespace entente::gateway
