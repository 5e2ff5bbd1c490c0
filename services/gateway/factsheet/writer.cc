// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/writer.h"

#include <algorithm>

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
  std::string key =
      absl::StrCat(citation.document(), "\n", citation.span().begin(), "\n", citation.span().end(),
                   "\n", citation.basis(), "\n", citation.span_sha256(), "\n", citation.reason());
  const auto [found, is_new] = footnotes_.emplace(std::move(key), sheet_->footnotes_size() + 1);
  if (!is_new) return found->second;
  auto* footnote = sheet_->add_footnotes();
  footnote->set_number(found->second);
  *footnote->mutable_citation() = citation;
  footnote->mutable_citation()->clear_fields();
  const auto document = documents_.find(citation.document());
  footnote->set_document_title(document == documents_.end() || document->second.first.empty()
                                   ? citation.document()
                                   : document->second.first);
  if (document != documents_.end()) footnote->set_document_uri(document->second.second);
  return found->second;
}

}  // namespace entente::gateway::factsheet
