// SPDX-License-Identifier: Apache-2.0
#include "common/log/log.h"

#include "common/log/log_test_util.h"
#include "gtest/gtest.h"

namespace entente::log {
namespace {

TEST(ValidateAppendTest, LimitsBodies) {
  Proposal proposal = Writes("", {Put("x", std::string(kMaxBodyBytes, 'x'))});
  EXPECT_TRUE(ValidateAppend(0, {proposal}).ok());
  proposal.changes[0].body += 'x';
  const absl::Status status = ValidateAppend(0, {proposal});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "the body of x has 67108865 bytes; at most 67108864 are allowed");
}

TEST(NextCommitMicrosTest, FollowsTheClockAndNeverStandsStill) {
  const absl::Time now = absl::FromUnixMicros(1000);
  EXPECT_EQ(*NextCommitMicros(now, 0), 1000);
  EXPECT_EQ(*NextCommitMicros(now, 998), 1000);
  EXPECT_EQ(*NextCommitMicros(now, 999), 1000);
  EXPECT_EQ(*NextCommitMicros(now, 1000), 1001);
  EXPECT_EQ(*NextCommitMicros(now, 5000), 5001);
  EXPECT_EQ(*NextCommitMicros(now + absl::Nanoseconds(999), 0), 1000);
}

TEST(NextCommitMicrosTest, EndsWithTheYear9999) {
  const absl::Time last =
      absl::FromCivil(absl::CivilSecond(10000), absl::UTCTimeZone()) - absl::Microseconds(1);
  ASSERT_TRUE(NextCommitMicros(last, 0).ok());
  EXPECT_EQ(*NextCommitMicros(last, 0), absl::ToUnixMicros(last));
  for (const absl::Time wrong : {last + absl::Microseconds(1), absl::InfiniteFuture()}) {
    EXPECT_EQ(NextCommitMicros(wrong, 0).status().code(), absl::StatusCode::kInternal);
  }
  EXPECT_EQ(NextCommitMicros(last, absl::ToUnixMicros(last)).status().code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace entente::log
