// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/client/catalogue_view.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/client/stream_reader.h"
#include "common/logging/logging.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"
#include "common/status/macros.h"
#include "common/token/token.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using google::protobuf::Message;
using resource::Committed;
using resource::Entry;
using resource::State;

// How long to wait before a watch that ended is begun again.
constexpr auto kRetryDelay = std::chrono::milliseconds(200);

// What is kept as the token of the copy: the watch's own and the revision that it stands for.
constexpr absl::string_view kCopyPurpose = "copy of the catalogue";

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

Entry ToEntry(const Message& resource) {
  const resource::ResourceType* type = Types().FindByDescriptor(resource.GetDescriptor());
  std::shared_ptr<Message> message(resource.New());
  message->CopyFrom(resource);
  std::string scratch;  // Of no use: the name is a plain string.
  return Entry{type,
               message->GetReflection()->GetStringReference(*message, type->name, &scratch),
               message,
               message,
               resource::fields::GetInt(resource, "revision"),
               resource::fields::GetMessage(resource, "delete_time") != nullptr};
}

}  // namespace

absl::Status RemoteCatalogueFeed::Follow(const v1::WatchRequest& request,
                                         absl::FunctionRef<void(const v1::WatchResponse&)> fn) {
  grpc::ClientContext context;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (cancelled_) return absl::CancelledError("the follower stops");
    context_ = &context;
  }
  client::StreamReader<v1::WatchResponse> reader;
  stub_->async()->Watch(&context, &request, &reader);
  const grpc::Status status = reader.ReadAll(fn);
  std::lock_guard<std::mutex> lock(mutex_);
  context_ = nullptr;
  return FromGrpcStatus(status);
}

void RemoteCatalogueFeed::Cancel() {
  std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

// Hands steps from the hub's thread to the follower's, one at a time.
class DirectCatalogueFeed::Sink final : public resource::WatchSink {
 public:
  void Send(const resource::WatchStep& step) override {
    std::lock_guard<std::mutex> lock(mutex_);
    step_ = std::make_unique<resource::WatchStep>(step);
    changed_.notify_all();
  }

  void Close(const absl::Status& status) override {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = status;
    is_closed_ = true;
    changed_.notify_all();
  }

  // The next step, or why there is none.
  absl::StatusOr<resource::WatchStep> Next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return step_ != nullptr || is_closed_; });
    if (step_ == nullptr) return closed_;
    resource::WatchStep step = std::move(*step_);
    step_.reset();
    return step;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<resource::WatchStep> step_;  // Guarded by mutex_.
  absl::Status closed_;                        // Guarded by mutex_.
  bool is_closed_ = false;                     // Guarded by mutex_.
};

absl::Status DirectCatalogueFeed::Follow(const v1::WatchRequest& request,
                                         absl::FunctionRef<void(const v1::WatchResponse&)> fn) {
  auto sink = std::make_shared<Sink>();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (cancelled_) return absl::CancelledError("the follower stops");
    sink_ = sink;
  }
  resource::WatchOptions options;
  options.resume_token = request.resume_token();
  options.include_current = request.include_current();
  ASSIGN_OR_RETURN(const auto id, catalogue_->hub().Start(options, sink));
  while (true) {
    auto step = sink->Next();
    if (!step.ok()) {
      catalogue_->hub().Cancel(id);
      return step.status();
    }
    v1::WatchResponse message;
    message.set_kind(step->kind);
    message.set_revision(step->revision);
    if (step->revision != 0) {
      resource::fields::SetTime(&message, "commit_time", step->commit_time);
    }
    for (const Entry& entry : step->resources) {
      resource::fields::SetOneof(message.add_resources(), *entry.message);
    }
    message.set_resume_token(step->resume_token);
    fn(message);
    catalogue_->hub().Ready(id);
  }
}

void DirectCatalogueFeed::Cancel() {
  std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  if (sink_ != nullptr) sink_->Close(absl::CancelledError("the follower stops"));
}

CatalogueView::CatalogueView() : state_(std::make_shared<State>(&Types())) {}

std::shared_ptr<const State> CatalogueView::Current() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

void CatalogueView::Set(std::shared_ptr<const State> state) {
  std::lock_guard<std::mutex> lock(mutex_);
  state_ = std::move(state);
}

