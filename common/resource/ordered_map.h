// SPDX-License-Identifier: Apache-2.0
//
// A persistent ordered map from strings: an immutable sorted sequence of chunks that share what
// did not change. A copy is one pointer; a change copies one chunk and the spine, so that every
// reader keeps the version it began with and no reader ever waits.
//
//   OrderedMap<int> a = OrderedMap<int>().With("x", 1);
//   OrderedMap<int> b = a.With("y", 2);   // `a` still has one entry
//
// With n entries: Find O(log n); With and Without O(chunk + n / chunk); iteration in key order.
// Distinct objects may be used from any threads; one object like any const std container.
#ifndef ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_
#define ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::resource {

template <typename Value>
class OrderedMap {
 public:
  struct Item {
    std::string key;
    Value value;
  };

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The value of `key`, or null. Valid as long as a map that contains it.
  const Value* Find(absl::string_view key) const {
    if (spine_ == nullptr) return nullptr;
    const auto chunk = ChunkFor(key);
    if (chunk == spine_->end()) return nullptr;
    const auto item = LowerBound(**chunk, key);
    return item != (*chunk)->end() && item->key == key ? &item->value : nullptr;
  }

  // This map with `key` set to `value`.
  OrderedMap With(absl::string_view key, Value value) const {
    OrderedMap result;
    if (spine_ == nullptr) {
      result.spine_ = std::make_shared<Spine>(
          Spine{std::make_shared<Chunk>(Chunk{Item{std::string(key), std::move(value)}})});
      result.size_ = 1;
      return result;
    }
    auto spine = std::make_shared<Spine>(*spine_);
    // A key beyond the last one goes into the last chunk.
    size_t at = std::min<size_t>(ChunkFor(key) - spine_->begin(), spine_->size() - 1);
    auto chunk = std::make_shared<Chunk>(*(*spine)[at]);
    auto item = LowerBound(*chunk, key);
    result.size_ = size_;
    if (item != chunk->end() && item->key == key) {
      item->value = std::move(value);
    } else {
      chunk->insert(item, Item{std::string(key), std::move(value)});
      ++result.size_;
    }
    if (chunk->size() > kMaxChunk) {
      const auto middle = chunk->begin() + chunk->size() / 2;
      auto upper = std::make_shared<Chunk>(std::make_move_iterator(middle),
                                           std::make_move_iterator(chunk->end()));
      chunk->erase(middle, chunk->end());
      spine->insert(spine->begin() + at + 1, std::move(upper));
    }
    (*spine)[at] = std::move(chunk);
    result.spine_ = std::move(spine);
    return result;
  }

  // This map without `key`.
  OrderedMap Without(absl::string_view key) const {
    if (Find(key) == nullptr) return *this;
    OrderedMap result;
    auto spine = std::make_shared<Spine>(*spine_);
    const size_t at = ChunkFor(key) - spine_->begin();
    auto chunk = std::make_shared<Chunk>(*(*spine)[at]);
    chunk->erase(LowerBound(*chunk, key));
    if (chunk->empty()) {
      spine->erase(spine->begin() + at);
    } else {
      (*spine)[at] = std::move(chunk);
    }
    result.size_ = size_ - 1;
    if (!spine->empty()) result.spine_ = std::move(spine);
    return result;
  }

  // Calls `fn(key, value)` for each entry from `from` on, in key order, while it returns true.
  template <typename Fn>
  void Scan(absl::string_view from, Fn fn) const {
    if (spine_ == nullptr) return;
    for (auto chunk = ChunkFor(from); chunk != spine_->end(); ++chunk) {
      for (auto item = LowerBound(**chunk, from); item != (*chunk)->end(); ++item) {
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
  using Chunk = std::vector<Item>;
  using Spine = std::vector<std::shared_ptr<Chunk>>;

  // Balances the copy of a chunk against the copy of the spine at about 100,000 entries.
  static constexpr size_t kMaxChunk = 256;

  // The first chunk whose last key is not less than `key`: the only one that can hold it.
  typename Spine::const_iterator ChunkFor(absl::string_view key) const {
    return std::lower_bound(spine_->begin(), spine_->end(), key,
                            [](const std::shared_ptr<Chunk>& chunk, absl::string_view k) {
                              return absl::string_view(chunk->back().key) < k;
                            });
  }

  template <typename C>
  static auto LowerBound(C& chunk, absl::string_view key) {
    return std::lower_bound(
        chunk.begin(), chunk.end(), key,
        [](const Item& item, absl::string_view k) { return absl::string_view(item.key) < k; });
  }

  std::shared_ptr<const Spine> spine_;
  size_t size_ = 0;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_
