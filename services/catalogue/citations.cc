// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/citations.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/passage/edition.h"
#include "common/passage/text.h"
#include "common/passage/uncited.h"
#include "common/passage/verify.h"
#include "common/resource/page.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using passage::Span;
using passage::Text;
using resource::State;
using type::v1::Citation;
using type::v1::CitationVerdict;

// What one call may hash while it looks for words that have moved: some tens of milliseconds, since
// handlers must not hold their thread for longer.
constexpr int64_t kMaxHashedBytes = int64_t{1} << 25;

const resource::ResourceType& DocumentType() {
  return *Types().FindByDescriptor(v1::Document::descriptor());
}

// The document of this name in the state with its text, deleted or not; null if there is none.
const v1::Document* FindDocument(const State& state, const std::string& name) {
  const resource::Entry* entry = state.Find(name);
  if (entry == nullptr || entry->type != &DocumentType()) return nullptr;
  return &static_cast<const v1::Document&>(*entry->stored);
}

// A document of which something is cited.
struct Source {
  bool found = false;
  // As it is kept.
  std::optional<Text> kept;
  // What citations are looked up in.
  std::optional<Text> text;
  // From the one to the other, if they are not the same.
  std::optional<passage::Edition> edition;
};

class Verifier {
 public:
  Verifier(const State& state, std::string new_document, std::optional<Text> new_text)
      : state_(state), new_document_(std::move(new_document)), new_text_(std::move(new_text)) {}

  // Appends a verdict for each.
  void Verify(const google::protobuf::RepeatedPtrField<Citation>& citations,
              google::protobuf::RepeatedPtrField<CitationVerdict>* verdicts) {
    std::vector<CitationVerdict*> lost;
    for (const Citation& citation : citations) {
      CitationVerdict* verdict = verdicts->Add();
      *verdict->mutable_citation() = citation;
      if (!LookUp(verdict)) lost.push_back(verdict);
    }
    for (CitationVerdict* verdict : lost) {
      Search(kMaxHashedBytes / static_cast<int64_t>(lost.size()), verdict);
    }
  }

 private:
  Source& SourceOf(const std::string& document) {
    const auto [it, is_new] = sources_.try_emplace(document);
    Source& source = it->second;
    if (!is_new) return source;
    const v1::Document* found = FindDocument(state_, document);
    source.found = found != nullptr;
    if (found != nullptr && !found->text().empty()) {
      source.kept = Text::FromUtf8(found->text()).value();  // It was checked on write.
      source.text = source.kept;
    }
    if (document == new_document_) {
      source.text = new_text_;
      if (source.kept.has_value())
        source.edition = passage::Edition::Align(*source.kept, *new_text_);
    }
    return source;
  }

  // Judges the citation but for a search of the whole text; false if that is left to do.
  bool LookUp(CitationVerdict* verdict) {
    const Citation& citation = verdict->citation();
    const Source& source = SourceOf(citation.document());
    if (!source.found) {
      return Conclude(type::v1::CITATION_OUTCOME_DOCUMENT_NOT_FOUND,
                      absl::StrCat("there is no ", citation.document()), verdict);
    }
    if (!citation.has_span()) {
      return Conclude(type::v1::CITATION_OUTCOME_NOT_LOCATED,
                      "is to the document as a whole: no passage can be looked up", verdict);
    }
    if (!source.text.has_value()) {
      return Conclude(type::v1::CITATION_OUTCOME_TEXT_NOT_LOADED,
                      "cannot be verified: the text of the document is not loaded", verdict);
    }
    const Span span{citation.span().begin(), citation.span().end()};
    if (Holds(*source.text, span, citation)) {
      verdict->set_words(std::string(source.text->Slice(span)));
      verdict->set_outcome(type::v1::CITATION_OUTCOME_VERIFIED);
      return true;
    }
    return source.edition.has_value() && Holds(*source.kept, span, citation) &&
           Follow(source, span, verdict);
  }

