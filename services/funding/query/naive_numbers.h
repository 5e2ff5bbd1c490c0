// SPDX-License-Identifier: Apache-2.0
//
// For tests: the numbers of naive_query.h, which know of no money. 64 bits and fractions.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_NUMBERS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_NUMBERS_H_

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace entente::funding::query::naive {

// Amounts are counted in millionths: more places than any figure of a test has.
inline constexpr int kPlaces = 6;
inline constexpr int64_t kOne = 1'000'000;

int64_t UnitsOf(const std::string& text);
std::string TextOf(int64_t units, int places = kPlaces);

enum class Round { kDown, kHalfEven, kUp };

int64_t Rounded(const boost::multiprecision::cpp_rational& number, Round round);

int64_t Power(int exponent);

// Of the currencies that tests use.
int DigitsOf(const std::string& currency);

// Divides by percentages, in hundredths of a percent that come to 10,000 in all.
std::vector<int64_t> LargestRemainder(int64_t amount, const std::vector<int64_t>& weights);

}  // namespace entente::funding::query::naive

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_NUMBERS_H_
