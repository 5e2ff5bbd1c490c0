// SPDX-License-Identifier: Apache-2.0
#include "common/filter/condition.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/substring.h"
#include "common/filter/syntax.h"
#include "common/filter/value_test.h"

namespace entente::filter {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using internal::Expression;
using internal::Literal;
using internal::ValueTest;

// What conditions cost beside a comparison of numbers: the messages of strings are elsewhere in
// memory, comparators of services parse, and words are looked for in whole texts.
constexpr int kCostOfString = 2;
constexpr int kCostOfRepeated = 2;  // times
constexpr int kCostOfFunction = 10;
constexpr int kCostOfText = 20;

class Compiler {
 public:
  Compiler(absl::string_view source, const Schema& schema, const Synonyms& synonyms)
      : source_(source), schema_(schema), synonyms_(synonyms) {}

  absl::StatusOr<Condition> Compile(const Expression& expression) const {
    switch (expression.kind) {
      case Expression::Kind::kRestriction:
        return CompileRestriction(expression);
      case Expression::Kind::kCall:
        return CompileCall(expression);
      case Expression::Kind::kGlobal: {
        absl::StatusOr<internal::Substring> word = CompileWord(expression.literal);
        if (!word.ok()) return word.status();
        return InTexts({*std::move(word)});
      }
      case Expression::Kind::kOr:
        return CompileAlternatives(expression);
      default:
        return Combine(expression, [this](const Expression& child) { return Compile(child); });
    }
  }

 private:
  // AND, OR and NOT over whatever `compile` makes of the operands.
  template <typename CompileOperand>
  absl::StatusOr<Condition> Combine(const Expression& expression,
                                    const CompileOperand& compile) const {
    Condition result{KindOf(expression.kind)};
    result.operands.reserve(expression.children.size());
    result.cost = 0;
    for (const Expression& child : expression.children) {
      absl::StatusOr<Condition> operand = compile(child);
      if (!operand.ok()) return operand.status();
      result.cost += operand->cost;
      result.operands.push_back(*std::move(operand));
    }
    return result;
  }

  absl::StatusOr<Condition> CompileRestriction(const Expression& restriction) const {
    absl::StatusOr<FieldPath> path =
        FieldPath::Resolve(schema_.descriptor(), restriction.path, source_);
    if (!path.ok()) return path.status();
    const Expression& argument = restriction.children[0];
    if (restriction.op == Operator::kNotEquals && argument.kind != Expression::Kind::kGlobal) {
      // `a != (1 OR 2)`, read as a != 1 OR a != 2, would be true of everything.
      return Error(restriction.op_offset,
                   "\"!=\" takes a single value; negate \"=\" instead: NOT field = (a OR b)");
    }
    return CompileArgument(restriction, *path, argument);
  }

  absl::StatusOr<Condition> CompileArgument(const Expression& restriction, const FieldPath& path,
                                            const Expression& argument) const {
    if (argument.kind != Expression::Kind::kGlobal) {
      return Combine(argument, [&](const Expression& child) {
        return CompileArgument(restriction, path, child);
      });
    }
    const Literal& literal = argument.literal;
    if (path.ends_in_map() && restriction.op == Operator::kHas &&
        (literal.stars.empty() || !HasStringKeys(path.leaf()))) {
      // `map:key` is `map.key:*`.
      if (literal.text != "*" || literal.stars.empty()) return CompileKey(restriction, literal);
    }
    if (auto synonyms = SynonymsOf(path, restriction.op, literal); synonyms.size() > 1) {
      return CompileSynonyms(restriction, path, literal, synonyms);
    }
    return CompileComparison(restriction, path, literal);
  }

