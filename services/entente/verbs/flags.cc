// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/flags.h"

#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/server/flags.h"
#include "common/status/macros.h"

ABSL_FLAG(std::string, catalogue, "localhost:50051", "the catalogue, HOST:PORT");
ABSL_FLAG(std::string, funding, "localhost:50052", "funding, HOST:PORT");
ABSL_FLAG(std::string, events, "localhost:50053", "events, HOST:PORT");
ABSL_FLAG(std::string, gateway, "localhost:50050", "the gateway, HOST:PORT");
ABSL_FLAG(int, timeout_s, 30, "how long to wait for an answer, in seconds");
ABSL_FLAG(std::string, format, "",
          "how to write the answer, the first that the verb has if empty; also -o");

ABSL_FLAG(std::string, at, "",
          "read as of this time: 2023-09-05 (its beginning in UTC) or 2023-09-05T12:00:00Z");
ABSL_FLAG(int64_t, revision, 0, "read as of this revision of the service; 0 means now");
ABSL_FLAG(std::string, as_of, "",
          "the day, YYYY-MM-DD, that parts past from coming; today (UTC) if empty");
ABSL_FLAG(std::string, filter, "", "only what this selects, an expression of AIP-160");
ABSL_FLAG(std::string, order_by, "", "fields in order of weight, each with \" desc\" if wanted");
ABSL_FLAG(int, limit, 50, "at most so many");
ABSL_FLAG(bool, all, false, "all there are, whatever --limit says");
ABSL_FLAG(bool, deleted, false, "deleted ones as well");
ABSL_FLAG(std::vector<std::string>, type, {}, "only of these collections, with commas between");

ABSL_FLAG(std::vector<std::string>, by, {},
          "what to make rows by, with commas between, as pillars,initiative:1,value_date:year");
ABSL_FLAG(std::vector<std::string>, mix, {},
          "kinds of money that may be in one sum, with commas between: nature, stage, direction");
ABSL_FLAG(std::string, currency, "", "convert into this one, a code of ISO 4217; none if empty");
ABSL_FLAG(
    std::string, horizon, "",
    "how long figures that come back are counted for, as 2024/2028; beside the sums if empty");
ABSL_FLAG(std::string, sector_vocabulary, "",
          "the vocabulary of sectors in --by and --filter, a code of IATI: 1 for OECD DAC");
ABSL_FLAG(int, top, 0, "so many rows, and one for the rest; 0 means all");
ABSL_FLAG(bool, explain, false, "every claim behind a sum, and why others are not in it");

ABSL_FLAG(bool, upcoming, false, "what is under way or to come");
ABSL_FLAG(bool, past, false, "what is over, and what may be");
ABSL_FLAG(bool, calendar, false, "as iCalendar (RFC 5545)");
ABSL_FLAG(bool, windows, false,
          "with --calendar: for days that are not known also the window that they lie in");

ABSL_FLAG(std::string, output, "", "the file to write into; standard output if empty");

ABSL_FLAG(std::string, author, "", "who makes the change, kept with its revision");
ABSL_FLAG(std::string, note, "", "why the change is made, kept with its revision");
ABSL_FLAG(std::string, source, "", "the text that the record cites, a file in UTF-8");
ABSL_FLAG(std::string, from, "", "the text that the record cites, a file in UTF-8");
ABSL_FLAG(std::string, to, "", "the new edition of that text, a file in UTF-8");
ABSL_FLAG(std::string, document, "", "whose text it is, where that is ambiguous");
ABSL_FLAG(bool, write, false, "change the files of the record");

ABSL_FLAG(std::string, data_dir, ".", "where the databases are kept");
ABSL_FLAG(std::string, listen_gateway, "0.0.0.0:50050", "where the gateway listens, HOST:PORT");
ABSL_FLAG(std::string, listen_catalogue, "0.0.0.0:50051", "where the catalogue listens, HOST:PORT");
ABSL_FLAG(std::string, listen_funding, "0.0.0.0:50052", "where funding listens, HOST:PORT");
ABSL_FLAG(std::string, listen_events, "0.0.0.0:50053", "where events listens, HOST:PORT");

namespace entente {
namespace {

// A day: whoever waits longer than that has other means.
constexpr int kMaxTimeoutSeconds = 24 * 60 * 60;

}  // namespace

const std::vector<std::string>& FlagsOfAllVerbs() {
  static const auto& flags = *new std::vector<std::string>{"catalogue", "events",    "funding",
                                                           "gateway",   "log_level", "timeout_s"};
  return flags;
}

std::vector<std::string> ValuesOfFlag(const std::string& flag) {
  if (flag == "mix") return {"direction", "nature", "stage"};
  if (flag == "log_level") return {"debug", "info", "warning", "error", "off"};
  return {};
}

absl::Duration Timeout() { return absl::Seconds(absl::GetFlag(FLAGS_timeout_s)); }

Servers::Targets TargetsFromFlags() {
  return {absl::GetFlag(FLAGS_catalogue), absl::GetFlag(FLAGS_funding), absl::GetFlag(FLAGS_events),
          absl::GetFlag(FLAGS_gateway)};
}

absl::Status CheckFlagsOfAllVerbs() {
  const int timeout_s = absl::GetFlag(FLAGS_timeout_s);
  if (timeout_s < 1 || timeout_s > kMaxTimeoutSeconds) {
    return absl::InvalidArgumentError(absl::StrCat("--timeout_s must be between 1 and ",
                                                   kMaxTimeoutSeconds, ", not ", timeout_s));
  }
  const Servers::Targets targets = TargetsFromFlags();
  for (const auto& [name, target] :
       {std::pair("catalogue", targets.catalogue), std::pair("funding", targets.funding),
        std::pair("events", targets.events), std::pair("gateway", targets.gateway)}) {
    RETURN_IF_ERROR(server::PeerFromFlag(name, target).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> ParseAt(const std::string& text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", text, &time, &error)) return time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  return absl::InvalidArgumentError(
      absl::StrCat("--at is neither a day nor a time: \"", text,
                   "\"; write 2023-09-05, which is its beginning in UTC, or 2023-09-05T12:00:00Z"));
}

absl::Status SetReading(google::protobuf::Message* request) {
  const int64_t revision = absl::GetFlag(FLAGS_revision);
  const std::string at = absl::GetFlag(FLAGS_at);
  if (revision != 0 && !at.empty()) {
    return absl::InvalidArgumentError("--at and --revision say two things: give one of them");
  }
  if (revision != 0) resource::fields::SetInt(request, "revision", revision);
  if (!at.empty()) {
    ASSIGN_OR_RETURN(const absl::Time time, ParseAt(at));
    resource::fields::SetTime(request, "read_time", time);
  }
  return absl::OkStatus();
}

}  // namespace entente
