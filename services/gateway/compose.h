// SPDX-License-Identifier: Apache-2.0
//
// What the compositions of the gateway are made of: how much time their parts have, how they are
// waited for, and what becomes of a part that could not be had.
#ifndef ENTENTE_SERVICES_GATEWAY_COMPOSE_H_
#define ENTENTE_SERVICES_GATEWAY_COMPOSE_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <atomic>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/cancellation/cancellation.h"
#include "common/client/peer.h"
#include "common/status/errors.h"

namespace entente::gateway {

// How long a composition may take whose caller gives no deadline.
inline constexpr absl::Duration kDefaultBudget = absl::Seconds(5);

// Divides the time until the caller's deadline. Immutable.
class Budget {
 public:
  // For a composition in `stages` stages, one after another, that begins `now`.
  Budget(absl::Time now, absl::Time deadline, int stages);

  // When the parts of stage 1, 2, ... must have answered. The last one leaves time to compose and
  // send the answer before the caller's deadline; each has an equal share until then, and inherits
  // what the ones before left over.
  absl::Time StageDeadline(int stage) const;

 private:
  absl::Time now_;
  absl::Duration usable_;
  int stages_;
};

// The calls of a composition that can give up: they end when its caller goes, and when it has given
// up. Thread-safe.
class Wanted {
 public:
  explicit Wanted(const client::CallOptions& options) : options_(options) {
    options_.cancellation = std::make_shared<Cancellation>();
    if (options.cancellation != nullptr) {
      of_caller_ = options.cancellation->OnCancel([own = options_.cancellation] { own->Cancel(); });
    }
  }

  client::CallOptions Until(absl::Time end) const { return options_.Until(end); }

  void GiveUp() const { options_.cancellation->Cancel(); }

 private:
  client::CallOptions options_;
  Cancellation::Registration of_caller_;
};

// Calls `then` once: when Arrive has been called `count` times, or at the first Cut before that.
// Thread-safe; owned by those who arrive.
class Join {
 public:
  static std::shared_ptr<Join> Of(int count, std::function<void()> then) {
    return std::shared_ptr<Join>(new Join(count, std::move(then)));
  }

  void Arrive() {
    if (remaining_.fetch_sub(1, std::memory_order_acq_rel) == 1) then_();
  }

  // Nothing that the others may bring is of use any more: `then` must not look at it.
  void Cut() {
    if (remaining_.exchange(kCut, std::memory_order_acq_rel) > 0) then_();
  }

 private:
  static constexpr int kCut = std::numeric_limits<int>::min() / 2;

  Join(int count, std::function<void()> then) : remaining_(count), then_(std::move(then)) {}

  std::atomic<int> remaining_;
  const std::function<void()> then_;
};

// A part that failed like this is merely not to be had; other errors are the caller's to see.
using client::IsUnreachable;

// INTERNAL if `request` asks for a revision and `response`, which says at which it was read, was
// read at another: it is no part of the same answer.
absl::Status CheckRevision(const google::protobuf::Message& request,
                           const google::protobuf::Message& response);

// Reads every page of a List into `all`, whose type is the response's: the pages' resources one
// after another, everything else as of the first page. All pages are read at one revision.
// `request` must have the largest page size. Both live until `done`. When it is cancelled no
// further page is asked for.
void ListAll(client::Peer* peer, const client::CallOptions& options,
             google::protobuf::Message* request, google::protobuf::Message* all, client::Done done);

// The same, but the resources stay bytes (see Peer::CallUnparsed): those of each page are one of
// `pages`, and `rest` is everything else as of the first page.
void ListAllUnparsed(client::Peer* peer, const client::CallOptions& options,
                     google::protobuf::Message* request, google::protobuf::Message* rest,
                     std::deque<std::string>* pages, client::Done done);

// The largest page and lookup that the services take.
inline constexpr int kPageSize = 1000;
inline constexpr int kLookupSize = 5000;

// Makes `request` read at `revision`, or where that is 0 as of the time that `asked`, the request
// of the composition, gives, if it gives one.
template <typename Asked, typename Request>
void ReadAt(int64_t revision, const Asked& asked, Request* request) {
  request->set_revision(revision);
  if (revision == 0 && asked.has_read_time()) *request->mutable_read_time() = asked.read_time();
}

// PEER_UNREACHABLE with the names of all that are, if some are and `asked`, the request of the
// composition, wants all of the answer or none.
template <typename Asked, typename Unreachable>
absl::Status CheckComplete(const Asked& asked, const Unreachable& unreachable) {
  if (!asked.require_complete() || unreachable.empty()) return absl::OkStatus();
  return errors::PeerUnreachable(absl::StrJoin(unreachable, ", "),
                                 absl::UnavailableError("the answer would not be complete"));
}

// Something that a composition needs of a service: what it asks, and what became of that. Must live
// until it is had.
template <typename Request, typename Response>
struct Part {
  // `arena`: that of the answer, null if it is on none. What the response has is moved into the
  // answer, which costs nothing where both are on one, and neither is taken apart in the end. It
  // must live as long as this: it does where the composition's `done` keeps it.
  explicit Part(google::protobuf::Arena* arena = nullptr)
      : own(arena == nullptr ? std::make_unique<Response>() : nullptr),
        response(arena == nullptr ? *own
                                  : *google::protobuf::Arena::CreateMessage<Response>(arena)) {}

  Request request;
  const std::unique_ptr<Response> own;  // null on an arena
  Response& response;
  absl::Status status;

  void Get(client::Peer* peer, const client::CallOptions& options, std::function<void()> then) {
    peer->Call(options, request, &response, Keep(std::move(then)));
  }

  // For a List: all of it.
  void GetAll(client::Peer* peer, const client::CallOptions& options, std::function<void()> then) {
    request.set_page_size(kPageSize);
    ListAll(peer, options, &request, &response, Keep(std::move(then)));
  }

 private:
  client::Done Keep(std::function<void()> then) {
    return [this, then = std::move(then)](absl::Status ended) {
      status = ended.ok() ? CheckRevision(request, response) : std::move(ended);
      then();
    };
  }
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_COMPOSE_H_
