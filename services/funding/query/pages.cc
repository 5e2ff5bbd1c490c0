// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/pages.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace entente::funding::query {
namespace {

constexpr size_t kLine = 64;

// From the system itself: what an allocator hands out anew already has small pages.
std::shared_ptr<uint8_t[]> NewSlab() {
  constexpr size_t kSize = Pages::kSlab;
  void* const memory =
      mmap(nullptr, 2 * kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Somewhere in it is one that begins at a multiple of its size; the rest goes back.
  auto* const begin = static_cast<uint8_t*>(memory);
  const size_t before = (kSize - reinterpret_cast<uintptr_t>(begin) % kSize) % kSize;
  uint8_t* const slab = begin + before;
  if (before > 0) (void)munmap(begin, before);
  (void)munmap(slab + kSize, kSize - before);
#ifdef MADV_HUGEPAGE
  // Advice: without it, or where it is not taken, everything is as right and a little slower.
  (void)madvise(slab, kSize, MADV_HUGEPAGE);
#endif
  return {slab, [](uint8_t* done) { (void)munmap(done, kSize); }};
}

}  // namespace

std::shared_ptr<uint8_t[]> Pages::Take(size_t bytes) {
  bytes = (bytes + kLine - 1) / kLine * kLine;
  if (used_ + bytes > kSlab) {
    slab_ = NewSlab();
    used_ = 0;
  }
  std::shared_ptr<uint8_t[]> part(slab_, slab_.get() + used_);
  used_ += bytes;
  return part;
}

}  // namespace entente::funding::query
