// SPDX-License-Identifier: Apache-2.0
#include "common/blockfile/hash.h"

// The header alone: there is no library to link or to ship.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace entente::blockfile {
namespace {

Hash::Value ToValue(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Hash::Value value;
  std::copy(std::begin(canonical.digest), std::end(canonical.digest), value.begin());
  return value;
}

}  // namespace

struct Hash::State {
  XXH3_state_t state;
};

Hash::Hash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->state); }

Hash::~Hash() = default;

Hash& Hash::Add(absl::string_view bytes) {
  Add(static_cast<int64_t>(bytes.size()));
  XXH3_128bits_update(&state_->state, bytes.data(), bytes.size());
  return *this;
}

Hash& Hash::Add(int64_t number) {
  unsigned char bytes[8];
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(static_cast<uint64_t>(number) >> (8 * i));
  }
  XXH3_128bits_update(&state_->state, bytes, sizeof(bytes));
  return *this;
}

Hash::Value Hash::Get() const { return ToValue(XXH3_128bits_digest(&state_->state)); }

Hash::Value Hash::Of(absl::string_view bytes) {
  return ToValue(XXH3_128bits(bytes.data(), bytes.size()));
}

}  // namespace entente::blockfile
