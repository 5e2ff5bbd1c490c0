// SPDX-License-Identifier: Apache-2.0
//
// The state against an oracle of plain maps, live and replayed from the log, over random change
// sets.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "common/resource/state.h"
#include "common/resource/store_test_util.h"

namespace entente::resource {
namespace {

using catalogue::v1::Partnership;
using catalogue::v1::Place;
using google::protobuf::util::MessageDifferencer;
using log::ChangeKind;

// What is expected of one resource.
struct Expected {
  Place place;  // As written, without what the store fills in.
  bool deleted = false;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

// A service as the simplest thing that could be right.
using Oracle = std::map<std::string, Expected>;

constexpr int kPlaces = 24;
constexpr int kRevisions = 150;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  std::string PlaceName() { return absl::StrCat("places/p", Below(kPlaces)); }
  std::string PartnershipName() { return absl::StrCat("partnerships/q", Below(4)); }

  Place RandomPlace(const std::string& name) {
    Place place;
    place.set_name(name);
    place.mutable_title()->set_text(absl::StrCat("title ", Below(1000)));
    if (Below(2) == 0) place.set_parent(PlaceName());
    for (int i = Below(4); i > 0; --i) place.add_partnerships(PartnershipName());
    for (int i = Below(3); i > 0; --i) {
      place.add_citations()->set_document(absl::StrCat("documents/d", Below(3)));
    }
    return place;
  }

