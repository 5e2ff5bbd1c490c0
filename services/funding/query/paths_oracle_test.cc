// SPDX-License-Identifier: Apache-2.0
//
// The paths that can be forced (paths.h) where small ledgers that are made at once do not lead:
// through rows that have ended, held against naive_query.h, and through ledgers of several blocks,
// held against sums of plain numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/figure/decimal.h"
#include "common/status/errors.h"
#include "common/testing/slowness.h"
#include "services/funding/query/forced_paths.h"
#include "services/funding/query/naive_query.h"
#include "services/funding/query/random_history.h"

namespace entente::funding::query {
namespace {

std::string Show(const absl::StatusOr<v1::QueryFundingResponse>& answer) {
  if (answer.ok()) return answer->DebugString();
  return absl::StrCat(answer.status().code(), ": ", answer.status().message());
}

TEST(QueryPathsTest, EachAnswersForEachRevisionOfATable) {
  const std::vector<PathTaker> takers = AllPathTakers();
  std::mt19937 rng(20231130);
  int ended = 0;
  for (int course = 0; course < 300 / kSlowness; ++course) {
    const Setting& setting = OneOf(rng, Settings());
    Ledger ledger = setting.ledger;
    History history(static_cast<uint32_t>(course), Uniform(rng, 3, 12));
    const std::map<FlatRows, std::shared_ptr<ClaimTable>> tables = {
        {FlatRows::kAll, ClaimTable::Of(ledger.funding())},
        {FlatRows::kNegative, ClaimTable::Of(ledger.funding(), FlatRows::kNegative)}};
    std::vector<std::shared_ptr<const resource::State>> states = {ledger.funding()};
    for (int revision = 0; revision < 30; ++revision) {
      ledger.Commit(history.Next());
      for (const auto& [ignored, table] : tables) table->Apply(ledger.last(), ledger.funding());
      states.push_back(ledger.funding());
      const auto state = Percent(rng, 70) ? states.back() : OneOf(rng, states);
      const World world = WorldAt(setting.world, *state);
      if (IsTooMuch(world)) continue;
      const Question question = RandomQuestion(rng);
      auto expected = NaiveAnswer(world, question);
      if (expected.ok()) expected = Canonical(*std::move(expected));
      for (const PathTaker* taker : {&takers[0], &OneOf(rng, takers)}) {
        const auto snapshot = tables.at(taker->path().flat_rows)->At(state);
        for (size_t row = 0; row < snapshot->flat_rows(); ++row) {
          ended += snapshot->alive(FlatAtom(row)) ? 0 : 1;
          ASSERT_TRUE(taker->path().flat_rows == FlatRows::kAll ||
                      snapshot->units(FlatAtom(row)) < 0);
        }
        auto actual =
            AnswerTo(question.request,
                     {snapshot, ledger.catalogue(), rates::RateTable::Of(snapshot->state())},
                     nullptr, taker->resources());
        if (actual.ok()) actual = Canonical(*std::move(actual));
        ASSERT_EQ(Show(actual), Show(expected))
            << "course " << course << ", revision " << state->revision() << ", path "
            << taker->path().name << ", request { " << question.request.ShortDebugString() << " }";
      }
    }
  }
  EXPECT_GT(ended, 15'000 / kSlowness);
}

// A claim of a large ledger, as a test needs to know it.
struct Plain {
  std::string name;
  std::string top;  // itself if it is part of none
  std::string currency;
  std::string place;
  std::string initiative;
  v1::ClaimStage stage = v1::CLAIM_STAGE_UNSPECIFIED;
  v1::ClaimInstrument instrument = v1::CLAIM_INSTRUMENT_UNSPECIFIED;
  int64_t units = 0;  // that no part of it itemises, in hundredths
  int64_t stated = 0;

  v1::Claim ToClaim() const {
    v1::Claim claim;
    claim.set_name(name);
    if (top != name) claim.set_part_of(top);
    claim.mutable_amount()->set_currency_code(currency);
    claim.mutable_amount()->mutable_figure()->set_value(
        figure::Decimal::FromUnits(stated, 2).value().ToString());
    claim.mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_EXACT);
    claim.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
    claim.set_direction(v1::CLAIM_DIRECTION_OUTGOING);
    claim.set_stage(stage);
    claim.set_instrument(instrument);
    claim.add_places()->set_place(place);
    claim.set_initiative(initiative);
    return claim;
  }
};

// What is asked of a large ledger, in the language of queries and in C++.
struct PlainQuestion {
  std::string filter;
  std::function<bool(const Plain&)> is_in;
  std::vector<std::string> fields;
  std::function<std::string(const Plain&)> key;
  bool extremes = false;
};

// As many claims as fill a block and some chunks of another, more components than are one piece of
// work, and rows of both that have ended. What is late is requested, and of the rest nothing is;
// and late amounts are for places that the codes of the first block have no room for.
class LargeLedger {
 public:
  explicit LargeLedger(bool huge) : rng_(huge ? 2 : 1), huge_(huge) {
    for (int i = 0; i < kClaims; ++i) Put(i);
    Commit();
    tables_ = {{FlatRows::kAll, ClaimTable::Of(ledger_.funding())},
               {FlatRows::kNegative, ClaimTable::Of(ledger_.funding(), FlatRows::kNegative)}};
    // Whole words of ended rows, single ones, and none in most chunks.
    for (int i = 5'000; i < 5'200; ++i) Put(i);
    for (int i = 20'000; i < kClaims; i += Uniform(rng_, 1, 500)) Put(i);
    Commit();
    for (const auto& [ignored, table] : tables_) table->Apply(ledger_.last(), ledger_.funding());
  }

  const std::map<std::string, Plain>& claims() const { return claims_; }
  Sources For(const ForcedPath& path) const {
    return {tables_.at(path.flat_rows)->At(ledger_.funding()), ledger_.catalogue(),
            rates::RateTable::Of(*ledger_.funding())};
  }

  static std::string NameOf(int i) { return absl::StrCat("claims/c", 1'000'000 + i); }

 private:
  static constexpr int kClaims = 75'000;
  static constexpr int kLate = 70'700;

  // The claim, and of one in 14 its parts, drawn anew.
  void Put(int i) {
    const bool is_flat = i % 14 != 5;
    Plain top = Draw(NameOf(i));
    // A hundred of each, in the opposite order of names.
    top.initiative = absl::StrCat("initiatives/i", 9'999 - i / 100);
    if (i >= kLate) top.stage = v1::CLAIM_STAGE_REQUESTED;
    if (i >= kLate && is_flat) top.place = absl::StrCat("places/p", 40 + (i - kLate) % 520);
    // So many of them exceed 64 bits.
    if (is_flat && huge_) top.units = (int64_t{1} << 52) - top.units;
    top.stated = top.units;
    for (int part = is_flat ? 0 : 1 + i % 3; part > 0; --part) {
      Plain plain = Draw(absl::StrCat(top.name, "-", part));
      plain.top = top.name;
      plain.currency = top.currency;
      plain.stage = top.stage;
      plain.initiative = absl::StrCat("initiatives/p", part);
      plain.stated = plain.units;
      top.stated += plain.stated;
      Keep(std::move(plain));
    }
    Keep(std::move(top));
  }

  Plain Draw(const std::string& name) {
    Plain plain;
    plain.name = plain.top = name;
    plain.currency = OneOf<std::string>(rng_, {"USD", "USD", "EUR", "GBP"});
    plain.stage = OneOf<v1::ClaimStage>(
        rng_, {v1::CLAIM_STAGE_COMMITTED, v1::CLAIM_STAGE_COMMITTED, v1::CLAIM_STAGE_DISBURSED});
    plain.instrument =
        OneOf<v1::ClaimInstrument>(rng_, {v1::CLAIM_INSTRUMENT_GRANT, v1::CLAIM_INSTRUMENT_LOAN});
    plain.place = absl::StrCat("places/p", Uniform(rng_, 0, 39));
    plain.units = Uniform(rng_, 1, 2'000'000'000);
    return plain;
  }

  void Keep(Plain plain) {
    changes_.push_back(Ledger::PutOf(plain.ToClaim()));
    claims_[plain.name] = std::move(plain);
  }

  void Commit() {
    ledger_.Commit(std::move(changes_));
    changes_.clear();
  }

  std::mt19937 rng_;
  const bool huge_;
  std::map<std::string, Plain> claims_;
  std::vector<log::Change> changes_;
  Ledger ledger_;
  std::map<FlatRows, std::shared_ptr<ClaimTable>> tables_;
};

// What rows say of their sums, by the values of a row and the currency.
using Sums = std::map<std::string, std::string>;

std::string Written(absl::int128 units, int64_t claims, int64_t exact, int64_t min, int64_t max) {
  const auto text = [](int64_t number) {
    return figure::Decimal::FromUnits(number, 2).value().ToString();
  };
  std::string all = figure::Decimal::FromUnits(units, 2).value().ToString();
  absl::StrAppend(&all, " of ", claims);
  if (exact > 0) absl::StrAppend(&all, ", ", exact, " from ", text(min), " to ", text(max));
  return all;
}

Sums ExpectedFrom(const LargeLedger& ledger, const PlainQuestion& question, bool totals) {
  struct Sum {
    absl::int128 units = 0;
    std::set<std::string> tops;
    Extremes extremes;
    int64_t exact = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& [name, plain] : ledger.claims()) {
    if (!question.is_in(plain)) continue;
    Sum& sum =
        sums[absl::StrCat(totals ? std::string() : question.key(plain), "|", plain.currency)];
    sum.units += plain.units;
    sum.tops.insert(plain.top);
    sum.extremes.Add(Extremes::Of(plain.units));
    ++sum.exact;
  }
  Sums written;
  for (const auto& [key, sum] : sums) {
    written[key] = Written(sum.units, static_cast<int64_t>(sum.tops.size()),
                           question.extremes ? sum.exact : 0, sum.extremes.min, sum.extremes.max);
  }
  return written;
}

Sums ActualFrom(const google::protobuf::RepeatedPtrField<v1::FundingRow>& rows, bool totals) {
  Sums written;
  for (const v1::FundingRow& row : rows) {
    std::string key;
    for (const v1::DimensionValue& value : row.values()) {
      if (!totals) absl::StrAppend(&key, value.value(), " ");
    }
    EXPECT_EQ(row.left_out_size(), 0) << row.ShortDebugString();
    for (const v1::MoneySum& sum : row.sums()) {
      // Everything is exact.
      EXPECT_EQ(sum.bounds().low(), sum.stated());
      EXPECT_EQ(sum.bounds().high(), sum.stated());
      EXPECT_FALSE(sum.bounds().low_open() || sum.bounds().high_open());
      std::string text = absl::StrCat(sum.stated(), " of ", sum.claims());
      if (sum.exact_amounts() > 0) {
        absl::StrAppend(&text, ", ", sum.exact_amounts(), " from ", sum.min(), " to ", sum.max());
      }
      EXPECT_TRUE(written.emplace(absl::StrCat(key, "|", sum.currency_code()), text).second);
    }
  }
  return written;
}

std::vector<PlainQuestion> PlainQuestions() {
  const auto everything = [](const Plain&) { return true; };
  const auto nothing = [](const Plain&) { return std::string(); };
  const auto stage = [](const Plain& p) { return absl::StrCat(v1::ClaimStage_Name(p.stage), " "); };
  const auto place = [](const Plain& p) { return absl::StrCat(p.place, " "); };
  const auto initiative = [](const Plain& p) { return absl::StrCat(p.initiative, " "); };
  const auto is_committed = [](const Plain& p) { return p.stage == v1::CLAIM_STAGE_COMMITTED; };
  const auto in_p3 = [](const Plain& p) { return p.place == "places/p3"; };
  return {
      // Nearly all of a chunk, hardly any of it, and none of most.
      {"", everything, {}, nothing},
      {"", everything, {}, nothing, /*extremes=*/true},
      {"", everything, {"places"}, place},
      {"", everything, {"stage"}, stage, /*extremes=*/true},
      {"", everything, {"initiative"}, initiative},
      {"initiative = initiatives/i9950",
       [](const Plain& p) { return p.initiative == "initiatives/i9950"; },
       {"initiative", "stage"},
       [=](const Plain& p) { return initiative(p) + stage(p); }},
      {"stage = CLAIM_STAGE_COMMITTED", is_committed, {"places"}, place},
      {"stage = CLAIM_STAGE_COMMITTED", is_committed, {"places"}, place, /*extremes=*/true},
      {"places:\"places/p3\"", in_p3, {"stage"}, stage},
      {"places:\"places/p3\" AND stage = CLAIM_STAGE_COMMITTED",
       [=](const Plain& p) { return in_p3(p) && is_committed(p); },
       {"instrument"},
       [](const Plain& p) { return absl::StrCat(v1::ClaimInstrument_Name(p.instrument), " "); }},
      {"NOT places:\"places/p3\" AND instrument = CLAIM_INSTRUMENT_LOAN",
       [=](const Plain& p) { return !in_p3(p) && p.instrument == v1::CLAIM_INSTRUMENT_LOAN; },
       {"places", "stage"},
       [=](const Plain& p) { return place(p) + stage(p); }},
      // An array of many cells, and more cells than an array has.
      {"places:\"places/p3\"",
       in_p3,
       {"claim"},
       [](const Plain& p) { return absl::StrCat(p.name, " "); }},
      {"places:\"places/p3\"",
       in_p3,
       {"claim", "places"},
       [=](const Plain& p) { return absl::StrCat(p.name, " ", place(p)); },
       /*extremes=*/true},
      {"claim = claims/c1069998",
       [](const Plain& p) { return p.name == "claims/c1069998"; },
       {"places"},
       place},
      {"places:\"places/p260\"",
       [](const Plain& p) { return p.place == "places/p260"; },
       {},
       nothing},
      {"places:\"places/p260\" OR places:\"places/p300\"",
       [](const Plain& p) { return p.place == "places/p260" || p.place == "places/p300"; },
       {"stage"},
       stage},
  };
}

class QueryLargePathsTest : public testing::TestWithParam<bool> {};

TEST_P(QueryLargePathsTest, EachAddsUpWhatThereIs) {
  const bool huge = GetParam();
  const LargeLedger ledger(huge);
  std::vector<std::pair<PlainQuestion, std::pair<Sums, Sums>>> asked;
  for (PlainQuestion& question : PlainQuestions()) {
    Sums rows = ExpectedFrom(ledger, question, false);
    Sums totals = ExpectedFrom(ledger, question, true);
    asked.emplace_back(std::move(question), std::pair(std::move(rows), std::move(totals)));
  }
  for (const PathTaker& taker : AllPathTakers()) {
    // So many trees take the exact path for a minute.
    if (taker.path().flat_rows == FlatRows::kNegative &&
        taker.path().paths.components == Paths::Components::kExact) {
      continue;
    }
    const Sources sources = ledger.For(taker.path());
    for (const auto& [question, expected] : asked) {
      v1::QueryFundingRequest request;
      request.set_filter(question.filter);
      request.add_mix(v1::MONEY_KIND_STAGE);
      for (const std::string& field : question.fields) request.add_group_by()->set_field(field);
      if (question.extremes) {
        request.add_measures(v1::MEASURE_MIN);
        request.add_measures(v1::MEASURE_MAX);
      }
      const auto answer = AnswerTo(request, sources, nullptr, taker.resources());
      const std::string context =
          absl::StrCat(taker.path().name, ", request { ", request.ShortDebugString(), " }");
      ASSERT_TRUE(answer.ok()) << answer.status() << context;
      // Totals are of one stage where that is grouped by.
      const bool by_stage = std::count(question.fields.begin(), question.fields.end(), "stage") > 0;
      ASSERT_EQ(ActualFrom(answer->rows(), false), expected.first) << context;
      if (!by_stage) {
        ASSERT_EQ(ActualFrom(answer->totals(), true), expected.second) << context;
      }
    }
    const Taken& taken = taker.taken();
    if (taker.path().paths.workers > 1 && taker.path().flat_rows == FlatRows::kAll) {
      EXPECT_GT(taken.merged, 0) << taker.path().name;
    }
    // Of its own accord.
    if (taker.path().paths.cells == Paths::Cells::kAny) {
      EXPECT_GT(taken.table, 0) << taker.path().name;
      EXPECT_GT(taken.array, 0) << taker.path().name;
    }
    if (taker.path().paths.sums == Paths::Sums::kAny && taker.path().flat_rows == FlatRows::kAll) {
      EXPECT_EQ(taken.wide > 0, huge) << taker.path().name;
    }
    // What is asked of few values, of so many claims; unless sums may need more than 64 bits.
    if (taker.path().paths.cubes == Paths::Cubes::kAny) {
      EXPECT_EQ(taken.cube > 0, !huge) << taker.path().name;
      EXPECT_LT(taken.cubes_made, taken.cube + 1) << taker.path().name;
    }
  }
}

// Of cells so many that they are not kept apart by kinds, which are then noted: those of all that
// is selected, whoever came upon it, and no others.
TEST(QueryPathsTest, EachKnowsWhatItWouldMix) {
  const LargeLedger ledger(/*huge=*/false);
  const auto named = [](int i) { return absl::StrCat("top_claim = ", LargeLedger::NameOf(i)); };
  struct Asked {
    std::string filter;
    std::function<bool(const Plain&)> is_in;
    std::set<std::string> stages = {};
  };
  std::vector<Asked> all = {
      {"stage = CLAIM_STAGE_COMMITTED AND places:\"places/p3\"",
       [](const Plain& p) {
         return p.stage == v1::CLAIM_STAGE_COMMITTED && p.place == "places/p3";
       }},
      {"places:\"places/p260\"", [](const Plain& p) { return p.place == "places/p260"; }}};
  // Early and late, amounts (0, 73'000) and trees (5, 19, 74'013, 74'027, 74'041).
  for (const auto& [a, b] : {std::pair(0, 73'000),
                             {0, 74'013},
                             {0, 74'027},
                             {0, 74'041},
                             {5, 74'013},
                             {5, 74'027},
                             {19, 74'013},
                             {19, 74'027},
                             {5, 73'000},
                             {19, 73'000}}) {
    all.push_back({absl::StrCat(named(a), " OR ", named(b)),
                   [of_a = LargeLedger::NameOf(a), of_b = LargeLedger::NameOf(b)](const Plain& p) {
                     return p.top == of_a || p.top == of_b;
                   }});
  }
  for (Asked& asked : all) {
    for (const auto& [ignored, plain] : ledger.claims()) {
      if (asked.is_in(plain)) asked.stages.insert(v1::ClaimStage_Name(plain.stage));
    }
  }
  int mixed = 0;
  for (const PathTaker& taker : AllPathTakers()) {
    const Sources sources = ledger.For(taker.path());
    for (const Asked& asked : all) {
      v1::QueryFundingRequest request;
      request.set_filter(asked.filter);
      request.add_group_by()->set_field("top_claim");
      const auto answer = AnswerTo(request, sources, nullptr, taker.resources());
      const std::string context = absl::StrCat(taker.path().name, ", ", asked.filter);
      ASSERT_EQ(answer.status().code(), asked.stages.size() > 1
                                            ? absl::StatusCode::kFailedPrecondition
                                            : absl::StatusCode::kOk)
          << context << answer.status();
      if (answer.ok()) continue;
      const auto info = errors::InfoOf(answer.status());
      EXPECT_EQ(info.metadata().at("stage"), absl::StrJoin(asked.stages, ",")) << context;
      ++mixed;
    }
  }
  EXPECT_GT(mixed, 100);
}

INSTANTIATE_TEST_SUITE_P(All, QueryLargePathsTest, testing::Bool(), [](const auto& huge) {
  return std::string(huge.param ? "WideSums" : "NarrowSums");
});

}  // namespace
}  // namespace entente::funding::query
