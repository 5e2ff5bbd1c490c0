// SPDX-License-Identifier: Apache-2.0
//
// A number among tokens, in digits or words, with its scale; internal to this library.
#ifndef ENTENTE_COMMON_PASSAGE_NUMBERS_H_
#define ENTENTE_COMMON_PASSAGE_NUMBERS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "common/figure/decimal.h"
#include "common/passage/tokens.h"

namespace entente::passage {

struct Number {
  enum Form { kPlain, kOrdinal, kVague, kLabel };

  Form form = kPlain;
  size_t end = 0;  // The token after it.
  std::optional<figure::Decimal> value;
  bool in_digits = false;
  // What its scale multiplied it by; 1 if it has none.
  figure::Decimal scale = 1;
};

// The number that starts at token `at`; none if none does. Its `end` is greater than `at`.
std::optional<Number> NumberAt(const std::vector<Token>& tokens, size_t at);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_NUMBERS_H_
