// SPDX-License-Identifier: Apache-2.0
#include "common/blockfile/block_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace entente::blockfile {
namespace {

constexpr absl::string_view kMagic = "ENTENTE\n";
constexpr absl::string_view kEndMagic = "\nETNETNE";
constexpr uint32_t kVersion = 1;

constexpr uint64_t kHeadBytes = 16;
constexpr uint64_t kIndexBytes = 32;
constexpr uint64_t kTailBytes = 64;
constexpr uint64_t kTailHashed = kTailBytes - 16;

// How much is written at a time.
constexpr size_t kBufferBytes = size_t{1} << 20;

void PutNumber(std::string* bytes, uint64_t number, int width) {
  for (int i = 0; i < width; ++i) bytes->push_back(static_cast<char>(number >> (8 * i)));
}

uint64_t NumberAt(absl::string_view bytes, size_t offset, int width) {
  uint64_t number = 0;
  for (int i = width - 1; i >= 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[offset + static_cast<size_t>(i)]);
  }
  return number;
}

void PutHash(std::string* bytes, const Hash::Value& hash) {
  bytes->append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

Hash::Value HashAt(absl::string_view bytes, size_t offset) {
  Hash::Value hash;
  std::memcpy(hash.data(), bytes.data() + offset, hash.size());
  return hash;
}

std::string HeadOf(uint32_t format) {
  std::string head;
  head.append(kMagic.data(), kMagic.size());
  PutNumber(&head, kVersion, 4);
  PutNumber(&head, format, 4);
  return head;
}

absl::Status FromErrno(int error, absl::string_view what) {
  const std::string message = absl::StrCat(what, ": ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

// So that a file that was renamed is there under its name after a crash.
absl::Status SyncDirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const std::string directory(parent.empty() ? absl::string_view(".") : absl::string_view(parent));
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FromErrno(errno, absl::StrCat("opening ", directory));
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : FromErrno(error, absl::StrCat("syncing ", directory));
}

}  // namespace

Writer::Writer(std::string path, int fd)
    : path_(std::move(path)), new_path_(path_ + ".new"), fd_(fd) {}

Writer::~Writer() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(new_path_.c_str());
}

absl::Status Writer::Error(absl::string_view doing) const {
  return FromErrno(errno, absl::StrCat(doing, " ", new_path_));
}

