// SPDX-License-Identifier: Apache-2.0
//
// Vectors indexed by int, as tokens and code points are counted; internal to this library.
#ifndef ENTENTE_COMMON_PASSAGE_VECTORS_H_
#define ENTENTE_COMMON_PASSAGE_VECTORS_H_

#include <cstddef>

namespace entente::passage {

template <typename T>
auto At(T& values, int i) -> decltype(values[0]) {
  return values[static_cast<size_t>(i)];
}

template <typename T>
int SizeOf(const T& values) {
  return static_cast<int>(values.size());
}

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_VECTORS_H_
