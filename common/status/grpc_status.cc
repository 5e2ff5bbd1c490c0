// SPDX-License-Identifier: Apache-2.0
#include "common/status/grpc_status.h"

#include <map>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/errors.h"
#include "google/rpc/status.pb.h"

namespace entente {
namespace {

// Together they stay below 8 KiB, even if every character of the message is escaped.
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailsBytes = 4096;
// Of one value in an ErrorInfo, and of the description of one violation.
constexpr size_t kMaxValueBytes = 256;
// What google.rpc.Status adds to each detail: tags, lengths and the type's URL.
constexpr size_t kDetailOverhead = 64;

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

// `text` or, with an ellipsis, as much of it as makes at most `limit` bytes of whole characters.
std::string Cut(absl::string_view text, size_t limit) {
  constexpr absl::string_view kEllipsis = "...";
  if (text.size() <= limit) return std::string(text);
  size_t end = limit - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), kEllipsis);
}

// Makes the details of `status`, which has an ErrorInfo, fit into kMaxDetailsBytes.
void FitDetails(absl::Status* status) {
  google::rpc::ErrorInfo info = errors::InfoOf(*status);
  for (auto& [key, value] : *info.mutable_metadata()) value = Cut(value, kMaxValueBytes);
  const google::rpc::BadRequest all = errors::BadRequestOf(*status);
  size_t used = status->message().size() + info.ByteSizeLong() + 2 * kDetailOverhead;
  status->ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (url != kErrorInfoUrl && url != kBadRequestUrl) used += payload.size() + kDetailOverhead;
  });
  google::rpc::BadRequest some;
  for (const auto& violation : all.field_violations()) {
    auto* kept = some.add_field_violations();
    kept->set_field(Cut(violation.field(), kMaxValueBytes));
    kept->set_description(Cut(violation.description(), kMaxValueBytes));
    if (used + some.ByteSizeLong() > kMaxDetailsBytes) {
      some.mutable_field_violations()->RemoveLast();
      break;
    }
  }
  const int omitted = all.field_violations_size() - some.field_violations_size();
  if (omitted > 0) (*info.mutable_metadata())["violations_omitted"] = absl::StrCat(omitted);
  status->SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  if (all.field_violations_size() > 0) {
    status->SetPayload(kBadRequestUrl, absl::Cord(some.SerializeAsString()));
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = Cut(status.message(), kMaxMessageBytes);
  absl::Status complete = errors::InfoOf(status).reason().empty()
                              ? errors::Make(status.code(), "UNSPECIFIED", message)
                              : absl::Status(status.code(), message);
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { complete.SetPayload(url, payload); });
  FitDetails(&complete);
  google::rpc::Status details;
  details.set_code(static_cast<int>(complete.code()));
  details.set_message(std::string(complete.message()));
  // In the order of their types' names, so that equal errors read alike: ErrorInfo comes before
  // RequestInfo.
  std::map<std::string, std::string> payloads;
  complete.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    payloads[std::string(url)] = std::string(payload);
  });
  for (const auto& [url, payload] : payloads) {
    auto* any = details.add_details();
    any->set_type_url(url);
    any->set_value(payload);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(complete.code()),
                      std::string(complete.message()), details.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      result.SetPayload(any.type_url(), absl::Cord(any.value()));
    }
  }
  return result;
}

}  // namespace entente
