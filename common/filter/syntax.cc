// SPDX-License-Identifier: Apache-2.0
#include "common/filter/syntax.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/error.h"
#include "common/filter/filter.h"

namespace entente::filter::internal {
namespace {

// Where a text stands decides what it may contain. On the left of a comparator a dot separates
// names and a colon is a comparator; on the right both are part of the value, so that `2.5`,
// `com.google` and `2012-04-21T11:30:00-04:00` need no quotes.
enum class Position { kLeft, kRight };

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A recursive descent parser, one function for each rule of the grammar.
class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::optional<Expression>> ParseFilter() {
    SkipSpace();
    if (AtEnd()) return std::optional<Expression>();
    absl::StatusOr<Expression> expression = ParseExpression(Position::kLeft);
    if (!expression.ok()) return expression.status();
    if (!AtEnd()) {
      if (text_[pos_] == ')') return Error(pos_, "\")\" has no matching \"(\"");
      return Error(pos_, absl::StrCat("unexpected ", Here()));
    }
    return std::optional<Expression>(*std::move(expression));
  }

 private:
  // expression: sequence {AND sequence}. In the position kRight the alternatives of an argument,
  // `field = (a OR b)`, are parsed: literals and logical operators only.
  absl::StatusOr<Expression> ParseExpression(Position position) {
    std::vector<Expression> parts;
    const size_t start = pos_;
    while (true) {
      if (absl::Status status = ParseSequence(position, &parts); !status.ok()) return status;
      if (!AtKeyword("AND")) break;
      if (absl::Status status = SkipKeyword("AND"); !status.ok()) return status;
    }
    return Combine(Expression::Kind::kAnd, start, std::move(parts));
  }

  // sequence: factor {WS factor}. Adjacent factors are joined like those of an AND.
  absl::Status ParseSequence(Position position, std::vector<Expression>* factors) {
    while (true) {
      absl::StatusOr<Expression> factor = ParseFactor(position);
      if (!factor.ok()) return factor.status();
      factors->push_back(*std::move(factor));
      const size_t end = pos_;
      SkipSpace();
      if (AtEnd() || text_[pos_] == ')' || AtKeyword("AND")) return absl::OkStatus();
      if (text_[pos_] == '\\') return BackslashError();
      if (pos_ == end || text_[pos_] == ',') {
        return Error(pos_, absl::StrCat("unexpected ", Here(),
                                        "; conditions are joined by AND, OR or a space"));
      }
    }
  }

  // factor: term {OR term}.
  absl::StatusOr<Expression> ParseFactor(Position position) {
    std::vector<Expression> terms;
    SkipSpace();
    const size_t start = pos_;
    while (true) {
      absl::StatusOr<Expression> term = ParseTerm(position);
      if (!term.ok()) return term.status();
      terms.push_back(*std::move(term));
      const size_t end = pos_;
      SkipSpace();
      if (!AtKeyword("OR")) {
        pos_ = end;
        break;
      }
      if (absl::Status status = SkipKeyword("OR"); !status.ok()) return status;
    }
    return Combine(Expression::Kind::kOr, start, std::move(terms));
  }

  // term: [NOT WS | MINUS] simple.
  absl::StatusOr<Expression> ParseTerm(Position position) {
    SkipSpace();
    const size_t start = pos_;
    bool negated = false;
    if (AtKeyword("NOT")) {
      if (absl::Status status = SkipKeyword("NOT"); !status.ok()) return status;
      SkipSpace();
      negated = true;
    } else if (AtMinus(position)) {
      ++pos_;
      if (AtEnd() || IsSpace(text_[pos_])) {
        return Error(start, "\"-\" must stand directly before the condition that it negates");
      }
      negated = true;
    }
    if (negated && (AtKeyword("NOT") || AtMinus(position))) {
      return Error(pos_, "a negation cannot be negated without parentheses");
    }
    absl::StatusOr<Expression> simple = ParseSimple(position);
    if (!simple.ok() || !negated) return simple;
    Expression negation{Expression::Kind::kNot};
    negation.offset = start;
    negation.children.push_back(*std::move(simple));
    return negation;
  }

  // simple: restriction | composite.
  absl::StatusOr<Expression> ParseSimple(Position position) {
    for (absl::string_view keyword : {"AND", "OR", "NOT"}) {
      if (AtKeyword(keyword)) {
        return Error(pos_, absl::StrCat("expected a condition before ", keyword,
                                        "; put the word in quotes to search for it"));
      }
    }
    if (AtEnd()) return Error(pos_, "expected a condition, found the end of the filter");
    if (text_[pos_] == '(') return ParseComposite(position);
    if (++terms_ > kMaxFilterTerms) {
      return Error(pos_, absl::StrCat("more than ", kMaxFilterTerms, " conditions"));
    }
    return position == Position::kLeft ? ParseRestriction() : ParseAlternative();
  }

