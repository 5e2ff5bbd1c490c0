// SPDX-License-Identifier: Apache-2.0
//
// The flags of the command line, and what several verbs read off them.
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_FLAGS_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_FLAGS_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/entente/verbs/servers.h"

// Where the servers are, and how long to wait: of all verbs.
ABSL_DECLARE_FLAG(std::string, catalogue);
ABSL_DECLARE_FLAG(std::string, funding);
ABSL_DECLARE_FLAG(std::string, events);
ABSL_DECLARE_FLAG(std::string, gateway);
ABSL_DECLARE_FLAG(int, timeout_s);
ABSL_DECLARE_FLAG(std::string, format);

// What to read.
ABSL_DECLARE_FLAG(std::string, at);
ABSL_DECLARE_FLAG(int64_t, revision);
ABSL_DECLARE_FLAG(std::string, as_of);
ABSL_DECLARE_FLAG(std::string, filter);
ABSL_DECLARE_FLAG(std::string, order_by);
ABSL_DECLARE_FLAG(int, limit);
ABSL_DECLARE_FLAG(bool, all);
ABSL_DECLARE_FLAG(bool, deleted);
ABSL_DECLARE_FLAG(std::vector<std::string>, type);

// Money.
ABSL_DECLARE_FLAG(std::vector<std::string>, by);
ABSL_DECLARE_FLAG(std::vector<std::string>, mix);
ABSL_DECLARE_FLAG(std::string, currency);
ABSL_DECLARE_FLAG(std::string, horizon);
ABSL_DECLARE_FLAG(std::string, sector_vocabulary);
ABSL_DECLARE_FLAG(int, top);
ABSL_DECLARE_FLAG(bool, explain);

// Events.
ABSL_DECLARE_FLAG(bool, upcoming);
ABSL_DECLARE_FLAG(bool, past);
ABSL_DECLARE_FLAG(bool, calendar);
ABSL_DECLARE_FLAG(bool, windows);

// Fact sheets.
ABSL_DECLARE_FLAG(std::string, output);

// Records.
ABSL_DECLARE_FLAG(std::string, author);
ABSL_DECLARE_FLAG(std::string, note);
ABSL_DECLARE_FLAG(std::string, source);
ABSL_DECLARE_FLAG(std::string, from);
ABSL_DECLARE_FLAG(std::string, to);
ABSL_DECLARE_FLAG(std::string, document);
ABSL_DECLARE_FLAG(bool, write);

// Serving.
ABSL_DECLARE_FLAG(std::string, data_dir);
ABSL_DECLARE_FLAG(std::string, listen_gateway);
ABSL_DECLARE_FLAG(std::string, listen_catalogue);
ABSL_DECLARE_FLAG(std::string, listen_funding);
ABSL_DECLARE_FLAG(std::string, listen_events);

namespace entente {

// The flags that every verb has.
const std::vector<std::string>& FlagsOfAllVerbs();

// The values that a flag can have, where they are few ("mix": nature, stage, direction); empty
// where they are not. Those of --format are the verb's.
std::vector<std::string> ValuesOfFlag(const std::string& flag);

absl::Duration Timeout();
Servers::Targets TargetsFromFlags();

// INVALID_ARGUMENT if one of the flags of all verbs is out of range.
absl::Status CheckFlagsOfAllVerbs();

// Sets `revision` and `read_time` of a read by --revision and --at. INVALID_ARGUMENT if --at is no
// time, or both are given.
absl::Status SetReading(google::protobuf::Message* request);

// What --at says: a day, "2023-09-05", which is its beginning in UTC, or a time of RFC 3339.
absl::StatusOr<absl::Time> ParseAt(const std::string& text);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_FLAGS_H_
