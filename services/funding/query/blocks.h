// SPDX-License-Identifier: Apache-2.0
//
// Lists that only grow, and views of how they were.
//
//   Blocks<int64_t> amounts;
//   amounts.Append(100);
//   const Blocks<int64_t>::View before = amounts.ViewOf(1);
//   amounts.Append(200);
//   before.size();  // 1, and stays so
//
// Elements live in blocks of kBlockRows that never move once they are full; the last one grows by
// doubling, and views keep the one that they began with. So a view costs a pointer for each block,
// an element is written once, and readers of views need no lock while the list goes on growing.
// Blocks of their final size are in Pages, if there are any.
//
// Appending and making views has to be synchronised from outside; a view may then be read from
// any thread.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_BLOCKS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_BLOCKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "services/funding/query/pages.h"

namespace entente::funding::query {

// Rows are looked at, and given to threads, in blocks of so many.
inline constexpr size_t kBlockRows = size_t{1} << 16;
// Rows that are taken at once: what is made of them stays in the first cache.
inline constexpr size_t kChunk = 2048;

template <typename T, size_t kRows = kBlockRows>
class Blocks {
 public:
  class View {
   public:
    size_t size() const { return size_; }
    const T& operator[](size_t i) const { return blocks_[i / kRows].get()[i % kRows]; }
    // The elements from i * kRows on.
    const T* block(size_t i) const { return blocks_[i].get(); }

   private:
    friend class Blocks;
    std::vector<std::shared_ptr<T[]>> blocks_;
    size_t size_ = 0;
  };

  // `pages`: of which blocks are taken; null for none, else it must outlive the list.
  explicit Blocks(Pages* pages = nullptr) : pages_(pages) {}

  size_t size() const { return size_; }
  const T& operator[](size_t i) const { return blocks_[i / kRows].get()[i % kRows]; }

  void Append(T value) {
    if (size_ == capacity_) Grow();
    blocks_.back().get()[size_++ % kRows] = std::move(value);
  }

  // The first `size` elements.
  View ViewOf(size_t size) const {
    View view;
    view.blocks_.assign(blocks_.begin(),
                        blocks_.begin() + static_cast<std::ptrdiff_t>((size + kRows - 1) / kRows));
    view.size_ = size;
    return view;
  }

 private:
  static constexpr size_t kLeast = std::min<size_t>(16, kRows);

  void Grow() {
    const size_t in_last = blocks_.empty() ? kRows : size_ - (blocks_.size() - 1) * kRows;
    if (in_last == kRows) {
      // A list that has filled a block will fill the next.
      const size_t rows = blocks_.empty() ? kLeast : kRows;
      blocks_.push_back(NewBlock(rows));
      capacity_ += rows;
      return;
    }
    const size_t rows = std::min(kRows, in_last * 2);
    std::shared_ptr<T[]> larger = NewBlock(rows);
    std::copy_n(blocks_.back().get(), in_last, larger.get());
    blocks_.back() = std::move(larger);
    capacity_ += rows - in_last;
  }

  std::shared_ptr<T[]> NewBlock(size_t rows) const {
    if constexpr (std::is_arithmetic_v<T>) {
      static_assert(kRows * sizeof(T) <= Pages::kSlab);
      if (pages_ != nullptr && rows == kRows) {
        const std::shared_ptr<uint8_t[]> bytes = pages_->Take(rows * sizeof(T));
        return {bytes, reinterpret_cast<T*>(bytes.get())};
      }
    }
    return std::shared_ptr<T[]>(new T[rows]());
  }

  Pages* pages_ = nullptr;
  std::vector<std::shared_ptr<T[]>> blocks_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// A value by its place in a dictionary.
using Code = uint32_t;

// Codes in as few bytes each as the largest one of their block needs: 1, 2 or 4.
class Codes {
 public:
  struct Block {
    std::shared_ptr<uint8_t[]> bytes;
    int width = 1;

    Code operator[](size_t i) const {
      if (width == 1) return bytes[i];
      if (width == 2) return reinterpret_cast<const uint16_t*>(bytes.get())[i];
      return reinterpret_cast<const uint32_t*>(bytes.get())[i];
    }
  };

  class View {
   public:
    size_t size() const { return size_; }
    Code operator[](size_t i) const { return blocks_[i / kBlockRows][i % kBlockRows]; }
    const Block& block(size_t i) const { return blocks_[i]; }

   private:
    friend class Codes;
    std::vector<Block> blocks_;
    size_t size_ = 0;
  };

  // `pages`: as those of Blocks.
  explicit Codes(Pages* pages = nullptr) : pages_(pages) {}

  size_t size() const { return size_; }
  void Append(Code code);
  // Several of them, each of one byte.
  void Append(const uint8_t* codes, size_t n);
  View ViewOf(size_t size) const;
  // What they take.
  size_t bytes() const;

 private:
  Block NewBlock(size_t rows, int width) const;
  void Grow(size_t rows, int width);

  Pages* pages_ = nullptr;
  std::vector<Block> blocks_;
  size_t size_ = 0;
  size_t rows_ = 0;  // of the last block, used or not
};

// Calls `fn` with the codes from row `first` of a block on, as what they are.
template <typename Fn>
void WithCodes(const Codes::Block& block, size_t first, const Fn& fn) {
  if (block.width == 1) {
    fn(block.bytes.get() + first);
  } else if (block.width == 2) {
    fn(reinterpret_cast<const uint16_t*>(block.bytes.get()) + first);
  } else {
    fn(reinterpret_cast<const uint32_t*>(block.bytes.get()) + first);
  }
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_BLOCKS_H_
