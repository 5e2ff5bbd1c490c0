// SPDX-License-Identifier: Apache-2.0
//
// The classes that rows are of, in columns of their own. Where a scan would look up the class of
// each row's code (the year of a day, say), it reads it instead, in one byte; and what is only read
// and multiplied is done for many rows at once.
//
//   const auto classes = column.classes->Of(class_of, column.flat, resources);
//   if (classes.has_value()) (*classes)[row];   // class_of[column.flat[row]]
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CLASS_CODES_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CLASS_CODES_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "services/funding/query/blocks.h"
#include "services/funding/query/resources.h"

namespace entente::funding::query {

// Those of one column's flat rows, for the ways in which it was classed last. They are made by the
// first query that wants them, and go on with the rows. Thread-safe.
class ClassCodes {
 public:
  // Classes below this fit.
  static constexpr size_t kMostClasses = 256;

  // By row of `codes`. None if another query is at them at the moment, or if this one has not got
  // the memory, or nobody waits for it any more: a table by code serves as well. `codes` are always
  // those of one column, as of some snapshot; all classes must fit.
  std::optional<Codes::View> Of(const std::vector<uint32_t>& class_of, const Codes::View& codes,
                                const Resources& resources);

 private:
  // A byte each for every row: by years, by quarters, by months and by one more.
  static constexpr size_t kMostKept = 4;

  struct Kept {
    std::vector<uint32_t> class_of;
    Pages pages;
    Codes classes{&pages};
  };

  Kept& KeptFor(const std::vector<uint32_t>& class_of);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Kept>> kept_;  // guarded by mutex_; what was used last comes last
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CLASS_CODES_H_
