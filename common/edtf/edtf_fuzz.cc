// SPDX-License-Identifier: Apache-2.0
//
// Whatever parses has a canonical text that parses to the same date, bounds in order, and sane
// relations to itself. Whatever does not parse says where and why.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using entente::edtf::Bound;
  using entente::edtf::Date;

  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Date> date = entente::edtf::Parse(text);
  if (!date.ok()) {
    Require(absl::IsInvalidArgument(date.status()));
    Require(absl::StrContains(date.status().message(), "expected"));
    return 0;
  }

  const absl::StatusOr<Date> again = entente::edtf::Parse(date->ToString());
  Require(again.ok() && *again == *date && again->ToString() == date->ToString());
  Require(again->form() == date->form() && again->precision() == date->precision());
  Require(again->is_uncertain() == date->is_uncertain());
  Require(again->is_approximate() == date->is_approximate());

  const Bound earliest = date->earliest();
  const Bound latest = date->latest();
  Require(again->earliest() == earliest && again->latest() == latest);
  if (earliest.kind == Bound::kDay && latest.kind == Bound::kDay) {
    Require(earliest.day <= latest.day);
  }

  Require(PossiblyWithin(*date, *date));
  const entente::edtf::Order order = Compare(*date, *date);
  Require(order == entente::edtf::Order::kOverlaps || order == entente::edtf::Order::kUnknown);
  return 0;
}
