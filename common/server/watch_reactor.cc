// SPDX-License-Identifier: Apache-2.0
#include "common/server/watch_reactor.h"

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::server {

namespace fields = resource::fields;
using google::protobuf::Message;

absl::StatusOr<resource::WatchOptions> WatchOptionsOf(const resource::DataService& core,
                                                      const Message& request) {
  resource::WatchOptions options;
  Violations violations;
  options.selections = core.Selections(request, &violations);
  options.resume_token = fields::GetString(request, "resume_token");
  options.include_current = fields::GetBool(request, "include_current");
  const int64_t interval = fields::GetInt(request, "checkpoint_interval_ms");
  if (interval != 0) options.checkpoint_interval = absl::Milliseconds(interval);
  if (options.checkpoint_interval < resource::kMinCheckpointInterval ||
      options.checkpoint_interval > resource::kMaxCheckpointInterval) {
    violations.Add("checkpoint_interval_ms",
                   absl::StrCat("must be 0 or from ",
                                absl::ToInt64Milliseconds(resource::kMinCheckpointInterval), " to ",
                                absl::ToInt64Milliseconds(resource::kMaxCheckpointInterval)));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return options;
}

void FillWatchResponse(const resource::WatchStep& step, Message* response) {
  fields::SetInt(response, "kind", step.kind);
  fields::SetInt(response, "revision", step.revision);
  if (step.revision != 0) fields::SetTime(response, "commit_time", step.commit_time);
  for (const resource::Entry& entry : step.resources) {
    fields::SetOneof(fields::AddMessage(response, "resources"), *entry.message);
  }
  fields::SetString(response, "resume_token", step.resume_token);
  for (const std::string& name : step.left) fields::AddString(response, "left", name);
}

}  // namespace entente::server
