// SPDX-License-Identifier: Apache-2.0
#include "common/filter/schema.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/filter/error.h"

namespace entente::filter {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

bool IsQualifiedIdentifier(absl::string_view name) {
  for (absl::string_view part : absl::StrSplit(name, '.')) {
    if (part.empty() || absl::ascii_isdigit(part[0])) return false;
    if (!std::all_of(part.begin(), part.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; })) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::string_view OperatorText(Operator op) {
  switch (op) {
    case Operator::kEquals:
      return "=";
    case Operator::kNotEquals:
      return "!=";
    case Operator::kLess:
      return "<";
    case Operator::kLessOrEquals:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterOrEquals:
      return ">=";
    case Operator::kHas:
      return ":";
  }
  return "";
}

bool Satisfies(Operator op, std::partial_ordering order) {
  switch (op) {
    case Operator::kEquals:
    case Operator::kHas:
      return order == 0;
    case Operator::kNotEquals:
      return order < 0 || order > 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessOrEquals:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterOrEquals:
      return order >= 0;
  }
  return false;
}

absl::StatusOr<FieldPath> FunctionCall::Field(size_t i) const {
  const Argument& argument = arguments_[i];
  if (argument.quoted) return Error(i, "is a string; a field is expected here, without quotes");
  return FieldPath::Resolve(descriptor_, FieldPath::Split(argument.text, argument.offset), source_);
}

absl::Status FunctionCall::Error(size_t i, absl::string_view message) const {
  return ErrorAt(source_, arguments_[i].offset,
                 absl::StrCat(Quoted(arguments_[i].text), " ", message));
}

absl::StatusOr<Schema> Schema::Create(const Descriptor* descriptor, SchemaOptions options) {
  Schema schema(descriptor, std::move(options));
  const auto* pool = descriptor->file()->pool();
  for (const std::string& text : schema.options_.text_fields) {
    absl::StatusOr<FieldPath> path = FieldPath::Resolve(descriptor, text);
    if (!path.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("text_fields: ", Quoted(text), ": ", path.status().message()));
    }
    if (path->leaf()->type() != FieldDescriptor::TYPE_STRING || path->through_map()) {
      return absl::InvalidArgumentError(
          absl::StrCat("text_fields: ", Quoted(text), " is not a string field outside of maps"));
    }
    schema.text_fields_.push_back(*std::move(path));
  }
  for (const auto& [name, comparator] : schema.options_.comparators) {
    if (pool->FindMessageTypeByName(name) == nullptr || comparator == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("comparators: ", Quoted(name), " is not a known message type, or is null"));
    }
  }
  for (const auto& [name, comparator] : schema.options_.string_comparators) {
    const FieldDescriptor* field = pool->FindFieldByName(name);
    if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING ||
        comparator == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("string_comparators: ", Quoted(name),
                                                     " is not a known string field, or is null"));
    }
  }
  for (const auto& [name, function] : schema.options_.functions) {
    if (!IsQualifiedIdentifier(name) || function.build == nullptr ||
        function.min_arguments > function.max_arguments) {
      return absl::InvalidArgumentError(absl::StrCat(
          "functions: ", Quoted(name),
          " is not an identifier, has no builder, or has fewer arguments at most than at least"));
    }
  }
  return schema;
}

const MessageComparator* Schema::FindMessageComparator(const FieldDescriptor* field) const {
  if (field->message_type() == nullptr) return nullptr;
  const auto found = options_.comparators.find(std::string(field->message_type()->full_name()));
  return found == options_.comparators.end() ? nullptr : &found->second;
}

const StringComparator* Schema::FindStringComparator(const FieldDescriptor* field) const {
  const auto found = options_.string_comparators.find(std::string(field->full_name()));
  return found == options_.string_comparators.end() ? nullptr : &found->second;
}

}  // namespace entente::filter
