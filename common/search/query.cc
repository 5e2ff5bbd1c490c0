// SPDX-License-Identifier: Apache-2.0
#include "common/search/query.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/error.h"
#include "common/search/analysis.h"
#include "common/status/macros.h"

namespace entente::search {
namespace {

using filter::ErrorAt;
using filter::Quoted;

// What may stand before ":" besides the fields of texts.
constexpr absl::string_view kAttributeNames[] = {"type", "kind", "partnership"};

// A field, or an attribute, that a name stands for.
struct Scope {
  FieldSet fields = kAllFields;
  std::optional<AttributeTest::Attribute> attribute;
};

std::optional<Scope> FindScope(absl::string_view name) {
  for (size_t i = 0; i < kFields; ++i) {
    if (name == kFieldNames[i]) return Scope{SetOf(static_cast<Field>(i)), std::nullopt};
  }
  for (size_t i = 0; i < std::size(kAttributeNames); ++i) {
    if (name == kAttributeNames[i]) {
      return Scope{kAllFields, static_cast<AttributeTest::Attribute>(i)};
    }
  }
  return std::nullopt;
}

class Parser {
 public:
  Parser(absl::string_view text, const Labels& labels) : text_(text), labels_(labels) {}

  absl::StatusOr<Query> Run() && {
    if (text_.size() > kMaxQueryBytes) {
      return ErrorAt(text_, kMaxQueryBytes,
                     absl::StrCat("a query has at most ", kMaxQueryBytes, " bytes"));
    }
    if (const auto invalid = filter::FindInvalidUtf8(text_); invalid.has_value()) {
      return ErrorAt(text_.substr(0, *invalid), *invalid, "is not valid UTF-8");
    }
    if (const size_t null = text_.find('\0'); null != absl::string_view::npos) {
      return ErrorAt(text_, null, "is a null character");
    }
    ASSIGN_OR_RETURN(std::optional<Node> root, Sequence(Scope{}, /*depth=*/0));
    if (at_ < text_.size()) return Error("\")\" closes nothing");
    if (!root.has_value()) return ErrorAt(text_, 0, "there is nothing to look for: no words");
    query_.root = *std::move(root);
    MarkNegated(query_.root, false);
    return std::move(query_);
  }

 private:
  struct Character {
    UChar32 c;  // -1 at the end.
    size_t next;
  };

  absl::Status Error(absl::string_view message) const { return ErrorAt(text_, at_, message); }

  Character Peek(size_t at) const {
    if (at >= text_.size()) return {-1, at};
    UChar32 c = 0;
    auto next = static_cast<int64_t>(at);
    U8_NEXT(reinterpret_cast<const uint8_t*>(text_.data()), next,
            static_cast<int64_t>(text_.size()), c);
    return {c, static_cast<size_t>(next)};
  }
  static bool IsSpace(UChar32 c) { return c >= 0 && u_isUWhiteSpace(c); }
  // Those of keyboards and of word processors.
  static bool IsQuotationMark(UChar32 c) {
    return c == '"' || c == 0x201C || c == 0x201D || c == 0x201E;
  }
  // Where what is no word in quotation marks ends: at white space, parentheses and quotation marks.
  static bool EndsWord(UChar32 c) {
    return c < 0 || IsSpace(c) || c == '(' || c == ')' || IsQuotationMark(c);
  }

  void SkipSpace() {
    while (IsSpace(Peek(at_).c)) at_ = Peek(at_).next;
  }
  // Whether this very word, in capitals, stands here; it is not taken.
  bool IsAt(absl::string_view word) const {
    return absl::StartsWith(text_.substr(at_), word) && EndsWord(Peek(at_ + word.size()).c);
  }
  bool IsAtOperator() const { return IsAt("OR") || IsAt("AND"); }

  // Conditions side by side, up to the end or a ")". None if there are only marks that are no
  // words.
  absl::StatusOr<std::optional<Node>> Sequence(const Scope& scope, int depth) {
    Node node{Node::Kind::kAnd, 0, {}};
    bool after_and = false;
    for (SkipSpace(); at_ < text_.size() && text_[at_] != ')'; SkipSpace()) {
      const size_t begin = at_;
      if (IsAt("AND")) {
        if (node.children.empty() || after_and) return Error("AND stands between two conditions");
        at_ += 3;
        after_and = true;
        continue;
      }
      ASSIGN_OR_RETURN(std::optional<Node> next, Alternatives(scope, depth));
      if (!next.has_value()) continue;
      if (at_ == begin) return Error("is not understood");  // Never: each takes something.
      node.children.push_back(*std::move(next));
      after_and = false;
    }
    if (after_and) return Error("AND stands between two conditions");
    if (node.children.empty()) return std::optional<Node>();
    if (node.children.size() == 1) {
      Node only = std::move(node.children.front());
      return std::optional<Node>(std::move(only));
    }
    return std::optional<Node>(std::move(node));
  }

