// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "services/entente/record/source_check.h"

namespace entente {
namespace {

absl::string_view Explanation(const Unaccounted& passage) {
  if (!passage.cited) return "";
  return passage.kind == passage::ItemKind::kName ? " (cited, but no resource has it)"
                                                  : " (cited, but no claim or quantity carries it)";
}

}  // namespace

std::string PassageLines(const std::vector<Unaccounted>& passages, const std::string& source) {
  std::string result;
  for (const Unaccounted& each : passages) {
    absl::StrAppend(&result, each.inner ? "    " : "  ", source, ":", each.line, ":", each.column,
                    " [", each.span.begin, ", ", each.span.end, ") ",
                    std::string(passage::ItemKindName(each.kind)), Explanation(each), ": ",
                    each.words, "\n");
  }
  return result;
}

std::string ReportText(const SourceReport& report, const std::string& source) {
  std::string result;
  if (!report.unaccounted.empty()) {
    absl::StrAppend(&result, "Of the source, not accounted for:\n",
                    PassageLines(report.unaccounted, source));
  }
  if (!report.inferred.empty()) {
    absl::StrAppend(&result, "Inferred or by convention, for people to judge:\n");
    for (const Fault& each : report.inferred) {
      absl::StrAppend(&result, "  ", each.ToString(), "\n");
    }
  }
  absl::StrAppend(&result, report.citations, " citations of the source, ", report.other_citations,
                  " of other documents; ", report.faults.size(), " faults; ",
                  report.unaccounted.size(), " passages not accounted for, ", report.reasons,
                  " reasons; ", report.inferred.size(), " figures and dates inferred\n");
  return result;
}

}  // namespace entente
