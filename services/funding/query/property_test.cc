// SPDX-License-Identifier: Apache-2.0
//
// What must hold for the answers to any question about any claims.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/figure/decimal.h"
#include "common/testing/slowness.h"
#include "services/funding/query/random_ledger.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;

Decimal Number(const std::string& text) {
  return text.empty() ? Decimal() : Decimal::Parse(text).value();
}
void AddTo(Decimal* sum, const Decimal& more) { *sum = figure::Add(*sum, more).value(); }

// Of a sum: its currency and, of a rate, per what.
std::string SortOf(const v1::MoneySum& sum) {
  return absl::StrCat(sum.currency_code(), " ", sum.recurrence().every(), " ",
                      sum.recurrence().unit());
}

std::string Show(const std::vector<v1::Claim>& claims, const v1::QueryFundingRequest& request) {
  std::string text = "\n";
  for (const v1::Claim& claim : claims) absl::StrAppend(&text, claim.ShortDebugString(), "\n");
  return absl::StrCat(text, "request { ", request.ShortDebugString(), " }\n");
}

struct Drawn {
  std::vector<v1::Claim> claims;
  Ledger ledger;
  v1::QueryFundingRequest request;

  std::string ToString() const { return Show(claims, request); }
};

Drawn Draw(std::mt19937& rng) {
  const Setting& setting = OneOf(rng, Settings());
  Drawn drawn{RandomClaims(rng, Scope{}), setting.ledger, RandomQuestion(rng).request};
  drawn.ledger.PutClaims(drawn.claims);
  drawn.request.clear_compare_with();
  return drawn;
}

// The first values of a row that are of the classes of money that are grouped by.
std::string ClassOf(const v1::QueryFundingRequest& request, const v1::FundingRow& row) {
  std::string text;
  for (int i = 0; i < request.group_by_size(); ++i) {
    const std::string& field = request.group_by(i).field();
    if (field != "nature" && field != "stage" && field != "direction") continue;
    absl::StrAppend(&text, row.values(i).kind(), row.values(i).value(), " ");
  }
  return text;
}