  absl::StatusOr<std::optional<Node>> Alternatives(const Scope& scope, int depth) {
    if (IsAt("OR")) return Error("OR stands between two conditions");
    ASSIGN_OR_RETURN(std::optional<Node> first, Condition(scope, depth));
    SkipSpace();
    if (!IsAt("OR")) return first;
    if (!first.has_value()) return Error("OR stands between two conditions, and before it is none");
    Node node{Node::Kind::kOr, 0, {}};
    node.children.push_back(*std::move(first));
    for (; IsAt("OR"); SkipSpace()) {
      at_ += 2;
      SkipSpace();
      const size_t begin = at_;
      if (at_ >= text_.size() || text_[at_] == ')' || IsAtOperator()) {
        return Error("OR stands between two conditions");
      }
      ASSIGN_OR_RETURN(std::optional<Node> next, Condition(scope, depth));
      if (!next.has_value()) return ErrorAt(text_, begin, "no words to look for, after OR");
      node.children.push_back(*std::move(next));
    }
    return std::optional<Node>(std::move(node));
  }

  absl::StatusOr<std::optional<Node>> Condition(const Scope& scope, int depth) {
    const UChar32 after = Peek(at_ + 1).c;
    if (text_[at_] != '-' || after < 0 || IsSpace(after)) return Simple(scope, depth);
    ++at_;
    if (text_[at_] == '-') return Error("\"-\" is not repeated");
    ASSIGN_OR_RETURN(std::optional<Node> negated, Simple(scope, depth));
    if (!negated.has_value()) return negated;
    Node node{Node::Kind::kNot, 0, {}};
    node.children.push_back(*std::move(negated));
    return std::optional<Node>(std::move(node));
  }

  absl::StatusOr<std::optional<Node>> Simple(const Scope& scope, int depth) {
    const UChar32 c = Peek(at_).c;
    if (c == '(') return Group(scope, depth);
    if (IsQuotationMark(c)) return InQuotationMarks(scope);
    if (c == ')') return Error("\"-\" has nothing behind it");
    ASSIGN_OR_RETURN(const std::optional<Scope> field, FieldName(scope));
    if (!field.has_value()) return Bare(scope);
    const UChar32 next = Peek(at_).c;
    if (next < 0 || IsSpace(next) || next == ')') {
      return Error("a word, or \"...\" or (...), must stand directly behind the field");
    }
    const size_t begin = at_;
    std::optional<Node> node;
    if (next == '(') {
      ASSIGN_OR_RETURN(node, Group(*field, depth));
    } else if (IsQuotationMark(next)) {
      ASSIGN_OR_RETURN(node, InQuotationMarks(*field));
    } else {
      ASSIGN_OR_RETURN(node, Bare(*field));
    }
    if (!node.has_value()) return ErrorAt(text_, begin, "no words to look for in the field");
    return node;
  }

  // Takes "title:". None if what is here is a word; an error if it looks like a field and is none.
  absl::StatusOr<std::optional<Scope>> FieldName(const Scope& outer) {
    size_t end = at_;
    while (end < text_.size() &&
           (absl::ascii_isalpha(static_cast<unsigned char>(text_[end])) || text_[end] == '_')) {
      ++end;
    }
    if (end == at_ || end >= text_.size() || text_[end] != ':') return std::optional<Scope>();
    const absl::string_view name = text_.substr(at_, end - at_);
    std::optional<Scope> scope = FindScope(name);
    if (!scope.has_value()) {
      const UChar32 next = Peek(end + 1).c;
      // "Note: ...", "https://..."
      if (EndsWord(next) || next == '/') return std::optional<Scope>();
      std::vector<std::string> names;
      for (const absl::string_view known : kFieldNames) names.emplace_back(known);
      for (const absl::string_view known : kAttributeNames) names.emplace_back(known);
      return Error(absl::StrCat("unknown field ", Quoted(name), ";",
                                filter::Alternatives(name, "fields", names),
                                "; in quotation marks it is a word"));
    }
    if (outer.fields != kAllFields || outer.attribute.has_value()) {
      return Error(absl::StrCat("the field ", Quoted(name), " stands within another one"));
    }
    at_ = end + 1;
    return scope;
  }

  absl::StatusOr<std::optional<Node>> Group(const Scope& scope, int depth) {
    const size_t begin = at_;
    if (depth == kMaxQueryDepth) {
      return Error(absl::StrCat("parentheses are more than ", kMaxQueryDepth, " levels deep"));
    }
    ++at_;
    ASSIGN_OR_RETURN(std::optional<Node> node, Sequence(scope, depth + 1));
    if (at_ >= text_.size()) return ErrorAt(text_, begin, "\"(\" is not closed");
    ++at_;
    if (!node.has_value()) return ErrorAt(text_, begin, "the parentheses hold no words");
    return node;
  }