  // Of what a value is compared to for being the same.
  std::vector<std::string> SynonymsOf(const FieldPath& path, Operator op,
                                      const Literal& literal) const {
    if (synonyms_ == nullptr || !literal.stars.empty() ||
        path.leaf()->type() != FieldDescriptor::TYPE_STRING ||
        (op != Operator::kEquals && op != Operator::kHas && op != Operator::kNotEquals)) {
      return {};
    }
    return synonyms_(path.leaf(), literal.text);
  }

  absl::StatusOr<Condition> CompileSynonyms(const Expression& restriction, const FieldPath& path,
                                            const Literal& literal,
                                            const std::vector<std::string>& synonyms) const {
    Condition result{restriction.op == Operator::kNotEquals ? Condition::Kind::kAnd
                                                            : Condition::Kind::kOr};
    result.cost = 0;
    for (const std::string& synonym : synonyms) {
      Literal other = literal;
      other.text = synonym;
      absl::StatusOr<Condition> operand = CompileComparison(restriction, path, other);
      if (!operand.ok()) return operand.status();
      result.cost += operand->cost;
      result.operands.push_back(*std::move(operand));
    }
    return result;
  }

  absl::StatusOr<Condition> CompileComparison(const Expression& restriction, const FieldPath& path,
                                              const Literal& literal) const {
    absl::StatusOr<ValueTest> test = internal::MakeValueTest(
        schema_, path, restriction.op, restriction.op_offset, literal, source_);
    if (!test.ok()) return test.status();
    absl::StatusOr<std::optional<Condition::Needed>> needed =
        NeededBy(path, restriction.op, literal);
    if (!needed.ok()) return needed.status();
    Condition condition =
        OfField(path.root(), [path, test = *std::move(test)](const Message& message) {
          return path.Any(message, test);
        });
    condition.needed = *std::move(needed);
    condition.cost = CostOf(path);
    return condition;
  }

  // Of a comparison that compiles.
  absl::StatusOr<std::optional<Condition::Needed>> NeededBy(const FieldPath& path, Operator op,
                                                            const Literal& literal) const {
    std::optional<Condition::Needed> needed;
    const bool is_equality = op == Operator::kEquals || op == Operator::kHas;
    if (!is_equality || path.leaf()->type() != FieldDescriptor::TYPE_STRING ||
        schema_.FindStringComparator(path.leaf()) != nullptr) {
      return needed;
    }
    absl::StatusOr<internal::Pattern> pattern = internal::MakePattern(literal, source_);
    if (!pattern.ok()) return pattern.status();
    if (!pattern->open_start) {
      needed.emplace(Condition::Needed{path, std::move(pattern->body), pattern->open_end});
    }
    return needed;
  }

  int CostOf(const FieldPath& path) const {
    const FieldDescriptor* leaf = path.leaf();
    const bool is_custom = schema_.FindMessageComparator(leaf) != nullptr ||
                           schema_.FindStringComparator(leaf) != nullptr;
    const int cost = is_custom                                             ? kCostOfFunction
                     : leaf->cpp_type() == FieldDescriptor::CPPTYPE_STRING ? kCostOfString
                                                                           : 1;
    return path.repeated() || path.through_map() ? cost * kCostOfRepeated : cost;
  }

  absl::StatusOr<Condition> CompileKey(const Expression& restriction,
                                       const Literal& literal) const {
    std::vector<FieldPath::Segment> segments = restriction.path;
    segments.push_back({literal.text, literal.offset});
    absl::StatusOr<FieldPath> path = FieldPath::Resolve(schema_.descriptor(), segments, source_);
    if (!path.ok()) return path.status();
    const FieldDescriptor* field = path->root();
    return OfField(field, [path = *std::move(path)](const Message& message) {
      return path.Any(message, [](const FieldPath::Value&) { return true; });
    });
  }

  static bool HasStringKeys(const FieldDescriptor* map) {
    return map->message_type()->FindFieldByNumber(1)->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  }

