// SPDX-License-Identifier: Apache-2.0
#include "common/search/expression.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace entente::search {
namespace {

// What a word counts for that was put beside a rare one.
constexpr double kWidenedShare = 0.3;

// A string of FTS5. Words hold no quotation marks; labels of partnerships are as somebody wrote
// them.
std::string QuotedFor(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string ColumnsOf(FieldSet fields) {
  if (fields == kAllFields) return "";
  std::vector<std::string> columns;
  for (size_t i = 0; i < kFields; ++i) {
    if (Has(fields, static_cast<Field>(i))) columns.push_back(absl::StrCat("c", i));
  }
  return absl::StrCat("{", absl::StrJoin(columns, " "), "} : ");
}

using Part = Expression::Part;

class Writer {
 public:
  Writer(const Query& query, const Vocabulary& vocabulary, int64_t documents)
      : query_(query), vocabulary_(vocabulary), documents_(documents) {}

  Expression Run() && {
    result_.root = Add(query_.root);
    AddWhole();
    return std::move(result_);
  }

 private:
  // As in BM25: what few documents have says more. Of words that stand side by side, of all of
  // them.
  double Worth(int64_t with) const { return WorthOf(with, documents_); }
  double Worth(const Term& term) const {
    double worth = 0;
    for (size_t i = 0; i < term.words.size(); ++i) {
      const std::string& word = term.words[i].word;
      const bool prefix = term.prefix && i + 1 == term.words.size();
      worth += Worth(prefix ? vocabulary_.DocumentsWithPrefix(word, term.fields)
                            : vocabulary_.Documents(word, term.fields));
    }
    return worth;
  }

  Part AddPhrase(absl::string_view columns, absl::string_view words, bool prefix, double worth,
                 bool whole = false) {
    std::string text = absl::StrCat(columns, QuotedFor(words), prefix ? " *" : "");
    absl::StrAppend(&result_.text, text);
    result_.phrases.push_back({std::move(text), within_negation_ ? 0 : worth, whole});
    return {Part::Kind::kPhrase, result_.phrases.size() - 1, {}};
  }
  Part AddMark(absl::string_view mark) {
    return AddPhrase(absl::StrCat("c", kMarkColumn, " : "), mark, false, 0);
  }

  Part Add(const Term& term) {
    const std::string columns = ColumnsOf(term.fields);
    const std::string words = absl::StrJoin(
        term.words, " ",
        [](std::string* out, const Term::Word& word) { absl::StrAppend(out, word.word); });
    if (term.also.empty()) return AddPhrase(columns, words, term.prefix, Worth(term));
    Part part{Part::Kind::kAny, 0, {}};
    absl::StrAppend(&result_.text, "(");
    part.children.push_back(AddPhrase(columns, words, term.prefix, Worth(term)));
    absl::StrAppend(&result_.text, " OR ");
    part.children.push_back(
        AddPhrase(columns, term.also, false,
                  kWidenedShare * Worth(vocabulary_.Documents(term.also, term.fields))));
    absl::StrAppend(&result_.text, ")");
    return part;
  }

  Part AddJoined(const std::vector<const Node*>& nodes, Part::Kind kind) {
    Part part{kind, 0, {}};
    absl::StrAppend(&result_.text, "(");
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (i > 0) absl::StrAppend(&result_.text, kind == Part::Kind::kAny ? " OR " : " AND ");
      part.children.push_back(Add(*nodes[i]));
    }
    absl::StrAppend(&result_.text, ")");
    return part;
  }

  // FTS5 has no negation by itself, only "without".
  Part AddConjunction(const std::vector<const Node*>& with,
                      const std::vector<const Node*>& without) {
    absl::StrAppend(&result_.text, "(");
    Part part = with.empty() ? AddMark(kMarkOfAll) : AddJoined(with, Part::Kind::kAll);
    if (part.children.size() == 1) part = Part(part.children.front());
    if (!without.empty()) {
      absl::StrAppend(&result_.text, " NOT ");
      const bool outer = std::exchange(within_negation_, true);
      Part negated = AddJoined(without, Part::Kind::kAny);
      within_negation_ = outer;
      part = {Part::Kind::kWithout, 0, {std::move(part), std::move(negated)}};
    }
    absl::StrAppend(&result_.text, ")");
    return part;
  }

  Part Add(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kTerm:
        return Add(query_.terms[node.index]);
      case Node::Kind::kAttribute: {
        const AttributeTest& test = query_.attributes[node.index];
        return AddMark(MarkOf(test.attribute, test.label));
      }
      case Node::Kind::kNot:
        return AddConjunction({}, {node.children.data()});
      case Node::Kind::kOr: {
        std::vector<const Node*> children;
        for (const Node& child : node.children) {
          children.push_back(&child);
        }
        return AddJoined(children, Part::Kind::kAny);
      }
      case Node::Kind::kAnd: {
        std::vector<const Node*> with;
        std::vector<const Node*> without;
        for (const Node& child : node.children) {
          if (child.kind == Node::Kind::kNot) {
            without.push_back(child.children.data());
          } else {
            with.push_back(&child);
          }
        }
        return AddConjunction(with, without);
      }
    }
    return {};
  }

