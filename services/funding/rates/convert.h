// SPDX-License-Identifier: Apache-2.0
//
// Amounts in another currency: sums of amounts, each converted at its own rate, in exact rational
// arithmetic and rounded once, at the end.
//
//   ConvertedSum sum("USD");
//   sum.Add(amount, rate);            // for each currency and rate date; rate.to is "USD"
//   sum.Add(other, other_rate);
//   sum.Round(Rounding::kHalfEven);   // to cents: what is stated
//   low.Round(Rounding::kDown);       // a lower bound, never above the true one
//   high.Round(Rounding::kUp);        // an upper bound, never below it
//
// What a sum was made of, in what order and in how many parts, does not change it.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_CONVERT_H_
#define ENTENTE_SERVICES_FUNDING_RATES_CONVERT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/figure/decimal.h"
#include "services/funding/rates/table.h"

namespace entente::funding::rates {

enum class Rounding {
  kHalfEven,  // To the nearest; of two that are as near, to the even one.
  kDown,      // Towards minus infinity.
  kUp,        // Towards plus infinity.
};

// Not thread-safe; Round() of one that no longer changes is.
class ConvertedSum {
 public:
  // 0 of `currency`, an ISO 4217 code.
  explicit ConvertedSum(absl::string_view currency);
  ConvertedSum(ConvertedSum&&) noexcept;
  ConvertedSum& operator=(ConvertedSum&&) noexcept;
  ~ConvertedSum();

  const std::string& currency() const { return currency_; }

  // Adds `amount` of rate.from. INVALID_ARGUMENT if the rate is to another currency than the sum's.
  absl::Status Add(const figure::Decimal& amount, const Rate& rate);
  // Adds what another sum of the same currency holds; INVALID_ARGUMENT if it is of another.
  absl::Status Add(const ConvertedSum& other);

  // The sum to the minor unit of its currency. INVALID_ARGUMENT if that has none (currency.h);
  // OUT_OF_RANGE if the result is not a Decimal.
  absl::StatusOr<figure::Decimal> Round(Rounding rounding) const;
  // The sum divided by `count`, at least 1, rounded once, half to even. Errors: those of Round.
  absl::StatusOr<figure::Decimal> Mean(int64_t count) const;

 private:
  absl::StatusOr<figure::Decimal> DividedBy(int64_t divisor, Rounding rounding) const;

  struct Terms;  // Keeps the big integers out of this header, which others compile.

  std::string currency_;
  std::unique_ptr<Terms> terms_;
};

// One amount. Errors: those of Round.
absl::StatusOr<figure::Decimal> Convert(const figure::Decimal& amount, const Rate& rate,
                                        Rounding rounding);

// a / b to `digits` decimals, 0 to Decimal::kMaxScale, half to even. INVALID_ARGUMENT if b is 0;
// OUT_OF_RANGE if the result is not a Decimal.
absl::StatusOr<figure::Decimal> Quotient(const figure::Decimal& a, const figure::Decimal& b,
                                         int digits);

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_CONVERT_H_
