// SPDX-License-Identifier: Apache-2.0
//
// What stands between the gateway's callers and its compositions: an answer is kept, as the bytes
// that were sent, and given again until a data service has a newer revision or the day ends; what
// several ask at once is composed once; and those who have to wait for a composition take turns.
//
//   static const Question* const kGetDossier = ...;
//   answers.Answer(*kGetDossier, call, request_bytes, response_bytes, done);
//
// What is kept
// - Answers with OK that lack no part, whose parts agree with the newest revision of the catalogue,
//   and that were composed while no service had a newer revision. Those to requests that name a
//   time are composed each time: what they mean may change without a new revision.
// - All are of one frontier. The first call after a service has a newer revision drops all, what
//   was erased among them.
// - While it is not certain how far a service is, nothing is given again and nothing kept.
#ifndef ENTENTE_SERVICES_GATEWAY_ANSWERS_ANSWERS_H_
#define ENTENTE_SERVICES_GATEWAY_ANSWERS_ANSWERS_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "common/clock/clock.h"
#include "common/server/call.h"
#include "services/gateway/answers/frontier.h"
#include "services/gateway/answers/turns.h"
#include "services/gateway/peers.h"

namespace entente::gateway {

// A method of the gateway: what it is asked with, what it answers with, and how.
struct Question {
  const google::protobuf::Message* request;   // The default instances.
  const google::protobuf::Message* response;  //
  // Composes an answer from what `peers` say: `response` and, appended to its bytes, `passed_on`,
  // the resources in it that stay as a service gave them. Everything must live until `done` is
  // called, and the arena of `response` as long as `done` lives.
  std::function<void(const Peers& peers, const client::CallOptions& options,
                     const google::protobuf::Message& request, google::protobuf::Message* response,
                     std::string* passed_on, client::Done done)>
      compose;
};

// Thread-safe. Must outlive the calls. Compositions that nobody waits for any more are cancelled,
// and end a little later: the destructor waits for them.
class Answers {
 public:
  struct Options {
    // Of the answers kept; those that were not asked for the longest are dropped first. With 0 none
    // is kept, and each call is composed by itself.
    uint64_t kept_bytes = 64 << 20;
    Turns::Options turns;
  };

  // All must outlive it. `clock` tells which day it is.
  Answers(const Peers& peers, const Frontiers* frontiers, const Clock* clock, Options options)
      : peers_(peers),
        frontiers_(frontiers),
        clock_(clock),
        options_(options),
        turns_(options.turns) {}
  ~Answers();

  // Answers `request`, the bytes of a message of the question's type, with `response`, which must
  // live until `done`. Errors: those of the composition; INVALID_ARGUMENT for bytes that are no
  // such message; RESOURCE_EXHAUSTED if too many of the same caller wait; CANCELLED when the caller
  // has gone.
  void Answer(const Question& question, const server::Call& call, const grpc::ByteBuffer& request,
              grpc::ByteBuffer* response, server::Done done);

 private:
  // A composition under way, and all who wait for it. The first of them is its leader, whose
  // deadline it keeps.
  struct Flight;
  // One who waits for an answer.
  struct Waiter;
  struct Kept {
    std::string key;
    grpc::ByteBuffer bytes;
    uint64_t size;
  };

  // Whether there is an answer to be given again; it is then the response.
  bool FindKept(const std::string& key, const Frontier& frontier, grpc::ByteBuffer* response);

  // Has the waiter be told when its caller goes.
  void Await(const std::shared_ptr<Waiter>& waiter);
  void Leave(const std::shared_ptr<Waiter>& waiter);

  void Compose(const std::shared_ptr<Flight>& flight);
  void OnComposed(const std::shared_ptr<Flight>& flight, const absl::Status& status);

  // All of these holding mutex_.
  void Board(const std::shared_ptr<Waiter>& waiter, const std::shared_ptr<Flight>& flight);
  void Close(const std::shared_ptr<Flight>& flight);
  void MoveTo(const Frontier& frontier);
  void Keep(const std::string& key, const grpc::ByteBuffer& bytes);

  const Peers peers_;
  const Frontiers* const frontiers_;
  const Clock* const clock_;
  const Options options_;
  Turns turns_;

  std::mutex mutex_;
  std::condition_variable idle_;
  // All guarded by mutex_.
  int composing_ = 0;
  Frontier frontier_;     // Of all that is kept.
  std::list<Kept> kept_;  // The one that was asked for last is the first.
  absl::flat_hash_map<std::string, std::list<Kept>::iterator> kept_by_key_;
  uint64_t kept_bytes_ = 0;
  // Those that others may join.
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ANSWERS_ANSWERS_H_
