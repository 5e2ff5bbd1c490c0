// SPDX-License-Identifier: Apache-2.0
//
// entente factsheet NAME
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "google/api/httpbody.pb.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

template <typename Request>
absl::StatusOr<Request> Asking(const std::string& name) {
  Request request;
  // It can be nothing else.
  request.set_name(absl::StrContains(name, '/') ? name : absl::StrCat("partnerships/", name));
  request.set_as_of(absl::GetFlag(FLAGS_as_of));
  RETURN_IF_ERROR(SetReading(&request));
  return request;
}

absl::StatusOr<std::string> Compose(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const auto request,
                   Asking<gateway::v1::ComposeFactSheetRequest>(invocation.operands[0]));
  gateway::v1::FactSheet sheet;
  RETURN_IF_ERROR(invocation.servers->Call(Server::kGateway, request, &sheet));
  return JsonText(sheet);
}

absl::StatusOr<std::string> Render(const Invocation& invocation) {
  ASSIGN_OR_RETURN(auto request,
                   Asking<gateway::v1::RenderFactSheetRequest>(invocation.operands[0]));
  request.set_format(invocation.format == "html" ? gateway::v1::FACT_SHEET_FORMAT_HTML
                                                 : gateway::v1::FACT_SHEET_FORMAT_MARKDOWN);
  google::api::HttpBody body;
  RETURN_IF_ERROR(invocation.servers->Call(Server::kGateway, request, &body));
  return body.data();
}

// Beside the file first, which then takes its place: a reader never sees half of it.
absl::Status WriteFile(const std::string& path, const std::string& content) {
  const std::string beside = absl::StrCat(path, ".new");
  const auto failed = [&](absl::string_view what) {
    const std::string why = std::strerror(errno);
    std::remove(beside.c_str());
    return absl::FailedPreconditionError(absl::StrCat(what, ": ", why));
  };
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return failed(beside);
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) return failed(beside);
  if (std::rename(beside.c_str(), path.c_str()) != 0) return failed(path);
  return absl::OkStatus();
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const std::string sheet,
                   invocation.format == "json" ? Compose(invocation) : Render(invocation));
  const std::string path = absl::GetFlag(FLAGS_output);
  if (path.empty()) {
    Write(sheet);
  } else {
    RETURN_IF_ERROR(WriteFile(path, sheet));
  }
  return 0;
}

}  // namespace

Verb FactSheetVerb() {
  Verb verb;
  verb.name = "factsheet";
  verb.operands = "NAME";
  verb.summary = "a partnership in sentences, with a footnote for every statement";
  verb.details =
      "  entente factsheet us-asean-csp --as_of=2023-09-05\n"
      "  entente factsheet partnerships/us-asean-csp --format=html --output=sheet.html\n\n"
      "What a service that is away would have told is missing, and the sheet says so at its top.\n";
  verb.least_operands = 1;
  verb.most_operands = 1;
  verb.completes = Completes::kPartnerships;
  verb.flags = {"as_of", "at", "output"};
  verb.formats = {"markdown", "html", "json"};
  verb.run = Run;
  return verb;
}

}  // namespace entente
