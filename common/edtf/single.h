// SPDX-License-Identifier: Apache-2.0
//
// Internal to this directory: the grammar of a single date, of which intervals and sets are made.

#ifndef ENTENTE_COMMON_EDTF_SINGLE_H_
#define ENTENTE_COMMON_EDTF_SINGLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/edtf/day_set.h"
#include "common/edtf/edtf.h"
#include "common/edtf/scanner.h"

namespace entente::edtf {

// A single date, as far as a larger expression has to know it.
struct Single {
  std::string text;  // canonical
  DaySet days;
  Precision precision = Precision::kYear;
  bool uncertain = false;
  bool approximate = false;
  bool unspecified = false;  // has an `X`
};

// Reads a date, and leaves the scanner behind it: whatever follows is the caller's to judge.
// Errors: INVALID_ARGUMENT, as Parse().
absl::StatusOr<Single> ReadSingle(Scanner* scanner);

// The same, with an optional time of day.
absl::StatusOr<Single> ReadSingleOrTime(Scanner* scanner);

}  // namespace entente::edtf

#endif  // ENTENTE_COMMON_EDTF_SINGLE_H_
