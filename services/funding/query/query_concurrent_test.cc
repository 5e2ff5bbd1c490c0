// SPDX-License-Identifier: Apache-2.0
//
// Queries while claims are written: whatever else goes on, each answer is that of its revision.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/parallel/parallel.h"
#include "common/resource/store.h"
#include "common/resource/store_test_util.h"
#include "common/status/errors.h"
#include "services/funding/query/random_history.h"
#include "services/funding/query/snapshots.h"

namespace entente::funding::query {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kQuestions = 120;  // of each thread
#else
constexpr int kQuestions = 800;
#endif
constexpr int kAskers = 3;

struct Setup {
  const char* name;
  size_t workers;
  size_t retained_revisions;
  SnapshotsOptions options;
  int claims;
  bool is_renewed;
};

// For the names of tests.
std::ostream& operator<<(std::ostream& out, const Setup& setup) { return out << setup.name; }

// What was asked of a state, or of two, and the answer.
struct Asked {
  std::shared_ptr<const resource::State> now;
  std::shared_ptr<const resource::State> then;  // null for none
  v1::QueryFundingRequest request;
  absl::StatusOr<v1::QueryFundingResponse> answer;
  // About a row of it.
  std::optional<v1::ExplainFundingRequest> explain;
  absl::StatusOr<v1::ExplainFundingResponse> explanation;
};

template <typename T>
void ExpectSame(const absl::StatusOr<T>& actual, const absl::StatusOr<T>& expected,
                const Asked& asked) {
  using google::protobuf::util::MessageDifferencer;
  const auto context = [&] {
    return absl::StrCat("revision ", asked.now->revision(), ", request { ",
                        asked.request.ShortDebugString(), " }");
  };
  ASSERT_EQ(actual.status().code(), expected.status().code()) << context();
  ASSERT_EQ(actual.status().message(), expected.status().message()) << context();
  ASSERT_TRUE(MessageDifferencer::Equals(errors::InfoOf(actual.status()),
                                         errors::InfoOf(expected.status())))
      << context();
  if (!expected.ok()) return;
  if (actual->SerializeAsString() == expected->SerializeAsString()) return;
  ADD_FAILURE() << context() << "\nACTUAL\n"
                << actual->DebugString() << "\nEXPECTED\n"
                << expected->DebugString();
}

class QueryConcurrentTest : public testing::TestWithParam<Setup> {
 protected:
  QueryConcurrentTest()
      : setting_(Settings()[0]),
        store_(std::make_unique<log::MemoryLog>(&SystemClock::Get()),
               &setting_.ledger.funding()->registry(),
               {.retained_revisions = GetParam().retained_revisions}),
        snapshots_(&store_, GetParam().options),
        parallel_(GetParam().workers) {}

  void SetUp() override {
    ASSERT_TRUE(store_.Load().ok());
    std::vector<log::Change> rates;
    for (const v1::RateSeries& series : setting_.world.rates) {
      rates.push_back({series.name(), log::ChangeKind::kPut, series.SerializeAsString()});
    }
    ASSERT_TRUE(resource::Apply(&store_, resource::WriteOf(std::move(rates))).ok());
  }

  Sources From(std::shared_ptr<const Snapshot> snapshot) {
    auto rates = rate_tables_.For(snapshot->state());
    return {std::move(snapshot), setting_.ledger.catalogue(), std::move(rates)};
  }

  // Writes as fast as it can, until everybody has asked enough.
  void Write() {
    History history(1, GetParam().claims);
    std::deque<resource::Outcome> outcomes;
    const auto take = [&] {
      const auto written = outcomes.front().get();
      ASSERT_TRUE(written.ok()) << written.status();
      outcomes.pop_front();
    };
    while (asking_ > 0) {
      outcomes.push_back(resource::Submit(&store_, resource::WriteOf(history.Next())));
      if (outcomes.size() > 32) take();
    }
    while (!outcomes.empty()) take();
  }

  // A state that the store has, or one that it had.
  std::shared_ptr<const resource::State> SomeState(
      std::mt19937& rng, std::deque<std::shared_ptr<const resource::State>>* kept) {
    auto state = store_.Current();
    if (Percent(rng, 30)) {
      const auto back = static_cast<int64_t>(Uniform(rng, 0, Percent(rng, 50) ? 5 : 200));
      const auto before = store_.At(std::max<int64_t>(1, state->revision() - back));
      // The store goes on, and forgets.
      if (before.ok()) state = *before;
    } else if (!kept->empty() && Percent(rng, 20)) {
      return OneOf(rng,
                   std::vector<std::shared_ptr<const resource::State>>(kept->begin(), kept->end()));
    }
    if (Percent(rng, 10)) {
      kept->push_back(state);
      if (kept->size() > 5) kept->pop_front();
    }
    return state;
  }

  struct Read {
    std::shared_ptr<const resource::State> state;
    std::shared_ptr<const Snapshot> snapshot;
  };

