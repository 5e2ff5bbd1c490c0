// SPDX-License-Identifier: Apache-2.0
//
// A persistent ordered map from strings: an immutable sorted sequence of chunks that share what
// did not change. A copy is one pointer; a change copies one chunk and the spine, so that every
// reader keeps the version it began with and no reader ever waits.
//
//   OrderedMap<int> a = OrderedMap<int>().With("x", 1);
//   OrderedMap<int> b = a.With("y", 2);   // `a` still has one entry
//
// Many changes at once, which nobody is to see one by one, copy each chunk that they touch once:
//
//   OrderedMap<int>::Edit edit;
//   OrderedMap<int> c = b;
//   for (...) c.Set(edit, key, value);
//
// And very many, which are in order, make a map of their own: FromSorted.
//
// Keys are strings, or views of what a value keeps as long as it or a copy of it lives (`Key`).
//
// With n entries: Find O(log n); With and Without O(chunk + n / chunk), and so the first Set or
// Erase of an edit in a chunk, the others O(log n + chunk); iteration in key order. Distinct
// objects may be used from any threads; one object like any std container.
#ifndef ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_
#define ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::resource {

template <typename Value, typename Key = std::string>
class OrderedMap {
 public:
  struct Item {
    Key key;
    Value value;
  };

  // Of how many items a chunk is made by those who make a map of chunks: there is room for more.
  static constexpr size_t kFill = 192;

