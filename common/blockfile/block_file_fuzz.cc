// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, a reader refuses them or reads all of them; and a file that was written reads
// as it was, or not at all once a byte of it is another.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/blockfile/block_file.h"

namespace {

using entente::blockfile::Block;
using entente::blockfile::Reader;
using entente::blockfile::Writer;

constexpr uint32_t kFormat = 1;

void Require(bool condition) {
  if (!condition) std::abort();
}

// Whether all of it can be read.
bool ReadAll(const std::string& path, std::string* all) {
  const auto reader = Reader::Open(path, kFormat);
  if (!reader.ok()) return false;
  std::string bytes;
  for (const Block& block : (*reader)->blocks()) {
    if (!(*reader)->Read(block, &bytes).ok()) return false;
    all->append(bytes);
  }
  return true;
}

void WriteOver(const std::string& path, const uint8_t* data, size_t size) {
  FILE* file = fopen(path.c_str(), "wb");
  Require(file != nullptr && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string path = absl::StrCat("/dev/shm/block_file_fuzz.", getpid());
  std::string all;
  WriteOver(path, data, size);
  ReadAll(path, &all);
  Require(all.size() <= size);

  // The input as blocks, of lengths that its own bytes say.
  const absl::string_view content(reinterpret_cast<const char*>(data), size);
  auto writer = Writer::Begin(path, kFormat);
  Require(writer.ok());
  for (size_t at = 0; at < size;) {
    const size_t length = std::min<size_t>(1 + data[at], size - at);
    Require((*writer)->Add(data[at], content.substr(at, length)).ok());
    at += length;
  }
  Require((*writer)->Complete().ok() && (*writer)->Replace().ok());
  all.clear();
  Require(ReadAll(path, &all));
  Require(content == all);

  if (size < 3) return 0;
  FILE* file = fopen(path.c_str(), "r+b");
  Require(file != nullptr && fseek(file, 0, SEEK_END) == 0);
  const long at = (data[0] << 8 | data[1]) % ftell(file);
  fseek(file, at, SEEK_SET);
  const int byte = fgetc(file);
  fseek(file, at, SEEK_SET);
  fputc(byte ^ (data[2] | 1), file);
  Require(fclose(file) == 0);
  Require(!ReadAll(path, &all));
  unlink(path.c_str());
  return 0;
}
