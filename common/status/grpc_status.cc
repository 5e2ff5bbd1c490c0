// SPDX-License-Identifier: Apache-2.0
#include "common/status/grpc_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "common/status/errors.h"
#include "google/rpc/status.pb.h"

namespace entente {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  absl::Status complete = status;
  if (errors::InfoOf(status).reason().empty()) {
    complete = errors::Make(status.code(), "UNSPECIFIED", status.message());
    status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
      complete.SetPayload(url, payload);
    });
  }
  google::rpc::Status details;
  details.set_code(static_cast<int>(complete.code()));
  details.set_message(std::string(complete.message()));
  complete.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    auto* any = details.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(payload));
  });
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
