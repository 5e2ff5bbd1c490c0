// SPDX-License-Identifier: Apache-2.0
//
// A copy of the catalogue in another service, kept up by following its watch. The last copy
// survives restarts of both, so that the catalogue's absence delays news, not answers.
//
//   CatalogueView view;
//   RETURN_IF_ERROR(view.Load(copy.get()));
//   CatalogueFollower follower(&feed, copy.get(), &view);
//   view.Current()->Find("initiatives/smart-power");
#ifndef ENTENTE_SERVICES_CATALOGUE_CLIENT_CATALOGUE_VIEW_H_
#define ENTENTE_SERVICES_CATALOGUE_CLIENT_CATALOGUE_VIEW_H_

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/log/peer_copy.h"
#include "common/resource/data_service.h"
#include "common/resource/state.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"

namespace entente::catalogue {

// Where the changes of the catalogue come from.
class CatalogueFeed {
 public:
  virtual ~CatalogueFeed() = default;
  // Calls `fn` with each message of a watch, in the calling thread, until the watch ends or is
  // cancelled, and returns why it did.
  virtual absl::Status Follow(const v1::WatchRequest& request,
                              absl::FunctionRef<void(const v1::WatchResponse&)> fn) = 0;
  // Ends a Follow that is under way, from another thread, and makes later ones end at once.
  virtual void Cancel() = 0;
};

// From a catalogue in another process.
class RemoteCatalogueFeed final : public CatalogueFeed {
 public:
  explicit RemoteCatalogueFeed(std::shared_ptr<grpc::Channel> channel)
      : stub_(v1::CatalogueService::NewStub(std::move(channel))) {}

  absl::Status Follow(const v1::WatchRequest& request,
                      absl::FunctionRef<void(const v1::WatchResponse&)> fn) override;
  void Cancel() override;

 private:
  const std::unique_ptr<v1::CatalogueService::Stub> stub_;
  std::mutex mutex_;
  grpc::ClientContext* context_ = nullptr;  // Guarded by mutex_.
  bool cancelled_ = false;                  // Guarded by mutex_.
};

// From a catalogue in this process.
class DirectCatalogueFeed final : public CatalogueFeed {
 public:
  explicit DirectCatalogueFeed(resource::DataService* catalogue) : catalogue_(catalogue) {}

  absl::Status Follow(const v1::WatchRequest& request,
                      absl::FunctionRef<void(const v1::WatchResponse&)> fn) override;
  void Cancel() override;

 private:
  class Sink;

  resource::DataService* const catalogue_;
  std::mutex mutex_;
  std::shared_ptr<Sink> sink_;  // Guarded by mutex_.
  bool cancelled_ = false;      // Guarded by mutex_.
};

// The copy as it is now. Thread-safe; readers never wait for news.
class CatalogueView {
 public:
  CatalogueView();

  std::shared_ptr<const resource::State> Current() const;

  // Takes over what `copy` holds; returns the token to follow on from, empty if it holds nothing.
  absl::StatusOr<std::string> Load(log::PeerCopy* copy);

  void Set(std::shared_ptr<const resource::State> state);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const resource::State> state_;  // Guarded by mutex_.
};

// Follows a feed from construction to destruction.
class CatalogueFollower {
 public:
  // `token`: from CatalogueView::Load. All must outlive it.
  CatalogueFollower(CatalogueFeed* feed, log::PeerCopy* copy, CatalogueView* view,
                    std::string token);
  ~CatalogueFollower();

 private:
  void Loop();
  void Take(const v1::WatchResponse& message);
  // Brings the kept copy to `state`, which differs by `changed` from the one before (null: wholly).
  void Keep(const resource::State& state, const std::vector<resource::Entry>* changed,
            const std::string& token);

  CatalogueFeed* const feed_;
  log::PeerCopy* const copy_;
  CatalogueView* const view_;

  // Of the follower's thread.
  std::string token_;
  std::vector<resource::Entry> pending_;  // Of a revision that is not complete yet.
  bool connected_ = false;
  bool copy_behind_ = false;  // The copy could not be brought to the last state.

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_CLIENT_CATALOGUE_VIEW_H_