  absl::StatusOr<Condition> CompileCall(const Expression& call) const {
    const auto& functions = schema_.functions();
    const auto found = functions.find(call.function);
    if (found == functions.end()) {
      std::vector<std::string> usages;
      for (const auto& [name, function] : functions) usages.push_back(function.usage);
      return Error(call.offset, absl::StrCat("unknown function ", Quoted(call.function), ";",
                                             Alternatives(call.function, "functions", usages)));
    }
    const Function& function = found->second;
    const size_t count = call.arguments.size();
    if (count < function.min_arguments || count > function.max_arguments) {
      return Error(call.offset, absl::StrCat(Quoted(call.function), " does not take ", count,
                                             count == 1 ? " argument" : " arguments",
                                             "; it is used as ", function.usage));
    }
    absl::StatusOr<Predicate> predicate =
        function.build(FunctionCall(schema_.descriptor(), source_, call.arguments));
    if (!predicate.ok() && !ErrorColumn(predicate.status()).has_value()) {
      return Error(call.offset,
                   absl::StrCat(Quoted(call.function), ": ", predicate.status().message()));
    }
    if (!predicate.ok()) return predicate.status();
    return OfCall(function, call, *std::move(predicate));
  }

  // By what schema.h asks of a Function. A first argument in quotes names a field too: it is the
  // function that decides whether it wants it so.
  Condition OfCall(const Function& function, const Expression& call, Predicate test) const {
    const FieldDescriptor* field = nullptr;
    if (!function.whole_message && !call.arguments.empty()) {
      const std::string& path = call.arguments[0].text;
      field = schema_.descriptor()->FindFieldByName(path.substr(0, path.find('.')));
    }
    Condition condition{field != nullptr ? Condition::Kind::kField : Condition::Kind::kMessage};
    condition.field = field;
    condition.test = std::move(test);
    condition.cost = kCostOfFunction;
    return condition;
  }

  // Words among alternatives are looked for together: each text is then found once for all of them.
  absl::StatusOr<Condition> CompileAlternatives(const Expression& expression) const {
    Condition result{Condition::Kind::kOr};
    result.cost = 0;
    std::vector<internal::Substring> words;
    for (const Expression& child : expression.children) {
      if (child.kind == Expression::Kind::kGlobal) {
        absl::StatusOr<internal::Substring> word = CompileWord(child.literal);
        if (!word.ok()) return word.status();
        words.push_back(*std::move(word));
        continue;
      }
      absl::StatusOr<Condition> operand = Compile(child);
      if (!operand.ok()) return operand.status();
      result.cost += operand->cost;
      result.operands.push_back(*std::move(operand));
    }
    if (words.empty()) return result;
    Condition in_texts = InTexts(std::move(words));
    if (result.operands.empty()) return in_texts;
    result.cost += in_texts.cost;
    result.operands.push_back(std::move(in_texts));
    return result;
  }

  absl::StatusOr<internal::Substring> CompileWord(const Literal& literal) const {
    if (!literal.quoted && (literal.text == "&&" || literal.text == "||")) {
      return Error(literal.offset, absl::StrCat(Quoted(literal.text), " is not an operator; write ",
                                                literal.text == "&&" ? "AND" : "OR"));
    }
    if (schema_.text_fields().empty()) {
      return Error(literal.offset,
                   absl::StrCat(Quoted(literal.text), " stands alone; expected a comparison such ",
                                "as field = value (operators are AND, OR and NOT)"));
    }
    absl::StatusOr<internal::Pattern> pattern = internal::MakePattern(literal, source_);
    if (!pattern.ok()) return pattern.status();
    if (pattern->body.empty()) {
      return Error(literal.offset, absl::StrCat(Quoted(literal.text),
                                                " searches for nothing; leave it out, or name a "
                                                "field"));
    }
    return internal::Substring(pattern->body);
  }

