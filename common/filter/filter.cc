// SPDX-License-Identifier: Apache-2.0
#include "common/filter/filter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/filter/syntax.h"
#include "common/filter/value_test.h"

namespace entente::filter {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using internal::Expression;
using internal::Literal;
using internal::ValueTest;

// Whether `text` contains `lower`, in which ASCII letters are lower-case, whatever the case of its
// own ASCII letters.
bool ContainsIgnoringCase(absl::string_view text, absl::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return absl::ascii_tolower(a) == b; }) != text.end();
}

Predicate All(std::vector<Predicate> parts) {
  return [parts = std::move(parts)](const Message& message) {
    return std::all_of(parts.begin(), parts.end(),
                       [&](const Predicate& part) { return part(message); });
  };
}

Predicate Some(std::vector<Predicate> parts) {
  return [parts = std::move(parts)](const Message& message) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Predicate& part) { return part(message); });
  };
}

Predicate Not(Predicate part) {
  return [part = std::move(part)](const Message& message) { return !part(message); };
}

class Compiler {
 public:
  Compiler(absl::string_view source, const Schema& schema) : source_(source), schema_(schema) {}

  absl::StatusOr<Predicate> Compile(const Expression& expression) const {
    switch (expression.kind) {
      case Expression::Kind::kRestriction:
        return CompileRestriction(expression);
      case Expression::Kind::kCall:
        return CompileCall(expression);
      case Expression::Kind::kGlobal:
        return CompileGlobal(expression.literal);
      default:
        return Combine(expression, [this](const Expression& child) { return Compile(child); });
    }
  }

 private:
  // AND, OR and NOT over whatever `compile` makes of the operands.
  template <typename CompileOperand>
  absl::StatusOr<Predicate> Combine(const Expression& expression,
                                    const CompileOperand& compile) const {
    std::vector<Predicate> parts;
    parts.reserve(expression.children.size());
    for (const Expression& child : expression.children) {
      absl::StatusOr<Predicate> part = compile(child);
      if (!part.ok()) return part.status();
      parts.push_back(*std::move(part));
    }
    if (expression.kind == Expression::Kind::kNot) return Not(std::move(parts[0]));
    return expression.kind == Expression::Kind::kAnd ? All(std::move(parts))
                                                     : Some(std::move(parts));
  }

  absl::StatusOr<Predicate> CompileRestriction(const Expression& restriction) const {
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

  absl::StatusOr<Predicate> CompileArgument(const Expression& restriction, const FieldPath& path,
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
    absl::StatusOr<ValueTest> test = internal::MakeValueTest(
        schema_, path, restriction.op, restriction.op_offset, literal, source_);
    if (!test.ok()) return test.status();
    return Predicate([path, test = *std::move(test)](const Message& message) {
      return path.Any(message, test);
    });
  }

  absl::StatusOr<Predicate> CompileKey(const Expression& restriction,
                                       const Literal& literal) const {
    std::vector<FieldPath::Segment> segments = restriction.path;
    segments.push_back({literal.text, literal.offset});
    absl::StatusOr<FieldPath> path = FieldPath::Resolve(schema_.descriptor(), segments, source_);
    if (!path.ok()) return path.status();
    return Predicate([path = *std::move(path)](const Message& message) {
      return path.Any(message, [](const FieldPath::Value&) { return true; });
    });
  }

  static bool HasStringKeys(const FieldDescriptor* map) {
    return map->message_type()->FindFieldByNumber(1)->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  }

  absl::StatusOr<Predicate> CompileCall(const Expression& call) const {
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
    return predicate;
  }

  absl::StatusOr<Predicate> CompileGlobal(const Literal& literal) const {
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
    return Predicate([fields = schema_.text_fields(),
                      wanted = absl::AsciiStrToLower(pattern->body)](const Message& message) {
      return std::any_of(fields.begin(), fields.end(), [&](const FieldPath& field) {
        return field.Any(message, [&](const FieldPath::Value& value) {
          std::string scratch;
          return ContainsIgnoringCase(value.GetString(&scratch), wanted);
        });
      });
    });
  }

  absl::Status Error(size_t offset, absl::string_view message) const {
    return ErrorAt(source_, offset, message);
  }

  const absl::string_view source_;
  const Schema& schema_;
};

}  // namespace

absl::StatusOr<Filter> Filter::Compile(absl::string_view text, const Schema& schema) {
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
  Filter filter;
  if (!expression->has_value()) return filter;
  absl::StatusOr<Predicate> condition = Compiler(text, schema).Compile(**expression);
  if (!condition.ok()) return condition.status();
  filter.condition_ = std::make_shared<const Predicate>(*std::move(condition));
  return filter;
}

}  // namespace entente::filter
