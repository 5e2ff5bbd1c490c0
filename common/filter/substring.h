// SPDX-License-Identifier: Apache-2.0
//
// One text looked for in very many others, whatever the case of ASCII letters: what bare words of
// filters do. Internal to common/filter.
//
//   const Substring word("Hanoi");
//   word.IsIn("The hanoi summit");   // true

#ifndef ENTENTE_COMMON_FILTER_SUBSTRING_H_
#define ENTENTE_COMMON_FILTER_SUBSTRING_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::filter::internal {

// Immutable, hence safe to use from several threads.
class Substring {
 public:
  // `wanted` must not be empty.
  explicit Substring(absl::string_view wanted);

  // Characters other than ASCII letters must be the same, byte by byte.
  bool IsIn(absl::string_view text) const;

 private:
  // Many places of a text are looked at at once: which begin with the first byte of the word, in
  // either case, and have its last one where it would be. These alone are compared.
  using Bytes = uint8_t __attribute__((vector_size(16)));

  bool IsAt(const char* place) const;

  std::string wanted_;  // in lower case
  Bytes first_lower_, first_upper_, last_lower_, last_upper_;
};

}  // namespace entente::filter::internal

#endif  // ENTENTE_COMMON_FILTER_SUBSTRING_H_
