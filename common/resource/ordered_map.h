// SPDX-License-Identifier: Apache-2.0
//
// A persistent ordered map from strings: an immutable tree of three levels, whose lowest are chunks
// of items in order, and of which versions share what did not change. A copy is one pointer; a
// change copies one node of each level, so that every reader keeps the version it began with and
// no reader ever waits.
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
// With n entries: Find O(log n); With and Without, and the first Set or Erase of an edit in a
// chunk, O(2 kMost + n / kFill^2), which at ten million entries is a copy of some 800 items and
// pointers; the others O(log n + kMost); iteration in key order. Distinct objects may be used from
// any threads; one object like any std container.
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
#include "absl/types/span.h"

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
    auto root = std::make_shared<Root>(Root{0, {}});
    for (std::vector<Item>& items : sorted) {
      if (items.empty()) continue;
      result.size_ += items.size();
      if (root->parts.empty() || root->parts.back()->parts.size() == kFill) {
        root->parts.push_back(std::make_shared<Branch>(Branch{0, {}}));
      }
      root->parts.back()->parts.push_back(std::make_shared<Chunk>(Chunk{0, std::move(items)}));
    }
    if (result.size_ > 0) result.root_ = std::move(root);
    return result;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The value of `key`, or null. Valid as long as a map that contains it.
  const Value* Find(absl::string_view key) const {
    if (root_ == nullptr) return nullptr;
    const auto branch = PartFor(root_->parts, key);
    if (branch == root_->parts.end()) return nullptr;
    const std::vector<Item>& items = (*PartFor((*branch)->parts, key))->parts;
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
    if (root_ == nullptr) {
      auto chunk = std::make_shared<Chunk>(Chunk{edit.id_, {Item{Key(key), std::move(value)}}});
      auto branch = std::make_shared<Branch>(Branch{edit.id_, {std::move(chunk)}});
      root_ = std::make_shared<Root>(Root{edit.id_, {std::move(branch)}});
      size_ = 1;
      return;
    }
    Own(edit, &root_);
    const size_t of_root = PlaceFor(root_->parts, key);
    Own(edit, &root_->parts[of_root]);
    Branch& branch = *root_->parts[of_root];
    const size_t of_branch = PlaceFor(branch.parts, key);
    Own(edit, &branch.parts[of_branch]);
    std::vector<Item>& items = branch.parts[of_branch]->parts;
    const auto item = LowerBound(items, key);
    if (item != items.end() && item->key == key) {
      if constexpr (!std::is_same_v<Key, std::string>) item->key = Key(key);
      item->value = std::move(value);
      return;
    }
    items.insert(item, Item{Key(key), std::move(value)});
    ++size_;
    SplitIfFull(edit, &branch.parts, of_branch);
    SplitIfFull(edit, &root_->parts, of_root);
  }

  // Takes `key` out, if it is there. Copies of this map made before stay as they are.
  void Erase(const Edit& edit, absl::string_view key) {
    if (Find(key) == nullptr) return;
    Own(edit, &root_);
    const size_t of_root = PlaceFor(root_->parts, key);
    Own(edit, &root_->parts[of_root]);
    Branch& branch = *root_->parts[of_root];
    const size_t of_branch = PlaceFor(branch.parts, key);
    Own(edit, &branch.parts[of_branch]);
    std::vector<Item>& items = branch.parts[of_branch]->parts;
    items.erase(LowerBound(items, key));
    RemoveIfEmpty(&branch.parts, of_branch);
    RemoveIfEmpty(&root_->parts, of_root);
    if (root_->parts.empty()) root_ = nullptr;
    --size_;
  }

  // Calls `fn(key, value)` for each entry from `from` on, in key order, while it returns true.
  template <typename Fn>
  void Scan(absl::string_view from, Fn fn) const {
    if (root_ == nullptr) return;
    for (auto branch = PartFor(root_->parts, from); branch != root_->parts.end(); ++branch) {
      const auto& chunks = (*branch)->parts;
      for (auto chunk = PartFor(chunks, from); chunk != chunks.end(); ++chunk) {
        const std::vector<Item>& items = (*chunk)->parts;
        for (auto item = LowerBound(items, from); item != items.end(); ++item) {
          if (!fn(absl::string_view(item->key), item->value)) return;
        }
      }
    }
  }

  // The same by chunks: calls `fn(items)` with what each has, a span of Items.
  template <typename Fn>
  void ScanChunks(absl::string_view from, Fn fn) const {
    if (root_ == nullptr) return;
    for (auto branch = PartFor(root_->parts, from); branch != root_->parts.end(); ++branch) {
      const auto& chunks = (*branch)->parts;
      for (auto chunk = PartFor(chunks, from); chunk != chunks.end(); ++chunk) {
        const std::vector<Item>& items = (*chunk)->parts;
        const auto first = LowerBound(items, from);
        if (!fn(absl::Span<const Item>(&*first, static_cast<size_t>(items.end() - first)))) return;
      }
    }
  }

  // Calls `fn(key, before, after)` in key order for the entries of two maps from `from` on, with
  // null where one has none, while it returns true. Passes over what both share because the one was
  // made of the other: that has not changed.
  template <typename Fn>
  static void ScanUnshared(const OrderedMap& before, const OrderedMap& after,
                           absl::string_view from, Fn fn) {
    Cursor a(before.root_.get(), from);
    Cursor b(after.root_.get(), from);
    while (!a.at_end() || !b.at_end()) {
      if (!a.at_end() && !b.at_end() && a.PassShared(&b)) continue;
      const int order = a.at_end() ? 1 : b.at_end() ? -1 : a.key().compare(b.key());
      if (!fn(order <= 0 ? a.key() : b.key(), order <= 0 ? a.value() : nullptr,
              order >= 0 ? b.value() : nullptr)) {
        return;
      }
      if (order <= 0) a.Next();
      if (order >= 0) b.Next();
    }
  }

  // As Scan, for the keys that begin with `prefix`, all of them.
  template <typename Fn>
  void ScanPrefix(absl::string_view prefix, Fn fn) const {
    Scan(prefix, [&](absl::string_view key, const Value& value) {
      if (key.substr(0, prefix.size()) != prefix) return false;
      fn(key, value);
      return true;
    });
  }

 private:
  // A node: its parts in the order of their keys, at least one, and the id of the edit that made it
  // and that alone may change it.
  template <typename Part>
  struct Node {
    uint64_t edit;
    std::vector<Part> parts;
  };
  using Chunk = Node<Item>;
  using Branch = Node<std::shared_ptr<Chunk>>;
  using Root = Node<std::shared_ptr<Branch>>;  // Of any size.

  // A place in a map.
  class Cursor {
   public:
    Cursor(const Root* root, absl::string_view from) : root_(root) {
      if (root_ == nullptr) return;
      branch_ = static_cast<size_t>(PartFor(root_->parts, from) - root_->parts.begin());
      if (at_end()) return;
      const auto& chunks = branch().parts;
      chunk_ = static_cast<size_t>(PartFor(chunks, from) - chunks.begin());
      const auto& items = chunk().parts;
      item_ = static_cast<size_t>(LowerBound(items, from) - items.begin());
    }

    bool at_end() const { return root_ == nullptr || branch_ == root_->parts.size(); }
    absl::string_view key() const { return chunk().parts[item_].key; }
    const Value* value() const { return &chunk().parts[item_].value; }

    void Next() {
      if (++item_ == chunk().parts.size()) NextChunk();
    }

    // If both are at the beginning of a node that both maps have: to the end of it. Both are not at
    // their ends.
    bool PassShared(Cursor* other) {
      if (item_ != 0 || other->item_ != 0 || &chunk() != &other->chunk()) return false;
      if (chunk_ == 0 && other->chunk_ == 0 && &branch() == &other->branch()) {
        ++branch_;
        ++other->branch_;
      } else {
        NextChunk();
        other->NextChunk();
      }
      return true;
    }

   private:
    const Branch& branch() const { return *root_->parts[branch_]; }
    const Chunk& chunk() const { return *branch().parts[chunk_]; }
    void NextChunk() {
      item_ = 0;
      if (++chunk_ < branch().parts.size()) return;
      chunk_ = 0;
      ++branch_;
    }

    const Root* const root_;
    size_t branch_ = 0;
    size_t chunk_ = 0;
    size_t item_ = 0;
  };

  // Of how many parts a node is split.
  static constexpr size_t kMost = 256;

  // Replaces what `node` points at by a copy, unless it is the edit's own.
  template <typename Node>
  static void Own(const Edit& edit, std::shared_ptr<Node>* node) {
    if ((*node)->edit == edit.id_) return;
    *node = std::make_shared<Node>(**node);
    (*node)->edit = edit.id_;
  }

  template <typename Node>
  static void SplitIfFull(const Edit& edit, std::vector<std::shared_ptr<Node>>* nodes, size_t at) {
    auto& parts = (*nodes)[at]->parts;
    if (parts.size() <= kMost) return;
    const auto middle = parts.begin() + static_cast<ptrdiff_t>(parts.size() / 2);
    auto upper = std::make_shared<Node>(
        Node{edit.id_, {std::make_move_iterator(middle), std::make_move_iterator(parts.end())}});
    parts.erase(middle, parts.end());
    nodes->insert(nodes->begin() + static_cast<ptrdiff_t>(at) + 1, std::move(upper));
  }

  template <typename Node>
  static void RemoveIfEmpty(std::vector<std::shared_ptr<Node>>* nodes, size_t at) {
    if ((*nodes)[at]->parts.empty()) nodes->erase(nodes->begin() + static_cast<ptrdiff_t>(at));
  }

  static absl::string_view LastKey(const Item& item) { return item.key; }
  template <typename Node>
  static absl::string_view LastKey(const std::shared_ptr<Node>& node) {
    return LastKey(node->parts.back());
  }

  // The first node whose last key is not less than `key`: the only one that can hold it.
  template <typename Node>
  static auto PartFor(const std::vector<std::shared_ptr<Node>>& nodes, absl::string_view key) {
    return std::lower_bound(
        nodes.begin(), nodes.end(), key,
        [](const std::shared_ptr<Node>& node, absl::string_view k) { return LastKey(node) < k; });
  }

  // The node into which `key` belongs: beyond the last key, the last one.
  template <typename Node>
  static size_t PlaceFor(const std::vector<std::shared_ptr<Node>>& nodes, absl::string_view key) {
    return std::min(static_cast<size_t>(PartFor(nodes, key) - nodes.begin()), nodes.size() - 1);
  }

  template <typename Items>
  static auto LowerBound(Items& items, absl::string_view key) {
    return std::lower_bound(
        items.begin(), items.end(), key,
        [](const Item& item, absl::string_view k) { return absl::string_view(item.key) < k; });
  }

  std::shared_ptr<Root> root_;  // Null if empty.
  size_t size_ = 0;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_ORDERED_MAP_H_
