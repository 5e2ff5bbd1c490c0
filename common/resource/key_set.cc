// SPDX-License-Identifier: Apache-2.0
#include "common/resource/key_set.h"

#include <algorithm>
#include <utility>

namespace entente::resource {
namespace {

// A chunk is read from its beginning, and made anew for each change in it; it costs a pointer in a
// list that each change copies.
constexpr size_t kMaxKeys = 512;
constexpr size_t kFill = 384;

void PutNumber(std::string* bytes, size_t number) {
  for (; number >= 0x80; number >>= 7) bytes->push_back(static_cast<char>(number | 0x80));
  bytes->push_back(static_cast<char>(number));
}

void PutKey(std::string* bytes, absl::string_view before, absl::string_view key) {
  const size_t most = std::min(before.size(), key.size());
  size_t shared = 0;
  while (shared < most && before[shared] == key[shared]) ++shared;
  PutNumber(bytes, shared);
  PutNumber(bytes, key.size() - shared);
  bytes->append(key.data() + shared, key.size() - shared);
}

}  // namespace

bool KeySet::Cursor::Number(size_t* value) {
  *value = 0;
  for (int shift = 0; shift < 35 && !left_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    *value |= static_cast<size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool KeySet::Cursor::Next() {
  if (left_.empty()) return false;
  const absl::string_view before = left_;
  size_t shared = 0;
  size_t size = 0;
  if (!Number(&shared) || !Number(&size) || shared > key_.size() || size > left_.size()) {
    left_ = before;
    return false;
  }
  key_.resize(shared);
  key_.append(left_.data(), size);
  left_.remove_prefix(size);
  return true;
}

absl::string_view KeySet::FirstOf(const Chunk& chunk) {
  size_t size = 0;
  size_t at = 1;  // After the zero of what it shares.
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(chunk[at++]);
    size |= static_cast<size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return absl::string_view(chunk).substr(at, size);
}

size_t KeySet::ChunkFor(absl::string_view key) const {
  const auto after =
      std::upper_bound(chunks_->begin(), chunks_->end(), key,
                       [](absl::string_view k, const std::shared_ptr<const Chunk>& chunk) {
                         return k < FirstOf(*chunk);
                       });
  return after == chunks_->begin() ? 0 : static_cast<size_t>(after - chunks_->begin()) - 1;
}

KeySet KeySet::With(absl::Span<const Change> changes) const {
  if (changes.empty()) return *this;
  KeySet result;
  auto chunks = std::make_shared<Chunks>();
  if (chunks_ != nullptr) chunks->reserve(chunks_->size() + 1);
  result.size_ = size_;
  size_t copied = 0;  // How many of our chunks are done with.
  while (!changes.empty()) {
    // The changes that are for one chunk, or for none that there is.
    size_t at = 0;
    size_t mine = changes.size();
    if (chunks_ != nullptr) {
      at = ChunkFor(changes.front().key);
      if (at + 1 < chunks_->size()) {
        const absl::string_view end = FirstOf(*(*chunks_)[at + 1]);
        mine = 1;
        while (mine < changes.size() && changes[mine].key < end) ++mine;
      }
      chunks->insert(chunks->end(), chunks_->begin() + static_cast<ptrdiff_t>(copied),
                     chunks_->begin() + static_cast<ptrdiff_t>(at));
      copied = at + 1;
    }
    std::vector<std::string> keys;
    size_t before = 0;
    auto change = changes.begin();
    const auto end = change + static_cast<ptrdiff_t>(mine);
    if (chunks_ != nullptr) {
      for (Cursor cursor(*(*chunks_)[at]); cursor.Next();) {
        ++before;
        for (; change != end && change->key < cursor.key(); ++change) {
          if (change->present) keys.push_back(change->key);
        }
        const bool named = change != end && change->key == cursor.key();
        if (!named || change->present) keys.emplace_back(cursor.key());
        if (named) ++change;
      }
    }
    for (; change != end; ++change) {
      if (change->present) keys.push_back(change->key);
    }
    // In one chunk if they fit, else in several that are filled alike.
    const size_t parts = keys.size() <= kMaxKeys ? 1 : (keys.size() + kFill - 1) / kFill;
    for (size_t part = 0; part < parts && !keys.empty(); ++part) {
      auto bytes = std::make_shared<Chunk>();
      absl::string_view last;
      for (size_t i = keys.size() * part / parts; i < keys.size() * (part + 1) / parts; ++i) {
        PutKey(bytes.get(), last, keys[i]);
        last = keys[i];
      }
      bytes->shrink_to_fit();
      chunks->push_back(std::move(bytes));
    }
    result.size_ += keys.size();
    result.size_ -= before;
    changes.remove_prefix(mine);
  }
  if (chunks_ != nullptr) {
    chunks->insert(chunks->end(), chunks_->begin() + static_cast<ptrdiff_t>(copied),
                   chunks_->end());
  }
  if (!chunks->empty()) result.chunks_ = std::move(chunks);
  return result;
}

size_t KeySet::Bytes() const {
  size_t bytes = 0;
  ForEachChunk([&](absl::string_view chunk) { bytes += chunk.size(); });
  return bytes;
}

void KeySet::Builder::Close() {
  if (count_ == 0) return;
  chunks_.push_back(std::make_shared<const std::string>(bytes_));  // Of the size that it needs.
  size_ += count_;
  bytes_.clear();
  last_.clear();
  count_ = 0;
}

void KeySet::Builder::Add(absl::string_view key) {
  PutKey(&bytes_, last_, key);
  last_.assign(key.data(), key.size());
  if (++count_ == kFill) Close();
}

bool KeySet::Builder::AddChunk(absl::string_view bytes) {
  if (bytes.empty() || bytes.front() != '\0') return false;
  size_t count = 0;
  Cursor cursor(bytes);
  while (cursor.Next()) ++count;
  if (!cursor.at_end()) return false;
  Close();
  chunks_.push_back(std::make_shared<const std::string>(bytes));
  size_ += count;
  return true;
}

KeySet KeySet::Builder::Finish() && {
  Close();
  KeySet result;
  result.size_ = size_;
  if (!chunks_.empty()) result.chunks_ = std::make_shared<const Chunks>(std::move(chunks_));
  return result;
}

}  // namespace entente::resource
