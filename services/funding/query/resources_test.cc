// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/resources.h"

#include <gtest/gtest.h>

#include "common/status/errors.h"

namespace entente::funding::query {
namespace {

TEST(ResourcesTest, WhatIsSparedIsOnlyWhatIsLeft) {
  const Resources resources(nullptr, 100, nullptr);
  EXPECT_TRUE(resources.Spare(60));
  EXPECT_FALSE(resources.Spare(41));
  EXPECT_TRUE(resources.Check().ok()) << "what was not spared was not taken";
  EXPECT_TRUE(resources.Charge(40).ok());
  EXPECT_FALSE(resources.Spare(1));
  resources.GiveBack(60);
  EXPECT_TRUE(resources.Spare(60));
  const absl::Status status = resources.Charge(1);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(errors::InfoOf(status).reason(), "QUERY_TOO_LARGE");
  EXPECT_FALSE(resources.Spare(0)) << "once too much was taken, nothing is to spare";
  EXPECT_FALSE(resources.Check().ok());
}

}  // namespace
}  // namespace entente::funding::query