  static bool Holds(const Text& text, const Span& span, const Citation& citation) {
    return text.Holds(span) && passage::Sha256Hex(text.Slice(span)) == citation.span_sha256();
  }

  // What a new edition has in the place of a passage that the old one holds.
  static bool Follow(const Source& source, const Span& span, CitationVerdict* verdict) {
    verdict->set_words(std::string(source.kept->Slice(span)));
    const passage::Image image = source.edition->Map(span);
    if (!image.span.has_value()) {
      return Conclude(type::v1::CITATION_OUTCOME_NOT_FOUND,
                      "nothing stands in the place of its words in the new edition", verdict);
    }
    SetMovedTo(*image.span, verdict);
    if (image.kind == passage::ImageKind::kChanged) {
      verdict->set_new_words(std::string(source.text->Slice(*image.span)));
      return Conclude(type::v1::CITATION_OUTCOME_CHANGED,
                      absl::StrCat("its words were altered; ", StandsAt(*image.span)), verdict);
    }
    return Conclude(type::v1::CITATION_OUTCOME_MOVED,
                    absl::StrCat("its words have moved; ", StandsAt(*image.span)), verdict);
  }

  // Looks for a passage by its hash alone.
  void Search(int64_t max_hashed_bytes, CitationVerdict* verdict) {
    const Text& text = *SourceOf(verdict->citation().document()).text;
    const passage::Verdict found = passage::Verify(text, verdict->citation(), max_hashed_bytes);
    if (found.moved_to.has_value()) {
      SetMovedTo(*found.moved_to, verdict);
      verdict->set_words(std::string(text.Slice(*found.moved_to)));
      Conclude(type::v1::CITATION_OUTCOME_MOVED, passage::ToString(found, text), verdict);
    } else {
      Conclude(type::v1::CITATION_OUTCOME_NOT_FOUND, passage::ToString(found, text), verdict);
    }
  }

  static std::string StandsAt(const Span& span) {
    return absl::StrCat("they stand at [", span.begin, ", ", span.end, ")");
  }
  static void SetMovedTo(const Span& span, CitationVerdict* verdict) {
    verdict->mutable_moved_to()->set_begin(span.begin);
    verdict->mutable_moved_to()->set_end(span.end);
  }
  static bool Conclude(type::v1::CitationOutcome outcome, const std::string& problem,
                       CitationVerdict* verdict) {
    verdict->set_outcome(outcome);
    verdict->set_problem(problem);
    return true;
  }

  const State& state_;
  const std::string new_document_;
  const std::optional<Text> new_text_;
  std::map<std::string, Source> sources_;
};

// The text of a new edition; a violation at `path` if it is none.
std::optional<Text> ParseText(const std::string& bytes, const std::string& path,
                              Violations* violations) {
  absl::StatusOr<Text> text = Text::FromUtf8(bytes);
  if (text.ok()) return *std::move(text);
  violations->Add(path, text.status().message());
  return std::nullopt;
}

void CheckDocumentName(const std::string& name, const std::string& path, Violations* violations) {
  if (!DocumentType().pattern.Matches(name)) {
    violations->Add(path, absl::StrCat("must be a name like ", DocumentType().pattern.text()));
  }
}

type::v1::UncitedKind KindOf(passage::ItemKind kind) {
  switch (kind) {
    case passage::ItemKind::kSentence:
      return type::v1::UNCITED_KIND_SENTENCE;
    case passage::ItemKind::kClause:
      return type::v1::UNCITED_KIND_CLAUSE;
    case passage::ItemKind::kName:
      return type::v1::UNCITED_KIND_NAME;
    case passage::ItemKind::kFigure:
      return type::v1::UNCITED_KIND_FIGURE;
    case passage::ItemKind::kMonth:
      return type::v1::UNCITED_KIND_MONTH;
    case passage::ItemKind::kYear:
      return type::v1::UNCITED_KIND_YEAR;
  }
  return type::v1::UNCITED_KIND_UNSPECIFIED;
}

}  // namespace

