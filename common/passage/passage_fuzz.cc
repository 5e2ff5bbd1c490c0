// SPDX-License-Identifier: Apache-2.0
//
// Whatever is UTF-8 has sentences, figures, dates, names and uncited items that it holds, in order,
// and a citation of any of them is verified; what is not UTF-8 is refused with its place. Two such
// texts, parted by a zero, can be aligned: what is called the same or moved is.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "common/passage/dates.h"
#include "common/passage/edition.h"
#include "common/passage/figures.h"
#include "common/passage/text.h"
#include "common/passage/uncited.h"
#include "common/passage/verify.h"

namespace {

using entente::passage::Span;
using entente::passage::Text;

void Require(bool condition) {
  if (!condition) std::abort();
}

void RequireVerified(const Text& text, const Span& span) {
  entente::type::v1::Citation citation;
  citation.mutable_span()->set_begin(span.begin);
  citation.mutable_span()->set_end(span.end);
  citation.set_span_sha256(*text.Sha256(span));
  Require(Verify(text, citation).outcome == entente::passage::Outcome::kVerified);
}

void RequireImages(const Text& from, const Text& to) {
  using entente::passage::ImageKind;
  const auto edition = entente::passage::Edition::Align(from, to);
  for (int begin = 0; begin < from.length(); ++begin) {
    for (int end = begin + 1; end <= std::min(begin + 40, from.length()); end += 3) {
      const Span span{begin, end};
      const auto image = edition.Map(span);
      Require(image.span.has_value() == (image.kind != ImageKind::kGone));
      if (!image.span.has_value()) continue;
      Require(to.Holds(*image.span));
      const bool is_kept = image.kind == ImageKind::kSame || image.kind == ImageKind::kMoved;
      Require((to.Slice(*image.span) == from.Slice(span)) == is_kept);
      Require(!is_kept || (*image.span == span) == (image.kind == ImageKind::kSame));
      Require(from.sha256() != to.sha256() || image.kind == ImageKind::kSame);
    }
  }
  int at = 0;
  for (const Span& span : edition.Added()) {
    Require(span.begin >= at && to.Holds(span));
    at = span.end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto made = Text::FromUtf8(std::string(reinterpret_cast<const char*>(data), size));
  if (!made.ok()) {
    Require(absl::IsInvalidArgument(made.status()));
    Require(absl::StrContains(made.status().message(), "at byte "));
    return 0;
  }
  const Text& text = *made;
  Require(text.length() <= static_cast<int>(size));
  const Span whole{0, text.length()};
  int at = 0;
  for (const Span& sentence : text.Sentences()) {
    Require(sentence.begin >= at && text.Holds(sentence));
    at = sentence.end;
  }
  at = 0;
  for (const auto& figure : entente::passage::FindFigures(text, whole)) {
    Require(figure.span.begin >= at && text.Holds(figure.span));
    Require(figure.span.Contains(figure.number));
    Require(!figure.upper || *figure.value <= *figure.upper);
    at = figure.span.end;
  }
  for (const auto& date : entente::passage::FindDates(text, whole)) Require(text.Holds(date.span));

  const std::vector<entente::passage::Item> items = FindUncited(text, {});
  Require(items == FindItems(text));
  std::vector<Span> spans;
  for (const auto& item : items) {
    RequireVerified(text, item.span);
    spans.push_back(item.span);
  }
  Require(FindUncited(text, spans).empty());

  const size_t zero = text.bytes().find('\0');
  if (zero == absl::string_view::npos) {
    RequireImages(text, text);
  } else {
    RequireImages(*Text::FromUtf8(std::string(text.bytes().substr(0, zero))),
                  *Text::FromUtf8(std::string(text.bytes().substr(zero + 1))));
  }
  return 0;
}
