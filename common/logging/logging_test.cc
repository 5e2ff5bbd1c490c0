// SPDX-License-Identifier: Apache-2.0
#include "common/logging/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::logging {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

class LoggingTest : public testing::Test {
 protected:
  ~LoggingTest() override { SetLevel(Level::kInfo); }

  // What `write` writes to standard error.
  template <typename Fn>
  static std::string Written(Fn write) {
    testing::internal::CaptureStderr();
    write();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LoggingTest, ALineIsOneObject) {
  const std::string line =
      Written([] { Info("listening").With("address", "::1").With("port", 50051).With("ok", ""); });
  EXPECT_THAT(line, MatchesRegex("\\{\"time\":\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:"
                                 "[0-9]{2}\\.[0-9]{6}Z\",\"level\":\"info\",.*\\}\n"));
  EXPECT_THAT(line, EndsWith(",\"event\":\"listening\",\"address\":\"::1\",\"port\":50051,"
                             "\"ok\":\"\"}\n"));
}

TEST_F(LoggingTest, NumbersAreWhole) {
  const std::string line = Written([] {
    Info("n")
        .With("low", std::numeric_limits<int64_t>::min())
        .With("high", std::numeric_limits<int64_t>::max());
  });
  EXPECT_THAT(line, HasSubstr("\"low\":-9223372036854775808,\"high\":9223372036854775807"));
}

TEST_F(LoggingTest, WhatJsonDoesNotAllowIsEscaped) {
  const std::string value("quote \" back \\ line \n tab \t nul \0 unit \x1f del \x7f \xc3\xa9", 49);
  const std::string line = Written([&] { Info("e\"v").With("v", value); });
  EXPECT_THAT(line, HasSubstr("\"event\":\"e\\\"v\""));
  EXPECT_THAT(line, HasSubstr("\"quote \\\" back \\\\ line \\n tab \\u0009 nul \\u0000 unit "
                              "\\u001f del \x7f \xc3\xa9\""));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST_F(LoggingTest, LinesBelowTheLevelAreNotWritten) {
  const auto all = [] {
    Debug("d");
    Info("i");
    Warning("w");
    Error("e");
  };
  const struct {
    Level level;
    int lines;
  } cases[] = {{Level::kDebug, 4},
               {Level::kInfo, 3},
               {Level::kWarning, 2},
               {Level::kError, 1},
               {Level::kOff, 0}};
  for (const auto& expected : cases) {
    SetLevel(expected.level);
    const std::string text = Written(all);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), expected.lines) << text;
  }
}

TEST_F(LoggingTest, LevelsHaveNames) {
  const std::pair<const char*, Level> names[] = {{"debug", Level::kDebug},
                                                 {"info", Level::kInfo},
                                                 {"warning", Level::kWarning},
                                                 {"error", Level::kError},
                                                 {"off", Level::kOff}};
  for (const auto& [name, expected] : names) {
    Level level;
    ASSERT_TRUE(ParseLevel(name, &level)) << name;
    EXPECT_EQ(level, expected);
  }
  Level untouched = Level::kWarning;
  for (const char* wrong : {"", "INFO", "warn", "info "}) {
    EXPECT_FALSE(ParseLevel(wrong, &untouched)) << wrong;
  }
  EXPECT_EQ(untouched, Level::kWarning);
}

TEST_F(LoggingTest, LinesOfSeveralThreadsDoNotMix) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  const std::string text = Written([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < kLines; ++i) Info("x").With("v", std::string(200, 'y'));
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  std::istringstream lines(text);
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    ASSERT_THAT(line,
                EndsWith(absl::StrCat("\"event\":\"x\",\"v\":\"", std::string(200, 'y'), "\"}")));
  }
  EXPECT_EQ(count, kThreads * kLines);
}

}  // namespace
}  // namespace entente::logging
