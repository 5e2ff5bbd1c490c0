// SPDX-License-Identifier: Apache-2.0
//
// Holds data/us-asean-csp against the text that it cites, which is no part of this project. It is
// the file that ENTENTE_SOURCE_TEXT names or, where a folder `shared` stands beside the checkout,
// shared/seeds/us-asean-csp-one-year-on.txt. Without either this says that it did not run and exits
// with 77, which CTest counts as skipped; a file that should be there and is not is a failure.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "common/testing/test_servers.h"
#include "entente/record/v1/record.pb.h"
#include "services/entente/record/load.h"
#include "services/entente/record/record.h"
#include "services/entente/record/source_check.h"

namespace entente {
namespace {

constexpr int kDidNotRun = 77;
constexpr char kDocument[] = "documents/us-asean-csp-one-year-on";

// What the record says needs no citation, with its reason.
std::vector<type::v1::Span> ExcusedIn(const RecordDirectory& record) {
  std::vector<type::v1::Span> spans;
  for (const auto& located : record.All()) {
    if (located.message().GetDescriptor() != record::v1::UncitedReason::descriptor()) continue;
    spans.push_back(static_cast<const record::v1::UncitedReason&>(located.message()).span());
  }
  return spans;
}

// The same by the services: with the text loaded they verify every citation, and leave uncited only
// what the record has a reason for. Returns what is wrong.
absl::Status CheckByServices(const std::string& directory, const std::string& source,
                             int citations) {
  std::vector<Fault> faults;
  ASSIGN_OR_RETURN(const RecordDirectory record, RecordDirectory::Read(directory, &faults));
  test::TestServers servers;
  RETURN_IF_ERROR(servers.Start());
  const auto peers = gateway::RemotePeers(servers.target(test::Service::kCatalogue),
                                          servers.target(test::Service::kFunding),
                                          servers.target(test::Service::kEvents));
  RETURN_IF_ERROR(LoadRecord(directory, source, type::v1::ChangeReason(),
                             {peers.catalogue.get(), peers.funding.get(), peers.events.get()},
                             test::kPatience));

  ASSIGN_OR_RETURN(
      const auto verified,
      servers.gateway().Call<gateway::v1::VerifyCitationsResponse>(
          "VerifyCitations", absl::StrCat("name: '", kDocument, "' faults_only: true")));
  if (!verified.citations().empty() || verified.counts_size() != 1 ||
      verified.counts(0).outcome() != type::v1::CITATION_OUTCOME_VERIFIED ||
      verified.counts(0).count() != citations) {
    return absl::InternalError(absl::StrCat("VerifyCitations: ", verified.ShortDebugString()));
  }
  absl::PrintF("VerifyCitations: all %d citations are verified\n", citations);

  ASSIGN_OR_RETURN(const auto uncited,
                   servers.gateway().Call<gateway::v1::ListUncitedResponse>(
                       "ListUncited", absl::StrCat("name: '", kDocument, "' page_size: 1000")));
  const std::vector<type::v1::Span> excused = ExcusedIn(record);
  for (const auto& passage : uncited.passages()) {
    const bool has_reason =
        std::any_of(excused.begin(), excused.end(), [&](const type::v1::Span& span) {
          return span.begin() <= passage.span().begin() && passage.span().end() <= span.end();
        });
    if (!has_reason) {
      return absl::InternalError(absl::StrCat("ListUncited: ", passage.ShortDebugString()));
    }
  }
  absl::PrintF("ListUncited: %d passages, each with a reason in the record\n",
               uncited.total_size());

  ASSIGN_OR_RETURN(const auto sheet, servers.gateway().Call<gateway::v1::FactSheet>(
                                         "ComposeFactSheet",
                                         "name: 'partnerships/us-asean-csp' as_of: '2023-09-07'"));
  for (const auto& footnote : sheet.footnotes()) {
    if (footnote.outcome() != type::v1::CITATION_OUTCOME_VERIFIED || footnote.words().empty()) {
      return absl::InternalError(absl::StrCat("ComposeFactSheet: ", footnote.ShortDebugString()));
    }
  }
  if (sheet.footnotes().empty()) return absl::InternalError("ComposeFactSheet: no footnotes");
  absl::PrintF("ComposeFactSheet: all %d footnotes are verified\n", sheet.footnotes_size());
  return absl::OkStatus();
}

int Run() {
  const char* root = std::getenv("ENTENTE_SOURCE_DIR");
  const std::string checkout = root == nullptr ? "." : root;
  const char* given = std::getenv("ENTENTE_SOURCE_TEXT");
  std::string source = given == nullptr ? "" : given;
  if (source.empty()) {
    const std::string shared = checkout + "/../shared";
    if (!std::filesystem::is_directory(shared)) {
      absl::PrintF(
          "NOT RUN: the text of the fact sheet is not here; name it with ENTENTE_SOURCE_TEXT\n");
      return kDidNotRun;
    }
    source = shared + "/seeds/us-asean-csp-one-year-on.txt";
  }
  const std::string directory = checkout + "/data/us-asean-csp";
  const auto report = CheckSource(directory, source);
  if (!report.ok()) {
    absl::FPrintF(stderr, "%s\n", report.status().message());
    return EXIT_FAILURE;
  }
  for (const Fault& fault : report->faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  absl::PrintF("%s", ReportText(*report, source));
  if (!report->clean() || report->citations == 0) return EXIT_FAILURE;
  const absl::Status status = CheckByServices(directory, source, report->citations);
  if (status.ok()) return EXIT_SUCCESS;
  absl::FPrintF(stderr, "%s\n", status.message());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace entente

int main() { return entente::Run(); }
