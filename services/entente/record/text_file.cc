// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/text_file.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace entente {

absl::StatusOr<passage::Text> ReadTextFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream bytes;
  bytes << stream.rdbuf();
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read the source ", path));
  auto text = passage::Text::FromUtf8(bytes.str());
  if (text.ok()) return text;
  return absl::Status(text.status().code(), absl::StrCat(path, ": ", text.status().message()));
}

}  // namespace entente
