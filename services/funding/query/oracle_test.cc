// SPDX-License-Identifier: Apache-2.0
//
// Queries of random worlds, held against answers that are found the slow way (naive_query.h): each
// as the engine goes about it, and on one of the paths that can be forced, in turn (paths.h).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/slowness.h"
#include "services/funding/algebra/fourier_motzkin.h"
#include "services/funding/query/forced_paths.h"
#include "services/funding/query/naive_query.h"
#include "services/funding/query/prefix_program.h"
#include "services/funding/query/random_ledger.h"

namespace entente::funding::query {
namespace {

constexpr int kWorlds = 52'000 / kSlowness;  // two answers each

struct Case {
  size_t setting = 0;
  size_t path = 0;  // among ForcedPaths()
  std::vector<v1::Claim> claims;
  Question question;
};

// A ledger with the claims of a case, and the same as a world.
Ledger LedgerOf(const Case& c) {
  Ledger ledger = Settings()[c.setting].ledger;
  ledger.PutClaims(c.claims);
  return ledger;
}

World WorldOf(const Case& c, const Ledger& ledger) {
  World world = Settings()[c.setting].world;
  for (const v1::Claim& claim : c.claims) {
    world.claims.push_back(*ledger.funding()->Get<v1::Claim>(claim.name()));
  }
  return world;
}

template <typename T>
std::string Show(const absl::StatusOr<T>& answer) {
  if (!answer.ok()) return answer.status().ToString();
  std::string text = "\n";
  for (const auto* rows : {&answer->totals(), &answer->rows(), &answer->could_include()}) {
    for (const v1::FundingRow& row : *rows) absl::StrAppend(&text, row.ShortDebugString(), "\n");
  }
  return text;
}

// What there was in answers, so that it is known that it was tested.
using Seen = std::map<std::string, int>;

void Note(const absl::StatusOr<v1::QueryFundingResponse>& answer, Seen* seen) {
  if (!answer.ok()) {
    const std::string message(answer.status().message());
    ++(*seen)[message.substr(0, message.find(' ', 12))];
    return;
  }
  for (const auto* rows : {&answer->totals(), &answer->rows(), &answer->could_include()}) {
    for (const v1::FundingRow& row : *rows) {
      ++(*seen)[v1::FundingRowKind_Name(row.kind())];
      if (row.changes_size() > 0) ++(*seen)["changes"];
      for (const v1::DimensionValue& value : row.values()) {
        ++(*seen)[v1::DimensionValueKind_Name(value.kind())];
      }
      for (const v1::LeftOut& left : row.left_out()) {
        ++(*seen)[v1::LeftOutReason_Name(left.reason())];
      }
      for (const v1::MoneySum& sum : row.sums()) {
        if (!sum.excess().empty()) ++(*seen)["excess"];
        if (sum.not_stated() > 0) ++(*seen)["not stated"];
        if (sum.rates_size() > 0) ++(*seen)["converted"];
        if (sum.has_recurrence()) ++(*seen)["rate"];
        if (sum.bounds().low_open()) ++(*seen)["open"];
        if (!sum.mean().empty() && sum.min() != sum.max()) ++(*seen)["mean"];
      }
    }
  }
}

const std::vector<PathTaker>& Takers() {
  static const auto* const takers = new std::vector<PathTaker>(AllPathTakers());
  return *takers;
}

// What differs between the slow answer and those of the engine; empty if nothing does.
std::string DifferenceIn(const Case& c, Seen* seen = nullptr) {
  const Ledger ledger = LedgerOf(c);
  const auto naive = NaiveAnswer(WorldOf(c, ledger), c.question);
  for (const PathTaker* taker : {&Takers()[0], &Takers()[c.path]}) {
    const Sources sources = {
        ClaimTable::Of(ledger.funding(), taker->path().flat_rows)->At(ledger.funding()),
        ledger.catalogue(), rates::RateTable::Of(*ledger.funding())};
    auto engine = AnswerTo(c.question.request, sources, nullptr, taker->resources());
    if (seen != nullptr) Note(engine, seen);
    if (engine.ok()) engine = Canonical(*std::move(engine));
    if (engine.ok() && naive.ok()) {
      if (engine->SerializeAsString() == naive->SerializeAsString()) continue;
    } else if (engine.status().code() == naive.status().code() &&
               engine.status().message() == naive.status().message()) {
      continue;
    }
    return absl::StrCat("ENGINE (", taker->path().name, ")\n", Show(engine), "\nNAIVE\n",
                        Show(naive));
  }
  return "";
}

// The case with as little in it as still makes a difference.
Case Shrunk(Case c) {
  const auto keep = [&](Case smaller) {
    if (DifferenceIn(smaller).empty()) return false;
    c = std::move(smaller);
    return true;
  };
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; i < c.claims.size(); ++i) {
      Case smaller = c;
      const std::string name = c.claims[i].name();
      const bool has_parts =
          std::any_of(c.claims.begin(), c.claims.end(),
                      [&](const v1::Claim& claim) { return claim.part_of() == name; });
      if (has_parts) continue;
      smaller.claims.erase(smaller.claims.begin() + static_cast<std::ptrdiff_t>(i));
      again = keep(std::move(smaller)) || again;
    }
    for (size_t i = 0; i < c.claims.size(); ++i) {
      const auto* descriptor = v1::Claim::descriptor();
      for (int f = 0; f < descriptor->field_count(); ++f) {
        const auto* field = descriptor->field(f);
        if (field->name() == "name" || field->name() == "amount" || field->name() == "nature" ||
            field->name() == "stage" || field->name() == "instrument") {
          continue;
        }
        Case smaller = c;
        v1::Claim& claim = smaller.claims[i];
        const std::string before = claim.SerializeAsString();
        claim.GetReflection()->ClearField(&claim, field);
        if (claim.SerializeAsString() != before) again = keep(std::move(smaller)) || again;
      }
    }
    const auto* descriptor = v1::QueryFundingRequest::descriptor();
    for (int f = 0; f < descriptor->field_count(); ++f) {
      const auto* field = descriptor->field(f);
      const std::string name(field->name());
      if (name == "filter" || name == "compare_with" || name == "sector_vocabulary") continue;
      Case smaller = c;
      v1::QueryFundingRequest& request = smaller.question.request;
      const std::string before = request.SerializeAsString();
      request.GetReflection()->ClearField(&request, field);
      if (name == "group_by" && (request.cumulative() || !request.order_by().empty())) continue;
      if (name == "convert_to") request.clear_max_rate_age_days();
      if (request.SerializeAsString() != before) again = keep(std::move(smaller)) || again;
    }
    Case smaller = c;
    smaller.question.filter = Wish();
    smaller.question.request.clear_filter();
    if (!c.question.request.filter().empty()) again = keep(std::move(smaller)) || again;
    smaller = c;
    smaller.question.compared.reset();
    smaller.question.request.clear_compare_with();
    if (c.question.compared.has_value()) again = keep(std::move(smaller)) || again;
  }
  return c;
}

