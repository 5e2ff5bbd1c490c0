// SPDX-License-Identifier: Apache-2.0
//
// Values of the record in words for people: enums, dates, figures and money. The only place that
// makes them, so that a figure reads the same in every answer.
//
//   MoneyText(amount)       // "more than USD 8,000,000,000", "USD, amount not stated"
//   IntervalText(interval)  // "over 8,000,000,000", "[115,000,000, 600,000,000)"
//   EnumText(CLAIM_STAGE_REQUESTED's descriptor)  // "requested"
#ifndef ENTENTE_SERVICES_ENTENTE_TEXT_WORDS_H_
#define ENTENTE_SERVICES_ENTENTE_TEXT_WORDS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>

#include "absl/strings/string_view.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/type/v1/date.pb.h"
#include "entente/type/v1/figure.pb.h"

namespace entente::text {

// The value of an enum without the name of the enum: "own funding" of CLAIM_NATURE_OWN_FUNDING.
// Empty for the value 0, which says nothing.
std::string EnumText(const google::protobuf::EnumValueDescriptor* value);
template <typename Enum>
std::string EnumText(Enum value) {
  const auto* found = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return found == nullptr ? "" : EnumText(found);
}

// "CLAIM_NATURE_" of entente.funding.v1.ClaimNature: what all names of its values begin with.
std::string EnumPrefix(const google::protobuf::EnumDescriptor* type);

// The EDTF text, or "undated".
std::string DateText(const type::v1::ImpreciseDate& date);

// "8,000,000,000" of a decimal; empty of nothing.
std::string Grouped(absl::string_view decimal);

// "more than 6,200", "about 10 (±10 % by convention)", "not stated".
std::string FigureText(const type::v1::Figure& figure);

// "more than USD 8,000,000,000", "USD, amount not stated".
std::string MoneyText(const type::v1::Amount& amount);

// What a sum or a figure can be: "exactly 3", "over 3", "at least 3", "under 3", "up to 3", and
// with two ends that differ "[3, 7)", an open end in a round bracket.
std::string IntervalText(const type::v1::Interval& interval);

// "each year", "every 2 years".
std::string RecurrenceText(const funding::v1::Recurrence& recurrence);

// "own funding, requested", "statistic", "mobilised, stage not stated".
std::string KindText(funding::v1::ClaimNature nature, funding::v1::ClaimStage stage);

}  // namespace entente::text

#endif  // ENTENTE_SERVICES_ENTENTE_TEXT_WORDS_H_
