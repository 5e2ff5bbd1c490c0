// SPDX-License-Identifier: Apache-2.0
//
// Whatever is asked is either a query, which finds what a search through all documents finds, or is
// refused with a column within it. The words of any text stand where they are said to, and a text
// is found by each of them. The first byte says which of the two is tried.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/filter/error.h"
#include "common/search/analysis.h"
#include "common/search/correct.h"
#include "common/search/index.h"
#include "common/search/snippet.h"

namespace entente::search {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

Document Make(std::string name, std::string type, std::vector<Value> values) {
  return {std::move(name),
          {std::move(type), "ORGANISATION_KIND_AGENCY", {"partnerships/p"}},
          std::move(values)};
}

const std::vector<Document>& Documents() {
  static const auto* const documents = new std::vector<Document>{
      Make("organisations/usaid", "entente.dev/Organisation",
           {{Field::kTitle, "title.text", "en", "U.S. Agency for International Development"},
            {Field::kAcronym, "acronyms[0]", "", "USAID"}}),
      Make("documents/a", "entente.dev/Document",
           {{Field::kTitle, "title.text", "vi", "Đồng bằng sông Cửu Long"},
            {Field::kNote, "notes[0].text", "th", "กรุงเทพเป็นเมืองหลวงของประเทศไทย a b c"}}),
      Make("documents/b", "entente.dev/Document",
           {{Field::kDescription, "description.text", "en", "a b, c or usaid: 1,000 rivers"}}),
      Make("documents/empty", "entente.dev/Document", {})};
  return *documents;
}

Index& TestIndex() {
  static Index* const index = [] {
    Index* made = Index::Create().value().release();
    std::vector<Index::Change> changes;
    for (const Document& document : Documents()) changes.push_back({nullptr, &document});
    Require(made->Apply(changes).ok());
    return made;
  }();
  return *index;
}

bool Stands(const Term& term, const Document& document) {
  for (const Value& value : document.values) {
    if (!Has(term.fields, value.field)) continue;
    const std::vector<Token> tokens = Analyse(value.text);
    for (size_t at = 0; at < tokens.size(); ++at) {
      if (tokens[at].word == term.also) return true;
      bool all = at + term.words.size() <= tokens.size();
      for (size_t i = 0; all && i < term.words.size(); ++i) {
        all = term.prefix && i + 1 == term.words.size()
                  ? absl::StartsWith(tokens[at + i].word, term.words[i].word)
                  : tokens[at + i].word == term.words[i].word;
      }
      if (all) return true;
    }
  }
  return false;
}

bool Matches(const Query& query, const Node& node, const Document& document) {
  const auto matches = [&](const Node& child) { return Matches(query, child, document); };
  switch (node.kind) {
    case Node::Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), matches);
    case Node::Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), matches);
    case Node::Kind::kNot:
      return !matches(node.children[0]);
    case Node::Kind::kTerm:
      return Stands(query.terms[node.index], document);
    case Node::Kind::kAttribute: {
      const AttributeTest& test = query.attributes[node.index];
      if (test.attribute == AttributeTest::Attribute::kType) {
        return LabelOfType(document.attributes.type) == test.label;
      }
      return test.label == (test.attribute == AttributeTest::Attribute::kKind ? "agency" : "p");
    }
  }
  return false;
}

void TestQuery(absl::string_view text) {
  auto query = Parse(text, {{"organisation", "document"}, {"agency", "plan"}});
  if (!query.ok()) {
    const auto column = filter::ErrorColumn(query.status());
    Require(query.status().code() == absl::StatusCode::kInvalidArgument && column.has_value());
    Require(*column >= 1 && *column <= CodePoints(text) + 1);
    Require(!filter::FindInvalidUtf8(query.status().message()).has_value());
    return;
  }
  const int length = CodePoints(text);
  for (const Term& term : query->terms) {
    for (const Term::Word& word : term.words) {
      Require(0 <= word.begin && word.begin < word.end && word.end <= length);
    }
  }
  Correct(TestIndex().vocabulary(), &*query);
  Search search;
  search.query = &*query;
  search.limit = 10;
  const auto found = TestIndex().Find(search);
  Require(found.ok());
  std::vector<std::string> names;
  for (const Hit& hit : found->hits) names.push_back(hit.name);
  for (const Document& document : Documents()) {
    const bool matches = Matches(*query, query->root, document);
    Require(matches == (std::count(names.begin(), names.end(), document.name) == 1));
    for (const Match& match : FindMatches(document, *query)) {
      Require(!match.highlights.empty());
      const int snippet = CodePoints(match.snippet);
      int end = -1;
      for (const Passage& passage : match.highlights) {
        Require(end < passage.begin && passage.begin < passage.end && passage.end <= snippet);
        end = passage.end;
      }
    }
  }
}

void TestText(absl::string_view text) {
  const std::vector<Token> tokens = Analyse(text);
  size_t byte = 0;
  for (const Token& token : tokens) {
    Require(byte <= token.byte_begin && token.byte_begin < token.byte_end &&
            token.byte_end <= text.size());
    byte = token.byte_end;
    Require(!token.word.empty() && token.word.size() <= kMaxWordBytes &&
            !filter::FindInvalidUtf8(token.word).has_value() &&
            token.word.find_first_of(" =\"") == std::string::npos);
  }
  const Document document =
      Make("documents/fuzzed", "entente.dev/Document", {{Field::kNote, "", "", text}});
  const auto index = Index::Create().value();
  const Index::Change add{nullptr, &document};
  Require(index->Apply({&add, 1}).ok());
  for (size_t i = 0; i < tokens.size() && i < 20; ++i) {
    Query query;
    query.root = {Node::Kind::kTerm, 0, {}};
    query.terms.resize(1);
    query.terms[0].words = {{tokens[i].word, 0, 1}};
    Search search;
    search.query = &query;
    const auto found = index->Find(search);
    Require(found.ok() && found->total == 1);
    for (const Match& match : FindMatches(document, query)) Require(!match.highlights.empty());
  }
  const Index::Change remove{&document, nullptr};
  Require(index->Apply({&remove, 1}).ok());
  Require(index->documents() == 0 && index->vocabulary().size() == 0);
}

}  // namespace
}  // namespace entente::search

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 0) {
    entente::search::TestText(text);
  } else {
    entente::search::TestQuery(text);
  }
  return 0;
}