  // composite: LPAREN expression RPAREN.
  absl::StatusOr<Expression> ParseComposite(Position position) {
    const size_t open = pos_++;
    if (++depth_ > kMaxFilterDepth) {
      return Error(
          open, absl::StrCat("parentheses are nested more than ", kMaxFilterDepth, " levels deep"));
    }
    absl::StatusOr<Expression> inner = ParseExpression(position);
    if (!inner.ok()) return inner;
    if (AtEnd()) return Error(open, "\"(\" is never closed");
    if (text_[pos_] != ')') return Error(pos_, absl::StrCat("expected \")\", found ", Here()));
    ++pos_;
    --depth_;
    return inner;
  }

  absl::StatusOr<Expression> ParseAlternative() {
    absl::StatusOr<Literal> literal = ParseLiteral(Position::kRight, "a value");
    if (!literal.ok()) return literal.status();
    return Global(*std::move(literal));
  }

  // restriction: comparable [comparator arg], where comparable is a member or a function.
  absl::StatusOr<Expression> ParseRestriction() {
    const size_t start = pos_;
    std::vector<Literal> values;
    while (true) {
      absl::StatusOr<Literal> value = ParseLiteral(
          Position::kLeft, values.empty() ? "a field, a value or \"(\"" : "a name after \".\"");
      if (!value.ok()) return value.status();
      values.push_back(*std::move(value));
      if (AtEnd() || text_[pos_] != '.') break;
      ++pos_;
    }
    if (!AtEnd() && text_[pos_] == '(') return ParseCall(start, values);
    const size_t end = pos_;
    SkipSpace();
    Expression restriction{Expression::Kind::kRestriction};
    restriction.offset = start;
    restriction.op_offset = pos_;
    if (!ParseOperator(&restriction.op)) {
      pos_ = end;
      return Global(Join(std::move(values)));
    }
    for (Literal& value : values) {
      restriction.path.push_back({std::move(value.text), value.offset});
    }
    absl::StatusOr<Expression> argument = ParseArgument(restriction.op);
    if (!argument.ok()) return argument.status();
    restriction.children.push_back(*std::move(argument));
    return restriction;
  }

  // The right-hand side of a comparator.
  absl::StatusOr<Expression> ParseArgument(Operator op) {
    SkipSpace();
    if (!AtEnd() && text_[pos_] == '(') return ParseComposite(Position::kRight);
    for (absl::string_view keyword : {"AND", "OR", "NOT"}) {
      if (AtKeyword(keyword)) {
        return Error(pos_, absl::StrCat("expected a value after \"", OperatorText(op), "\", found ",
                                        keyword, "; put it in quotes if it is the value"));
      }
    }
    absl::StatusOr<Literal> literal =
        ParseLiteral(Position::kRight, absl::StrCat("a value after \"", OperatorText(op), "\""));
    if (!literal.ok()) return literal.status();
    if (!literal->quoted && !AtEnd() && text_[pos_] == '(') {
      return Error(literal->offset, absl::StrCat(Quoted(literal->text),
                                                 " is called as a function; only values can be "
                                                 "compared with"));
    }
    return Global(*std::move(literal));
  }

  // function: name {DOT name} LPAREN [argList] RPAREN. The parenthesis is next.
  absl::StatusOr<Expression> ParseCall(size_t start, const std::vector<Literal>& names) {
    Expression call{Expression::Kind::kCall};
    call.offset = start;
    for (const Literal& name : names) {
      if (name.quoted) return Error(pos_, "unexpected \"(\" after a string");
      absl::StrAppend(&call.function, call.function.empty() ? "" : ".", name.text);
    }
    const size_t open = pos_++;
    SkipSpace();
    if (!AtEnd() && text_[pos_] == ')') {
      ++pos_;
      return call;
    }
    while (true) {
      SkipSpace();
      absl::StatusOr<Literal> argument = ParseLiteral(Position::kRight, "an argument");
      if (!argument.ok()) return argument.status();
      call.arguments.push_back({std::move(argument->text), argument->quoted, argument->offset});
      SkipSpace();
      if (AtEnd()) return Error(open, "\"(\" is never closed");
      if (text_[pos_] == ')') break;
      if (text_[pos_] != ',') {
        return Error(pos_, absl::StrCat("expected \",\" or \")\" after an argument of ",
                                        Quoted(call.function), ", found ", Here()));
      }
      ++pos_;
    }
    ++pos_;
    return call;
  }

  bool ParseOperator(Operator* op) {
    // The longer ones first.
    for (Operator candidate :
         {Operator::kLessOrEquals, Operator::kGreaterOrEquals, Operator::kNotEquals,
          Operator::kLess, Operator::kGreater, Operator::kEquals, Operator::kHas}) {
      if (absl::StartsWith(text_.substr(pos_), OperatorText(candidate))) {
        pos_ += OperatorText(candidate).size();
        *op = candidate;
        return true;
      }
    }
    return false;
  }