  void Ask(uint32_t seed, std::vector<Asked>* all) {
    std::mt19937 rng(seed);
    std::deque<std::shared_ptr<const resource::State>> kept;
    std::optional<Read> held;
    const auto read = [&] {
      // A query that takes long still reads what it began with.
      if (held.has_value() && Percent(rng, 15)) return *held;
      Read some;
      some.state = SomeState(rng, &kept);
      some.snapshot = snapshots_.Of(some.state);
      if (Percent(rng, 5)) held = some;
      return some;
    };
    for (int i = 0; i < kQuestions; ++i) {
      Asked asked;
      const Read now = read();
      asked.now = now.state;
      asked.request = RandomQuestion(rng).request;
      std::optional<Sources> then;
      if (Percent(rng, 20)) {
        const Read other = read();
        asked.then = other.state;
        asked.request.mutable_compare_with()->set_revision(other.state->revision());
        then = From(other.snapshot);
      }
      const Sources sources = From(now.snapshot);
      // Some callers go away.
      std::atomic<int> checks(Percent(rng, 10) ? Uniform(rng, 0, 12) : 1'000'000);
      asked.answer = AnswerTo(asked.request, sources, then.has_value() ? &*then : nullptr,
                              std::make_shared<const Resources>(&parallel_, kDefaultQueryMemory,
                                                                [&] { return --checks < 0; }));
      if (absl::IsCancelled(asked.answer.status())) {
        ++cancelled_;
        continue;
      }
      if (asked.answer.ok() && asked.answer->rows_size() > 0 && Percent(rng, 30)) {
        asked.explain = AboutRow(
            asked.request, OneOf(rng, std::vector<v1::FundingRow>(asked.answer->rows().begin(),
                                                                  asked.answer->rows().end())));
        asked.explanation = ExplanationOf(
            *asked.explain, sources,
            std::make_shared<const Resources>(&parallel_, kDefaultQueryMemory, nullptr));
      }
      all->push_back(std::move(asked));
    }
    --asking_;
  }

  static v1::ExplainFundingRequest AboutRow(const v1::QueryFundingRequest& query,
                                            const v1::FundingRow& row) {
    v1::ExplainFundingRequest explain;
    *explain.mutable_query() = query;
    explain.mutable_query()->clear_compare_with();
    explain.set_kind(row.kind());
    *explain.mutable_values() = row.values();
    return explain;
  }

  const Setting& setting_;
  resource::Store store_;
  Snapshots snapshots_;
  rates::RateTables rate_tables_;
  Parallel parallel_;
  std::atomic<int> asking_{kAskers};
  std::atomic<int> cancelled_{0};
};

TEST_P(QueryConcurrentTest, EachAnswerIsThatOfItsRevision) {
  std::vector<std::vector<Asked>> asked(kAskers);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { Write(); });
  for (uint32_t asker = 0; asker < kAskers; ++asker) {
    threads.emplace_back([&, asker] { Ask(asker + 1, &asked[asker]); });
  }
  for (std::thread& thread : threads) thread.join();
  // Anew, and on one thread.
  std::map<int64_t, Sources> sources;
  const auto anew = [&](const std::shared_ptr<const resource::State>& state) -> const Sources& {
    const auto [found, inserted] = sources.try_emplace(state->revision());
    if (inserted) {
      found->second = {Snapshot::Of(state), setting_.ledger.catalogue(),
                       rates::RateTable::Of(*state)};
    }
    return found->second;
  };
  size_t answers = 0;
  size_t explanations = 0;
  for (const std::vector<Asked>& of_one : asked) {
    for (const Asked& one : of_one) {
      const Sources* then = one.then == nullptr ? nullptr : &anew(one.then);
      ExpectSame(one.answer, AnswerTo(one.request, anew(one.now), then), one);
      if (one.answer.ok()) ++answers;
      if (!one.explain.has_value()) continue;
      ExpectSame(one.explanation, ExplanationOf(*one.explain, anew(one.now)), one);
      ++explanations;
    }
    ASSERT_FALSE(HasFailure());
  }
  // That it was worth it.
  EXPECT_GT(sources.size(), 20u);
  EXPECT_GT(answers, size_t{kAskers} * kQuestions / 2);
  EXPECT_GT(explanations, size_t{kAskers} * kQuestions / 20);
  EXPECT_GT(cancelled_, 0);
  EXPECT_EQ(snapshots_.renewals() > 0, GetParam().is_renewed);
}

INSTANTIATE_TEST_SUITE_P(
    All, QueryConcurrentTest,
    testing::Values(
        Setup{"OneTable", 2, 1000, SnapshotsOptions{}, 30, false},
        Setup{"WornTables", 3, 1000, SnapshotsOptions{.most_ended = 0.3, .least_ends = 50}, 30,
              true},
        // What is between two questions is forgotten at times, and the table begins anew.
        Setup{"ForgetfulStore", 2, 4, SnapshotsOptions{}, 30, false}),
    [](const auto& setup) { return std::string(setup.param.name); });

}  // namespace
}  // namespace entente::funding::query
