// SPDX-License-Identifier: Apache-2.0
#include "services/funding/algebra/apportion.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::funding::algebra {
namespace {

using absl::int128;
using figure::Decimal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Decimal> Percents(const std::vector<std::string>& texts) {
  std::vector<Decimal> percents;
  for (const std::string& text : texts) percents.push_back(Decimal::Parse(text).value());
  return percents;
}

std::vector<int128> Shares(int128 units, const std::vector<std::string>& percents) {
  const absl::StatusOr<Weights> weights = WeightsOf(Percents(percents));
  EXPECT_TRUE(weights.ok()) << weights.status();
  return Apportion(units, *weights);
}

TEST(ApportionTest, AddsUpToTheLastUnit) {
  EXPECT_THAT(Shares(100, {"60", "40"}), ElementsAre(60, 40));
  EXPECT_THAT(Shares(101, {"60", "40"}), ElementsAre(61, 40));
  EXPECT_THAT(Shares(100, {"33.33", "33.33", "33.34"}), ElementsAre(33, 33, 34));
  EXPECT_THAT(Shares(0, {"60", "40"}), ElementsAre(0, 0));
  EXPECT_THAT(Shares(7, {"100"}), ElementsAre(7));
  EXPECT_THAT(Shares(5, {"0", "100"}), ElementsAre(0, 5));
}

TEST(ApportionTest, LessThanAHundredLeavesAnUnallocatedShare) {
  EXPECT_THAT(Shares(1001, {"60", "30"}), ElementsAre(601, 300, 100));
  EXPECT_THAT(Shares(7, {}), ElementsAre(7));
  EXPECT_THAT(Shares(1000, {"99.9"}), ElementsAre(999, 1));
}

TEST(ApportionTest, TheFirstOfEqualRemaindersGetsTheUnit) {
  EXPECT_THAT(Shares(1, {"50", "50"}), ElementsAre(1, 0));
  EXPECT_THAT(Shares(3, {"25", "25", "25", "25"}), ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(Shares(5, {"10", "30", "30", "30"}), ElementsAre(1, 2, 1, 1));
  std::vector<int128> expected(50, 0);
  std::fill_n(expected.begin(), 27, 1);
  EXPECT_EQ(Shares(27, std::vector<std::string>(50, "2")), expected);
}

TEST(ApportionTest, NegativeAmountsAreDividedLikePositiveOnes) {
  EXPECT_THAT(Shares(-101, {"60", "40"}), ElementsAre(-61, -40));
  EXPECT_THAT(Shares(-1, {"50", "50"}), ElementsAre(-1, 0));
}

TEST(ApportionTest, IsNotMonotone) {
  Weights weights;
  weights.parts = {6, 6, 2};
  weights.whole = 14;
  EXPECT_THAT(Apportion(10, weights), ElementsAre(4, 4, 2));
  EXPECT_THAT(Apportion(11, weights), ElementsAre(5, 5, 1));
}

TEST(ApportionTest, RefusesWhatIsNoDivision) {
  EXPECT_EQ(WeightsOf({101}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(WeightsOf({-1}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(WeightsOf(Percents({"60", "40.01"})).status().message(), HasSubstr("more than 100"));
  EXPECT_EQ(WeightsOf(Percents({"0.000000000000000001"})).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(ApportionTest, NeedsNoMoreThan128Bits) {
  int128 large = 1;
  for (int i = 0; i < 37; ++i) large *= 10;
  const std::string nines = "99." + std::string(kMaxPercentScale, '9');
  const std::vector<int128> shares = Shares(large - 1, {nines});
  EXPECT_EQ(shares[0] + shares[1], large - 1);
  // 10^37 * 10^-17 percent, but for the rounding: 10^18.
  EXPECT_EQ(shares[1], 1'000'000'000'000'000'000);
}

TEST(ApportionTest, EveryShareIsLessThanAUnitFromItsQuota) {
  std::mt19937 rng(20230908);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Decimal> percents;
    int left = 100'000;
    for (int i = std::uniform_int_distribution<int>(0, 6)(rng); i > 0; --i) {
      const int percent = std::uniform_int_distribution<int>(0, left)(rng);
      percents.push_back(Decimal::FromUnits(percent, 3).value());
      left -= percent;
    }
    const Weights weights = WeightsOf(percents).value();
    const int64_t amount = std::uniform_int_distribution<int64_t>(-1'000'000, 1'000'000)(rng);
    const std::vector<int128> shares = Apportion(amount, weights);
    int128 sum = 0;
    for (size_t i = 0; i < shares.size(); ++i) {
      sum += shares[i];
      const int128 off = shares[i] * weights.whole - amount * weights.parts[i];
      EXPECT_LT(off, weights.whole);
      EXPECT_GT(off, -weights.whole);
    }
    EXPECT_EQ(sum, amount);
  }
}

}  // namespace
}  // namespace entente::funding::algebra
