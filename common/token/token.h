// SPDX-License-Identifier: Apache-2.0
//
// Opaque, URL-safe tokens (https://google.aip.dev/158): page tokens and resume tokens. A token
// carries fields of bytes, is bound to one purpose, and notices when it is garbled or was made for
// another purpose. It is no secret and proves nothing.
//
//   std::string text = token::Seal("page entente.events.v1.ListEventsRequest", {hash, key});
//   ASSIGN_OR_RETURN(std::vector<std::string> fields, token::Open(purpose, text));
#ifndef ENTENTE_COMMON_TOKEN_TOKEN_H_
#define ENTENTE_COMMON_TOKEN_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::token {

// At most 2^32 - 1 bytes a field.
std::string Seal(absl::string_view purpose, const std::vector<std::string>& fields);

// INVALID_ARGUMENT if `text` is not a token that Seal made for `purpose`.
absl::StatusOr<std::vector<std::string>> Open(absl::string_view purpose, absl::string_view text);

// 32 bytes that identify `bytes` (SHA-256).
std::string Fingerprint(absl::string_view bytes);

}  // namespace entente::token

#endif  // ENTENTE_COMMON_TOKEN_TOKEN_H_
