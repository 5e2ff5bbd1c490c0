// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace entente::text {
namespace {

absl::string_view Words(type::v1::Qualifier qualifier) {
  switch (qualifier) {
    case type::v1::QUALIFIER_MORE_THAN:
      return "more than ";
    case type::v1::QUALIFIER_AT_LEAST:
      return "at least ";
    case type::v1::QUALIFIER_LESS_THAN:
      return "less than ";
    case type::v1::QUALIFIER_NEARLY:
      return "nearly ";
    case type::v1::QUALIFIER_UP_TO:
      return "up to ";
    case type::v1::QUALIFIER_ABOUT:
      return "about ";
    default:
      return "";
  }
}

std::string ToleranceText(const type::v1::Figure& figure) {
  if (figure.qualifier() != type::v1::QUALIFIER_ABOUT) return "";
  return absl::StrCat(" (±", figure.tolerance_percent(), " % by convention)");
}

std::string StageText(funding::v1::ClaimStage stage) {
  switch (stage) {
    case funding::v1::CLAIM_STAGE_NOT_APPLICABLE:
      return "";
    case funding::v1::CLAIM_STAGE_NOT_STATED:
      return "stage not stated";
    default:
      return EnumText(stage);
  }
}

}  // namespace

std::string EnumPrefix(const google::protobuf::EnumDescriptor* type) {
  // ClaimNature: the value 0 is CLAIM_NATURE_UNSPECIFIED (https://google.aip.dev/126).
  return std::string(absl::StripSuffix(type->FindValueByNumber(0)->name(), "UNSPECIFIED"));
}

std::string EnumText(const google::protobuf::EnumValueDescriptor* value) {
  if (value->number() == 0) return "";
  return absl::AsciiStrToLower(absl::StrReplaceAll(
      absl::StripPrefix(value->name(), EnumPrefix(value->type())), {{"_", " "}}));
}

std::string DateText(const type::v1::ImpreciseDate& date) {
  return date.edtf().empty() ? "undated" : date.edtf();
}

std::string Grouped(absl::string_view decimal) {
  const size_t point = std::min(decimal.find('.'), decimal.size());
  const size_t first = !decimal.empty() && decimal[0] == '-' ? 1 : 0;
  std::string text;
  for (size_t i = 0; i < decimal.size(); ++i) {
    if (i > first && i < point && (point - i) % 3 == 0) text.push_back(',');
    text.push_back(decimal[i]);
  }
  return text;
}

std::string FigureText(const type::v1::Figure& figure) {
  if (figure.qualifier() == type::v1::QUALIFIER_NOT_STATED) return "not stated";
  return absl::StrCat(Words(figure.qualifier()), Grouped(figure.value()), ToleranceText(figure));
}

std::string MoneyText(const type::v1::Amount& amount) {
  const type::v1::Figure& figure = amount.figure();
  if (figure.qualifier() == type::v1::QUALIFIER_NOT_STATED) {
    return absl::StrCat(amount.currency_code(), ", amount not stated");
  }
  return absl::StrCat(Words(figure.qualifier()), amount.currency_code(), " ",
                      Grouped(figure.value()), ToleranceText(figure));
}

std::string IntervalText(const type::v1::Interval& interval) {
  const std::string low = Grouped(interval.low());
  const std::string high = Grouped(interval.high());
  if (interval.high().empty())
    return absl::StrCat(interval.low_open() ? "over " : "at least ", low);
  if (interval.low() == interval.high()) return absl::StrCat("exactly ", low);
  if (interval.low() == "0" && !interval.low_open()) {
    return absl::StrCat(interval.high_open() ? "under " : "up to ", high);
  }
  return absl::StrCat(interval.low_open() ? "(" : "[", low, ", ", high,
                      interval.high_open() ? ")" : "]");
}

std::string RecurrenceText(const funding::v1::Recurrence& recurrence) {
  const std::string unit = EnumText(recurrence.unit());
  return recurrence.every() == 1 ? absl::StrCat("each ", unit)
                                 : absl::StrCat("every ", recurrence.every(), " ", unit, "s");
}

std::string KindText(funding::v1::ClaimNature nature, funding::v1::ClaimStage stage) {
  const std::string stage_text = StageText(stage);
  return absl::StrCat(EnumText(nature), stage_text.empty() ? "" : ", ", stage_text);
}

}  // namespace entente::text
