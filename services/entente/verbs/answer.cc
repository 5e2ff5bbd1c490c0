// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/answer.h"

#include <google/protobuf/util/json_util.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/errors.h"
#include "services/entente/text/display_width.h"

namespace entente {
namespace {

constexpr char kRequestInfo[] = "type.googleapis.com/google.rpc.RequestInfo";

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string RequestIdOf(const absl::Status& status) {
  google::rpc::RequestInfo info;
  const auto payload = status.GetPayload(kRequestInfo);
  if (payload.has_value()) info.ParseFromString(std::string(*payload));
  return info.request_id();
}

// What to do about it; empty if the message says it all.
std::string Remedy(const absl::Status& status) {
  const google::rpc::ErrorInfo info = errors::InfoOf(status);
  const std::string& reason = info.reason();
  if (const auto unreached = UnreachedIn(status)) {
    if (absl::IsDeadlineExceeded(status)) return "--timeout_s=N waits longer";
    return absl::StrCat("`entente serve` starts all services; --", unreached->server,
                        "=HOST:PORT or ENTENTE_", absl::AsciiStrToUpper(unreached->server),
                        " says where a running one is");
  }
  if (absl::IsUnimplemented(status)) {
    return "the server does not have this call: it may be of an older version";
  }
  if (reason == "MIXED_KINDS") {
    return "leave out --mix, or filter for one kind: --filter='stage = CLAIM_STAGE_REQUESTED'";
  }
  if (reason == "STARTING") return "the service is starting; `entente wait` waits until it serves";
  if (reason == "TOO_MANY_CALLS_IN_FLIGHT") return "the service is busy: try again soon";
  if (reason == "TOO_MANY_EVENTS" || reason == "ANSWER_TOO_LARGE") {
    return "ask for less with --filter, for example 'possibly(date, \"2023\")'";
  }
  return "";
}

}  // namespace

void Write(absl::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void WriteError(absl::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void Note(absl::string_view text) {
  std::fflush(stdout);  // What was said before it stands before it.
  WriteError(absl::StrCat("entente: ", text, "\n"));
}

std::string JsonText(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) return "{}\n";  // Of a message of the generated types that cannot be.
  absl::StripTrailingAsciiWhitespace(&json);
  return json + "\n";
}

std::string JsonList(const std::vector<std::string>& documents) {
  std::vector<std::string> elements;
  for (const std::string& document : documents) {
    elements.emplace_back(absl::StripTrailingAsciiWhitespace(document));
  }
  return absl::StrCat("[\n", absl::StrJoin(elements, ",\n"), "\n]\n");
}

std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<std::string> texts;
  for (const auto& [name, document] : members) {
    texts.push_back(absl::StrCat("\"", name, "\": ", absl::StripTrailingAsciiWhitespace(document)));
  }
  return absl::StrCat("{\n", absl::StrJoin(texts, ",\n"), "\n}\n");
}

text::Style StyleOf(int file) {
  text::Style style;
  if (isatty(file) == 0) return style;
  int columns = 0;
  if (absl::SimpleAtoi(Variable("COLUMNS"), &columns) && columns > 0) {
    style.width = columns;
  } else {
    winsize size = {};
    if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  }
  const std::string terminal = Variable("TERM");
  style.colour = Variable("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb";
  return style;
}

std::string ErrorText(const absl::Status& status, const text::Style& style) {
  const google::rpc::BadRequest bad = errors::BadRequestOf(status);
  const auto unreached = UnreachedIn(status);
  std::string out = style.Alarm("entente:");
  if (unreached.has_value()) {
    absl::StrAppend(
        &out, " ", unreached->server, " at ", unreached->target,
        absl::IsDeadlineExceeded(status) ? " has not answered in time" : " cannot be reached", ": ",
        text::Printable(status.message()), "\n");
  } else if (bad.field_violations_size() > 0) {
    absl::StrAppend(&out, " the service refused this:\n");
    for (const auto& violation : bad.field_violations()) {
      absl::StrAppend(&out, "  ", text::Printable(violation.field()), ": ",
                      text::Printable(violation.description()), "\n");
    }
  } else {
    absl::StrAppend(&out, " ",
                    status.message().empty() ? absl::StatusCodeToString(status.code())
                                             : text::Printable(status.message()),
                    "\n");
  }
  const std::string remedy = Remedy(status);
  if (!remedy.empty()) absl::StrAppend(&out, "  ", remedy, "\n");
  const std::string request = RequestIdOf(status);
  if (!request.empty()) {
    absl::StrAppend(
        &out, "  ",
        style.Faint(absl::StrCat(absl::StatusCodeToString(status.code()), " ",
                                 errors::InfoOf(status).reason(), ", request ", request)),
        "\n");
  }
  return out;
}

}  // namespace entente
