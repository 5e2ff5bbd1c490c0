// SPDX-License-Identifier: Apache-2.0
//
// A persistent ordered set of strings that begin like their neighbours: an immutable sorted
// sequence of chunks, in which each string is what it does not share with the one before it. A copy
// is one pointer; a change makes the chunks that it touches anew, and the list of chunks.
//
//   KeySet set = KeySet().With({{"a/1", true}, {"a/2", true}});
//   set.ScanPrefix("a/", [](absl::string_view key) {...});
//
// Distinct objects may be used from any threads; one object like any std container.
#ifndef ENTENTE_COMMON_RESOURCE_KEY_SET_H_
#define ENTENTE_COMMON_RESOURCE_KEY_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::resource {

class KeySet {
 public:
  // Whether a key is to be in the set.
  struct Change {
    std::string key;
    bool present;
  };

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // This set with these changes, which are in the order of their keys and name each once. What is
  // as wanted already stays so.
  KeySet With(absl::Span<const Change> changes) const;

  // Calls `fn(key)` for each key that begins with `prefix`, in order; if it returns a bool, while
  // that is true. The key is valid during the call.
  template <typename Fn>
  void ScanPrefix(absl::string_view prefix, Fn fn) const {
    if (chunks_ == nullptr) return;
    for (size_t at = ChunkFor(prefix); at < chunks_->size(); ++at) {
      for (Cursor cursor(*(*chunks_)[at]); cursor.Next();) {
        const absl::string_view key = cursor.key();
        if (key < prefix) continue;
        if (key.substr(0, prefix.size()) != prefix) return;
        if constexpr (std::is_same_v<decltype(fn(key)), bool>) {
          if (!fn(key)) return;
        } else {
          fn(key);
        }
      }
    }
  }

  // From keys in order, or from chunks of a set that was taken apart.
  class Builder {
   public:
    // Must be greater than all before.
    void Add(absl::string_view key);
    // False, and nothing is added, if this is no chunk. Whether its keys are in order, and greater
    // than all before, is taken on trust.
    bool AddChunk(absl::string_view bytes);
    KeySet Finish() &&;

   private:
    void Close();

    std::vector<std::shared_ptr<const std::string>> chunks_;
    size_t size_ = 0;
    std::string bytes_;  // The chunk that is being made.
    std::string last_;
    size_t count_ = 0;  // Of the keys in it.
  };

  // Calls `fn(bytes)` for each chunk, in order.
  template <typename Fn>
  void ForEachChunk(Fn fn) const {
    if (chunks_ == nullptr) return;
    for (const auto& chunk : *chunks_) fn(absl::string_view(*chunk));
  }

  // How many bytes the keys take.
  size_t Bytes() const;

 private:
  // For each key: how many bytes it shares with the one before, how many follow, and these. The
  // first shares none, so that it can be read where it stands.
  using Chunk = std::string;
  using Chunks = std::vector<std::shared_ptr<const Chunk>>;

  // The keys of a chunk, one after the other.
  class Cursor {
   public:
    explicit Cursor(absl::string_view bytes) : left_(bytes) {}
    // False at the end, or if what follows is no key; at_end() tells.
    bool Next();
    absl::string_view key() const { return key_; }
    bool at_end() const { return left_.empty(); }

   private:
    bool Number(size_t* value);

    absl::string_view left_;
    std::string key_;
  };

  static absl::string_view FirstOf(const Chunk& chunk);
  // The only chunk that can hold `key`; those that begin with it begin there, or after.
  size_t ChunkFor(absl::string_view key) const;

  std::shared_ptr<const Chunks> chunks_;  // Null if empty.
  size_t size_ = 0;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_KEY_SET_H_
