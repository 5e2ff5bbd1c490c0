// SPDX-License-Identifier: Apache-2.0
//
// The values of a column in parts that a query may tell nothing apart in: dates by their years or
// months, and everything else by itself.
//
//   const auto parts = PartsOf(column, Parted::kByYear);
//   parts->of_code[code];   // the same for 2023-05-12, 2023-07 and 2023; of 2023~ another one
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CODE_PARTS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CODE_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/funding/query/blocks.h"
#include "services/funding/query/column.h"

namespace entente::funding::query {

// From the coarsest on.
enum class Parted : uint8_t { kByYear, kByMonth, kNot };

struct CodeParts {
  std::vector<uint32_t> of_code;  // empty if each value is a part
  std::vector<Code> sample;       // by part: its first value; likewise
  size_t count = 0;
};

// Kept with the column. What is not a plain date (a year, a month or a day, with nothing said of
// how sure it is), or is coarser than a part, is a part by itself.
std::shared_ptr<const CodeParts> PartsOf(const Column& column, Parted parted);

// Whether the values of a base are dates. `base`: its name in ClaimFacts.
bool IsDate(const std::string& base);

// Whether all codes of each part are alike in a table by code.
template <typename T>
bool AreAlike(const std::vector<T>& table, const CodeParts& parts) {
  if (parts.of_code.empty()) return true;
  for (size_t code = 0; code < table.size(); ++code) {
    if (table[code] != table[parts.sample[parts.of_code[code]]]) return false;
  }
  return true;
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CODE_PARTS_H_