  // The map of these items, whose keys increase from one to the next. Empty chunks are left out.
  static OrderedMap FromSorted(std::vector<std::vector<Item>> sorted) {
    OrderedMap result;
    auto spine = std::make_shared<Spine>(Spine{0, {}});
    spine->chunks.reserve(sorted.size());
    for (std::vector<Item>& items : sorted) {
      if (items.empty()) continue;
      result.size_ += items.size();
      spine->chunks.push_back(std::make_shared<Chunk>(Chunk{0, std::move(items)}));
    }
    if (result.size_ > 0) result.spine_ = std::move(spine);
    return result;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The value of `key`, or null. Valid as long as a map that contains it.
  const Value* Find(absl::string_view key) const {
    if (spine_ == nullptr) return nullptr;
    const auto chunk = ChunkFor(key);
    if (chunk == spine_->chunks.end()) return nullptr;
    const std::vector<Item>& items = (*chunk)->items;
    const auto item = LowerBound(items, key);
    return item != items.end() && item->key == key ? &item->value : nullptr;
  }

  // This map with `key` set to `value`.
  OrderedMap With(absl::string_view key, Value value) const {
    OrderedMap result = *this;
    result.Set(Edit(), key, std::move(value));
    return result;
  }

  // This map without `key`.
  OrderedMap Without(absl::string_view key) const {
    OrderedMap result = *this;
    result.Erase(Edit(), key);
    return result;
  }

  // Several changes of one map or of several. What it has changed is its own and changed in place;
  // until it is over, a map that it has changed must not be copied.
  class Edit {
   public:
    Edit() : id_(NextId()) {}
    Edit(const Edit&) = delete;
    Edit& operator=(const Edit&) = delete;

   private:
    friend class OrderedMap;

    // Not an address: those come again.
    static uint64_t NextId() {
      static std::atomic<uint64_t> last{0};
      return ++last;
    }

    const uint64_t id_;
  };

  // Sets `key` to `value`. Copies of this map made before stay as they are.
  void Set(const Edit& edit, absl::string_view key, Value value) {
    if (spine_ == nullptr) {
      spine_ = std::make_shared<Spine>(Spine{edit.id_, {}});
      spine_->chunks.push_back(
          std::make_shared<Chunk>(Chunk{edit.id_, {Item{Key(key), std::move(value)}}}));
      size_ = 1;
      return;
    }
    Own(edit, &spine_);
    auto& chunks = spine_->chunks;
    // A key beyond the last one goes into the last chunk.
    const size_t at =
        std::min(static_cast<size_t>(ChunkFor(key) - chunks.begin()), chunks.size() - 1);
    Own(edit, &chunks[at]);
    std::vector<Item>& items = chunks[at]->items;
    const auto item = LowerBound(items, key);
    if (item != items.end() && item->key == key) {
      if constexpr (!std::is_same_v<Key, std::string>) item->key = Key(key);
      item->value = std::move(value);
      return;
    }
    items.insert(item, Item{Key(key), std::move(value)});
    ++size_;
    if (items.size() > kMaxChunk) {
      const auto middle = items.begin() + static_cast<ptrdiff_t>(items.size() / 2);
      auto upper = std::make_shared<Chunk>(
          Chunk{edit.id_, {std::make_move_iterator(middle), std::make_move_iterator(items.end())}});
      items.erase(middle, items.end());
      chunks.insert(chunks.begin() + static_cast<ptrdiff_t>(at) + 1, std::move(upper));
    }
  }

  // Takes `key` out, if it is there. Copies of this map made before stay as they are.
  void Erase(const Edit& edit, absl::string_view key) {
    if (Find(key) == nullptr) return;
    Own(edit, &spine_);
    auto& chunks = spine_->chunks;
    const auto at = ChunkFor(key) - chunks.begin();
    auto& chunk = chunks[static_cast<size_t>(at)];
    Own(edit, &chunk);
    chunk->items.erase(LowerBound(chunk->items, key));
    if (chunk->items.empty()) chunks.erase(chunks.begin() + at);
    if (chunks.empty()) spine_ = nullptr;
    --size_;
  }

  // Calls `fn(key, value)` for each entry from `from` on, in key order, while it returns true.
  template <typename Fn>
  void Scan(absl::string_view from, Fn fn) const {
    if (spine_ == nullptr) return;
    for (auto chunk = ChunkFor(from); chunk != spine_->chunks.end(); ++chunk) {
      const std::vector<Item>& items = (*chunk)->items;
      for (auto item = LowerBound(items, from); item != items.end(); ++item) {
        if (!fn(absl::string_view(item->key), item->value)) return;
      }
    }
  }

  // The same for the keys that begin with `prefix`, all of them.
  template <typename Fn>
  void ScanPrefix(absl::string_view prefix, Fn fn) const {
    Scan(prefix, [&](absl::string_view key, const Value& value) {
      if (key.substr(0, prefix.size()) != prefix) return false;
      fn(key, value);
      return true;
    });
  }

 private:
  // The id of the edit that made it, and that alone may change it.
  struct Chunk {
    uint64_t edit;
    std::vector<Item> items;
  };
  struct Spine {
    uint64_t edit;
    std::vector<std::shared_ptr<Chunk>> chunks;
  };

  // Balances the copy of a chunk against the copy of the spine at about 100,000 entries.
  static constexpr size_t kMaxChunk = 256;

  // Replaces what `part` points at by a copy, unless it is the edit's own.
  template <typename Part>
  static void Own(const Edit& edit, std::shared_ptr<Part>* part) {
    if ((*part)->edit == edit.id_) return;
    *part = std::make_shared<Part>(**part);
    (*part)->edit = edit.id_;
  }

  // The first chunk whose last key is not less than `key`: the only one that can hold it.
  auto ChunkFor(absl::string_view key) const {
    const auto& chunks = spine_->chunks;
    return std::lower_bound(chunks.begin(), chunks.end(), key,
                            [](const std::shared_ptr<Chunk>& chunk, absl::string_view k) {
                              return absl::string_view(chunk->items.back().key) < k;
                            });
  }

  template <typename Items>
  static auto LowerBound(Items& items, absl::string_view key) {
    return std::lower_bound(
        items.begin(), items.end(), key,
        [](const Item& item, absl::string_view k) { return absl::string_view(item.key) < k; });
  }

  std::shared_ptr<Spine> spine_;  // Null if empty.
  size_t size_ = 0;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_