std::string Describe(const Case& c) {
  std::string text = absl::StrCat("setting ", c.setting, "\n");
  for (const v1::Claim& claim : c.claims) {
    absl::StrAppend(&text, "claim { ", claim.ShortDebugString(), " }\n");
  }
  return absl::StrCat(text, "request { ", c.question.request.ShortDebugString(), " }\n");
}

Case RandomCase(std::mt19937& rng) {
  Case c;
  c.setting = static_cast<size_t>(Uniform(rng, 0, static_cast<int>(Settings().size()) - 1));
  c.claims = RandomClaims(rng, Scope{});
  c.question = RandomQuestion(rng);
  return c;
}

TEST(QueryOracleTest, AnswersAreWhatTheSlowWayFinds) {
  std::mt19937 rng(20231126);
  int differences = 0;
  Seen seen;
  for (int world = 0; world < kWorlds; ++world) {
    Case c = RandomCase(rng);
    c.path = 1 + static_cast<size_t>(world) % (ForcedPaths().size() - 1);
    if (DifferenceIn(c, &seen).empty()) continue;
    const Case shrunk = Shrunk(c);
    ADD_FAILURE() << "world " << world << "\n" << Describe(shrunk) << DifferenceIn(shrunk);
    if (++differences == 3) return;
  }
  for (const char* what : {"FUNDING_ROW_KIND_GROUP",
                           "FUNDING_ROW_KIND_REST",
                           "FUNDING_ROW_KIND_TOTAL",
                           "FUNDING_ROW_KIND_COULD_INCLUDE",
                           "DIMENSION_VALUE_KIND_STATED",
                           "DIMENSION_VALUE_KIND_NOT_STATED",
                           "DIMENSION_VALUE_KIND_UNALLOCATED",
                           "DIMENSION_VALUE_KIND_WIDER",
                           "LEFT_OUT_REASON_NOT_STATED",
                           "LEFT_OUT_REASON_NO_HORIZON",
                           "LEFT_OUT_REASON_OUTSIDE_HORIZON",
                           "LEFT_OUT_REASON_NO_DATE",
                           "LEFT_OUT_REASON_DATE_TOO_WIDE",
                           "LEFT_OUT_REASON_NO_RATE",
                           "LEFT_OUT_REASON_SUPERSEDED",
                           "LEFT_OUT_REASON_RESTATED",
                           "LEFT_OUT_REASON_PASSED_ON",
                           "LEFT_OUT_REASON_REALISED",
                           "LEFT_OUT_REASON_CONTRADICTORY",
                           "changes",
                           "excess",
                           "not stated",
                           "converted",
                           "rate",
                           "open",
                           "mean",
                           "the sum would",
                           "rows cannot be"}) {
    EXPECT_GT(seen[what], 500 / kSlowness) << what;
  }
  for (const PathTaker& taker : Takers()) taker.ExpectTaken(20 / kSlowness);
}

