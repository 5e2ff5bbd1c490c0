// SPDX-License-Identifier: Apache-2.0
#include "common/passage/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::passage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Text Of(const std::string& bytes) {
  auto text = Text::FromUtf8(bytes);
  EXPECT_TRUE(text.ok()) << text.status();
  return *text;
}

std::vector<std::string> Slices(const Text& text, const std::vector<Span>& spans) {
  std::vector<std::string> slices;
  for (const Span& span : spans) slices.emplace_back(text.Slice(span));
  return slices;
}

std::vector<std::string> Sentences(const std::string& bytes) {
  const Text text = Of(bytes);
  return Slices(text, text.Sentences());
}

TEST(TextTest, CountsCodePoints) {
  const Text text = Of("a’b é 😀.");
  EXPECT_EQ(text.length(), 8);
  EXPECT_EQ(*text.Words({1, 2}), "’");
  EXPECT_EQ(*text.Words({6, 8}), "😀.");
  EXPECT_EQ(*text.Words({0, 8}), "a’b é 😀.");
  EXPECT_EQ(text.At(1), U'’');
  EXPECT_EQ(text.At(4), U'é');
  EXPECT_EQ(text.At(6), U'😀');
  EXPECT_EQ(text.At(7), U'.');
}

TEST(TextTest, HashesAsEveryoneDoes) {
  // FIPS 180-4, the message "abc".
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const Text text = Of("xabcx");
  EXPECT_EQ(*text.Sha256({1, 4}), abc);
  EXPECT_EQ(Of("abc").sha256(), abc);
  EXPECT_EQ(Of("").sha256(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(TextTest, WhatItDoesNotHoldIsOutOfRange) {
  const Text text = Of("abc");
  for (const Span& span : {Span{-1, 2}, {0, 4}, {2, 2}, {2, 1}, {3, 4}, {5, 9}}) {
    EXPECT_EQ(text.Words(span).status().code(), absl::StatusCode::kOutOfRange) << span.begin;
    EXPECT_EQ(text.Sha256(span).status().code(), absl::StatusCode::kOutOfRange) << span.begin;
  }
  EXPECT_THAT(text.Words({0, 4}).status().message(), HasSubstr("3 code points"));
  EXPECT_FALSE(Of("").Words({0, 1}).ok());
}

TEST(TextTest, RefusesWhatIsNotUtf8AndSaysWhere) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"ab\x80", 2},             // A continuation without a start.
      {"é\xC0\xAF", 2},          // Overlong.
      {"\xE0\x80\x80", 0},       // Overlong.
      {"\xED\xA0\x80", 0},       // A surrogate.
      {"x\xF4\x90\x80\x80", 1},  // Beyond U+10FFFF.
      {"x\xF5\x80\x80\x80", 1},  // Never a start.
      {"xy\xE2\x80", 2},         // Cut off.
      {"\xE2\x80(", 0},          // Continued by something else.
      {"\xF0\x8F\xBF\xBF", 0}};  // Overlong.
  for (const auto& [bytes, offset] : cases) {
    const auto text = Text::FromUtf8(bytes);
    EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(text.status().message(), HasSubstr("at byte " + std::to_string(offset) + " "));
  }
  for (const char* bytes : {"\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80", "\xC2\x80"}) {
    EXPECT_EQ(Of(bytes).length(), 1);
  }
}

TEST(TextTest, LinesAndPositions) {
  const Text text = Of("é1\r\n\nlast");
  EXPECT_THAT(Slices(text, text.Lines()), ElementsAre("é1", "", "last"));
  EXPECT_EQ(text.PositionOf(1).line, 1);
  EXPECT_EQ(text.PositionOf(1).column, 2);
  EXPECT_EQ(text.PositionOf(4).line, 2);
  EXPECT_EQ(text.PositionOf(6).line, 3);
  EXPECT_EQ(text.PositionOf(6).column, 2);
  EXPECT_THAT(Slices(Of("a\n"), Of("a\n").Lines()), ElementsAre("a", ""));
}

TEST(TextTest, SentencesOfHeadingsBulletsAndProse) {
  EXPECT_THAT(
      Sentences("A HEADING\n\n  • First thing. Second thing: with a part;\n  • Third thing\n"),
      ElementsAre("A HEADING", "First thing.", "Second thing: with a part;", "Third thing"));
  EXPECT_THAT(Sentences("Is it? Yes! “It is.” (So it is.) 3 agree.  "),
              ElementsAre("Is it?", "Yes!", "“It is.”", "(So it is.)", "3 agree."));
  EXPECT_THAT(Sentences("\n • \n  \n"), IsEmpty());
}

TEST(TextTest, AbbreviationsAndDecimalsEndNothing) {
  EXPECT_THAT(Sentences("The U.S. Agency and Dr. Ng of St. Kitts pay $1.2 billion, e.g. Here."),
              ElementsAre("The U.S. Agency and Dr. Ng of St. Kitts pay $1.2 billion, e.g. Here."));
  EXPECT_THAT(Sentences("It met J. Smith. It left (in the U.S.). It came."),
              ElementsAre("It met J. Smith.", "It left (in the U.S.).", "It came."));
  EXPECT_THAT(Sentences("It is v. small and etc. goes on"),
              ElementsAre("It is v. small and etc. goes on"));
}

TEST(TextTest, ViewsOutliveAMove) {
  Text first = Of("some words");
  const absl::string_view words = *first.Words({0, 4});
  const Text second = std::move(first);
  EXPECT_EQ(words, "some");
  EXPECT_EQ(second.length(), 10);
}

}  // namespace
}  // namespace entente::passage