 private:
  std::mt19937 random_;
};

google::protobuf::Timestamp Timestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  return timestamp;
}

void ExpectEntry(const Entry& entry, const Expected& expected) {
  EXPECT_EQ(entry.deleted, expected.deleted);
  EXPECT_EQ(entry.revision, expected.revision);
  Place whole = expected.place;
  whole.set_revision(expected.revision);
  whole.set_etag(absl::StrCat("\"", absl::Hex(expected.revision), "\""));
  *whole.mutable_create_time() = Timestamp(expected.create_time);
  *whole.mutable_update_time() = Timestamp(expected.update_time);
  if (expected.deleted) *whole.mutable_delete_time() = Timestamp(expected.update_time);
  EXPECT_TRUE(MessageDifferencer::Equals(entry.As<Place>(), whole))
      << entry.As<Place>().DebugString() << "instead of\n"
      << whole.DebugString();
}

// Who refers to whom, by looking at everything.
std::vector<std::string> BruteForceReferrers(const Oracle& oracle, const std::string& target,
                                             const std::string& field) {
  std::vector<std::string> names;
  for (const auto& [name, expected] : oracle) {
    if (expected.deleted) continue;
    std::multimap<std::string, std::string> references = {{"parent", expected.place.parent()}};
    for (const std::string& partnership : expected.place.partnerships()) {
      references.emplace("partnerships", partnership);
    }
    for (const auto& citation : expected.place.citations()) {
      references.emplace("citations", citation.document());
    }
    for (const auto& [from, to] : references) {
      if (to == target && (field.empty() || field == from)) {
        names.push_back(name);
        break;
      }
    }
  }
  return names;
}

void ExpectState(const State& state, const Oracle& oracle) {
  const ResourceType& type = *TestTypes().FindByDescriptor(Place::descriptor());
  std::vector<std::string> scanned;
  state.Scan(type, "", [&](const Entry& entry) {
    scanned.emplace_back(entry.name);
    return true;
  });
  std::vector<std::string> names;
  for (const auto& [name, expected] : oracle) {
    names.push_back(name);
    const Entry* entry = state.Find(name);
    ASSERT_NE(entry, nullptr) << name;
    ExpectEntry(*entry, expected);
    EXPECT_EQ(state.Get<Place>(name) != nullptr, !expected.deleted);
    EXPECT_EQ(state.Get<Partnership>(name), nullptr);
  }
  EXPECT_EQ(scanned, names);
  std::vector<std::string> targets;
  for (int i = 0; i < kPlaces; ++i) targets.push_back(absl::StrCat("places/p", i));
  for (int i = 0; i < 4; ++i) targets.push_back(absl::StrCat("partnerships/q", i));
  for (int i = 0; i < 3; ++i) targets.push_back(absl::StrCat("documents/d", i));
  for (const std::string& target : targets) {
    for (const char* field : {"", "parent", "partnerships", "citations", "title"}) {
      EXPECT_EQ(state.Referrers(target, field), BruteForceReferrers(oracle, target, field))
          << target << " through " << field;
    }
  }
}

class StatePropertyTest : public testing::TestWithParam<uint32_t> {};

TEST_P(StatePropertyTest, LiveAndReplayedStatesAreWhatWasWritten) {
  Generator generate(GetParam());
  TestStore live;
  ASSERT_TRUE(live.store->Load().ok());
  std::vector<Oracle> history = {{}};
  for (int i = 0; i < kRevisions; ++i) {
    const Oracle& before = history.back();
    std::map<std::string, log::Change> changes;
    for (int n = 1 + generate.Below(6); n > 0; --n) {
      const std::string name = generate.PlaceName();
      const auto found = before.find(name);
      const bool there = found != before.end();
      const int choice = generate.Below(10);
      Place body = generate.RandomPlace(name);
      ChangeKind kind = ChangeKind::kPut;
      if (choice >= 5 && there) {
        body = found->second.place;
        kind = found->second.deleted ? ChangeKind::kUndelete : ChangeKind::kDelete;
      }
      if (there) *body.mutable_create_time() = Timestamp(found->second.create_time);
      changes[name] = {name, kind, body.SerializeAsString()};
    }
    std::vector<log::Change> list;
    for (const auto& [name, change] : changes) list.push_back(change);
    const auto written = Apply(live.store.get(), WriteOf(list));
    ASSERT_TRUE(written.ok()) << written.status();

    Oracle after = before;
    const absl::Time time = written->state->commit_time();
    for (const auto& [name, change] : changes) {
      Expected& expected = after[name];
      if (expected.revision == 0) expected.create_time = time;
      ASSERT_TRUE(expected.place.ParseFromString(change.body));
      expected.place.clear_create_time();
      expected.deleted = change.kind == ChangeKind::kDelete;
      expected.revision = written->state->revision();
      expected.update_time = time;
    }
    history.push_back(after);
  }
  TestStore replayed(live.control, {.retained_revisions = kRevisions + 1});
  ASSERT_TRUE(replayed.store->Load().ok());
  for (int revision = 1; revision <= kRevisions; ++revision) {
    SCOPED_TRACE(revision);
    const Oracle& oracle = history[static_cast<size_t>(revision)];
    ExpectState(**live.store->At(revision), oracle);
    ExpectState(**replayed.store->At(revision), oracle);
    EXPECT_EQ((*live.store->At(revision))->commit_time(),
              (*replayed.store->At(revision))->commit_time());
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, StatePropertyTest, testing::Range<uint32_t>(1, 9));

State StateOf(const std::vector<log::Change>& changes) {
  const auto committed =
      Materialise(TestTypes(), log::Revision{1, absl::UnixEpoch(), "", "", changes});
  return State(*State(&TestTypes()).With(committed.value()));
}

TEST(StateTest, AFieldOfReferrersIsNoPrefixOfAnother) {
  Place place;
  place.add_partnerships("partnerships/p");
  const State state = StateOf({{"places/x", ChangeKind::kPut, place.SerializeAsString()}});
  EXPECT_THAT(state.Referrers("partnerships/p", "partnership"), testing::IsEmpty());
  EXPECT_THAT(state.Referrers("partnerships/p", "partnerships"), testing::ElementsAre("places/x"));
  EXPECT_THAT(state.Referrers("partnerships"), testing::IsEmpty());
}

// By following `parent` from each name for as many steps as there are resources.
std::set<std::string> BruteForceLeadingBack(const std::map<std::string, std::string>& parents) {
  std::set<std::string> result;
  for (const auto& [name, parent] : parents) {
    std::string at = parent;
    for (size_t i = 0; i < parents.size() && !at.empty(); ++i) {
      if (at == name) result.insert(name);
      const auto next = parents.find(at);
      at = next == parents.end() ? "" : next->second;
    }
  }
  return result;
}

TEST(StateTest, LeadingBackFindsExactlyWhatStandsOnACycle) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    Generator generate(seed);
    std::map<std::string, std::string> parents;
    std::vector<log::Change> changes;
    std::vector<std::string> names;
    for (int i = 0; i < kPlaces; ++i) {
      const std::string name = absl::StrCat("places/p", i);
      const std::string parent = generate.Below(4) == 0 ? "" : generate.PlaceName();
      parents[name] = parent;
      names.push_back(name);
      changes.push_back(PutPlace(name, "t", parent));
    }
    const State state = StateOf(changes);
    EXPECT_EQ(LeadingBack(state, names, "parent"), BruteForceLeadingBack(parents)) << seed;
    // Only those asked about are named.
    const std::set<std::string> one = LeadingBack(state, {"places/p0"}, "parent");
    EXPECT_EQ(one.count("places/p0"), BruteForceLeadingBack(parents).count("places/p0"));
    EXPECT_LE(one.size(), 1u);
  }
}

TEST(StateTest, LeadingBackLooksAtALongChainOnce) {
  std::vector<log::Change> changes;
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) {
    names.push_back(absl::StrCat("places/p", i));
    changes.push_back(PutPlace(names.back(), "t", absl::StrCat("places/p", (i + 1) % 3000)));
  }
  EXPECT_EQ(LeadingBack(StateOf(changes), names, "parent").size(), 3000u);
}

TEST(StateTest, WhatIsErasedIsDeletedAndEmpty) {
  const auto entry =
      Materialise(TestTypes(), {"places/x", ChangeKind::kErase, ""}, 7, absl::FromUnixSeconds(5));
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_TRUE(entry->deleted);
  EXPECT_EQ(entry->As<Place>().name(), "places/x");
  EXPECT_EQ(entry->As<Place>().delete_time().seconds(), 5);
  EXPECT_FALSE(entry->As<Place>().has_title());
}

}  // namespace
}  // namespace entente::resource