// The oracle's own solver against one that eliminates variables.
TEST(QueryOracleTest, BothSolversOfProgramsAgree) {
  std::mt19937 rng(20231127);
  int impossible = 0;
  for (int round = 0; round < 20'000 / kSlowness; ++round) {
    const int numbers = Uniform(rng, 1, 6);
    PrefixProgram program(numbers);
    algebra::Inequalities inequalities(numbers);
    const auto state = [&](int begin, int end, const PrefixProgram::Range& range) {
      const uint32_t mask = ((1u << end) - 1) & ~((1u << begin) - 1);
      program.Within(begin, end, range);
      inequalities.AtLeast(mask, range.low, range.low_open);
      if (range.high.has_value()) inequalities.AtMost(mask, *range.high, range.high_open);
    };
    for (int i = 0; i < numbers; ++i) state(i, i + 1, {});
    // Nested, as those of trees are.
    const auto nest = [&](const auto& self, int begin, int end) -> void {
      if (Percent(rng, 70)) {
        PrefixProgram::Range range;
        range.low = Uniform(rng, 0, 9);
        range.low_open = Percent(rng, 30);
        if (Percent(rng, 60)) range.high = range.low + Uniform(rng, 0, 9);
        range.high_open = range.high.has_value() && Percent(rng, 30);
        state(begin, end, range);
      }
      if (end - begin < 2) return;
      const int middle = Uniform(rng, begin + 1, end - 1);
      self(self, begin, middle);
      self(self, middle, end);
    };
    nest(nest, 0, numbers);
    uint32_t mask = 0;
    std::vector<bool> row(static_cast<size_t>(numbers), false);
    for (int i = 0; i < numbers; ++i) {
      if (!Percent(rng, 50)) continue;
      row[static_cast<size_t>(i)] = true;
      mask |= 1u << i;
    }
    const auto expected = inequalities.RangeOf(mask == 0 ? 1 : mask);
    ASSERT_EQ(program.Possible(), expected.has_value());
    if (!expected.has_value()) ++impossible;
    if (mask == 0 || !expected.has_value()) continue;
    const PrefixProgram::Range range = program.RangeOf(row);
    EXPECT_EQ(figure::Decimal(range.low), expected->low.value);
    EXPECT_EQ(range.low_open, expected->low.open);
    ASSERT_EQ(range.high.has_value(), expected->high.has_value());
    if (!range.high.has_value()) continue;
    EXPECT_EQ(figure::Decimal(*range.high), expected->high->value);
    EXPECT_EQ(range.high_open, expected->high->open);
  }
  EXPECT_GT(impossible, 1'000 / kSlowness);
}

}  // namespace
}  // namespace entente::funding::query
