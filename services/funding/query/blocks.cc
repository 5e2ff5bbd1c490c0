// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/blocks.h"

#include <algorithm>

namespace entente::funding::query {
namespace {

constexpr size_t kLeastRows = 16;

int WidthOf(Code code) { return code <= 0xff ? 1 : code <= 0xffff ? 2 : 4; }

void Write(const Codes::Block& block, size_t i, Code code) {
  if (block.width == 1) {
    block.bytes[i] = static_cast<uint8_t>(code);
  } else if (block.width == 2) {
    reinterpret_cast<uint16_t*>(block.bytes.get())[i] = static_cast<uint16_t>(code);
  } else {
    reinterpret_cast<uint32_t*>(block.bytes.get())[i] = code;
  }
}

}  // namespace

void Codes::Append(Code code) {
  const size_t place = size_ % kBlockRows;
  if (place == 0) {
    // Mostly codes stay as wide as they have become.
    const int width = std::max(blocks_.empty() ? 1 : blocks_.back().width, WidthOf(code));
    const size_t rows = size_ == 0 ? kLeastRows : kBlockRows;
    blocks_.push_back(NewBlock(rows, width));
    rows_ = rows;
  } else if (place == rows_) {
    Grow(std::min(kBlockRows, rows_ * 2), std::max(blocks_.back().width, WidthOf(code)));
  } else if (WidthOf(code) > blocks_.back().width) {
    Grow(rows_, WidthOf(code));
  }
  Write(blocks_.back(), place, code);
  ++size_;
}

void Codes::Append(const uint8_t* codes, size_t n) {
  while (n > 0) {
    Append(*codes++);
    --n;
    // The rest of what there is room for.
    const size_t place = size_ % kBlockRows;
    const Block& last = blocks_.back();
    if (place == 0 || last.width != 1) continue;
    const size_t more = std::min(n, rows_ - place);
    std::copy_n(codes, more, last.bytes.get() + place);
    codes += more;
    n -= more;
    size_ += more;
  }
}

Codes::Block Codes::NewBlock(size_t rows, int width) const {
  const size_t bytes = rows * static_cast<size_t>(width);
  if (pages_ != nullptr && rows == kBlockRows) return {pages_->Take(bytes), width};
  // `new` aligns bytes for any type, too.
  return {std::shared_ptr<uint8_t[]>(new uint8_t[bytes]), width};
}

void Codes::Grow(size_t rows, int width) {
  Block larger = NewBlock(rows, width);
  const size_t used = size_ - (blocks_.size() - 1) * kBlockRows;
  for (size_t i = 0; i < used; ++i) Write(larger, i, blocks_.back()[i]);
  blocks_.back() = std::move(larger);
  rows_ = rows;
}

Codes::View Codes::ViewOf(size_t size) const {
  View view;
  view.blocks_.assign(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(
                                                             (size + kBlockRows - 1) / kBlockRows));
  view.size_ = size;
  return view;
}

size_t Codes::bytes() const {
  size_t bytes = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const size_t rows = i + 1 < blocks_.size() ? kBlockRows : rows_;
    bytes += rows * static_cast<size_t>(blocks_[i].width);
  }
  return bytes;
}

}  // namespace entente::funding::query
