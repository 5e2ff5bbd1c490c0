// SPDX-License-Identifier: Apache-2.0
//
// MakeSchema: what filters may say about a resource.
#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/figure/decimal.h"
#include "common/resource/methods.h"
#include "common/status/macros.h"
#include "entente/type/v1/date.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What of a window can be seen in the bounds of a date, "2023-08-31", which are kept beside it: for
// most dates that is all there is to know, and they need not be parsed.
class WindowBounds {
 public:
  using Test = bool (*)(const edtf::Date& date, const edtf::Date& window);

  WindowBounds(const edtf::Date& window, Test test) {
    const edtf::Bound first = window.earliest();
    const edtf::Bound last = window.latest();
    if (first.kind != edtf::Bound::kDay || last.kind != edtf::Bound::kDay) return;
    first_ = absl::FormatCivilTime(first.day);
    last_ = absl::FormatCivilTime(last.day);
    if (!IsComparable(first_) || !IsComparable(last_)) return;
    is_known_ = true;
    // All that lies between the bounds of these is in the window; of sets and seasons it need not
    // be.
    if (window.form() == edtf::Form::kInterval ||
        (window.form() == edtf::Form::kDate && window.precision() != edtf::Precision::kSeason)) {
      of_days_within_ = test(edtf::Parse(first_).value(), window);
    }
  }

  // Whether `date` passes the test, if its bounds tell.
  std::optional<bool> Of(const type::v1::ImpreciseDate& date) const {
    if (!is_known_ || !IsComparable(date.earliest()) || !IsComparable(date.latest())) {
      return std::nullopt;
    }
    // What cannot be in the window cannot be certain to be.
    if (date.latest() < first_ || last_ < date.earliest()) return false;
    if (date.edtf() == date.earliest()) return of_days_within_;
    return std::nullopt;
  }

 private:
  // Of years of four digits, the order of texts is that of days.
  static bool IsComparable(const std::string& day) {
    constexpr size_t kSize = 10;
    return day.size() == kSize && day[0] != '-';
  }

  bool is_known_ = false;
  std::string first_;
  std::string last_;
  std::optional<bool> of_days_within_;
};

// `usage`, for example certainly(date, "2023-08"): whether the date of a resource lies within a
// window by `test`. A resource without the date does not match.
filter::Function WindowFunction(const std::string& name,
                                bool (*test)(const edtf::Date& date, const edtf::Date& window)) {
  filter::Function function;
  function.usage = absl::StrCat(name, "(date, \"2023-08\")");
  function.min_arguments = 2;
  function.max_arguments = 2;
  function.build = [test](const filter::FunctionCall& call) -> absl::StatusOr<filter::Predicate> {
    const std::string& field_name = call.arguments()[0].text;
    const FieldDescriptor* field = call.descriptor()->FindFieldByName(field_name);
    if (field == nullptr || field->is_repeated() ||
        field->message_type() != type::v1::ImpreciseDate::descriptor()) {
      return call.Error(0, "is not a field of the type entente.type.v1.ImpreciseDate");
    }
    const auto window = edtf::Parse(call.arguments()[1].text);
    if (!window.ok()) {
      return call.Error(1, absl::StrCat("is not an EDTF date: ", window.status().message()));
    }
    return filter::Predicate([field, test, window = *window,
                              bounds = WindowBounds(*window, test)](const Message& resource) {
      const auto* reflection = resource.GetReflection();
      if (!reflection->HasField(resource, field)) return false;
      const auto& value =
          static_cast<const type::v1::ImpreciseDate&>(reflection->GetMessage(resource, field));
      if (const auto known = bounds.Of(value); known.has_value()) return *known;
      const auto date = edtf::Parse(value.edtf());
      return date.ok() && test(*date, window);
    });
  };
  return function;
}

filter::StringComparator Decimals() {
  return filter::CompareBy<absl::string_view>(
      [](absl::string_view literal)
          -> absl::StatusOr<std::function<std::partial_ordering(absl::string_view)>> {
        const auto bound = figure::Decimal::Parse(literal);
        if (!bound.ok()) return absl::InvalidArgumentError("is not a decimal (e.g. 1500000)");
        return [bound = *bound](absl::string_view text) -> std::partial_ordering {
          const auto value = figure::Decimal::Parse(text);
          if (!value.ok()) return std::partial_ordering::unordered;  // Not stated.
          return *value <=> bound;
        };
      });
}

}  // namespace

absl::StatusOr<filter::Schema> MakeSchema(const Descriptor* descriptor) {
  filter::SchemaOptions options;
  for (const char* name : {"title", "description"}) {
    if (descriptor->FindFieldByName(name) != nullptr) {
      options.text_fields.push_back(absl::StrCat(name, ".text"));
    }
  }
  for (const char* name : {"acronyms", "other_names"}) {
    if (descriptor->FindFieldByName(name) != nullptr) options.text_fields.push_back(name);
  }
  const auto& pool = *descriptor->file()->pool();
  for (const char* name : {"entente.type.v1.Figure.value", "entente.type.v1.Interval.low",
                           "entente.type.v1.Interval.high"}) {
    if (pool.FindFieldByName(name) != nullptr) options.string_comparators[name] = Decimals();
  }
  options.functions["certainly"] = WindowFunction("certainly", &edtf::CertainlyWithin);
  options.functions["possibly"] = WindowFunction("possibly", &edtf::PossiblyWithin);
  return filter::Schema::Create(descriptor, std::move(options));
}

absl::StatusOr<filter::Filter> CompileAt(const State& state, const Rules& rules,
                                         absl::string_view text, const filter::Schema& schema) {
  return filter::Filter::Compile(
      text, schema, [&](const google::protobuf::FieldDescriptor* field, const std::string& value) {
        return IsReference(field) ? rules.NamesOf(state, value) : std::vector<std::string>{value};
      });
}

}  // namespace entente::resource
