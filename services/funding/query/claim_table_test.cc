// SPDX-License-Identifier: Apache-2.0
//
// That a table which has taken in revision after revision reads, at each of them, like one that is
// made of that revision anew.
#include "services/funding/query/claim_table.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/testing/slowness.h"
#include "services/funding/query/naive_query.h"
#include "services/funding/query/random_history.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {
namespace {

using google::protobuf::util::MessageDifferencer;

template <typename T>
std::string Describe(const absl::StatusOr<T>& answer) {
  return answer.ok() ? answer->DebugString() : std::string(answer.status().message());
}

template <typename T>
bool Same(const absl::StatusOr<T>& a, const absl::StatusOr<T>& b) {
  if (a.ok() && b.ok()) return a->SerializeAsString() == b->SerializeAsString();
  // The details of a status are in no particular order.
  return a.status().code() == b.status().code() && a.status().message() == b.status().message() &&
         MessageDifferencer::Equals(errors::InfoOf(a.status()), errors::InfoOf(b.status()));
}

// That the rows of `snapshot` are the claims of its state, each once, and as they are there.
void ExpectRowsOfState(const Snapshot& snapshot) {
  const resource::State& state = snapshot.state();
  std::set<std::string> names;
  snapshot.ForEachAtom([&](Atom atom) {
    const v1::Claim& claim = snapshot.claim(atom);
    EXPECT_TRUE(names.insert(claim.name()).second) << claim.name() << " has two rows";
    EXPECT_EQ(&claim, state.Get<v1::Claim>(claim.name())) << claim.name();
    EXPECT_TRUE(snapshot.Has(atom));
    EXPECT_EQ(snapshot.Find(claim.name()), atom);
    const auto* whole = state.Get<v1::Claim>(claim.part_of());
    if (whole == nullptr) {
      EXPECT_EQ(snapshot.whole(atom), kNoAtom) << claim.name();
    } else {
      ASSERT_NE(snapshot.whole(atom), kNoAtom) << claim.name();
      EXPECT_EQ(snapshot.claim(snapshot.whole(atom)).name(), whole->name());
      EXPECT_TRUE(snapshot.has_parts(snapshot.whole(atom)));
      EXPECT_TRUE(snapshot.alive(snapshot.whole(atom)));
      EXPECT_EQ(snapshot.top(atom), snapshot.top(snapshot.whole(atom)));
    }
    if (!IsFlat(atom)) {
      const Component& component = snapshot.component(snapshot.component_of(atom));
      EXPECT_EQ(TreeAtom(component.first), snapshot.top(atom));
      EXPECT_GE(RowOf(atom), component.first);
      EXPECT_LT(RowOf(atom), component.first + component.rows);
    }
  });
  size_t claims = 0;
  state.Scan(*state.registry().FindByDescriptor(v1::Claim::descriptor()), "",
             [&](const resource::Entry& entry) {
               if (!entry.deleted) ++claims;
               EXPECT_EQ(snapshot.Find(entry.name).has_value(), !entry.deleted) << entry.name;
               return true;
             });
  EXPECT_EQ(names.size(), claims);
  for (const Unusable& unusable : snapshot.unusable()) EXPECT_TRUE(snapshot.Has(unusable.atom));
  for (const Snapshot::Relation& relation : snapshot.relations()) {
    EXPECT_TRUE(snapshot.Has(relation.from) && snapshot.Has(relation.to));
  }
}

// What no sum has in it, and which relations there are, in words.
std::vector<std::string> UnusableOf(const Snapshot& snapshot) {
  std::vector<std::string> all;
  for (const Unusable& unusable : snapshot.unusable()) {
    all.push_back(absl::StrCat(snapshot.claim(unusable.atom).name(), " ", unusable.superseded, " ",
                               unusable.message));
  }
  std::sort(all.begin(), all.end());
  return all;
}
std::vector<std::string> RelationsOf(const Snapshot& snapshot) {
  std::vector<std::string> all;
  for (const Snapshot::Relation& relation : snapshot.relations()) {
    all.push_back(absl::StrCat(snapshot.claim(relation.from).name(), " ", relation.kind, " ",
                               snapshot.claim(relation.to).name()));
  }
  return all;
}

// How often what was looked at, so that it is known that it was.
struct Seen {
  std::map<std::string, int> counts;
  void operator()(const std::string& what, int times = 1) { counts[what] += times; }
};

// A ledger on its way through a random history, with all of its states and several tables that
// follow it.
class Course {
 public:
  Course(uint32_t seed, Seen* seen)
      : seed_(seed),
        rng_(seed * 7919 + 1),
        seen_(*seen),
        setting_(OneOf(rng_, Settings())),
        ledger_(setting_.ledger),
        history_(seed, Uniform(rng_, 4, 36)) {
    // Some tables begin with nothing at all.
    for (int i = Uniform(rng_, 0, 2) * 15; i > 0; --i) ledger_.Commit(history_.Next());
    first_ = ledger_.funding()->revision();
    states_ = {ledger_.funding()};
    late_ = ClaimTable::Of(ledger_.funding());
    tables_ = {ClaimTable::Of(ledger_.funding())};
  }

