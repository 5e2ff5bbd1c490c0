// SPDX-License-Identifier: Apache-2.0
#include "common/token/token.h"

#include <gtest/gtest.h>

namespace entente::token {
namespace {

using Fields = std::vector<std::string>;

TEST(TokenTest, ComesBackAsItWas) {
  const Fields cases[] = {{}, {""}, {"a"}, {"", "b", ""}, {std::string("\0\xff/", 3), "x"}};
  for (const Fields& fields : cases) {
    const std::string text = Seal("page", fields);
    EXPECT_EQ(text.find_first_of("+/ "), std::string::npos) << text;
    const auto opened = Open("page", text);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(*opened, fields);
  }
}

TEST(TokenTest, NoticesAnotherPurposeAndAnyChange) {
  const std::string text = Seal("page", {"abc", "def"});
  EXPECT_FALSE(Open("watch", text).ok());
  EXPECT_FALSE(Open("page", "").ok());
  EXPECT_FALSE(Open("page", "???").ok());
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = Open("page", changed);
    // Base64 may carry unused bits in its last character: then nothing has changed.
    EXPECT_TRUE(!opened.ok() || *opened == (Fields{"abc", "def"})) << i;
    EXPECT_FALSE(Open("page", text.substr(0, i)).ok()) << i;
  }
}

}  // namespace
}  // namespace entente::token
