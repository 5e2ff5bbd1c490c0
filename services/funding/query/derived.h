// SPDX-License-Identifier: Apache-2.0
//
// What was made of something that many queries look at, and is kept for the next of them: of the
// values of a column, or of the rows of a table.
//
//   const auto scale = column.derived->Of<Scale>("year", column.values.size(), [&] { ... });
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_DERIVED_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_DERIVED_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace entente::funding::query {

// Thread-safe.
class Derived {
 public:
  // What was made under `key` when that which it is of had `size` parts, or else `make()`.
  template <typename T>
  std::shared_ptr<const T> Of(const std::string& key, size_t size, const std::function<T()>& make) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (const Kept& kept : kept_) {
        if (kept.key == key && kept.size == size) return std::static_pointer_cast<T>(kept.what);
      }
    }
    auto made = std::make_shared<T>(make());
    std::lock_guard<std::mutex> lock(mutex_);
    std::erase_if(kept_, [&](const Kept& kept) { return kept.key == key; });
    if (kept_.size() >= kMost) kept_.erase(kept_.begin());
    kept_.push_back({key, size, made});
    return made;
  }

  // What is under `key` and changes by itself, made if there is none.
  template <typename T>
  std::shared_ptr<T> Of(const std::string& key) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const Kept& kept : kept_) {
      if (kept.key == key) return std::static_pointer_cast<T>(kept.what);
    }
    auto made = std::make_shared<T>();
    kept_.push_back({key, 0, made});
    return made;
  }

 private:
  static constexpr size_t kMost = 16;

  struct Kept {
    std::string key;
    size_t size;
    std::shared_ptr<void> what;
  };

  std::mutex mutex_;
  std::vector<Kept> kept_;  // guarded by mutex_
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_DERIVED_H_