absl::Status VerifyCitations(const resource::Store& store,
                             const v1::VerifyCitationsRequest& request,
                             v1::VerifyCitationsResponse* response) {
  Violations violations;
  if (request.citations().empty()) violations.Add("citations", "must not be empty");
  if (request.citations_size() > kMaxCitations) {
    violations.Add("citations", absl::StrCat("has ", request.citations_size(), "; at most ",
                                             kMaxCitations, " are accepted: ask in parts"));
  }
  std::optional<Text> new_text;
  if (request.has_new_edition()) {
    CheckDocumentName(request.new_edition().document(), "new_edition.document", &violations);
    if (request.new_edition().text().empty()) violations.Add("new_edition.text", "is required");
    new_text = ParseText(request.new_edition().text(), "new_edition.text", &violations);
  }
  for (int i = 0; i < request.citations_size(); ++i) {
    CheckDocumentName(request.citations(i).document(), absl::StrCat("citations[", i, "].document"),
                      &violations);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  Verifier verifier(*state, request.new_edition().document(), std::move(new_text));
  verifier.Verify(request.citations(), response->mutable_verdicts());
  size_t bytes = 0;
  for (const CitationVerdict& verdict : response->verdicts()) bytes += verdict.ByteSizeLong();
  if (bytes > resource::kPageBytes) {
    violations.Add("citations", absl::StrCat("the words of all fill ", bytes, " bytes; at most ",
                                             resource::kPageBytes, " are answered: ask in parts"));
    return violations.ToStatus();
  }
  response->set_revision(state->revision());
  return absl::OkStatus();
}

absl::Status FindUncited(const resource::Store& store, const v1::FindUncitedRequest& request,
                         v1::FindUncitedResponse* response) {
  Violations violations;
  CheckDocumentName(request.name(), "name", &violations);
  if (request.cited_size() > kMaxSpans) {
    violations.Add("cited", absl::StrCat("has ", request.cited_size(), " spans; at most ",
                                         kMaxSpans, " are accepted"));
  }
  const int page_size = static_cast<int>(resource::PageSize(request, &violations));
  const resource::PageTokens tokens(request);
  int from = 0;
  const auto place = tokens.Open(request, 1, &violations);
  if (place.has_value() && !absl::SimpleAtoi(place->front(), &from)) {
    resource::AddForeignToken(&violations);
  }
  std::optional<Text> text;
  if (!request.new_edition().empty()) {
    text = ParseText(request.new_edition(), "new_edition", &violations);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  const v1::Document* document = FindDocument(*state, request.name());
  if (document == nullptr) return errors::ResourceNotFound(DocumentType().type, request.name());
  if (!text.has_value()) {
    if (document->text().empty()) return errors::TextNotLoaded(request.name());
    ASSIGN_OR_RETURN(text, Text::FromUtf8(document->text()));
  }

  std::vector<Span> cited;
  for (const auto& span : request.cited()) cited.push_back({span.begin(), span.end()});
  const std::vector<passage::Item> items = passage::FindUncited(*text, cited);
  const int size = static_cast<int>(items.size());
  const int end = std::min(size, from + page_size);
  for (int i = from; i < end; ++i) {
    const passage::Item& item = items[static_cast<size_t>(i)];
    auto* passage = response->add_passages();
    passage->set_kind(KindOf(item.kind));
    passage->mutable_span()->set_begin(item.span.begin);
    passage->mutable_span()->set_end(item.span.end);
    passage->set_words(std::string(text->Slice(item.span)));
    const Text::Position position = text->PositionOf(item.span.begin);
    passage->set_line(position.line);
    passage->set_column(position.column);
  }
  if (end < size) {
    response->set_next_page_token(tokens.Seal({absl::StrCat(end)}));
  }
  response->set_total_size(size);
  response->set_revision(state->revision());
  return absl::OkStatus();
}

}  // namespace entente::catalogue