  void Run(int revisions) {
    for (int i = 0; i < revisions && !testing::Test::HasFailure(); ++i) {
      Step();
      for (const auto& table : tables_) ExpectRowsOfState(*table->At(states_.back()));
      Check(tables_[0]->At(states_.back()), "newest");
      if (Percent(rng_, 50)) {
        const auto& table = OneOf(rng_, tables_);
        Check(table->At(SomeStateSince(table->base_revision())), "older");
      }
      if (Percent(rng_, 10)) held_.push_back(OneOf(rng_, tables_)->At(states_.back()));
      if (!held_.empty() && Percent(rng_, 25)) Check(OneOf(rng_, held_), "held");
      // As a table is made anew, while the old one serves.
      if (Percent(rng_, 3)) {
        tables_.push_back(ClaimTable::Of(SomeStateSince(first_)));
        Follow(tables_.back().get());
      }
    }
    // A table that has never been asked anything, from anywhere.
    for (int i = 0; i < 10 && !testing::Test::HasFailure(); ++i) {
      const auto snapshot = late_->At(SomeStateSince(first_));
      ExpectRowsOfState(*snapshot);
      Check(snapshot, "late");
    }
    const auto last = tables_[0]->At(states_.back());
    seen_("components", static_cast<int>(last->components()));
    size_t ended_flat = 0;
    for (size_t row = 0; row < last->flat_rows(); ++row) ended_flat += !last->alive(FlatAtom(row));
    size_t ended_trees = 0;
    for (size_t row = 0; row < last->tree_rows(); ++row) ended_trees += !last->alive(TreeAtom(row));
    seen_("ended flat", static_cast<int>(ended_flat));
    seen_("ended in trees", static_cast<int>(ended_trees));
    EXPECT_EQ(tables_[0]->ends(), ended_flat + ended_trees);
  }

 private:
  void Step() {
    ledger_.Commit(history_.Next());
    states_.push_back(ledger_.funding());
    revisions_.push_back(ledger_.last());
    for (const auto& table : tables_) Follow(table.get());
    Follow(late_.get());
  }

  void Follow(ClaimTable* table) {
    while (table->revision() < states_.back()->revision()) {
      const auto next = static_cast<size_t>(table->revision() + 1 - first_);
      table->Apply(revisions_[next - 1], states_[next]);
    }
  }

  std::shared_ptr<const resource::State> SomeStateSince(int64_t revision) {
    return states_[static_cast<size_t>(
        Uniform(rng_, static_cast<int>(revision - first_), static_cast<int>(states_.size()) - 1))];
  }

  Sources From(std::shared_ptr<const Snapshot> snapshot) const {
    auto rates = rates::RateTable::Of(snapshot->state());
    return {std::move(snapshot), ledger_.catalogue(), std::move(rates)};
  }

