// SPDX-License-Identifier: Apache-2.0
//
// Claims made up for the roll-up benchmark, as many as wanted: dimensions are skewed as real ones
// are, few values have most of the money.
#ifndef ENTENTE_BENCHMARKS_ROLLUP_GENERATED_H_
#define ENTENTE_BENCHMARKS_ROLLUP_GENERATED_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/log/log.h"
#include "common/resource/state.h"
#include "services/funding/query/evaluation.h"

namespace entente::benchmarks {

enum class Mix {
  kFlat,        // exact amounts in one currency
  kMixed,       // 5 % of the claims are parts of others, and 3 % have bounds
  kCurrencies,  // exact amounts in 20 currencies
};

inline constexpr int kStages = 5;
inline constexpr int kCountries = 200;
inline constexpr int kSectors = 300;
inline constexpr int kFunders = 3000;
inline constexpr int kInitiatives = 200'000;
inline constexpr int kYears = 20;
inline constexpr int kLastYear = 2024;
inline constexpr int kCurrencies = 20;

// The same claims as arrays of numbers, by claim: what other systems are given.
struct Arrays {
  std::vector<int16_t> year;
  std::vector<uint8_t> stage;
  std::vector<uint8_t> country;
  std::vector<uint16_t> sector;
  std::vector<uint16_t> funder;
  std::vector<uint32_t> initiative;
  std::vector<uint8_t> currency;
  std::vector<int32_t> value_date;  // days since 1970-01-01
  std::vector<int64_t> amount;      // minor units

  // columns.json and a file for each, for peers.py.
  absl::Status WriteTo(const std::string& directory) const;
};

struct Generated {
  funding::query::Sources sources;
  Arrays arrays;  // empty unless kFlat
  size_t bytes = 0;
};

// Flat claims one by one, as changes of a log.
class FlatClaims {
 public:
  FlatClaims();
  ~FlatClaims();

  log::Change Next();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

// The resource types of funding, and the places of the generated claims.
const resource::Registry& FundingTypes();
std::shared_ptr<const resource::State> Catalogue();

// `claims` of them. The messages of flat claims are gone once their rows are made: a table of claims
// that no message is asked of.
Generated Generate(Mix mix, size_t claims);

}  // namespace entente::benchmarks

#endif  // ENTENTE_BENCHMARKS_ROLLUP_GENERATED_H_
