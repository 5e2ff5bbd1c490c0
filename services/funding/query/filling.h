// SPDX-License-Identifier: Apache-2.0
//
// Messages of a stream that are filled with parts one after the other, each in an arena of its own.
//
//   Filling<v1::QueryFundingResponse> filling;
//   const auto rows = [](v1::QueryFundingResponse* message) { return message->mutable_rows(); };
//   RETURN_IF_ERROR(filling.Add(rows, [&](v1::FundingRow* row) { return WriteRow(row); }));
//   return std::move(filling).Take();
//
// A part is written where it is sent from: it is not made first and copied then.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_FILLING_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_FILLING_H_

#include <google/protobuf/arena.h>

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/resource/page.h"
#include "common/status/macros.h"

namespace entente::funding::query {

// Each keeps the arena that it is in.
template <typename Response>
using Messages = std::vector<std::shared_ptr<const Response>>;

// Each message is of at most resource::kPageBytes, but where a single part is larger. Not
// thread-safe.
template <typename Response>
class Filling {
 public:
  Filling() { Begin(); }

  // For what is not made of parts, before any is added; what is set later has to fit into
  // kRoomForLater bytes.
  Response* first() { return messages_.front().get(); }
  void CountFirst() { bytes_ = first()->ByteSizeLong() + kRoomForLater; }

  // Has a part written by `write`, a function of a pointer to it that returns a status, into what
  // `field` returns of the message.
  template <typename Field, typename Write>
  absl::Status Add(const Field& field, const Write& write) {
    auto* parts = field(messages_.back().get());
    auto* part = parts->Add();
    RETURN_IF_ERROR(write(part));
    const size_t bytes = part->ByteSizeLong() + kFrame;
    if (bytes_ > 0 && bytes_ + bytes > resource::kPageBytes) {
      Begin();
      *field(messages_.back().get())->Add() = *part;
      parts->RemoveLast();
    }
    bytes_ += bytes;
    return absl::OkStatus();
  }

  // The messages of `other` after those that there are.
  void Append(Filling other) {
    bytes_ = other.bytes_;
    messages_.insert(messages_.end(), std::make_move_iterator(other.messages_.begin()),
                     std::make_move_iterator(other.messages_.end()));
  }

  // At least one.
  Messages<Response> Take() && { return {messages_.begin(), messages_.end()}; }

 private:
  // Of the tag and the length of a part, at most.
  static constexpr size_t kFrame = 6;
  static constexpr size_t kRoomForLater = 64;
  // Most messages are small; those of large answers take some hundred kilobytes.
  static constexpr size_t kLeastBlock = size_t{4} << 10;
  static constexpr size_t kMostBlock = size_t{256} << 10;

  void Begin() {
    google::protobuf::ArenaOptions options;
    options.start_block_size = kLeastBlock;
    options.max_block_size = kMostBlock;
    auto arena = std::make_shared<google::protobuf::Arena>(options);
    auto* message = google::protobuf::Arena::CreateMessage<Response>(arena.get());
    messages_.emplace_back(std::move(arena), message);
    bytes_ = 0;
  }

  std::vector<std::shared_ptr<Response>> messages_;
  size_t bytes_ = 0;  // in the last one
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_FILLING_H_