  // Asks a random question of `snapshot`, of a table that has seen many revisions.
  void Check(const std::shared_ptr<const Snapshot>& snapshot, const std::string& how) {
    Question question = RandomQuestion(rng_);
    v1::QueryFundingRequest& request = question.request;
    const Sources table = From(snapshot);
    const Sources anew = From(Snapshot::Of(SharedState(*snapshot)));
    EXPECT_EQ(UnusableOf(*snapshot), UnusableOf(*anew.snapshot));
    EXPECT_EQ(RelationsOf(*snapshot), RelationsOf(*anew.snapshot));
    // The other side of a comparison is of the same table, too, or of another.
    std::optional<Sources> table_then;
    std::optional<Sources> anew_then;
    if (Percent(rng_, 20)) {
      const auto& other = OneOf(rng_, tables_);
      const auto state = SomeStateSince(other->base_revision());
      request.mutable_compare_with()->set_revision(state->revision());
      table_then = From(other->At(state));
      anew_then = From(Snapshot::Of(state));
      seen_("compared with another revision");
    }
    const auto got = AnswerTo(request, table, table_then.has_value() ? &*table_then : nullptr);
    const auto expected = AnswerTo(request, anew, anew_then.has_value() ? &*anew_then : nullptr);
    const auto context = [&] {
      return absl::StrCat("seed ", seed_, ", ", how, " at revision ", snapshot->state().revision(),
                          " of ", first_, " to ", states_.back()->revision(), "\nrequest { ",
                          request.ShortDebugString(), " }\n");
    };
    seen_(how);
    ASSERT_TRUE(Same(got, expected)) << context() << "TABLE\n"
                                     << Describe(got) << "\nANEW\n"
                                     << Describe(expected);
    if (expected.ok()) Note(*expected);
    if (!table_then.has_value() && Percent(rng_, 10)) {
      const World world = WorldAt(setting_.world, snapshot->state());
      if (!IsTooMuch(world)) CompareWithNaive(got, NaiveAnswer(world, question), context());
    }
    if (!expected.ok() || !Percent(rng_, 60)) return;
    request.clear_compare_with();
    std::vector<v1::FundingRow> rows(expected->rows().begin(), expected->rows().end());
    rows.insert(rows.end(), expected->totals().begin(), expected->totals().end());
    if (rows.empty()) return;
    const v1::FundingRow& row = OneOf(rng_, rows);
    v1::ExplainFundingRequest explain;
    *explain.mutable_query() = request;
    explain.set_kind(row.kind());
    *explain.mutable_values() = row.values();
    explain.set_omit_others(Percent(rng_, 30));
    const auto told = ExplanationOf(explain, table);
    const auto to_tell = ExplanationOf(explain, anew);
    if (to_tell.ok()) seen_("explained");
    ASSERT_TRUE(Same(told, to_tell))
        << context() << "row { " << row.ShortDebugString() << " }\nTABLE\n"
        << Describe(told) << "\nANEW\n"
        << Describe(to_tell);
  }

  void CompareWithNaive(absl::StatusOr<v1::QueryFundingResponse> got,
                        const absl::StatusOr<v1::QueryFundingResponse>& naive,
                        const std::string& context) {
    seen_("naive");
    if (got.ok()) got = Canonical(*std::move(got));
    ASSERT_EQ(got.status().code(), naive.status().code()) << context;
    ASSERT_EQ(Describe(got), Describe(naive)) << context;
  }

  std::shared_ptr<const resource::State> SharedState(const Snapshot& snapshot) const {
    return states_[static_cast<size_t>(snapshot.state().revision() - first_)];
  }

  void Note(const v1::QueryFundingResponse& answer) {
    seen_("answers");
    seen_("rows", answer.rows_size());
    seen_("could include", answer.could_include_size());
    for (const v1::FundingRow& row : answer.totals()) {
      if (row.changes_size() > 0) seen_("changes");
      for (const v1::LeftOut& left : row.left_out()) {
        seen_(v1::LeftOutReason_Name(left.reason()));
      }
      for (const v1::MoneySum& sum : row.sums()) {
        if (sum.rates_size() > 0) seen_("converted");
        if (!sum.excess().empty()) seen_("excess");
        if (sum.claims() > 4) seen_("sums of several trees");
      }
    }
    for (const v1::FundingRow& row : answer.rows()) {
      for (const v1::DimensionValue& value : row.values()) {
        if (value.kind() == v1::DIMENSION_VALUE_KIND_UNALLOCATED) seen_("unallocated");
      }
    }
  }

