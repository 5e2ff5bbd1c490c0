// SPDX-License-Identifier: Apache-2.0
//
// A peer that answers what a test tells it to.
#ifndef ENTENTE_SERVICES_GATEWAY_FAKE_PEER_H_
#define ENTENTE_SERVICES_GATEWAY_FAKE_PEER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/client/peer.h"
#include "common/resource/reply.h"

namespace entente::gateway {

class FakePeer final : public client::Peer {
 public:
  using Answer = std::function<absl::Status(const google::protobuf::Message& request,
                                            google::protobuf::Message* response)>;

  explicit FakePeer(std::string service, Answer answer = {})
      : service_(std::move(service)), answer_(std::move(answer)) {}

  std::string service() const override { return service_; }

  void Call(const client::CallOptions& options, const google::protobuf::Message& request,
            google::protobuf::Message* response, client::Done done) override {
    options_.push_back(options);
    if (held_) {
      held_calls_.push_back({&request, response, std::move(done)});
    } else {
      done(answer_(request, response));
    }
  }

  void CallUnparsed(const client::CallOptions& options, const google::protobuf::Message& request,
                    google::protobuf::Message* rest, std::string* resources,
                    client::Done done) override {
    const std::shared_ptr<google::protobuf::Message> whole(rest->New());
    Call(options, request, whole.get(),
         [whole, rest, resources, done = std::move(done)](const absl::Status& status) {
           done(status.ok() ? resource::TakeApart(whole->SerializeAsString(), rest, resources)
                            : status);
         });
  }

  // From now on answers so.
  void AnswerWith(Answer answer) { answer_ = std::move(answer); }
  void FailWith(const absl::Status& status) {
    answer_ = [status](const google::protobuf::Message&, google::protobuf::Message*) {
      return status;
    };
  }

  // Calls wait from now on, until Release.
  void Hold() { held_ = true; }
  void Release() {
    held_ = false;
    for (HeldCall& call : std::exchange(held_calls_, {})) {
      call.done(answer_(*call.request, call.response));
    }
  }

  // The options of every call so far.
  const std::vector<client::CallOptions>& calls() const { return options_; }

 private:
  struct HeldCall {
    const google::protobuf::Message* request;
    google::protobuf::Message* response;
    client::Done done;
  };

  const std::string service_;
  Answer answer_;
  bool held_ = false;
  std::vector<HeldCall> held_calls_;
  std::vector<client::CallOptions> options_;
};

// An answer to requests of one type only; others fail the call as UNIMPLEMENTED.
template <typename Request, typename Response>
FakePeer::Answer AnswerTo(std::function<absl::Status(const Request&, Response*)> answer) {
  return [answer](const google::protobuf::Message& request, google::protobuf::Message* response) {
    if (request.GetDescriptor() != Request::descriptor()) {
      return absl::UnimplementedError(std::string(request.GetDescriptor()->full_name()));
    }
    return answer(static_cast<const Request&>(request), static_cast<Response*>(response));
  };
}

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_FAKE_PEER_H_
