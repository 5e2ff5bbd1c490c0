// SPDX-License-Identifier: Apache-2.0
#include "common/passage/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::passage {
namespace {

using testing::HasSubstr;
using type::v1::Citation;

Text Of(const std::string& bytes) { return *Text::FromUtf8(bytes); }

Citation Cite(int begin, int end, const std::string& words) {
  Citation citation;
  citation.mutable_span()->set_begin(begin);
  citation.mutable_span()->set_end(end);
  citation.set_span_sha256(Sha256Hex(words));
  return citation;
}

TEST(VerifyTest, Verdicts) {
  const Text text = Of("the moon’s size is stated, the moon’s age is not");
  EXPECT_EQ(Verify(text, Cite(4, 10, "moon’s")).outcome, Outcome::kVerified);
  EXPECT_EQ(Verify(text, Citation()).outcome, Outcome::kNotLocated);

  const Verdict moved = Verify(text, Cite(10, 16, "moon’s"));
  EXPECT_EQ(moved.outcome, Outcome::kHashMismatch);
  EXPECT_EQ(moved.moved_to, (Span{4, 10})) << "the nearer of two";
  EXPECT_THAT(ToString(moved, text), HasSubstr("stand at [4, 10)"));
  EXPECT_EQ(Verify(text, Cite(25, 31, "moon’s")).moved_to, (Span{31, 37}));

  const Verdict gone = Verify(text, Cite(4, 10, "planet"));
  EXPECT_EQ(gone.outcome, Outcome::kHashMismatch);
  EXPECT_FALSE(gone.moved_to);
  EXPECT_THAT(ToString(gone, text), HasSubstr("nowhere"));

  const Verdict beyond = Verify(text, Cite(100, 106, "moon’s"));
  EXPECT_EQ(beyond.outcome, Outcome::kOutOfRange);
  EXPECT_EQ(beyond.moved_to, (Span{31, 37}));
}

TEST(VerifyTest, SpansThatAreNone) {
  const Text text = Of("words");
  for (const auto& [begin, end] : std::vector<std::pair<int, int>>{
           {-1, 3}, {3, 3}, {4, 2}, {0, INT_MAX}, {INT_MIN, INT_MAX}, {INT_MAX, INT_MIN}}) {
    const Verdict verdict = Verify(text, Cite(begin, end, "w"));
    EXPECT_EQ(verdict.outcome, Outcome::kOutOfRange);
    EXPECT_FALSE(verdict.moved_to);
  }
  EXPECT_EQ(Verify(text, Cite(-2, 1, "wor")).moved_to, (Span{0, 3}));
  EXPECT_EQ(Verify(Of(""), Cite(0, 1, "w")).outcome, Outcome::kOutOfRange);
}

TEST(VerifyTest, GivesUpWhenToldTo) {
  const Text text = Of(absl::StrCat(std::string(1000, 'a'), "b"));
  const Verdict cut = Verify(text, Cite(0, 1, "b"), /*max_hashed_bytes=*/100);
  EXPECT_FALSE(cut.moved_to);
  EXPECT_TRUE(cut.search_cut);
  EXPECT_THAT(ToString(cut, text), HasSubstr("not looked for everywhere"));
  EXPECT_FALSE(Verify(text, Cite(0, 1, "b")).search_cut);
  EXPECT_EQ(Verify(text, Cite(0, 1, "b")).moved_to, (Span{1000, 1001}));
}

// Random texts, citations and edits, with searching for the words as the oracle: what is where it
// was is verified, what moved is found at the nearest place, what is gone is flagged.
TEST(VerifyTest, EditionsOfRandomTexts) {
  const std::vector<std::string> words = {"alpha", "bêta", "γ", "delta’s", "ε😀", "zeta", "\n", "."};
  std::mt19937 random(20230906);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  int verified = 0;
  int moved = 0;
  int gone = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> pieces;
    for (size_t i = 5 + below(40); i > 0; --i) pieces.push_back(words[below(words.size())] + " ");
    const auto join = [](const std::vector<std::string>& parts) {
      std::string all;
      for (const std::string& part : parts) all += part;
      return all;
    };
    const Text before = Of(join(pieces));
    for (size_t edits = below(4); edits > 0 && !pieces.empty(); --edits) {
      const auto at = pieces.begin() + static_cast<std::ptrdiff_t>(below(pieces.size()));
      switch (below(3)) {
        case 0:
          pieces.erase(at);
          break;
        case 1:
          pieces.insert(at, words[below(words.size())]);
          break;
        default:
          *at = "changed ";
      }
    }
    const Text after = Of(join(pieces));
    const int begin = static_cast<int>(below(static_cast<size_t>(before.length())));
    const int end =
        begin + 1 +
        static_cast<int>(below(std::min<size_t>(30, static_cast<size_t>(before.length() - begin))));
    const std::string cited(before.Slice({begin, end}));
    const Verdict verdict = Verify(after, Cite(begin, end, cited));

    std::optional<Span> nearest;
    for (int at = 0; at + (end - begin) <= after.length(); ++at) {
      const Span window{at, at + end - begin};
      if (after.Slice(window) != cited) continue;
      if (!nearest || std::abs(at - begin) < std::abs(nearest->begin - begin)) nearest = window;
    }
    if (nearest == Span{begin, end}) {
      ++verified;
      EXPECT_EQ(verdict.outcome, Outcome::kVerified);
    } else {
      ++(nearest ? moved : gone);
      EXPECT_EQ(verdict.outcome,
                end <= after.length() ? Outcome::kHashMismatch : Outcome::kOutOfRange);
      // Beyond the end everything is on one side, so that the last is the nearest.
      EXPECT_EQ(verdict.moved_to, nearest) << round;
    }
  }
  EXPECT_GT(verified, 20);
  EXPECT_GT(moved, 20);
  EXPECT_GT(gone, 20);
}

}  // namespace
}  // namespace entente::passage
