// SPDX-License-Identifier: Apache-2.0
#include "services/funding/algebra/tree.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::funding::algebra {
namespace {

using figure::Bound;
using figure::Decimal;
using figure::Interval;
using figure::Qualifier;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Decimal Number(absl::string_view text) { return Decimal::Parse(text).value(); }

Figure Stated(Qualifier qualifier, const Decimal& value) {
  return {value, IntervalOf(qualifier, value).value()};
}
Figure Exactly(const Decimal& value) { return Stated(Qualifier::kExact, value); }

Tree Built(const std::vector<Claim>& claims, int minor_digits = 2) {
  absl::StatusOr<Tree> tree = Tree::Build(claims, minor_digits);
  EXPECT_TRUE(tree.ok()) << tree.status();
  return *std::move(tree);
}

absl::Status Refused(const std::vector<Claim>& claims, int minor_digits = 2) {
  return Tree::Build(claims, minor_digits).status();
}

TEST(TreeTest, AnExactClaimIsItself) {
  for (const char* const text : {"0", "520300000000", "0.000001", "-12.5"}) {
    const Decimal value = Number(text);
    RowSum expected;
    expected.bounds = Interval::Point(value);
    expected.stated = value;
    expected.claims = 1;
    EXPECT_EQ(*Built({{kTop, Exactly(value), ""}}).Sum({0}), expected);
  }
}

TEST(TreeTest, NothingIsZero) {
  const Tree tree = Built({{kTop, Exactly(5), ""}});
  EXPECT_EQ(*tree.Sum({}), RowSum());
  EXPECT_TRUE(tree.Explain({})->steps.empty());
}

TEST(TreeTest, ResultsDoNotDependOnDecimalPlaces) {
  const std::vector<Claim> claims = {{kTop, Stated(Qualifier::kMoreThan, 500), ""},
                                     {0, Exactly(Number("100.5")), ""},
                                     {0, std::nullopt, ""}};
  const Tree coarse = Built(claims, 0);
  const Tree fine = Built(claims, Decimal::kMaxScale);
  for (const std::vector<NodeId>& row :
       std::vector<std::vector<NodeId>>{{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}}) {
    EXPECT_EQ(*coarse.Sum(row), *fine.Sum(row));
  }
}

TEST(TreeTest, RefusesFaultyTreesAndNamesTheClaim) {
  const Figure hundred = Exactly(100);
  EXPECT_EQ(Refused({}).code(), absl::StatusCode::kInvalidArgument);
  for (const NodeId whole : {-2, kTop, 1, 2, 7}) {
    const absl::Status status =
        Refused({{kTop, hundred, "claims/a"}, {whole, hundred, "claims/b"}});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << whole;
    EXPECT_THAT(std::string(status.message()), HasSubstr("claims/b"));
  }
  EXPECT_EQ(Refused({{0, hundred, ""}}).code(), absl::StatusCode::kInvalidArgument);

  const auto refused_figure = [&](const Decimal& stated, const Interval& bounds) {
    const absl::Status status = Refused({{kTop, Stated(Qualifier::kAtLeast, 1), "claims/a"},
                                         {0, std::nullopt, "claims/b"},
                                         {0, Figure{stated, bounds}, ""}});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(refused_figure(1, {{2, false}, Bound{1, false}}), HasSubstr("claim 2: no value"));
  EXPECT_THAT(refused_figure(1, {{1, true}, Bound{1, false}}), HasSubstr("claim 2: no value"));
  EXPECT_THAT(refused_figure(3, {{1, false}, Bound{2, false}}), HasSubstr("states 3 outside"));
  EXPECT_THAT(refused_figure(0, {{1, false}, std::nullopt}), HasSubstr("states 0 outside"));
  EXPECT_THAT(refused_figure(-5, Interval::Point(-5)), HasSubstr("below 0"));
  EXPECT_EQ(Refused({{kTop, Exactly(-5), ""}, {0, Exactly(0), ""}}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refused({{kTop, Figure{0, {{-5, false}, std::nullopt}}, ""}}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refused({{kTop, hundred, ""}}, -1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refused({{kTop, hundred, ""}}, 19).code(), absl::StatusCode::kInvalidArgument);
}

TEST(TreeTest, RefusesPartsThatDoNotFit) {
  const auto fits = [](const Figure& whole, const Figure& part) {
    return Refused({{kTop, whole, "claims/a"}, {0, std::nullopt, ""}, {1, part, "claims/b"}}).ok();
  };
  EXPECT_TRUE(fits(Exactly(100), Exactly(100)));
  EXPECT_FALSE(fits(Exactly(100), Exactly(Number("100.01"))));
  EXPECT_FALSE(fits(Stated(Qualifier::kNearly, 100), Exactly(100)));
  EXPECT_TRUE(fits(Stated(Qualifier::kUpTo, 100), Stated(Qualifier::kAtLeast, 100)));
  EXPECT_FALSE(fits(Stated(Qualifier::kUpTo, 100), Stated(Qualifier::kMoreThan, 100)));
  EXPECT_TRUE(fits(Stated(Qualifier::kMoreThan, 100), Exactly(5000)));
  // Whoever is named is a claim that states something.
  EXPECT_EQ(Refused({{kTop, Exactly(100), "claims/a"},
                     {0, std::nullopt, "claims/b"},
                     {1, Exactly(70), "claims/c"},
                     {0, Exactly(40), "claims/d"}})
                .message(),
            "claims/a: its parts come to [110, inf), and it states [100, 100]");
}

TEST(TreeTest, RefusesFiguresThatAreTooLargeTogether) {
  const Decimal half = Number("5e36");
  // The stated value and both ends count, so a third of the limit is still an exact claim.
  EXPECT_TRUE(Refused({{kTop, Exactly(Number("3e36")), ""}}, 0).ok());
  EXPECT_EQ(Refused({{kTop, Exactly(half), ""}}, 0).code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(Refused({{kTop, Stated(Qualifier::kAtLeast, half), ""}}, 0).ok());
  EXPECT_EQ(Refused({{kTop, Stated(Qualifier::kAtLeast, half), ""}}, 1).code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(
      Refused({{kTop, Stated(Qualifier::kAtLeast, half), "claims/a"}, {0, Exactly(1), "claims/b"}},
              0)
          .message(),
      "the figures of claims/a and its parts, written with 0 decimal places, come to more "
      "than 37 digits");
  EXPECT_EQ(Refused({{kTop, Exactly(Number(std::string(38, '9'))), ""}}, 18).code(),
            absl::StatusCode::kOutOfRange);
}

TEST(TreeTest, TheLargestTreesDoNotOverflow) {
  // Stated values and ends come to 10^37, which is what is allowed.
  const Decimal large = Number("1e36");
  std::vector<Claim> claims = {{kTop, Stated(Qualifier::kUpTo, Number("2e36")), ""}};
  for (int i = 0; i < 3; ++i) claims.push_back({0, Stated(Qualifier::kUpTo, large), ""});
  Tree tree = Built(claims, 0);
  ASSERT_TRUE(tree.Divide(0, {50, 50}).ok());
  ASSERT_TRUE(tree.Divide(1, {50, 50}).ok());
  ASSERT_TRUE(tree.Divide(4, {50, 50}).ok());
  const RowSum sum = *tree.Sum({2, 5, 7, 8});
  EXPECT_EQ(sum.bounds, (Interval{{0, false}, Bound{Number("2e36"), false}}));
  EXPECT_EQ(sum.stated, Number("0.75e36"));  // one part, 3/4 of a remainder of -10^36, half a part
  EXPECT_EQ(sum.excess, Number("0.75e36"));
}

TEST(TreeTest, RefusesRowsOfWhatAreNoAtoms) {
  Tree tree = Built({{kTop, Exactly(5), ""}, {0, Exactly(2), ""}});
  EXPECT_EQ(tree.Sum({2}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tree.Sum({kTop}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tree.Explain({1, 0, 1}).status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(tree.Divide(1, {50}).ok());
  EXPECT_EQ(tree.Sum({1}).status().message(), "atom 1 is divided: its shares are the atoms");
  EXPECT_EQ(tree.Divide(1, {50}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tree.Divide(9, {50}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tree.Divide(0, {50, 60}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tree.size(), 4);  // What is refused leaves no trace.
  EXPECT_TRUE(tree.Sum({0, 2, 3}).ok());
}

TEST(TreeTest, SharesAreApportionedToTheMinorUnitOrFiner) {
  const auto shares = [](absl::string_view amount, int minor_digits) {
    // The other claim's decimal places do not matter.
    Tree tree = Built({{kTop, Stated(Qualifier::kAtLeast, 0), ""},
                       {0, Exactly(Number(amount)), ""},
                       {0, Exactly(Number("0.0001")), ""}},
                      minor_digits);
    std::vector<std::string> texts;
    const std::vector<NodeId> ids = tree.Divide(1, {Number("33.3"), Number("66.7")}).value();
    for (const NodeId id : ids) {
      const RowSum sum = *tree.Sum({id});
      EXPECT_EQ(sum.bounds, Interval::Point(sum.stated));
      texts.push_back(sum.stated.ToString());
    }
    return texts;
  };
  EXPECT_THAT(shares("100", 0), ElementsAre("33", "67"));
  EXPECT_THAT(shares("100", 2), ElementsAre("33.3", "66.7"));
  EXPECT_THAT(shares("100.05", 0), ElementsAre("33.32", "66.73"));
  EXPECT_THAT(shares("100.05", 3), ElementsAre("33.317", "66.733"));
}

TEST(TreeTest, SharesOfSmallOpenIntervalsAreNotEmpty) {
  Tree tree = Built({{kTop, Stated(Qualifier::kLessThan, Number("0.01")), ""}});
  const std::vector<NodeId> ids = tree.Divide(0, {60, 40}).value();
  EXPECT_EQ(tree.Sum({ids[0]})->bounds, (Interval{{0, false}, Bound{Number("0.01"), true}}));
  EXPECT_EQ(tree.Sum({ids[1]})->bounds, Interval::Point(0));
  EXPECT_EQ(tree.Sum(ids)->bounds, (Interval{{0, false}, Bound{Number("0.01"), true}}));
}

// The weights of the Alabama paradox: shares of the ends themselves would be [4, 5], [4, 5] and
// [2, 1].
TEST(TreeTest, SharesOfIntervalsKeepTheirEndsInOrder) {
  const std::vector<Decimal> percents = {Number("42.857142857"), Number("42.857142857"),
                                         Number("14.285714286")};
  Tree tree = Built({{kTop, Figure{10, {{10, false}, Bound{11, false}}}, ""}}, 0);
  const std::vector<NodeId> ids = tree.Divide(0, percents).value();
  ASSERT_EQ(ids.size(), 3);
  EXPECT_EQ(tree.Sum({ids[2]})->bounds, Interval::Point(2));
  EXPECT_EQ(tree.Sum({ids[0]})->bounds, (Interval{{4, false}, Bound{5, false}}));
  EXPECT_EQ(tree.Sum({ids[0], ids[1]})->bounds, (Interval{{8, false}, Bound{9, false}}));
}

TEST(TreeTest, NegativeClaimsAreDividedToo) {
  Tree tree = Built({{kTop, Exactly(Number("-10.01")), ""}});
  const std::vector<NodeId> ids = tree.Divide(0, {50, 50}).value();
  EXPECT_EQ(tree.Sum({ids[0]})->bounds, Interval::Point(Number("-5.01")));
  EXPECT_EQ(tree.Sum({ids[1]})->stated, Number("-5"));
  EXPECT_EQ(tree.Sum(ids)->bounds, Interval::Point(Number("-10.01")));
  EXPECT_EQ(tree.Sum(ids)->excess, 0);
}

TEST(TreeTest, ExplainsWhatRaisedAndWhatCapped) {
  const Tree tree = Built({{kTop, Stated(Qualifier::kNearly, 600), ""},
                           {0, Stated(Qualifier::kAtLeast, 100), ""},
                           {1, Exactly(40), ""},
                           {0, std::nullopt, ""},
                           {0, Exactly(7), ""}});
  const Explanation explanation = tree.Explain({3, 2}).value();
  EXPECT_EQ(explanation.sum, *tree.Sum({2, 3}));
  ASSERT_EQ(explanation.atoms.size(), 2);
  EXPECT_EQ(explanation.atoms[0], (Explanation::Atom{2, 40, 0, false, Interval::Point(40)}));
  EXPECT_EQ(explanation.atoms[1],
            (Explanation::Atom{3, 0, 0, true, Interval{{0, false}, Bound{493, true}}}));

  ASSERT_EQ(explanation.steps.size(), 4);
  EXPECT_EQ(explanation.steps[0].node, 3);
  EXPECT_TRUE(explanation.steps[0].selected);
  EXPECT_EQ(explanation.steps[0].stated, std::nullopt);
  EXPECT_EQ(explanation.steps[0].before, explanation.steps[0].after);
  EXPECT_EQ(explanation.steps[1].node, 2);
  EXPECT_TRUE(explanation.steps[1].raised() && explanation.steps[1].capped());
  EXPECT_EQ(explanation.steps[2].node, 1);
  EXPECT_FALSE(explanation.steps[2].selected);
  EXPECT_FALSE(explanation.steps[2].raised() || explanation.steps[2].capped());
  EXPECT_EQ(explanation.steps[2].before.rest, (Interval{{0, false}, std::nullopt}));
  EXPECT_EQ(explanation.steps[2].after.rest, (Interval{{60, false}, std::nullopt}));
  EXPECT_EQ(explanation.steps[3].node, 0);
  EXPECT_TRUE(!explanation.steps[3].raised() && explanation.steps[3].capped());
  EXPECT_EQ(explanation.steps[3].before.rest, (Interval{{67, false}, std::nullopt}));
  EXPECT_EQ(explanation.steps[3].after.row, explanation.sum.bounds);
}

TEST(TreeTest, MoneyOfWhichNothingIsStatedHasNoBounds) {
  const Tree tree = Built({{kTop, std::nullopt, ""}, {0, Exactly(5), ""}});
  const Explanation explanation = tree.Explain({0}).value();
  EXPECT_EQ(explanation.sum.claims, 0);
  EXPECT_EQ(explanation.sum.not_stated, 1);
  EXPECT_EQ(explanation.atoms[0].bounds, std::nullopt);
  EXPECT_EQ(tree.Sum({0, 1})->claims, 1);
}

// A row that holds only a share of the remainder may lack what is not stated.
TEST(TreeTest, AShareOfARemainderDoesNotIncludeWhatIsNotStated) {
  Tree tree = Built({{kTop, Exactly(600), ""}, {0, std::nullopt, ""}});
  EXPECT_FALSE(tree.Sum({0, 1})->incomplete());
  const std::vector<NodeId> ids = tree.Divide(0, {60}).value();
  EXPECT_TRUE(tree.Sum({ids[0], 1})->incomplete());
}

// The cost is in the nodes on the ways from the atoms to the top, whatever else there is.
TEST(TreeTest, TakesAStepForEachNodeOnTheWay) {
  for (const int parts : {100, 10'000}) {
    std::vector<Claim> claims = {{kTop, Stated(Qualifier::kMoreThan, 500), ""}};
    for (int i = 0; i < parts; ++i) claims.push_back({0, Stated(Qualifier::kUpTo, 3), ""});
    for (int i = 0; i < parts; ++i) claims.push_back({i + 1, Exactly(1), ""});
    const Tree tree = Built(claims);
    EXPECT_EQ(tree.Explain({1 + parts})->steps.size(), 3);
    EXPECT_EQ(tree.Explain({1, 1 + parts, 2, 2 + parts})->steps.size(), 5);
    EXPECT_EQ(tree.Explain({1 + parts, 2 + parts, 3 + parts})->steps.size(), 7);
    EXPECT_EQ(tree.Explain({0})->steps.size(), 1);
  }
}

TEST(TreeTest, GroupingAWholeTakesAStepPerPartAndOnePerRow) {
  constexpr int kParts = 100'000;
  constexpr int kRows = 1'000;
  std::vector<Claim> claims = {{kTop, Stated(Qualifier::kNearly, 3 * kParts), ""}};
  std::vector<std::vector<NodeId>> rows(kRows);
  for (int i = 1; i <= kParts; ++i) {
    claims.push_back({0, Stated(i % 2 == 0 ? Qualifier::kUpTo : Qualifier::kMoreThan, 1), ""});
    rows[i % kRows].push_back(i);
  }
  const Tree tree = Built(claims);
  size_t steps = 0;
  Decimal stated = tree.Sum({0})->stated;
  for (const std::vector<NodeId>& row : rows) {
    const Explanation explanation = tree.Explain(row).value();
    stated = *figure::Add(stated, explanation.sum.stated);
    steps += explanation.steps.size();
  }
  EXPECT_EQ(steps, kParts + kRows);
  EXPECT_EQ(stated, 3 * kParts);
}

TEST(TreeTest, DepthNeedsNoStack) {
  constexpr int kDepth = 200'000;
  std::vector<Claim> claims = {{kTop, Stated(Qualifier::kUpTo, 9), ""}};
  for (int i = 1; i < kDepth; ++i) claims.push_back({i - 1, std::nullopt, ""});
  claims.push_back({kDepth - 1, Exactly(4), ""});
  const Tree tree = Built(claims);
  EXPECT_EQ(tree.Sum({kDepth / 2})->bounds, (Interval{{0, false}, Bound{5, false}}));
  EXPECT_EQ(tree.Sum({kDepth, 0})->bounds, (Interval{{4, false}, Bound{9, false}}));
}

TEST(RowSumTest, RowsOfDifferentTreesAddUp) {
  const RowSum a = *Built({{kTop, Stated(Qualifier::kMoreThan, 500), ""}}).Sum({0});
  const RowSum b = *Built({{kTop, Exactly(Number("0.5")), ""}}).Sum({0});
  const RowSum c = *Built({{kTop, std::nullopt, ""}}).Sum({0});
  RowSum expected;
  expected.bounds = {{Number("500.5"), true}, std::nullopt};
  expected.stated = Number("500.5");
  expected.claims = 2;
  expected.not_stated = 1;
  EXPECT_EQ(*Add(*Add(a, b), c), expected);
  EXPECT_EQ(*Add(a, RowSum()), a);
  RowSum large;
  large.stated = Number(std::string(38, '9'));
  EXPECT_EQ(Add(large, a).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace entente::funding::algebra
