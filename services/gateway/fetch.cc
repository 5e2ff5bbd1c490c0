// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/fetch.h"

#include <memory>

#include "common/resource/fields.h"
#include "common/resource/type.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/funding/types.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;

// A look-up of resources by name, and how it is asked.
struct Method {
  const Message* request;
  const Message* response;
  const char* resources;  // The field of the response that has them.
  bool in_oneof;          // Whether each is a message with a oneof of all types.
  size_t size;            // How many it takes.
};

template <typename Request, typename Response>
Method MethodOf(const char* resources, bool in_oneof, int size) {
  return {&Request::default_instance(), &Response::default_instance(), resources, in_oneof,
          static_cast<size_t>(size)};
}

// By the type of resource; of the catalogue one for all.
const Method* FindMethod(const google::protobuf::Descriptor* type) {
  static const auto* const catalogue = new Method(
      MethodOf<catalogue::v1::LookupResourcesRequest, catalogue::v1::LookupResourcesResponse>(
          "resources", true, kLookupSize));
  static const auto* const others = new std::map<const google::protobuf::Descriptor*, Method>{
      {funding::v1::Claim::descriptor(),
       MethodOf<funding::v1::BatchGetClaimsRequest, funding::v1::BatchGetClaimsResponse>(
           "claims", false, kPageSize)},
      {funding::v1::RateSeries::descriptor(),
       MethodOf<funding::v1::BatchGetRateSeriesRequest, funding::v1::BatchGetRateSeriesResponse>(
           "rate_series", false, kPageSize)},
      {events::v1::Event::descriptor(),
       MethodOf<events::v1::BatchGetEventsRequest, events::v1::BatchGetEventsResponse>(
           "events", false, kPageSize)},
      {events::v1::EventSeries::descriptor(),
       MethodOf<events::v1::BatchGetEventSeriesRequest, events::v1::BatchGetEventSeriesResponse>(
           "event_series", false, kPageSize)},
  };
  const auto found = others->find(type);
  return found == others->end() ? catalogue : &found->second;
}

const resource::ResourceType* TypeOf(absl::string_view name) {
  for (const resource::Registry* types : TypesOfServices()) {
    if (const auto* type = types->FindByName(name); type != nullptr) return type;
  }
  return nullptr;
}

}  // namespace

std::array<const resource::Registry*, 3> TypesOfServices() {
  static const auto* const events =
      new resource::Registry(resource::Registry::Of({events::v1::Event::descriptor(),
                                                     events::v1::EventSeries::descriptor()})
                                 .value());
  return {&catalogue::Types(), &funding::Types(), events};
}

client::Peer* OwnerOf(const Peers& peers, absl::string_view name) {
  const std::array<client::Peer*, 3> services = {peers.catalogue, peers.funding, peers.events};
  const auto types = TypesOfServices();
  for (size_t i = 0; i < services.size(); ++i) {
    if (types[i]->FindByName(name) != nullptr) return services[i];
  }
  return nullptr;
}

struct Fetch::Call {
  const Method* method;
  client::Peer* peer;
  int64_t revision;
  std::unique_ptr<Message> request;
  std::unique_ptr<Message> response;
  size_t size = 0;
  absl::Status status;
  std::map<std::string, const Message*> found;

  void Index() {
    const auto* field = response->GetDescriptor()->FindFieldByName(method->resources);
    const auto* reflection = response->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*response, field); ++i) {
      const Message* resource = &reflection->GetRepeatedMessage(*response, field, i);
      if (method->in_oneof) resource = fields::GetOneof(*resource);
      if (resource != nullptr) found[fields::GetString(*resource, "name")] = resource;
    }
  }
};

void Fetch::Start(const Peers& peers, const client::CallOptions& options,
                  std::function<void()> then) {
  for (const auto& [revision, names] : wanted_) {
    std::map<const Method*, Call*> open;
    for (const std::string& name : names) {
      const resource::ResourceType* type = TypeOf(name);
      if (type == nullptr) continue;
      const Method* method = FindMethod(type->descriptor);
      Call*& call = open[method];
      if (call == nullptr || call->size == method->size) {
        call = calls_.emplace_back(std::make_shared<Call>()).get();
        call->method = method;
        call->peer = OwnerOf(peers, name);
        call->revision = revision;
        call->request.reset(method->request->New());
        call->response.reset(method->response->New());
        fields::SetInt(call->request.get(), "revision", revision);
      }
      fields::AddString(call->request.get(), "names", name);
      ++call->size;
    }
  }
  if (calls_.empty()) return then();
  const auto join = Join::Of(static_cast<int>(calls_.size()), std::move(then));
  // What calls back may let go of this while others are still being asked.
  const auto calls = calls_;
  for (const auto& call : calls) {
    call->peer->Call(
        options, *call->request, call->response.get(), [call, join](const absl::Status& status) {
          call->status = status.ok() ? CheckRevision(*call->request, *call->response) : status;
          if (call->status.ok()) call->Index();
          join->Arrive();
        });
  }
}

const Message* Fetch::Find(const std::string& name, int64_t revision) const {
  for (const auto& call : calls_) {
    if (call->revision != revision) continue;
    if (const auto found = call->found.find(name); found != call->found.end()) {
      return found->second;
    }
  }
  return nullptr;
}

absl::Status Fetch::StatusOf(const client::Peer* peer) const {
  for (const auto& call : calls_) {
    if (call->peer == peer && !call->status.ok()) return call->status;
  }
  return absl::OkStatus();
}

}  // namespace entente::gateway
