// SPDX-License-Identifier: Apache-2.0
#include "common/token/token.h"

#include <openssl/sha.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace entente::token {
namespace {

// Enough of a SHA-256 to notice any accident.
constexpr size_t kCheckBytes = 8;

std::string Check(absl::string_view purpose, absl::string_view payload) {
  return Fingerprint(absl::StrCat(purpose, absl::string_view("\0", 1), payload))
      .substr(0, kCheckBytes);
}

}  // namespace

std::string Fingerprint(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Seal(absl::string_view purpose, const std::vector<std::string>& fields) {
  std::string payload;
  for (const std::string& field : fields) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      payload.push_back(static_cast<char>(static_cast<uint32_t>(field.size()) >> shift));
    }
    payload += field;
  }
  return absl::WebSafeBase64Escape(absl::StrCat(Check(purpose, payload), payload));
}

absl::StatusOr<std::vector<std::string>> Open(absl::string_view purpose, absl::string_view text) {
  const absl::Status foreign = absl::InvalidArgumentError(
      "is not a token of this method: pass one back exactly as it was returned");
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() < kCheckBytes) return foreign;
  absl::string_view payload = absl::string_view(bytes).substr(kCheckBytes);
  if (bytes.substr(0, kCheckBytes) != Check(purpose, payload)) return foreign;
  std::vector<std::string> fields;
  while (!payload.empty()) {
    if (payload.size() < 4) return foreign;
    uint32_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(payload[i]);
    payload.remove_prefix(4);
    if (payload.size() < size) return foreign;
    fields.emplace_back(payload.substr(0, size));
    payload.remove_prefix(size);
  }
  return fields;
}

}  // namespace entente::token