  // Whether any of `words` is in any text field.
  Condition InTexts(std::vector<internal::Substring> words) const {
    const auto shared = std::make_shared<const std::vector<internal::Substring>>(std::move(words));
    Condition some{Condition::Kind::kOr};
    some.cost = 0;
    for (auto& [field, paths] : TextFields()) {
      Condition in_field = OfField(field, [paths = std::move(paths),
                                           shared](const Message& message) {
        return std::any_of(paths.begin(), paths.end(), [&](const FieldPath& path) {
          return path.Any(message, [&](const FieldPath::Value& value) {
            std::string scratch;
            const absl::string_view text = value.GetString(&scratch);
            return std::any_of(shared->begin(), shared->end(),
                               [text](const internal::Substring& word) { return word.IsIn(text); });
          });
        });
      });
      in_field.cost = kCostOfText * static_cast<int>(shared->size());
      some.cost += in_field.cost;
      some.operands.push_back(std::move(in_field));
    }
    if (some.operands.size() > 1) return some;
    Condition only = std::move(some.operands[0]);
    return only;
  }

  // The text fields of the schema by the top-level field that they are in.
  std::vector<std::pair<const FieldDescriptor*, std::vector<FieldPath>>> TextFields() const {
    std::vector<std::pair<const FieldDescriptor*, std::vector<FieldPath>>> fields;
    for (const FieldPath& path : schema_.text_fields()) {
      auto found = std::find_if(fields.begin(), fields.end(),
                                [&](const auto& entry) { return entry.first == path.root(); });
      if (found == fields.end()) {
        found = fields.insert(fields.end(), {path.root(), std::vector<FieldPath>()});
      }
      found->second.push_back(path);
    }
    return fields;
  }

  static Condition OfField(const FieldDescriptor* field, Predicate test) {
    Condition condition{Condition::Kind::kField};
    condition.field = field;
    condition.test = std::move(test);
    return condition;
  }

  // Of AND, OR and NOT.
  static Condition::Kind KindOf(Expression::Kind kind) {
    switch (kind) {
      case Expression::Kind::kAnd:
        return Condition::Kind::kAnd;
      case Expression::Kind::kOr:
        return Condition::Kind::kOr;
      default:
        return Condition::Kind::kNot;
    }
  }

  absl::Status Error(size_t offset, absl::string_view message) const {
    return ErrorAt(source_, offset, message);
  }

  const absl::string_view source_;
  const Schema& schema_;
  const Synonyms& synonyms_;
};

}  // namespace

absl::StatusOr<std::optional<Condition>> Condition::Compile(absl::string_view text,
                                                            const Schema& schema,
                                                            const Synonyms& synonyms) {
  if (text.size() > kMaxFilterBytes) {
    return ErrorAt(text, kMaxFilterBytes,
                   absl::StrCat("the filter has ", text.size(), " bytes; at most ", kMaxFilterBytes,
                                " are allowed"));
  }
  if (const std::optional<size_t> offset = FindInvalidUtf8(text); offset.has_value()) {
    return ErrorAt(text, *offset, "the filter is not valid UTF-8 here");
  }
  absl::StatusOr<std::optional<Expression>> expression = internal::Parse(text);
  if (!expression.ok()) return expression.status();
  if (!expression->has_value()) return std::optional<Condition>();
  absl::StatusOr<Condition> condition = Compiler(text, schema, synonyms).Compile(**expression);
  if (!condition.ok()) return condition.status();
  return std::optional<Condition>(*std::move(condition));
}

bool Condition::Matches(const Message& message) const {
  switch (kind) {
    case Kind::kAnd:
      return std::all_of(operands.begin(), operands.end(),
                         [&](const Condition& operand) { return operand.Matches(message); });
    case Kind::kOr:
      return std::any_of(operands.begin(), operands.end(),
                         [&](const Condition& operand) { return operand.Matches(message); });
    case Kind::kNot:
      return !operands[0].Matches(message);
    case Kind::kField:
    case Kind::kMessage:
      return test(message);
  }
  return false;
}

}  // namespace entente::filter