  // For words side by side that could be all of a title or name. What has that has the words, and
  // is found without it.
  void AddWhole() {
    std::vector<const Node*> nodes;
    if (query_.root.kind == Node::Kind::kAnd) {
      for (const Node& child : query_.root.children) nodes.push_back(&child);
    } else {
      nodes.push_back(&query_.root);
    }
    std::vector<std::string> words;
    double worth = 0;
    for (const Node* node : nodes) {
      if (node->kind != Node::Kind::kTerm) return;
      const Term& term = query_.terms[node->index];
      if (term.prefix || term.fields != kAllFields || !term.also.empty()) return;
      for (const Term::Word& word : term.words) words.push_back(word.word);
      worth += Worth(term);
    }
    if (words.size() > kMaxWholeWords) return;
    result_.text = absl::StrCat("(", result_.text, ") OR ");
    const Part whole = AddPhrase(absl::StrCat("c", kMarkColumn, " : "), MarkOfWhole(words), false,
                                 worth, /*whole=*/true);
    result_.root = {Part::Kind::kAny, 0, {std::move(result_.root), whole}};
  }

  const Query& query_;
  const Vocabulary& vocabulary_;
  const int64_t documents_;
  bool within_negation_ = false;  // Where nothing counts for what is found.
  Expression result_;
};

}  // namespace

std::string MarkOf(AttributeTest::Attribute attribute, const std::string& label) {
  // A space would part it.
  return absl::StrCat("=", static_cast<int>(attribute), ":",
                      absl::StrReplaceAll(label, {{" ", "="}}));
}

std::string MarkOfWhole(const std::vector<std::string>& words) {
  return absl::StrCat("==", absl::StrJoin(words, "="));
}

bool Expression::TellsOfPhrases() const {
  const auto is_phrase = [](const Part& part) { return part.kind == Part::Kind::kPhrase; };
  const auto are_phrases = [&](const Part& part) {
    return std::all_of(part.children.begin(), part.children.end(), is_phrase);
  };
  switch (root.kind) {
    case Part::Kind::kPhrase:
      return true;
    case Part::Kind::kAll:
      return std::all_of(root.children.begin(), root.children.end(), [&](const Part& part) {
        return is_phrase(part) || (part.kind == Part::Kind::kAny && are_phrases(part));
      });
    case Part::Kind::kAny:
      // Words side by side beside the whole name that they may be.
      if (phrases.back().whole) {
        return is_phrase(root.children[0]) ||
               (root.children[0].kind == Part::Kind::kAll && are_phrases(root.children[0]));
      }
      return are_phrases(root);
    case Part::Kind::kWithout:
      // What is not there counts for nothing.
      return is_phrase(root.children[0]) ||
             (root.children[0].kind == Part::Kind::kAll && are_phrases(root.children[0]));
  }
  return false;
}

double WorthOf(int64_t with, int64_t documents) {
  const auto all = static_cast<double>(documents);
  const double found = std::min(static_cast<double>(with), all);
  return std::log(1 + (all - found + 0.5) / (found + 0.5));
}

Expression Express(const Query& query, const Vocabulary& vocabulary, int64_t documents) {
  return Writer(query, vocabulary, documents).Run();
}

}  // namespace entente::search
