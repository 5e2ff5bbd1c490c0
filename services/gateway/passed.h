// SPDX-License-Identifier: Apache-2.0
//
// Resources that a composition passes on as the bytes that a service answered with, and what it
// knows of them at a glance.
//
//   PassedPart<v1::ListClaimsRequest, v1::ListClaimsResponse> claims(arena);
//   claims.GetAll(peers.funding, options, [...] { ... claims.resources ... claims.rest ... });
#ifndef ENTENTE_SERVICES_GATEWAY_PASSED_H_
#define ENTENTE_SERVICES_GATEWAY_PASSED_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/glance.h"
#include "services/gateway/arrange.h"
#include "services/gateway/compose.h"

namespace entente::gateway {

// A resource. Views of the part that brought it, which must live as long.
struct Passed {
  const google::protobuf::FieldDescriptor* field;  // of the answer that it came in
  const google::protobuf::Descriptor* type;
  absl::string_view bytes;
  resource::Glance glance;
};

// Reads `resources`, the bytes of the resources in an answer of this type; appends to `all`.
// INTERNAL if they are not that.
absl::Status ReadPassed(const google::protobuf::Descriptor& answer, absl::string_view resources,
                        std::vector<Passed>* all);

// The same as Part, for an answer of which the resources are passed on: `rest` is what else there
// is.
template <typename Request, typename Response>
struct PassedPart {
  // `arena`: see Part.
  explicit PassedPart(google::protobuf::Arena* arena)
      : own(arena == nullptr ? std::make_unique<Response>() : nullptr),
        rest(arena == nullptr ? *own : *google::protobuf::Arena::CreateMessage<Response>(arena)) {}

  Request request;
  const std::unique_ptr<Response> own;  // null on an arena
  Response& rest;
  std::vector<Passed> resources;
  absl::Status status;

  void Get(client::Peer* peer, const client::CallOptions& options, std::function<void()> then) {
    pages_.emplace_back();
    peer->CallUnparsed(options, request, &rest, &pages_.back(), Keep(std::move(then)));
  }

  // For a List: all of it.
  void GetAll(client::Peer* peer, const client::CallOptions& options, std::function<void()> then) {
    request.set_page_size(kPageSize);
    ListAllUnparsed(peer, options, &request, &rest, &pages_, Keep(std::move(then)));
  }

 private:
  client::Done Keep(std::function<void()> then) {
    return [this, then = std::move(then)](absl::Status ended) {
      status = ended.ok() ? CheckRevision(request, rest) : std::move(ended);
      for (const std::string& page : pages_) {
        if (status.ok()) status = ReadPassed(*Response::descriptor(), page, &resources);
      }
      then();
    };
  }

  std::deque<std::string> pages_;
};

// The resources of an answer that is composed, by the fields of that answer. Each is owned by the
// part that brought it.
class PassedOn {
 public:
  using Resources = std::vector<const Passed*>;

  // The resources in the field of this number.
  Resources& In(int field) { return by_field_[field]; }
  void Add(int field, const Passed& passed) { by_field_[field].push_back(&passed); }

  // As MissingReferences and CitationsIn say of messages.
  std::set<std::string> MissingReferences() const;
  CitedPassages Citations() const;

  // Appends all of it to `answer`.
  void Write(std::string* answer) const;

 private:
  std::map<int, Resources> by_field_;
};

// As OrderAsTrees and OrderByDate say of messages.
void OrderClaimsAsTrees(PassedOn::Resources* claims);
void OrderEventsByDate(PassedOn::Resources* events);

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_PASSED_H_
