// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/servers.h"

#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "entente/gateway/v1/gateway_service.pb.h"
#include "services/entente/call.h"

namespace entente {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::ServiceDescriptor;

// Of errors that never reached a server: "SERVER TARGET".
constexpr char kUnreached[] = "entente.dev/unreached";

// Reads all answers of a call into one message.
template <typename Response>
absl::Status Drain(grpc::ClientReader<Response>* reader, Response* into) {
  Response part;
  while (reader->Read(&part)) into->MergeFrom(part);
  return FromGrpcStatus(reader->Finish());
}

}  // namespace

std::string NameOf(Server server) {
  switch (server) {
    case Server::kCatalogue:
      return "catalogue";
    case Server::kFunding:
      return "funding";
    case Server::kEvents:
      return "events";
    case Server::kGateway:
      return "gateway";
  }
  return "";
}

const ServiceDescriptor* ServiceOf(Server server) {
  switch (server) {
    case Server::kCatalogue:
      return catalogue::v1::ApplyChangesRequest::descriptor()->file()->service(0);
    case Server::kFunding:
      return funding::v1::ApplyChangesRequest::descriptor()->file()->service(0);
    case Server::kEvents:
      return events::v1::ApplyChangesRequest::descriptor()->file()->service(0);
    case Server::kGateway:
      return DescriptorPool::generated_pool()->FindServiceByName(
          "entente.gateway.v1.GatewayService");
  }
  return nullptr;
}

std::optional<Unreached> UnreachedIn(const absl::Status& status) {
  const auto payload = status.GetPayload(kUnreached);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 1));
  return Unreached{parts[0], parts[1]};
}

std::string Servers::TargetOf(Server server) const {
  switch (server) {
    case Server::kCatalogue:
      return targets_.catalogue;
    case Server::kFunding:
      return targets_.funding;
    case Server::kEvents:
      return targets_.events;
    case Server::kGateway:
      return targets_.gateway;
  }
  return "";
}

std::shared_ptr<grpc::Channel> Servers::ChannelTo(Server server) const {
  return client::MakeChannel(TargetOf(server));
}

absl::Status Servers::Explained(Server server, absl::Status status) const {
  // What a server says has an ErrorInfo; what gRPC says on this side has none.
  const bool of_the_way = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  if (of_the_way && errors::InfoOf(status).reason().empty()) {
    status.SetPayload(kUnreached, absl::Cord(absl::StrCat(NameOf(server), " ", TargetOf(server))));
  }
  return status;
}

absl::Status Servers::Call(Server server, const Message& request, Message* response) const {
  client::RemotePeer peer(ChannelTo(server), ServiceOf(server));
  return Explained(server, CallAndWait(&peer, request, response, timeout_));
}

absl::Status Servers::QueryFunding(const funding::v1::QueryFundingRequest& request,
                                   funding::v1::QueryFundingResponse* response) const {
  const auto stub = funding::v1::FundingService::NewStub(ChannelTo(Server::kFunding));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  return Explained(Server::kFunding, Drain(stub->QueryFunding(&context, request).get(), response));
}

absl::Status Servers::ExplainFunding(const funding::v1::ExplainFundingRequest& request,
                                     funding::v1::ExplainFundingResponse* response) const {
  const auto stub = funding::v1::FundingService::NewStub(ChannelTo(Server::kFunding));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  return Explained(Server::kFunding,
                   Drain(stub->ExplainFunding(&context, request).get(), response));
}

}  // namespace entente
