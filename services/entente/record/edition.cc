// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/edition.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/passage/text.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/record/v1/record.pb.h"
#include "entente/type/v1/citation.pb.h"
#include "services/entente/record/text_file.h"

namespace entente {
namespace {

using catalogue::v1::Document;
using google::protobuf::Message;
using passage::Image;
using passage::ImageKind;
using passage::Span;
using passage::Text;
using type::v1::Citation;
using Located = RecordDirectory::Located;

// The message itself if it is a T.
template <typename T>
const T* As(const Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

// The hash of the text that its citations count in; empty if there is none.
std::string HashOf(const Document& document) {
  if (!document.text_sha256().empty()) return document.text_sha256();
  return document.text().empty() ? "" : passage::Sha256Hex(document.text());
}

absl::StatusOr<Located> FindGiven(const RecordDirectory& record, const EditionRequest& request,
                                  const Text& from, const Text& to) {
  for (const Located& located : record.All()) {
    const auto* document = As<Document>(located.message());
    if (document == nullptr || document->name() != request.document) continue;
    const std::string hash = HashOf(*document);
    if (hash == from.sha256()) return located;
    if (hash == to.sha256()) {
      return absl::FailedPreconditionError(
          absl::StrCat(document->name(), " is already at ", request.to));
    }
    return absl::FailedPreconditionError(absl::StrCat(request.from, " is not the text of ",
                                                      document->name(), ": it has the SHA-256 ",
                                                      from.sha256(), ", not \"", hash, "\""));
  }
  return absl::NotFoundError(
      absl::StrCat("there is no ", request.document, " in ", request.directory));
}

absl::StatusOr<Located> FindByText(const RecordDirectory& record, const EditionRequest& request,
                                   const Text& from, const Text& to) {
  std::optional<Located> found;
  std::vector<std::string> names;
  std::string at_new;
  for (const Located& located : record.All()) {
    const auto* document = As<Document>(located.message());
    if (document == nullptr) continue;
    if (HashOf(*document) == to.sha256()) at_new = document->name();
    if (HashOf(*document) != from.sha256()) continue;
    found = located;
    names.push_back(document->name());
  }
  if (names.size() == 1) return *found;
  if (names.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(request.from, " is the text of ",
                                                   absl::StrJoin(names, " and of "),
                                                   ": say which is meant with --document"));
  }
  if (!at_new.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(at_new, " is already at ", request.to));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(request.from, " is not the text of a document of ", request.directory,
                   ": none has the SHA-256 ", from.sha256()));
}

absl::StatusOr<Located> FindDocument(const RecordDirectory& record, const EditionRequest& request,
                                     const Text& from, const Text& to) {
  ASSIGN_OR_RETURN(const Located found, request.document.empty()
                                            ? FindByText(record, request, from, to)
                                            : FindGiven(record, request, from, to));
  const Document& document = *As<Document>(found.message());
  if (document.text_sha256().empty() || document.text_length() == from.length()) return found;
  const Fault fault = RecordDirectory::FaultAt(
      found, "text_length", absl::StrCat(request.from, " has ", from.length(), " code points"));
  return absl::FailedPreconditionError(fault.ToString());
}

bool Holds(const Text& text, const Span& span, const std::string& sha256) {
  return text.Holds(span) && passage::Sha256Hex(text.Slice(span)) == sha256;
}

class Mapper {
 public:
  explicit Mapper(EditionReport* report) : report_(report) {}

  void Run() {
    document_ = As<Document>(report_->document.message())->name();
    for (const Located& located : report_->record.All()) MapAll(located);
    std::stable_sort(
        report_->citations.begin(), report_->citations.end(), [](const auto& a, const auto& b) {
          return std::pair(a.span.begin, a.span.end) < std::pair(b.span.begin, b.span.end);
        });
    FindUncited();
  }

 private:
  void MapAll(const Located& located) {
    const Message& resource = located.message();
    if (const auto* reason = As<record::v1::UncitedReason>(resource)) {
      if (reason->document() != document_ || !reason->has_span()) return;
      Map(located, -1, {reason->span().begin(), reason->span().end()}, reason->span_sha256(),
          RecordDirectory::FaultAt(located, "", reason->reason()));
      return;
    }
    const auto* field = resource.GetDescriptor()->FindFieldByName("citations");
    if (field == nullptr || field->message_type() != Citation::descriptor()) return;
    const auto* reflection = resource.GetReflection();
    for (int i = 0; i < reflection->FieldSize(resource, field); ++i) {
      const auto& citation = *As<Citation>(reflection->GetRepeatedMessage(resource, field, i));
      if (citation.document() != document_) continue;
      if (!citation.has_span()) {
        ++report_->whole;
        continue;
      }
      Map(located, i, {citation.span().begin(), citation.span().end()}, citation.span_sha256(),
          RecordDirectory::FaultAt(
              located, absl::StrCat("citations[", i, "]"),
              citation.fields().empty() ? "as a whole" : absl::StrJoin(citation.fields(), ", ")));
    }
  }

  void Map(const Located& located, int index, const Span& span, const std::string& sha256,
           Fault place) {
    const passage::Edition& edition = report_->edition;
    Image image{ImageKind::kSame, span};
    if (Holds(edition.from(), span, sha256)) {
      image = edition.Map(span);
    } else if (!Holds(edition.to(), span, sha256)) {  // As if writing had been interrupted.
      absl::StrAppend(&place.text, ": ", report_->request.from,
                      " does not hold its words at its span");
      report_->faults.push_back(std::move(place));
      return;
    }
    report_->citations.push_back({located, index, span, image, std::move(place)});
  }

  void FindUncited() {
    std::vector<Span> covered;
    for (const MappedCitation& each : report_->citations) {
      if (each.image.span.has_value()) covered.push_back(*each.image.span);
    }
    const Text& text = report_->edition.to();
    Span outer;
    for (const passage::Item& item : passage::FindUncited(text, covered)) {
      const Text::Position position = text.PositionOf(item.span.begin);
      const bool is_inner = outer.Contains(item.span);
      if (!is_inner) outer = item.span;
      report_->uncited.push_back({item.kind, item.span, /*cited=*/false, is_inner, position.line,
                                  position.column, std::string(text.Slice(item.span))});
    }
  }

  EditionReport* const report_;
  std::string document_;
};

}  // namespace

int EditionReport::Count(passage::ImageKind kind) const {
  return static_cast<int>(
      std::count_if(citations.begin(), citations.end(),
                    [&](const MappedCitation& each) { return each.image.kind == kind; }));
}

bool EditionReport::clean() const {
  return faults.empty() && Count(ImageKind::kChanged) == 0 && Count(ImageKind::kGone) == 0;
}

absl::StatusOr<EditionReport> CompareEditions(const EditionRequest& request) {
  ASSIGN_OR_RETURN(const Text from, ReadTextFile(request.from));
  ASSIGN_OR_RETURN(const Text to, ReadTextFile(request.to));
  std::vector<Fault> unreadable;
  ASSIGN_OR_RETURN(RecordDirectory record, RecordDirectory::Read(request.directory, &unreadable));
  if (!unreadable.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(request.directory, " is no record:\n",
                     absl::StrJoin(unreadable, "\n", [](std::string* out, const Fault& fault) {
                       out->append(fault.ToString());
                     })));
  }
  ASSIGN_OR_RETURN(const Located document, FindDocument(record, request, from, to));
  EditionReport report{
      request, std::move(record), document, passage::Edition::Align(from, to), {}, 0, {}, {}};
  Mapper(&report).Run();
  return report;
}

}  // namespace entente
