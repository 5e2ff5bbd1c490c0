// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/answers.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/server/bytes.h"
#include "services/gateway/answers/observed_peer.h"

namespace entente::gateway {
namespace {

using google::protobuf::Message;

// What an answer that is kept takes beside its bytes, about.
constexpr uint64_t kOverhead = 512;

// What is the same for all calls that have the same answer: the method, the day, which is "today"
// where a request does not say, and the request.
std::string KeyOf(const Question& question, absl::Time now, const grpc::ByteBuffer& request) {
  std::string key =
      absl::StrCat(std::string(question.request->GetDescriptor()->name()), " ",
                   absl::ToCivilDay(now, absl::UTCTimeZone()) - absl::CivilDay(), " ");
  std::vector<grpc::Slice> slices;
  if (request.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      key.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return key;
}

// Whether what the request asks for is as of a time, or since one.
bool NamesATime(const Message& request) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  request.GetReflection()->ListFields(request, &set);
  return std::any_of(set.begin(), set.end(), [](const auto* field) {
    return field->message_type() == google::protobuf::Timestamp::descriptor();
  });
}

// Where the call comes from, without the port: "ipv4:127.0.0.1".
std::string CallerOf(const server::Call& call) { return call.peer.substr(0, call.peer.rfind(':')); }

// The bytes of a message of which `resources` are fields and `rest` has the others.
grpc::ByteBuffer BytesOf(const Message& rest, std::string resources) {
  rest.AppendToString(&resources);
  return server::BytesOf(std::move(resources));
}

}  // namespace

struct Answers::Waiter {
  const server::Call call;
  grpc::ByteBuffer* const response;
  server::Done done;
  Cancellation::Registration registration;
  std::weak_ptr<Flight> flight;  // Guarded by Answers::mutex_.
};

struct Answers::Flight {
  // Most compositions need some hundred KiB; a dossier, which passes on what it has, few.
  static google::protobuf::ArenaOptions ArenaOptions() {
    google::protobuf::ArenaOptions options;
    options.start_block_size = 8 << 10;
    options.max_block_size = 1 << 20;
    return options;
  }

  Flight(const Question& asked, std::string asked_key, std::optional<Frontier> at,
         const server::Call& call, const Peers& peers)
      : question(asked),
        key(std::move(asked_key)),
        frontier(at),
        caller(CallerOf(call)),
        began(absl::Now()),
        options{call.deadline, call.request_id, std::make_shared<Cancellation>()},
        arena(ArenaOptions()),
        request(asked.request->New(&arena)),
        response(asked.response->New(&arena)),
        observations(std::make_shared<Observations>()),
        catalogue(peers.catalogue, observations),
        funding(peers.funding, observations),
        events(peers.events, observations) {
    if (frontier) observations->catalogue = frontier->catalogue;
  }

  const Question& question;
  const std::string key;
  // That of its beginning; nullopt if it was not certain, or if it is one caller's alone: then
  // nobody joins it, and its answer is not kept.
  const std::optional<Frontier> frontier;
  const std::string caller;
  const absl::Time began;
  const client::CallOptions options;
  // What a composition makes is let go all at once.
  google::protobuf::Arena arena;
  Message* const request;
  Message* const response;
  std::string passed_on;  // The resources of the response that are not in it.
  const std::shared_ptr<Observations> observations;
  ObservedPeer catalogue;
  ObservedPeer funding;
  ObservedPeer events;
  std::optional<Turns::Turn> turn;  // Of the composition.

  // Guarded by Answers::mutex_. Empty when it is over or nobody waits any more.
  std::vector<std::shared_ptr<Waiter>> waiters;
};

void Answers::Answer(const Question& question, const server::Call& call,
                     const grpc::ByteBuffer& request, grpc::ByteBuffer* response,
                     server::Done done) {
  const std::string key = KeyOf(question, clock_->Now(), request);
  const std::optional<Frontier> frontier =
      options_.kept_bytes == 0 ? std::nullopt : frontiers_->Now();
  if (frontier && FindKept(key, *frontier, response)) return done(absl::OkStatus());

  const auto flight = std::make_shared<Flight>(question, key, frontier, call, peers_);
  if (absl::Status status = server::ParseRequest(request, flight->request); !status.ok()) {
    return done(std::move(status));
  }
  const std::shared_ptr<Waiter> waiter(new Waiter{call, response, std::move(done), {}, {}});
  bool joined = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // One that may take longer than this caller waits is no help.
    const auto found = flights_.find(key);
    joined = frontier && found != flights_.end() && found->second->frontier == frontier &&
             found->second->options.deadline <= call.deadline;
    Board(waiter, joined ? found->second : flight);
    if (frontier && !joined) flights_[key] = flight;
  }
  Await(waiter);
  if (!joined) Compose(flight);
}

