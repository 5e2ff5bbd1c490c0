// SPDX-License-Identifier: Apache-2.0
//
// The text of a document in a file.
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_TEXT_FILE_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_TEXT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/passage/text.h"

namespace entente {

// NOT_FOUND if the file cannot be read, INVALID_ARGUMENT if it is not UTF-8 or too long.
absl::StatusOr<passage::Text> ReadTextFile(const std::string& path);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_TEXT_FILE_H_
