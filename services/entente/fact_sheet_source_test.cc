// SPDX-License-Identifier: Apache-2.0
//
// Holds data/us-asean-csp against the text that it cites, which is no part of this project. It is
// the file that ENTENTE_SOURCE_TEXT names or, where a folder `shared` stands beside the checkout,
// shared/seeds/us-asean-csp-one-year-on.txt. Without either this says that it did not run and exits
// with 77, which CTest counts as skipped; a file that should be there and is not is a failure.
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/entente/source_check.h"

namespace entente {
namespace {

constexpr int kDidNotRun = 77;

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
  const auto report = CheckSource(checkout + "/data/us-asean-csp", source);
  if (!report.ok()) {
    absl::FPrintF(stderr, "%s\n", report.status().message());
    return EXIT_FAILURE;
  }
  for (const Fault& fault : report->faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  absl::PrintF("%s", ReportText(*report, source));
  return report->clean() && report->citations > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace entente

int main() { return entente::Run(); }
