// SPDX-License-Identifier: Apache-2.0
//
// A hash that tells damage and difference, not malice: XXH3 with 128 bits
// (https://github.com/Cyan4973/xxHash).
//
//   Hash hash;
//   hash.Add("entente.dev/Claim").Add(bytes);
//   Hash::Value value = hash.Get();
#ifndef ENTENTE_COMMON_BLOCKFILE_HASH_H_
#define ENTENTE_COMMON_BLOCKFILE_HASH_H_

#include <array>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"

namespace entente::blockfile {

class Hash {
 public:
  using Value = std::array<unsigned char, 16>;

  Hash();
  ~Hash();

  // Takes in these bytes and where they end: {"ab", "c"} is not {"a", "bc"}.
  Hash& Add(absl::string_view bytes);
  Hash& Add(int64_t number);
  Value Get() const;

  // Of these bytes alone.
  static Value Of(absl::string_view bytes);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace entente::blockfile

#endif  // ENTENTE_COMMON_BLOCKFILE_HASH_H_