  absl::StatusOr<std::optional<Node>> InQuotationMarks(const Scope& scope) {
    const size_t begin = at_;
    at_ = Peek(at_).next;
    const size_t from = at_;
    while (at_ < text_.size() && !IsQuotationMark(Peek(at_).c)) at_ = Peek(at_).next;
    if (at_ >= text_.size()) return ErrorAt(text_, begin, "the quotation mark is not closed");
    const absl::string_view words = text_.substr(from, at_ - from);
    at_ = Peek(at_).next;
    if (scope.attribute.has_value()) return Test(*scope.attribute, words, from);
    Term term;
    term.quoted = true;
    ASSIGN_OR_RETURN(std::optional<Node> node, AddTerm(std::move(term), scope, words, from));
    if (!node.has_value()) return ErrorAt(text_, begin, "the quotation marks hold no words");
    return node;
  }

  absl::StatusOr<std::optional<Node>> Bare(const Scope& scope) {
    const size_t from = at_;
    while (!EndsWord(Peek(at_).c)) at_ = Peek(at_).next;
    absl::string_view words = text_.substr(from, at_ - from);
    if (scope.attribute.has_value()) return Test(*scope.attribute, words, from);
    const size_t star = words.find('*');
    if (star == absl::string_view::npos) return AddTerm(Term(), scope, words, from);
    if (star + 1 != words.size()) {
      return ErrorAt(text_, from + star, "\"*\" stands only at the end of a word");
    }
    words.remove_suffix(1);
    Term term;
    term.prefix = true;
    const std::vector<Token> tokens = Analyse(words);
    if (tokens.empty() || tokens.back().byte_end != words.size() ||
        CodePoints(tokens.back().word) < kMinPrefixLength) {
      return ErrorAt(
          text_, from,
          absl::StrCat("at least ", kMinPrefixLength, " letters must stand before \"*\""));
    }
    return AddTerm(std::move(term), scope, words, from);
  }

  // The term of `words`, which stand at the byte `from`; none if there are none.
  absl::StatusOr<std::optional<Node>> AddTerm(Term term, const Scope& scope,
                                              absl::string_view words, size_t from) {
    const int begin = CodePoints(text_.substr(0, from));
    for (Token& token : Analyse(words)) {
      if (++words_ > kMaxQueryWords) {
        return ErrorAt(text_, from + token.byte_begin,
                       absl::StrCat("a query has at most ", kMaxQueryWords, " words"));
      }
      term.words.push_back({std::move(token.word), begin + token.begin, begin + token.end});
    }
    if (term.words.empty()) return std::optional<Node>();
    term.fields = scope.fields;
    query_.terms.push_back(std::move(term));
    return std::optional<Node>(Node{Node::Kind::kTerm, query_.terms.size() - 1, {}});
  }

  absl::StatusOr<std::optional<Node>> Test(AttributeTest::Attribute attribute,
                                           absl::string_view value, size_t from) {
    if (++words_ > kMaxQueryWords) {
      return ErrorAt(text_, from, absl::StrCat("a query has at most ", kMaxQueryWords, " words"));
    }
    std::string label;
    absl::string_view name;
    const std::vector<std::string>* known = nullptr;
    switch (attribute) {
      case AttributeTest::Attribute::kType:
        // "rate-series", "RateSeries" and "entente.dev/RateSeries".
        label = absl::ascii_islower(static_cast<unsigned char>(value.empty() ? 'a' : value[0])) &&
                        !absl::StrContains(value, '/')
                    ? std::string(value)
                    : LabelOfType(value);
        known = &labels_.types;
        name = "type";
        break;
      case AttributeTest::Attribute::kKind:
        label = LabelOfKind(value);
        known = &labels_.kinds;
        name = "kind";
        break;
      case AttributeTest::Attribute::kPartnership:
        label = LabelOfPartnership(value);
        name = "partnership";
        break;
    }
    if (label.empty()) return ErrorAt(text_, from, absl::StrCat("no ", name, " is named"));
    if (known != nullptr && std::find(known->begin(), known->end(), label) == known->end()) {
      const std::string plural = absl::StrCat(name, "s");
      return ErrorAt(text_, from,
                     absl::StrCat("unknown ", name, " ", Quoted(value), ";",
                                  filter::Alternatives(label, plural, *known)));
    }
    query_.attributes.push_back({attribute, std::move(label)});
    return std::optional<Node>(Node{Node::Kind::kAttribute, query_.attributes.size() - 1, {}});
  }

  void MarkNegated(const Node& node, bool negated) {
    if (node.kind == Node::Kind::kTerm) query_.terms[node.index].negated = negated;
    for (const Node& child : node.children) {
      MarkNegated(child, negated != (node.kind == Node::Kind::kNot));
    }
  }

  const absl::string_view text_;
  const Labels& labels_;
  size_t at_ = 0;
  size_t words_ = 0;
  Query query_;
};

}  // namespace

absl::StatusOr<Query> Parse(absl::string_view text, const Labels& labels) {
  return Parser(text, labels).Run();
}

}  // namespace entente::search
