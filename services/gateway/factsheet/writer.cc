// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/writer.h"

#include <algorithm>
#include <tuple>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

// Whether the path `inner` is `outer` or leads on from it: "parties[0].person" from "parties".
bool IsWithin(absl::string_view inner, absl::string_view outer) {
  if (!absl::ConsumePrefix(&inner, outer)) return false;
  return inner.empty() || inner[0] == '.' || inner[0] == '[';
}

// `fields` are many, and no two statements have the same.
void SetAllButFields(const type::v1::Citation& from, type::v1::Citation* to) {
  to->set_document(from.document());
  if (from.has_span()) *to->mutable_span() = from.span();
  to->set_span_sha256(from.span_sha256());
  to->set_basis(from.basis());
  to->set_reason(from.reason());
}

}  // namespace

bool Supports(const type::v1::Citation& citation, const std::vector<std::string>& fields) {
  if (citation.fields().empty()) return true;
  return std::any_of(
      citation.fields().begin(), citation.fields().end(), [&](const std::string& cited) {
        return std::any_of(fields.begin(), fields.end(), [&](const std::string& said) {
          return IsWithin(cited, said) || IsWithin(said, cited);
        });
      });
}

Writer::Writer(const Material& material, v1::FactSheet* sheet) : sheet_(sheet) {
  for (const auto& [name, title] : material.other_titles) titles_[name] = OneLine(title);
  ForEachResource(material, [this](const auto& resource) {
    titles_[resource.name()] = OneLine(resource.title().text());
  });
  for (const auto& document : material.documents) {
    documents_[document.name()] = {OneLine(document.title().text()), document.uri()};
  }
}

std::string Writer::Title(const std::string& name) const {
  const auto found = titles_.find(name);
  return found == titles_.end() || found->second.empty() ? name : found->second;
}

void Writer::Write(Draft draft, Statements* statements) {
  if (!draft.text.empty()) Write(std::move(draft), statements->Add());
}

void Writer::Write(Draft draft, v1::FactSheetStatement* statement) {
  statement->set_number(++statements_);
  statement->set_kind(draft.kind);
  std::vector<int> footnotes;
  size_t supported = 0;
  for (Source& source : draft.sources) {
    bool is_supported = false;
    for (const auto& citation : *source.citations) {
      if (!Supports(citation, source.fields)) continue;
      footnotes.push_back(FootnoteOf(citation, source.resource));
      is_supported = true;
    }
    supported += is_supported ? 1 : 0;
    auto* added = statement->add_sources();
    added->set_resource(std::move(source.resource));
    for (std::string& field : source.fields) added->add_fields(std::move(field));
  }
  std::sort(footnotes.begin(), footnotes.end());
  footnotes.erase(std::unique(footnotes.begin(), footnotes.end()), footnotes.end());
  statement->mutable_footnotes()->Add(footnotes.begin(), footnotes.end());
  for (std::string& name : draft.names) statement->add_names(std::move(name));
  if (supported == 0) {
    absl::StrAppend(&draft.text, " No source of this is recorded.");
  } else if (supported < draft.sources.size()) {
    absl::StrAppend(&draft.text, " No source of a part of this is recorded.");
  }
  statement->set_text(std::move(draft.text));
}

size_t Writer::SamePassage::operator()(const type::v1::Citation* citation) const {
  return absl::HashOf(citation->document(), citation->span().begin(), citation->span().end());
}

bool Writer::SamePassage::operator()(const type::v1::Citation* a,
                                     const type::v1::Citation* b) const {
  const auto key = [](const type::v1::Citation& c) {
    return std::tuple<const std::string&, int64_t, int64_t, int, const std::string&,
                      const std::string&>(c.document(), c.span().begin(), c.span().end(), c.basis(),
                                          c.span_sha256(), c.reason());
  };
  return key(*a) == key(*b);
}

int Writer::FootnoteOf(const type::v1::Citation& citation, const std::string& resource) {
  // A citation is met as often as its resource is spoken of.
  const auto [found, is_new] = known_.try_emplace(&citation, 0);
  if (!is_new) return found->second;
  const int number = AddFootnote(citation);
  found->second = number;
  auto* resources = sheet_->mutable_footnotes(number - 1)->mutable_resources();
  if (std::find(resources->begin(), resources->end(), resource) == resources->end()) {
    *resources->Add() = resource;
  }
  return number;
}

int Writer::AddFootnote(const type::v1::Citation& citation) {
  const auto [found, is_new] = footnotes_.try_emplace(&citation, sheet_->footnotes_size() + 1);
  if (!is_new) return found->second;
  auto* footnote = sheet_->add_footnotes();
  footnote->set_number(found->second);
  SetAllButFields(citation, footnote->mutable_citation());
  const auto document = documents_.find(citation.document());
  footnote->set_document_title(document == documents_.end() || document->second.first.empty()
                                   ? citation.document()
                                   : document->second.first);
  if (document != documents_.end()) footnote->set_document_uri(document->second.second);
  return found->second;
}

}  // namespace entente::gateway::factsheet