absl::StatusOr<std::unique_ptr<Writer>> Writer::Begin(const std::string& path, uint32_t format) {
  const std::string new_path = path + ".new";
  // What the process before may have left there is no good. Only the owner may read it: it holds
  // what the log holds.
  const int fd = open(new_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FromErrno(errno, absl::StrCat("making ", new_path));
  std::unique_ptr<Writer> writer(new Writer(path, fd));
  writer->head_ = HeadOf(format);
  RETURN_IF_ERROR(writer->Put(writer->head_));
  return writer;
}

absl::Status Writer::Put(absl::string_view bytes) {
  buffer_.append(bytes.data(), bytes.size());
  offset_ += bytes.size();
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : Flush();
}

absl::Status Writer::Flush() {
  absl::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error("writing");
    left.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status Writer::Add(uint32_t kind, absl::string_view bytes) {
  PutNumber(&index_, kind, 4);
  PutNumber(&index_, 0, 4);
  PutNumber(&index_, bytes.size(), 8);
  PutHash(&index_, Hash::Of(bytes));
  ++blocks_;
  return Put(bytes);
}

absl::Status Writer::Complete() {
  RETURN_IF_ERROR(Put(index_));
  std::string tail;
  tail.append(kEndMagic.data(), kEndMagic.size());
  PutNumber(&tail, blocks_, 8);
  PutNumber(&tail, offset_ + kTailBytes, 8);
  PutNumber(&tail, 0, 8);
  PutHash(&tail, Hash::Of(absl::StrCat(head_, index_)));
  PutHash(&tail, Hash::Of(tail));
  RETURN_IF_ERROR(Put(tail));
  RETURN_IF_ERROR(Flush());
  return fsync(fd_) == 0 ? absl::OkStatus() : Error("syncing");
}

absl::Status Writer::Replace() {
  if (rename(new_path_.c_str(), path_.c_str()) != 0) return Error("renaming");
  close(std::exchange(fd_, -1));
  return SyncDirectoryOf(path_);
}

absl::StatusOr<std::unique_ptr<Reader>> Reader::Open(const std::string& path, uint32_t format) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FromErrno(errno, absl::StrCat("opening ", path));
  std::unique_ptr<Reader> reader(new Reader(fd));
  struct stat info;
  if (fstat(fd, &info) != 0) return FromErrno(errno, absl::StrCat("looking at ", path));
  if (!S_ISREG(info.st_mode)) return absl::DataLossError("it is not a file");
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size < kHeadBytes + kTailBytes) return absl::DataLossError("it is cut short");

  std::string head;
  RETURN_IF_ERROR(reader->ReadAt(0, kHeadBytes, &head));
  if (absl::string_view(head).substr(0, kMagic.size()) != kMagic) {
    return absl::DataLossError("it is a file of another kind");
  }
  if (NumberAt(head, 8, 4) != kVersion || NumberAt(head, 12, 4) != format) {
    return absl::DataLossError("it is of a format that this program does not write");
  }
  std::string tail;
  RETURN_IF_ERROR(reader->ReadAt(size - kTailBytes, kTailBytes, &tail));
  if (absl::string_view(tail).substr(0, kEndMagic.size()) != kEndMagic) {
    return absl::DataLossError("it is cut short, or its end is damaged");
  }
  if (Hash::Of(absl::string_view(tail).substr(0, kTailHashed)) != HashAt(tail, kTailHashed)) {
    return absl::DataLossError("its end is damaged");
  }
  const uint64_t count = NumberAt(tail, 8, 8);
  const uint64_t most = (size - kHeadBytes - kTailBytes) / kIndexBytes;
  if (NumberAt(tail, 16, 8) != size || count > most) {
    return absl::DataLossError("it is not as long as it says");
  }
  const uint64_t index_bytes = count * kIndexBytes;
  const uint64_t index_offset = size - kTailBytes - index_bytes;
  std::string index;
  RETURN_IF_ERROR(reader->ReadAt(index_offset, index_bytes, &index));
  if (Hash::Of(absl::StrCat(head, index)) != HashAt(tail, 32)) {
    return absl::DataLossError("its index is damaged");
  }
  uint64_t offset = kHeadBytes;
  for (size_t at = 0; at < index.size(); at += kIndexBytes) {
    const Block block{static_cast<uint32_t>(NumberAt(index, at, 4)), offset,
                      NumberAt(index, at + 8, 8), HashAt(index, at + 16)};
    if (block.size > index_offset - offset) {
      return absl::DataLossError("its index names more than it has");
    }
    offset += block.size;
    reader->blocks_.push_back(block);
  }
  if (offset != index_offset) return absl::DataLossError("its index names less than it has");
  return reader;
}

Reader::~Reader() { close(fd_); }

absl::Status Reader::ReadAt(uint64_t offset, uint64_t size, std::string* bytes) const {
  bytes->resize(size);
  uint64_t done = 0;
  while (done < size) {
    const ssize_t got =
        pread(fd_, bytes->data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno, "reading it");
    if (got == 0) return absl::DataLossError("it was cut short while it was read");
    done += static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

absl::Status Reader::Read(const Block& block, std::string* bytes) const {
  RETURN_IF_ERROR(ReadAt(block.offset, block.size, bytes));
  if (Hash::Of(*bytes) != block.hash) {
    return absl::DataLossError(absl::StrCat("its block of bytes ", block.offset, " to ",
                                            block.offset + block.size, " is damaged"));
  }
  return absl::OkStatus();
}

}  // namespace entente::blockfile
