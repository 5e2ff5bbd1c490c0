// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/fixed_sum.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

namespace entente::funding::rates {
namespace {

using boost::multiprecision::cpp_int;
using figure::Decimal;

// 10^38.
constexpr absl::uint128 kEndOfDecimals = absl::MakeUint128(0x4b3b4ca85a86c47a, 0x098a224000000000);
constexpr uint64_t kSign = uint64_t{1} << 63;

// `value` times 10^exponent if that is less than 2^128.
std::optional<absl::uint128> Scaled(absl::uint128 value, int exponent) {
  for (; exponent > 0; --exponent) {
    if (value > absl::Uint128Max() / 10) return std::nullopt;
    value *= 10;
  }
  return value;
}

cpp_int Integer(absl::uint128 value) {
  cpp_int integer = absl::Uint128High64(value);
  integer <<= 64;
  return integer + absl::Uint128Low64(value);
}

std::optional<FixedRate> WideQuotient(cpp_int numerator, const cpp_int& denominator) {
  numerator <<= 128;
  cpp_int quotient;
  cpp_int remainder;
  boost::multiprecision::divide_qr(numerator, denominator, quotient, remainder);
  FixedRate rate;
  rate.exact = remainder == 0;
  for (uint64_t& limb : rate.limbs) {
    limb = (quotient & ~uint64_t{0}).convert_to<uint64_t>();
    quotient >>= 64;
  }
  return quotient == 0 ? std::optional(rate) : std::nullopt;
}

}  // namespace

std::optional<FixedRate> FixedRate::Of(const Factor& factor, int from_digits, int to_digits) {
  const int exponent = factor.divisor.scale - factor.multiplier.scale + to_digits - from_digits;
  const int above = std::max(exponent, 0);
  const int below = std::max(-exponent, 0);
  const auto numerator = Scaled(factor.multiplier.coefficient, above);
  const auto denominator = Scaled(factor.divisor.coefficient, below);
  if (!numerator.has_value() || !denominator.has_value() ||
      absl::Uint128High64(*denominator) != 0) {
    const auto power = [](int n) -> cpp_int {
      return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(n));
    };
    return WideQuotient(Integer(factor.multiplier.coefficient) * power(above),
                        Integer(factor.divisor.coefficient) * power(below));
  }
  // Nearly all: long division by a single limb.
  const uint64_t divisor = absl::Uint128Low64(*denominator);
  const uint64_t digits[] = {absl::Uint128High64(*numerator), absl::Uint128Low64(*numerator), 0, 0};
  FixedRate rate;
  absl::uint128 rest = 0;
  for (size_t i = 0; i < 4; ++i) {
    rest = (rest << 64) + digits[i];
    const auto quotient = static_cast<uint64_t>(rest / divisor);
    rest %= divisor;
    if (i > 0) {
      rate.limbs[3 - i] = quotient;
    } else if (quotient != 0) {
      return std::nullopt;
    }
  }
  rate.exact = rest == 0;
  return rate;
}

void FixedSum::AddTo(Limbs* limbs, absl::int128 more) {
  const uint64_t sign = more < 0 ? ~uint64_t{0} : 0;
  const auto bits = static_cast<absl::uint128>(more);
  uint64_t carry = 0;
  for (size_t i = 0; i < limbs->size(); ++i) {
    const uint64_t limb = i == 0   ? absl::Uint128Low64(bits)
                          : i == 1 ? absl::Uint128High64(bits)
                                   : sign;
    const absl::uint128 sum = absl::uint128((*limbs)[i]) + limb + carry;
    (*limbs)[i] = absl::Uint128Low64(sum);
    carry = absl::Uint128High64(sum);
  }
}

void FixedSum::Add(const FixedSum& other) {
  uint64_t carry = 0;
  for (size_t i = 0; i < limbs_.size(); ++i) {
    const absl::uint128 sum = absl::uint128(limbs_[i]) + other.limbs_[i] + carry;
    limbs_[i] = absl::Uint128Low64(sum);
    carry = absl::Uint128High64(sum);
  }
  below_ += other.below_;
  above_ += other.above_;
  too_large_ = too_large_ || other.too_large_;
}

// The integer that `limbs` is rounded to, or what is above them by less than their last unit if
// there is `more`.
std::optional<absl::int128> FixedSum::Rounded(const Limbs& limbs, bool more, Rounding rounding) {
  const uint64_t sign = (limbs[5] & kSign) != 0 ? ~uint64_t{0} : 0;
  if (limbs[5] != sign || limbs[4] != sign || ((limbs[3] ^ sign) & kSign) != 0) return std::nullopt;
  auto down = static_cast<absl::int128>(absl::MakeUint128(limbs[3], limbs[2]));
  const bool any = limbs[1] != 0 || limbs[0] != 0 || more;
  bool up = rounding == Rounding::kUp && any;
  if (rounding == Rounding::kHalfEven && limbs[1] >= kSign) {
    const bool half = limbs[1] == kSign && limbs[0] == 0 && !more;
    up = !half || (limbs[2] & 1) != 0;
  }
  if (up) down += 1;
  // Far from the ends of an int128, so that this does not wrap around.
  const auto end = static_cast<absl::int128>(kEndOfDecimals);
  return down < end && down > -end ? std::optional(down) : std::nullopt;
}

// The quotient rounded down, and whether there is a `rest`.
FixedSum::Limbs FixedSum::Divide(Limbs limbs, uint64_t divisor, bool* rest) {
  const bool negative = (limbs[5] & kSign) != 0;
  // Of -x - 1 for a negative x: what is rounded down there, and turned back, is rounded down here.
  if (negative) {
    for (uint64_t& limb : limbs) limb = ~limb;
  }
  absl::uint128 remainder = 0;
  for (size_t i = limbs.size(); i-- > 0;) {
    remainder = (remainder << 64) + limbs[i];
    limbs[i] = static_cast<uint64_t>(remainder / divisor);
    remainder %= divisor;
  }
  *rest = negative ? remainder + 1 != divisor : remainder != 0;
  if (negative) {
    for (uint64_t& limb : limbs) limb = ~limb;
  }
  return limbs;
}

std::optional<Decimal> FixedSum::DividedBy(int64_t divisor, Rounding rounding, int digits) const {
  if (too_large_) return std::nullopt;
  const auto rounded = [&](absl::int128 error) {
    Limbs limbs = limbs_;
    AddTo(&limbs, error);
    bool rest = false;
    if (divisor != 1) limbs = Divide(limbs, static_cast<uint64_t>(divisor), &rest);
    return Rounded(limbs, rest, rounding);
  };
  const std::optional<absl::int128> least = rounded(below_);
  if (!least.has_value()) return std::nullopt;
  if ((below_ != 0 || above_ != 0) && rounded(above_) != least) return std::nullopt;
  const auto decimal = Decimal::FromUnits(*least, digits);
  return decimal.ok() ? std::optional(*decimal) : std::nullopt;
}

std::optional<Decimal> FixedSum::Round(Rounding rounding, int digits) const {
  return DividedBy(1, rounding, digits);
}

std::optional<Decimal> FixedSum::Mean(int64_t count, int digits) const {
  return DividedBy(count, Rounding::kHalfEven, digits);
}

}  // namespace entente::funding::rates
