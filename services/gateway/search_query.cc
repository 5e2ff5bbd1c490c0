// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/search_query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/search/document.h"
#include "common/search/expression.h"
#include "common/status/macros.h"

namespace entente::gateway {
namespace {

using search::AttributeTest;
using search::Node;
using search::Term;

// "title:", or nothing for all fields: a query names one or none.
std::string PrefixOf(search::FieldSet fields) {
  if (fields == search::kAllFields) return "";
  for (size_t i = 0; i < search::kFields; ++i) {
    if (search::Has(fields, static_cast<search::Field>(i))) {
      return absl::StrCat(search::kFieldNames.at(i), ":");
    }
  }
  return "";
}

std::string JoinedWords(const Term& term, const char* separator) {
  return absl::StrJoin(term.words, separator, [](std::string* out, const Term::Word& word) {
    absl::StrAppend(out, word.word);
  });
}

bool Has(const std::vector<std::string>& labels, const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace

double FactorOf(const IndexCounts& index, const std::vector<IndexCounts>& all) {
  double own = 0;
  double joint = 0;
  int64_t documents = 0;
  for (const IndexCounts& one : all) documents += one.documents;
  for (size_t unit = 0; unit < index.with.size(); ++unit) {
    if (index.with[unit] == 0) continue;
    int64_t with = 0;
    for (const IndexCounts& one : all) with += one.with[unit];
    own += search::WorthOf(index.with[unit], index.documents);
    joint += search::WorthOf(with, documents);
  }
  return own > 0 ? joint / own : 1;
}

absl::StatusOr<JointQuery> JointQuery::Parse(absl::string_view text, const search::Labels& labels) {
  JointQuery query;
  ASSIGN_OR_RETURN(query.query_, search::Parse(text, labels));
  query.MakeUnits();
  return query;
}

void JointQuery::MakeUnits() {
  units_.clear();
  for (size_t i = 0; i < query_.terms.size(); ++i) {
    const Term& term = query_.terms[i];
    if (term.negated) continue;
    for (size_t j = 0; j < term.words.size(); ++j) {
      const std::string prefix = PrefixOf(term.fields);
      const std::string& word = term.words[j].word;
      const bool begins = term.prefix && j + 1 == term.words.size();
      Unit unit{i, j, "", ""};
      unit.exact =
          begins ? absl::StrCat(prefix, word, "*") : absl::StrCat(prefix, "\"", word, "\"");
      if (!term.quoted && !term.prefix) unit.correctable = absl::StrCat(prefix, word);
      units_.push_back(std::move(unit));
    }
  }
}

const std::string& JointQuery::WordOf(const Unit& unit) const {
  return query_.terms[unit.term].words[unit.word].word;
}

void JointQuery::Replace(size_t unit, const std::string& replacement) {
  Term::Word& word = query_.terms[units_[unit].term].words[units_[unit].word];
  type::v1::SearchCorrection& correction = corrections_.emplace_back();
  correction.mutable_span()->set_begin(word.begin);
  correction.mutable_span()->set_end(word.end);
  correction.set_word(word.word);
  correction.set_replacement(replacement);
  correction.set_kind(type::v1::SEARCH_CORRECTION_KIND_REPLACED);
  word.word = replacement;
  replaced_.emplace_back(unit, replacement);
  MakeUnits();
}

std::string JointQuery::Replacements() const {
  return absl::StrJoin(replaced_, " ", absl::PairFormatter("="));
}

bool JointQuery::ReplaceAll(absl::string_view replacements) {
  for (const absl::string_view one : absl::StrSplit(replacements, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(one, absl::MaxSplits('=', 1));
    size_t unit = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &unit) || unit >= units_.size()) {
      return false;
    }
    Replace(unit, parts[1]);
  }
  return true;
}

std::string JointQuery::TextFor(const search::Labels& labels) const {
  return TextOf(query_.root, labels, /*alone=*/true);
}

std::string JointQuery::TextOf(const Term& term) const {
  const std::string prefix = PrefixOf(term.fields);
  // Words that a mark was in come apart into the same words again.
  if (term.prefix) return absl::StrCat(prefix, JoinedWords(term, "-"), "*");
  return absl::StrCat(prefix, "\"", JoinedWords(term, " "), "\"");
}

// `alone`: nothing stands beside it that it would have to be held together from.
std::string JointQuery::TextOf(const Node& node, const search::Labels& labels, bool alone) const {
  switch (node.kind) {
    case Node::Kind::kTerm:
      return TextOf(query_.terms[node.index]);
    case Node::Kind::kAttribute: {
      const AttributeTest& test = query_.attributes[node.index];
      const std::string label = absl::StrCat(":\"", test.label, "\"");
      if (test.attribute == AttributeTest::Attribute::kPartnership) {
        return absl::StrCat("partnership", label);
      }
      const bool type = test.attribute == AttributeTest::Attribute::kType;
      if (!Has(type ? labels.types : labels.kinds, test.label)) return kNothing;
      return absl::StrCat(type ? "type" : "kind", label);
    }
    case Node::Kind::kNot:
      return absl::StrCat("-", TextOf(node.children.front(), labels, false));
    case Node::Kind::kAnd:
    case Node::Kind::kOr: {
      std::vector<std::string> parts;
      for (const Node& child : node.children) parts.push_back(TextOf(child, labels, false));
      const std::string joined = absl::StrJoin(parts, node.kind == Node::Kind::kOr ? " OR " : " ");
      return alone ? joined : absl::StrCat("(", joined, ")");
    }
  }
  return "";
}

}  // namespace entente::gateway
