// SPDX-License-Identifier: Apache-2.0
//
// What a misspelt word could have been meant as.
//
//   Nearest("serach", {"get", "list", "search"})   // "search"
//   Nearest("frobnicate", {"get", "list"})         // ""
#ifndef ENTENTE_SERVICES_ENTENTE_TEXT_NEAREST_H_
#define ENTENTE_SERVICES_ENTENTE_TEXT_NEAREST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::text {

// How many bytes have to be put in, taken out or replaced, or swapped with the next, to make one
// of the other.
size_t EditDistance(absl::string_view a, absl::string_view b);

// Whether one can have been meant by the other: at most one byte in three differs.
bool IsNear(absl::string_view a, absl::string_view b);

// The nearest of `candidates`, the first of several; empty if none is near.
std::string Nearest(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace entente::text

#endif  // ENTENTE_SERVICES_ENTENTE_TEXT_NEAREST_H_