TEST(QueryPropertyTest, RowsAddUpToTheirTotals) {
  std::mt19937 rng(20231201);
  int sums = 0;
  for (int round = 0; round < 10'000 / kSlowness; ++round) {
    Drawn drawn = Draw(rng);
    drawn.request.clear_convert_to();
    drawn.request.clear_max_rate_age_days();
    drawn.request.clear_cumulative();
    const auto answer = drawn.ledger.Query(drawn.request);
    if (!answer.ok()) continue;
    std::map<std::string, Decimal> stated;
    std::map<std::string, Decimal> excess;
    for (const v1::FundingRow& row : answer->rows()) {
      for (const v1::MoneySum& sum : row.sums()) {
        const std::string sort = ClassOf(drawn.request, row) + SortOf(sum);
        AddTo(&stated[sort], Number(sum.stated()));
        AddTo(&excess[sort], Number(sum.excess()));
      }
    }
    for (const v1::FundingRow& total : answer->totals()) {
      for (const v1::MoneySum& sum : total.sums()) {
        const std::string sort = ClassOf(drawn.request, total) + SortOf(sum);
        ASSERT_EQ(Number(sum.stated()), stated[sort]) << drawn.ToString();
        ASSERT_EQ(Number(sum.excess()), excess[sort]) << drawn.ToString();
        stated.erase(sort);
        ++sums;
      }
    }
    ASSERT_TRUE(stated.empty()) << drawn.ToString();
  }
  EXPECT_GT(sums, 5'000 / kSlowness);
}

// However the rows are made, and whatever is divided for it, the total is the same.
TEST(QueryPropertyTest, TotalsDoNotDependOnTheGrouping) {
  std::mt19937 rng(20231202);
  int grouped_totals = 0;
  for (int round = 0; round < 10'000 / kSlowness; ++round) {
    Drawn drawn = Draw(rng);
    drawn.request.clear_order_by();
    drawn.request.clear_measures();
    const bool by_kind =
        std::any_of(drawn.request.group_by().begin(), drawn.request.group_by().end(),
                    [](const v1::Dimension& dimension) {
                      return dimension.field() == "nature" || dimension.field() == "stage" ||
                             dimension.field() == "direction";
                    });
    if (by_kind || drawn.request.group_by().empty()) continue;
    // Shares of shares are rounded twice: to the last unit, the shares of a sector are those of its
    // shares by place where both are asked for.
    if (!drawn.request.sector_vocabulary().empty()) continue;
    v1::QueryFundingRequest plain = drawn.request;
    plain.clear_group_by();
    plain.clear_cumulative();
    const auto grouped = drawn.ledger.Query(drawn.request);
    const auto ungrouped = drawn.ledger.Query(plain);
    ASSERT_EQ(grouped.ok(), ungrouped.ok()) << drawn.ToString();
    if (!grouped.ok()) continue;
    ASSERT_EQ(grouped->totals_size(), 1);
    v1::FundingRow a = grouped->totals(0);
    v1::FundingRow b = ungrouped->totals(0);
    a.clear_values();
    for (v1::FundingRow* row : {&a, &b}) {
      // Shares of what is not stated are not stated, each.
      for (v1::MoneySum& sum : *row->mutable_sums()) sum.set_not_stated(sum.not_stated() > 0);
    }
    ASSERT_EQ(a.DebugString(), b.DebugString()) << drawn.ToString();
    ++grouped_totals;
  }
  EXPECT_GT(grouped_totals, 1'000 / kSlowness);
}

TEST(QueryPropertyTest, TheOrderOfWritesMakesNoDifference) {
  std::mt19937 rng(20231203);
  for (int round = 0; round < 3'000 / kSlowness; ++round) {
    const Drawn drawn = Draw(rng);
    std::vector<v1::Claim> claims = drawn.claims;
    std::shuffle(claims.begin(), claims.end(), rng);
    const auto& setting = Settings()[static_cast<size_t>(round) % Settings().size()];
    Ledger together = setting.ledger;
    together.PutClaims(drawn.claims);
    Ledger one_by_one = setting.ledger;
    for (const v1::Claim& claim : claims) one_by_one.PutClaims({claim});
    const auto a = together.Query(drawn.request);
    const auto b = one_by_one.Query(drawn.request);
    ASSERT_EQ(a.status().code(), b.status().code()) << drawn.ToString();
    if (!a.ok()) continue;
    ASSERT_EQ(a->DebugString(), b->DebugString()) << drawn.ToString();
  }
}

// The order of dimensions is the order of columns and nothing else.
TEST(QueryPropertyTest, TheOrderOfDimensionsMakesNoDifferenceToRows) {
  std::mt19937 rng(20231204);
  int rows = 0;
  for (int round = 0; round < 10'000 / kSlowness; ++round) {
    Drawn drawn = Draw(rng);
    drawn.request.clear_order_by();
    drawn.request.clear_top();
    if (drawn.request.group_by_size() != 2) continue;
    v1::QueryFundingRequest swapped = drawn.request;
    swapped.mutable_group_by()->SwapElements(0, 1);
    const auto a = drawn.ledger.Query(drawn.request);
    const auto b = drawn.ledger.Query(swapped);
    ASSERT_EQ(a.ok(), b.ok()) << drawn.ToString();
    if (!a.ok()) continue;
    std::multiset<std::string> of_a;
    std::multiset<std::string> of_b;
    for (const v1::FundingRow& row : a->rows()) of_a.insert(row.SerializeAsString());
    for (v1::FundingRow row : b->rows()) {
      row.mutable_values()->SwapElements(0, 1);
      of_b.insert(row.SerializeAsString());
    }
    ASSERT_EQ(of_a, of_b) << drawn.ToString();
    rows += a->rows_size();
  }
  EXPECT_GT(rows, 1'500 / kSlowness);
}

class Explained {
 public:
  Explained(const Drawn& drawn, const v1::FundingRow& row) : drawn_(drawn), row_(row) {
    request_.mutable_query()->CopyFrom(drawn.request);
    request_.set_kind(row.kind());
    *request_.mutable_values() = row.values();
  }

  void Check() {
    const auto explained = drawn_.ledger.Explain(request_);
    ASSERT_TRUE(explained.ok()) << explained.status() << Context();
    const v1::FundingRow& row = row_;
    ASSERT_EQ(explained->row().DebugString(), row.DebugString()) << Context();
    std::map<std::string, Decimal> counted;
    std::map<std::string, Decimal> claims;
    std::set<std::string> names;
    for (const v1::ExplainedTree& tree : explained->trees()) {
      CheckTree(tree);
      v1::MoneySum sum = tree.sum();
      const bool converted =
          !drawn_.request.convert_to().empty() &&
          (tree.has_rate() || sum.currency_code() == drawn_.request.convert_to());
      if (converted) sum.set_currency_code(drawn_.request.convert_to());
      for (const v1::Contribution& contribution : tree.contributions()) {
        AddTo(&counted[SortOf(sum)], Number(contribution.counted()));
        names.insert(contribution.claim());
      }
      AddTo(&claims[SortOf(sum)], Decimal(sum.claims()));
    }
    ASSERT_EQ(counted.size(), static_cast<size_t>(row.sums_size())) << Context();
    for (const v1::MoneySum& sum : row.sums()) {
      ASSERT_EQ(counted[SortOf(sum)], Number(sum.stated())) << Context();
      ASSERT_EQ(claims[SortOf(sum)], Decimal(sum.claims())) << Context();
    }
    // Each claim is in the row, or it is said why not.
    for (const v1::Exclusion& exclusion : explained->exclusions()) {
      EXPECT_NE(exclusion.reason(), v1::LEFT_OUT_REASON_UNSPECIFIED);
      EXPECT_NE(exclusion.message(), "") << Context();
      names.insert(exclusion.claim());
    }
    for (const v1::Claim& claim : drawn_.claims) {
      ASSERT_EQ(names.count(claim.name()), 1u) << claim.name() << Context();
    }
    CheckNothingIsLost(*explained);
  }

 private:
  std::string Context() const {
    return absl::StrCat(drawn_.ToString(), "row { ", row_.ShortDebugString(), " }");
  }

  void CheckTree(const v1::ExplainedTree& tree) const {
    Decimal stated;
    Decimal excess;
    for (const v1::Contribution& contribution : tree.contributions()) {
      AddTo(&stated, Number(contribution.stated()));
      AddTo(&excess, Number(contribution.excess()));
    }
    EXPECT_EQ(stated, Number(tree.sum().stated())) << Context();
    EXPECT_EQ(excess, Number(tree.sum().excess())) << Context();
    if (tree.sum().claims() == 0) return;
    if (!tree.steps().empty()) {
      EXPECT_EQ(tree.steps(tree.steps_size() - 1).row_after().DebugString(),
                tree.sum().bounds().DebugString())
          << Context();
      return;
    }
    EXPECT_EQ(tree.contributions_size(), 1) << Context();
    EXPECT_EQ(tree.sum().bounds().low(), tree.sum().stated()) << Context();
    EXPECT_EQ(tree.sum().bounds().high(), tree.sum().stated()) << Context();
  }

  const v1::Claim& ClaimOf(const std::string& name) const {
    return *std::find_if(drawn_.claims.begin(), drawn_.claims.end(),
                         [&](const v1::Claim& claim) { return claim.name() == name; });
  }
  bool IsWithin(std::string name, const std::string& whole) const {
    while (!name.empty() && name != whole) name = ClaimOf(name).part_of();
    return !name.empty();
  }

  // What is left out of a total because it is the same money as another claim is, in the end, the
  // same money as something that is counted in it.
  void CheckNothingIsLost(const v1::ExplainFundingResponse& explained) const {
    if (row_.kind() != v1::FUNDING_ROW_KIND_TOTAL) return;
    if (!ClassOf(drawn_.request, row_).empty()) return;  // It may be counted in another total.
    std::map<std::string, std::string> same;             // as which claim it is counted
    for (const v1::Exclusion& exclusion : explained.exclusions()) {
      if (exclusion.reason() != v1::LEFT_OUT_REASON_RESTATED &&
          exclusion.reason() != v1::LEFT_OUT_REASON_PASSED_ON &&
          exclusion.reason() != v1::LEFT_OUT_REASON_REALISED) {
        continue;
      }
      const std::string& message = exclusion.message();
      same[exclusion.claim()] = message.substr(message.rfind("claims/"));
    }
    for (const auto& [left, first] : same) {
      std::set<std::string> reached = {first};
      bool counted = false;
      for (bool more = true; more && !counted;) {
        more = false;
        for (const v1::ExplainedTree& tree : explained.trees()) {
          for (const v1::Contribution& contribution : tree.contributions()) {
            for (const std::string& name : reached) {
              counted = counted || IsWithin(contribution.claim(), name);
            }
          }
        }
        for (const auto& [claim, as] : same) {
          for (const std::string& name : std::set<std::string>(reached)) {
            if (IsWithin(claim, name) && reached.insert(as).second) more = true;
          }
        }
      }
      EXPECT_TRUE(counted) << left << " is not counted as anything" << Context();
    }
  }

  const Drawn& drawn_;
  const v1::FundingRow& row_;
  v1::ExplainFundingRequest request_;
};

TEST(QueryPropertyTest, ExplanationsAddUpToTheirRows) {
  std::mt19937 rng(20231205);
  int explained = 0;
  for (int round = 0; round < 10'000 / kSlowness && !testing::Test::HasFailure(); ++round) {
    const Drawn drawn = Draw(rng);
    const auto answer = drawn.ledger.Query(drawn.request);
    if (!answer.ok()) continue;
    for (const auto* rows : {&answer->totals(), &answer->rows()}) {
      for (const v1::FundingRow& row : *rows) {
        Explained(drawn, row).Check();
        ++explained;
      }
    }
  }
  EXPECT_GT(explained, 10'000 / kSlowness);
}

}  // namespace
}  // namespace entente::funding::query
