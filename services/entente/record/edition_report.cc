// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/entente/record/edition.h"

namespace entente {
namespace {

using passage::ImageKind;
using passage::Span;
using passage::Text;

std::string Words(const Text& text, const Span& span) {
  return absl::StrReplaceAll(text.Slice(span), {{"\n", "\\n"}, {"\r", "\\r"}, {"\t", "\\t"}});
}

std::string Passage(const std::string& file, const Text& text, const Span& span) {
  const Text::Position position = text.PositionOf(span.begin);
  return absl::StrCat(file, ":", position.line, ":", position.column, " [", span.begin, ", ",
                      span.end, "): ", Words(text, span), "\n");
}

bool DifferInSpaceOnly(absl::string_view a, absl::string_view b) {
  const auto letters = [](absl::string_view words) {
    return absl::StrReplaceAll(words, {{" ", ""}, {"\n", ""}, {"\r", ""}, {"\t", ""}});
  };
  return letters(a) == letters(b);
}

// The passages of this kind, each once, with all their citations.
void Append(const EditionReport& report, ImageKind kind, const char* heading, std::string* result) {
  const passage::Edition& edition = report.edition;
  if (report.Count(kind) > 0) absl::StrAppend(result, heading, "\n");
  Span last;
  for (const MappedCitation& each : report.citations) {
    if (each.image.kind != kind) continue;
    if (!(each.span == last)) {
      absl::StrAppend(result, "  ", Passage(report.request.from, edition.from(), each.span));
      if (each.image.span.has_value()) {
        const Span& image = *each.image.span;
        const bool in_space_only =
            DifferInSpaceOnly(edition.from().Slice(each.span), edition.to().Slice(image));
        absl::StrAppend(result, in_space_only ? "  now, with other white space, " : "  now ",
                        Passage(report.request.to, edition.to(), image));
      }
    }
    last = each.span;
    absl::StrAppend(result, "    ", each.place.ToString(), "\n");
  }
}

}  // namespace

std::string EditionText(const EditionReport& report) {
  std::string result;
  Append(report, ImageKind::kChanged, "Changed, for people to judge:", &result);
  Append(report, ImageKind::kGone, "Gone, for people to judge:", &result);
  if (!report.uncited.empty()) {
    absl::StrAppend(&result, "Of the new text, not accounted for:\n",
                    PassageLines(report.uncited, report.request.to));
  }
  const auto reasons = std::count_if(report.citations.begin(), report.citations.end(),
                                     [](const MappedCitation& each) { return each.index < 0; });
  absl::StrAppend(
      &result, report.citations.size() - static_cast<size_t>(reasons), " citations and ", reasons,
      " reasons: ", report.Count(ImageKind::kSame), " unchanged, ", report.Count(ImageKind::kMoved),
      " moved, ", report.Count(ImageKind::kChanged), " changed, ", report.Count(ImageKind::kGone),
      " gone; ", report.whole, " citations of the document as a whole; ", report.faults.size(),
      " faults; ", report.uncited.size(), " passages not accounted for\n");
  return result;
}

}  // namespace entente