  // value: TEXT | STRING.
  absl::StatusOr<Literal> ParseLiteral(Position position, absl::string_view expected) {
    if (!AtEnd() && (text_[pos_] == '"' || text_[pos_] == '\'')) return ParseString();
    const size_t length = WordLength(position);
    if (length == 0) {
      if (AtEnd()) {
        return Error(pos_, absl::StrCat("expected ", expected, ", found the end of the filter"));
      }
      if (text_[pos_] == '\\') return BackslashError();
      return Error(pos_, absl::StrCat("expected ", expected, ", found ", Here()));
    }
    Literal literal;
    literal.offset = pos_;
    literal.text = std::string(text_.substr(pos_, length));
    for (size_t i = 0; i < length; ++i) {
      if (literal.text[i] == '*') literal.stars.push_back(i);
    }
    pos_ += length;
    return literal;
  }

  absl::StatusOr<Literal> ParseString() {
    Literal literal;
    literal.quoted = true;
    literal.offset = pos_;
    const char quote = text_[pos_++];
    while (!AtEnd() && text_[pos_] != quote) {
      char c = text_[pos_++];
      if (c == '\\') {
        const absl::string_view escape = text_.substr(pos_, 1);
        if (escape == "n") {
          c = '\n';
        } else if (escape == "r") {
          c = '\r';
        } else if (escape == "t") {
          c = '\t';
        } else if (!escape.empty() && absl::StrContains("\"'\\*", escape)) {
          c = escape[0];
        } else {
          return Error(pos_ - 1, absl::StrCat("unknown escape after the backslash: the escapes are "
                                              "\\\" \\' \\\\ \\* \\n \\r \\t"));
        }
        ++pos_;
      } else if (c == '*') {
        literal.stars.push_back(literal.text.size());
      }
      literal.text.push_back(c);
    }
    if (AtEnd()) return Error(literal.offset, "the string that begins here is never closed");
    ++pos_;
    return literal;
  }

  // How many bytes of TEXT come next.
  size_t WordLength(Position position) const {
    size_t end = pos_;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (IsSpace(c) || absl::StrContains("()\"'<>=,\\", absl::string_view(&c, 1))) break;
      if (c == '!' && absl::StartsWith(text_.substr(end), "!=")) break;
      if (position == Position::kLeft && (c == '.' || c == ':')) break;
    }
    return end - pos_;
  }

  bool AtKeyword(absl::string_view keyword) const {
    return absl::StartsWith(text_.substr(pos_), keyword) &&
           WordLength(Position::kRight) == keyword.size();
  }

  // Whether a "-" that negates is next. In an argument `(-2 OR 3)` holds a negative number.
  bool AtMinus(Position position) const {
    if (AtEnd() || text_[pos_] != '-') return false;
    return position == Position::kLeft || pos_ + 1 == text_.size() ||
           !(absl::ascii_isdigit(text_[pos_ + 1]) || text_[pos_ + 1] == '.');
  }

  absl::Status SkipKeyword(absl::string_view keyword) {
    const size_t start = pos_;
    pos_ += keyword.size();
    if (AtEnd()) {
      return Error(start, absl::StrCat("expected a condition after ", keyword,
                                       ", found the end of the filter"));
    }
    if (IsSpace(text_[pos_])) return absl::OkStatus();
    return Error(start, absl::StrCat(keyword, " must be followed by a space"));
  }

  static Expression Combine(Expression::Kind kind, size_t offset, std::vector<Expression> parts) {
    if (parts.size() == 1) return std::move(parts[0]);
    Expression result{kind};
    result.offset = offset;
    result.children = std::move(parts);
    return result;
  }

  static Expression Global(Literal literal) {
    Expression result{Expression::Kind::kGlobal};
    result.offset = literal.offset;
    result.literal = std::move(literal);
    return result;
  }

  // Bare, `a.b` is not a path but a text with a dot.
  static Literal Join(std::vector<Literal> values) {
    Literal joined = std::move(values[0]);
    for (size_t i = 1; i < values.size(); ++i) {
      joined.text.push_back('.');
      for (size_t star : values[i].stars) joined.stars.push_back(joined.text.size() + star);
      joined.text += values[i].text;
    }
    return joined;
  }

  // What is next, for an error.
  std::string Here() const {
    const size_t length = WordLength(Position::kRight);
    return Quoted(text_.substr(pos_, length == 0 ? 1 : length));
  }

  absl::Status BackslashError() const {
    return Error(pos_, "a backslash is an escape and may stand in quotes only");
  }

  absl::Status Error(size_t offset, absl::string_view message) const {
    return ErrorAt(text_, offset, message);
  }

  bool AtEnd() const { return pos_ >= text_.size(); }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[pos_])) ++pos_;
  }

  const absl::string_view text_;
  size_t pos_ = 0;
  size_t depth_ = 0;
  size_t terms_ = 0;
};

}  // namespace

absl::StatusOr<std::optional<Expression>> Parse(absl::string_view text) {
  return Parser(text).ParseFilter();
}

}  // namespace entente::filter::internal
