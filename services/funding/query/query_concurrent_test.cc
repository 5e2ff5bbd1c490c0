// SPDX-License-Identifier: Apache-2.0
//
// Queries while claims are written: whatever else goes on, on whatever path, and whoever goes away
// or asks for too much, each answer is that of its revision, as naive_query.h and a table made anew
// have it.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
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
#include "common/testing/slowness.h"
#include "services/funding/query/forced_paths.h"
#include "services/funding/query/naive_query.h"
#include "services/funding/query/random_history.h"
#include "services/funding/query/snapshots.h"

namespace entente::funding::query {
namespace {

constexpr int kQuestions = kSanitized ? 120 : 800;  // of each thread
constexpr int kAskers = 3;
constexpr int kWriters = 2;

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
  Question question;
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
                        asked.question.request.ShortDebugString(), " }");
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

// Without what the slow way does not say: the order of lists that have none, and details of errors.
absl::StatusOr<v1::QueryFundingResponse> InOrder(
    const absl::StatusOr<v1::QueryFundingResponse>& answer) {
  if (answer.ok()) return Canonical(*answer);
  return absl::Status(answer.status().code(), answer.status().message());
}

class QueryConcurrentTest : public testing::TestWithParam<Setup> {
 protected:
  QueryConcurrentTest()
      : setting_(Settings()[0]),
        store_(std::make_unique<log::MemoryLog>(&SystemClock::Get()),
               &setting_.ledger.funding()->registry(),
               {.retained_revisions = GetParam().retained_revisions}),
        snapshots_(&store_, GetParam().options),
        parallel_(GetParam().workers),
        history_(1, GetParam().claims) {}

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

  // Writes as fast as it can, in turn with others, until everybody has asked enough.
  void Write() {
    std::deque<resource::Outcome> outcomes;
    const auto take = [&] {
      const auto written = outcomes.front().get();
      ASSERT_TRUE(written.ok()) << written.status();
      outcomes.pop_front();
    };
    while (asking_ > 0) {
      {
        std::lock_guard<std::mutex> lock(history_mutex_);
        outcomes.push_back(resource::Submit(&store_, resource::WriteOf(history_.Next())));
      }
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
      EXPECT_EQ(some.snapshot->state().revision(), some.state->revision());
      if (Percent(rng, 5)) held = some;
      return some;
    };
    for (int i = 0; i < kQuestions; ++i) {
      Asked asked;
      const Read now = read();
      asked.now = now.state;
      asked.question = RandomQuestion(rng);
      v1::QueryFundingRequest& request = asked.question.request;
      std::optional<Sources> then;
      if (Percent(rng, 20)) {
        const Read other = read();
        asked.then = other.state;
        request.mutable_compare_with()->set_revision(other.state->revision());
        then = From(other.snapshot);
      }
      const Sources sources = From(now.snapshot);
      const auto ask = [&](int checks, size_t memory) {
        std::atomic<int> left(checks);
        asked.answer = AnswerTo(request, sources, then.has_value() ? &*then : nullptr,
                                std::make_shared<const Resources>(
                                    &parallel_, memory, [&] { return --left < 0; },
                                    Percent(rng, 60) ? RandomPaths(rng) : Paths()));
      };
      constexpr int kAllTheTime = 1'000'000'000;
      // Some callers go away, and some ask for more than there is: they get an answer, which is
      // looked at like others, or that error, and ask again.
      if (Percent(rng, 15)) {
        ask(Uniform(rng, 0, 12), kDefaultQueryMemory);
      } else if (Percent(rng, 15)) {
        ask(kAllTheTime, size_t{1} << Uniform(rng, 0, 18));
      } else {
        ask(kAllTheTime, kDefaultQueryMemory);
      }
      const bool is_cancelled = absl::IsCancelled(asked.answer.status());
      const bool is_too_large = errors::InfoOf(asked.answer.status()).reason() == "QUERY_TOO_LARGE";
      if (is_cancelled) ++cancelled_;
      if (is_too_large) ++too_large_;
      if (is_cancelled || is_too_large) ask(kAllTheTime, kDefaultQueryMemory);
      if (asked.answer.ok() && asked.answer->rows_size() > 0 && Percent(rng, 30)) {
        asked.explain =
            AboutRow(request, OneOf(rng, std::vector<v1::FundingRow>(asked.answer->rows().begin(),
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
  std::atomic<int> too_large_{0};
  std::mutex history_mutex_;
  History history_;  // guarded by history_mutex_
};

TEST_P(QueryConcurrentTest, EachAnswerIsThatOfItsRevision) {
  std::vector<std::vector<Asked>> asked(kAskers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back([&] { Write(); });
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
  size_t slow_answers = 0;
  size_t explanations = 0;
  for (const std::vector<Asked>& of_one : asked) {
    for (const Asked& one : of_one) {
      const Sources* then = one.then == nullptr ? nullptr : &anew(one.then);
      ExpectSame(one.answer, AnswerTo(one.question.request, anew(one.now), then), one);
      if (one.answer.ok()) ++answers;
      // The slow way knows one revision at a time.
      const World world = WorldAt(setting_.world, *one.now);
      if (then == nullptr && !IsTooMuch(world)) {
        ExpectSame(InOrder(one.answer), InOrder(NaiveAnswer(world, one.question)), one);
        ++slow_answers;
      }
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
  EXPECT_GT(slow_answers, size_t{kAskers} * kQuestions / 2);
  EXPECT_GT(cancelled_, kQuestions / 20);
  EXPECT_GT(too_large_, kQuestions / 20);
  EXPECT_EQ(snapshots_.renewals() > 0, GetParam().is_renewed);
}

INSTANTIATE_TEST_SUITE_P(
    All, QueryConcurrentTest,
    testing::Values(
        // How much has ended is a matter of how fast the writers are; more than all of it never
        // has.
        Setup{"OneTable", 2, 1000, SnapshotsOptions{.most_ended = 2}, 30, false},
        Setup{"WornTables", 3, 1000, SnapshotsOptions{.most_ended = 0.3, .least_ends = 50}, 30,
              true},
        // What is between two questions is forgotten at times, and the table begins anew.
        Setup{"ForgetfulStore", 2, 4, SnapshotsOptions{.most_ended = 2}, 30, false}),
    [](const auto& setup) { return std::string(setup.param.name); });

}  // namespace
}  // namespace entente::funding::query
