// SPDX-License-Identifier: Apache-2.0
//
// Memory for the rows of large tables, in huge pages where the system has them: with pages of
// 4 KiB a scan waits for addresses to be translated nearly as long as for the rows themselves.
//
//   Pages pages;
//   std::shared_ptr<uint8_t[]> rows = pages.Take(bytes);
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_PAGES_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_PAGES_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace entente::funding::query {

// Hands out parts of slabs, one after the other. A slab is freed when nothing has a part of it any
// more, which may be after the Pages. Not thread-safe; what is handed out is anybody's.
class Pages {
 public:
  // A huge page on x86-64, and on most others.
  static constexpr size_t kSlab = size_t{1} << 21;

  // Not initialised, and aligned for any type and to a line of the cache. `bytes`: at most kSlab.
  std::shared_ptr<uint8_t[]> Take(size_t bytes);

 private:
  std::shared_ptr<uint8_t[]> slab_;
  size_t used_ = kSlab;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PAGES_H_