  const uint32_t seed_;
  std::mt19937 rng_;
  Seen& seen_;
  const Setting& setting_;
  Ledger ledger_;
  History history_;
  int64_t first_ = 0;
  std::vector<std::shared_ptr<const resource::State>> states_;  // from first_ on
  std::vector<resource::Committed> revisions_;                  // from first_ + 1 on
  std::vector<std::shared_ptr<ClaimTable>> tables_;
  std::shared_ptr<ClaimTable> late_;
  std::vector<std::shared_ptr<const Snapshot>> held_;
};

TEST(ClaimTableTest, ReadsAtEachRevisionLikeATableMadeOfIt) {
  Seen seen;
  for (uint32_t seed = 1; seed <= 32 / kSlowness && !HasFailure(); ++seed) {
    Course(seed, &seen).Run(300);
  }
  for (const char* what : {"newest",
                           "older",
                           "held",
                           "late",
                           "ended flat",
                           "components",
                           "ended in trees",
                           "answers",
                           "rows",
                           "naive",
                           "explained",
                           "changes",
                           "compared with another revision",
                           "converted",
                           "could include",
                           "excess",
                           "sums of several trees",
                           "unallocated",
                           "LEFT_OUT_REASON_SUPERSEDED",
                           "LEFT_OUT_REASON_RESTATED",
                           "LEFT_OUT_REASON_PASSED_ON",
                           "LEFT_OUT_REASON_REALISED",
                           "LEFT_OUT_REASON_CONTRADICTORY",
                           "LEFT_OUT_REASON_NO_RATE"}) {
    EXPECT_GT(seen.counts[what], 20 / kSlowness) << what;
  }
}

// The rules let no claim be part of itself, in however many steps, nor of what is not there. A
// table must be none the worse for it.
TEST(ClaimTableTest, ReadsLikeATableMadeAnewWhateverIsPartOfWhat) {
  std::mt19937 rng(1);
  const auto request = FromText<v1::QueryFundingRequest>(
      "group_by { field: 'top_claim' } group_by { field: 'claim' }");
  for (int course = 0; course < 200 / kSlowness && !HasFailure(); ++course) {
    Ledger ledger;
    const int claims = Uniform(rng, 1, 7);
    const auto table = ClaimTable::Of(ledger.funding());
    for (int revision = 0; revision < 40 && !HasFailure(); ++revision) {
      std::map<std::string, log::Change> changes;
      for (int n = Uniform(rng, 1, 3); n > 0; --n) {
        v1::Claim claim;
        claim.set_name(absl::StrCat("claims/c", Uniform(rng, 1, claims)));
        claim.mutable_amount()->set_currency_code("USD");
        claim.mutable_amount()->mutable_figure()->set_value(absl::StrCat(Uniform(rng, 0, 9)));
        claim.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
        claim.set_stage(v1::CLAIM_STAGE_COMMITTED);
        if (Percent(rng, 70)) claim.set_part_of(absl::StrCat("claims/c", Uniform(rng, 1, claims)));
        const std::string name = claim.name();
        changes[name] = Ledger::PutOf(std::move(claim));
        if (Percent(rng, 20)) changes[name].kind = log::ChangeKind::kDelete;
      }
      std::vector<log::Change> all;
      for (auto& [name, change] : changes) all.push_back(std::move(change));
      ledger.Commit(std::move(all));
      table->Apply(ledger.last(), ledger.funding());
      const auto snapshot = table->At(ledger.funding());
      std::set<std::string> names;
      snapshot->ForEachAtom([&](Atom atom) {
        EXPECT_TRUE(names.insert(snapshot->claim(atom).name()).second) << "has two rows";
      });
      const auto rates = rates::RateTable::Of(*ledger.funding());
      const auto got = AnswerTo(request, {snapshot, ledger.catalogue(), rates});
      const auto anew = ledger.Query(request);
      ASSERT_TRUE(Same(got, anew)) << "course " << course << " revision " << revision << "TABLE\n"
                                   << Describe(got) << "\nANEW\n"
                                   << Describe(anew);
    }
  }
}

}  // namespace
}  // namespace entente::funding::query