absl::StatusOr<std::string> CatalogueView::Load(log::PeerCopy* copy) {
  Committed all{0, absl::InfinitePast(), {}};
  ASSIGN_OR_RETURN(
      const std::string sealed, copy->Load([&](const std::string& name, const std::string& body) {
        const resource::ResourceType* type = Types().FindByName(name);
        std::unique_ptr<Message> message;
        if (type != nullptr) message = type->New();
        if (message == nullptr || !message->ParseFromString(body)) {
          return absl::DataLossError(absl::StrCat("the kept copy of the catalogue holds ", name,
                                                  ", which cannot be read"));
        }
        all.changed.push_back(ToEntry(*message));
        return absl::OkStatus();
      }));
  if (sealed.empty()) return std::string();
  ASSIGN_OR_RETURN(const auto fields, token::Open(kCopyPurpose, sealed));
  int64_t micros = 0;
  if (fields.size() != 3 || !absl::SimpleAtoi(fields[1], &all.revision) ||
      !absl::SimpleAtoi(fields[2], &micros)) {
    return absl::DataLossError("the kept copy of the catalogue has a token that cannot be read");
  }
  all.commit_time = absl::FromUnixMicros(micros);
  Set(State(&Types()).With(all));
  return fields[0];
}

CatalogueFollower::CatalogueFollower(CatalogueFeed* feed, log::PeerCopy* copy, CatalogueView* view,
                                     std::string token)
    : feed_(feed), copy_(copy), view_(view), token_(std::move(token)) {
  thread_ = std::thread([this] { Loop(); });
}

CatalogueFollower::~CatalogueFollower() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  feed_->Cancel();
  thread_.join();
}

void CatalogueFollower::Loop() {
  while (true) {
    v1::WatchRequest request;
    request.set_resume_token(token_);
    request.set_include_current(token_.empty());
    pending_.clear();
    const absl::Status status =
        feed_->Follow(request, [this](const v1::WatchResponse& message) { Take(message); });
    if (connected_) {
      logging::Warning("catalogue lost").With("message", status.message());
      connected_ = false;
    }
    if (absl::IsOutOfRange(status) || absl::IsInvalidArgument(status)) {
      // Another catalogue than the one that the copy is of: begin again with all of it.
      logging::Warning("catalogue replaced").With("message", status.message());
      token_.clear();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    if (stop_.wait_for(lock, kRetryDelay, [&] { return stopping_; })) return;
  }
}

// What could not be kept is still news; but a copy that missed something must not seem to go on
// from there, so it is made anew.
void CatalogueFollower::Keep(const State& state, const std::vector<Entry>* changed,
                             const std::string& token) {
  const bool whole = changed == nullptr || copy_behind_;
  std::vector<log::PeerCopy::Update> updates;
  const auto add = [&](const Entry& entry) {
    updates.push_back({std::string(entry.name), entry.message->SerializeAsString()});
    return true;
  };
  if (whole) {
    for (const auto& type : Types().types()) state.Scan(*type, "", add);
  } else {
    for (const Entry& entry : *changed) add(entry);
  }
  const absl::Status kept = copy_->Apply(
      updates, token, whole ? log::PeerCopy::Mode::kReplaceAll : log::PeerCopy::Mode::kMerge);
  if (!kept.ok()) logging::Error("catalogue copy not kept").With("message", kept.message());
  copy_behind_ = !kept.ok();
}

void CatalogueFollower::Take(const v1::WatchResponse& message) {
  if (!connected_) {
    logging::Info("catalogue followed").With("revision", message.revision());
    connected_ = true;
  }
  for (const auto& changed : message.resources()) {
    pending_.push_back(ToEntry(*resource::fields::GetOneof(changed)));
  }
  if (message.resume_token().empty()) return;  // More of the same is to come.

  const bool is_current = message.kind() == type::v1::WATCH_MESSAGE_KIND_CURRENT;
  const absl::Time commit_time =
      message.has_commit_time() ? TimeOf(message.commit_time()) : absl::UnixEpoch();
  if (message.kind() != type::v1::WATCH_MESSAGE_KIND_CHECKPOINT) {
    const auto base = is_current ? std::make_shared<const State>(&Types()) : view_->Current();
    const Committed changed{message.revision(), commit_time, std::move(pending_)};
    const auto state = base->With(changed);
    Keep(*state, is_current ? nullptr : &changed.changed,
         token::Seal(kCopyPurpose, {message.resume_token(), absl::StrCat(message.revision()),
                                    absl::StrCat(absl::ToUnixMicros(commit_time))}));
    view_->Set(state);
  }
  pending_.clear();
  token_ = message.resume_token();
}

}  // namespace entente::catalogue
