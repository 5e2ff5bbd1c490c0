// SPDX-License-Identifier: Apache-2.0
//
// A file of blocks that is whole or is refused: every byte of it is covered by a checksum, and
// nothing in it is believed before its checksum is.
//
//   ASSIGN_OR_RETURN(auto writer, Writer::Begin("funding.db.state", kFormat));
//   RETURN_IF_ERROR(writer->Add(/*kind=*/1, bytes));
//   RETURN_IF_ERROR(writer->Complete());
//   RETURN_IF_ERROR(writer->Replace());  // Now, and not before, the file is another.
//
//   ASSIGN_OR_RETURN(auto reader, Reader::Open("funding.db.state", kFormat));
//   std::string bytes;
//   for (const Block& block : reader->blocks()) RETURN_IF_ERROR(reader->Read(block, &bytes));
//
// All numbers are little-endian:
//
//   head     8 bytes "ENTENTE\n", 4 the version of this layout, 4 the format of what is in it
//   blocks   one after the other
//   index    for each block 4 bytes its kind, 4 zeros, 8 its size, 16 its checksum
//   tail     8 bytes "\nETNETNE", 8 the number of blocks, 8 the size of the file, 8 zeros,
//            16 the checksum of head and index, 16 that of the tail up to here
//
// Checksums are XXH3 with 128 bits (hash.h).
#ifndef ENTENTE_COMMON_BLOCKFILE_BLOCK_FILE_H_
#define ENTENTE_COMMON_BLOCKFILE_BLOCK_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/blockfile/hash.h"

namespace entente::blockfile {

// For one thread. Errors of all: RESOURCE_EXHAUSTED if the disk is full, UNAVAILABLE for whatever
// else the system reports.
class Writer {
 public:
  // Writes to `path` + ".new" until it is to replace it; one writer of a path at a time. `format`
  // says what is in the blocks: a number of the caller's, another one whenever that changes.
  static absl::StatusOr<std::unique_ptr<Writer>> Begin(const std::string& path, uint32_t format);
  // What has replaced nothing leaves nothing behind.
  ~Writer();

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  absl::Status Add(uint32_t kind, absl::string_view bytes);

  // Puts all of it on the disk, beside what is at `path`. Nothing can be added any more.
  absl::Status Complete();
  // After Complete: puts it in the place of what is at `path`, on the disk as well.
  absl::Status Replace();

  // How many bytes it has so far.
  int64_t bytes() const { return static_cast<int64_t>(offset_); }

 private:
  Writer(std::string path, int fd);
  absl::Status Put(absl::string_view bytes);
  absl::Status Flush();
  absl::Status Error(absl::string_view doing) const;

  const std::string path_;
  const std::string new_path_;
  int fd_;  // -1 when closed.
  std::string head_;
  std::string index_;
  uint64_t blocks_ = 0;
  uint64_t offset_ = 0;
  std::string buffer_;  // The end of it, which is not written yet.
};

struct Block {
  uint32_t kind = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
  Hash::Value hash{};
};

// Thread-safe.
class Reader {
 public:
  // Checks all but the blocks.
  //
  //   NOT_FOUND   there is no such file
  //   DATA_LOSS   it is not such a file, of another version or format, or damaged
  //   UNAVAILABLE the system does not let it be read
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path, uint32_t format);
  ~Reader();

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // In their order.
  const std::vector<Block>& blocks() const { return blocks_; }

  // Replaces `bytes` by those of `block`. DATA_LOSS if they are not what was written.
  absl::Status Read(const Block& block, std::string* bytes) const;

 private:
  explicit Reader(int fd) : fd_(fd) {}
  absl::Status ReadAt(uint64_t offset, uint64_t size, std::string* bytes) const;

  const int fd_;
  std::vector<Block> blocks_;
};

}  // namespace entente::blockfile

#endif  // ENTENTE_COMMON_BLOCKFILE_BLOCK_FILE_H_