bool Answers::FindKept(const std::string& key, const Frontier& frontier,
                       grpc::ByteBuffer* response) {
  const std::lock_guard<std::mutex> lock(mutex_);
  MoveTo(frontier);
  const auto found = kept_by_key_.find(key);
  if (found == kept_by_key_.end()) return false;
  kept_.splice(kept_.begin(), kept_, found->second);
  *response = found->second->bytes;
  return true;
}

void Answers::Await(const std::shared_ptr<Waiter>& waiter) {
  if (waiter->call.cancellation == nullptr) return;
  waiter->registration =
      waiter->call.cancellation->OnCancel([this, weak = std::weak_ptr<Waiter>(waiter)] {
        if (const auto gone = weak.lock(); gone != nullptr) Leave(gone);
      });
}

void Answers::Leave(const std::shared_ptr<Waiter>& waiter) {
  std::shared_ptr<Flight> unwanted;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::shared_ptr<Flight> flight = waiter->flight.lock();
    if (flight == nullptr) return;
    auto& waiters = flight->waiters;
    const auto place = std::find(waiters.begin(), waiters.end(), waiter);
    if (place == waiters.end()) return;
    waiters.erase(place);
    if (waiters.empty()) {
      Close(flight);
      unwanted = flight;
    }
  }
  if (unwanted != nullptr) unwanted->options.cancellation->Cancel();
  waiter->done(absl::CancelledError("the caller has gone"));
}

Answers::~Answers() {
  std::unique_lock<std::mutex> lock(mutex_);
  idle_.wait(lock, [this] { return composing_ == 0; });
}

void Answers::Compose(const std::shared_ptr<Flight>& flight) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++composing_;
  }
  turns_.Take(flight->caller, flight->options.cancellation,
              [this, flight](absl::StatusOr<Turns::Turn> turn) {
                if (!turn.ok()) return OnComposed(flight, turn.status());
                flight->turn.emplace(*std::move(turn));
                flight->question.compose(
                    {&flight->catalogue, &flight->funding, &flight->events}, flight->options,
                    *flight->request, flight->response, &flight->passed_on,
                    [this, flight](const absl::Status& status) { OnComposed(flight, status); });
              });
}

void Answers::OnComposed(const std::shared_ptr<Flight>& flight, const absl::Status& status) {
  grpc::ByteBuffer bytes;
  if (status.ok()) bytes = BytesOf(*flight->response, std::move(flight->passed_on));
  const bool whole = !flight->observations->lacking && !absl::IsResourceExhausted(status) &&
                     !absl::IsCancelled(status);
  const bool lasts = status.ok() && whole && !flight->observations->behind && flight->frontier &&
                     frontiers_->Now() == flight->frontier && !NamesATime(*flight->request);
  const absl::Time now = absl::Now();
  const absl::Duration took = now - flight->began;
  std::vector<std::shared_ptr<Waiter>> answered;
  std::vector<std::shared_ptr<Flight>> alone;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    Close(flight);
    if (lasts && frontier_ == *flight->frontier) Keep(flight->key, bytes);
    for (const auto& waiter : std::exchange(flight->waiters, {})) {
      // What the leader's time was too short for, or its caller had too many of, is no answer for
      // the others, if they have the time for one of their own.
      if (whole || answered.empty() || waiter->call.deadline - now < took) {
        answered.push_back(waiter);
        continue;
      }
      alone.push_back(std::make_shared<Flight>(flight->question, flight->key, std::nullopt,
                                               waiter->call, peers_));
      alone.back()->request->CopyFrom(*flight->request);
      Board(waiter, alone.back());
    }
  }
  flight->turn.reset();
  for (const auto& waiter : answered) {
    *waiter->response = bytes;
    waiter->done(status);
  }
  for (const auto& own : alone) Compose(own);
  // The last that is done with this: it may be destroyed from now on.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (--composing_ == 0) idle_.notify_all();
}

void Answers::Board(const std::shared_ptr<Waiter>& waiter, const std::shared_ptr<Flight>& flight) {
  waiter->flight = flight;
  flight->waiters.push_back(waiter);
}

void Answers::Close(const std::shared_ptr<Flight>& flight) {
  const auto found = flights_.find(flight->key);
  if (found != flights_.end() && found->second == flight) flights_.erase(found);
}

void Answers::MoveTo(const Frontier& frontier) {
  if (frontier == frontier_) return;
  frontier_ = frontier;
  kept_by_key_.clear();
  kept_.clear();
  kept_bytes_ = 0;
}

void Answers::Keep(const std::string& key, const grpc::ByteBuffer& bytes) {
  const uint64_t size = bytes.Length() + key.size() + kOverhead;
  if (size > options_.kept_bytes || kept_by_key_.contains(key)) return;
  kept_.push_front({key, bytes, size});
  kept_by_key_[key] = kept_.begin();
  kept_bytes_ += size;
  while (kept_bytes_ > options_.kept_bytes) {
    kept_bytes_ -= kept_.back().size;
    kept_by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
}

}  // namespace entente::gateway
