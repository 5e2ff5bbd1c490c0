// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/parallel/parallel.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FoldNameTest, CaseDiacriticsAndPunctuationDoNotCount) {
  EXPECT_EQ(FoldName("USAID"), "usaid");
  EXPECT_EQ(FoldName("U.S.A.I.D."), "usaid");
  EXPECT_EQ(FoldName("  U.S. Agency for Int\xe2\x80\x99l   Development "),
            "us agency for intl development");
  EXPECT_EQ(FoldName("US\xe2\x80\x93"
                     "ASEAN / Business-Council"),
            "us asean business council");
  EXPECT_EQ(FoldName("Agence fran\xc3\xa7"
                     "aise de d\xc3\xa9veloppement"),
            "agence francaise de developpement");
  // The same letter, composed or not.
  EXPECT_EQ(FoldName("e\xcc\x81"), FoldName("\xc3\x89"));
  EXPECT_EQ(FoldName("Stra\xc3\x9f"
                     "e"),
            "strasse");
  EXPECT_EQ(FoldName("B\xe1\xbb\x99 K\xe1\xba\xbf ho\xe1\xba\xa1"
                     "ch v\xc3\xa0 \xc4\x90\xe1\xba\xa7u t\xc6\xb0"),
            "bo ke hoach va dau tu");
  EXPECT_EQ(FoldName("\xef\xbc\xb5\xef\xbc\xb3"), "us");  // Of full width.
}

TEST(FoldNameTest, WhatOtherScriptsMeanStays) {
  // Thai vowels and tones are marks, and make words.
  EXPECT_NE(FoldName("\xe0\xb8\x81\xe0\xb8\xb4\xe0\xb8\x99"), FoldName("\xe0\xb8\x81\xe0\xb8\x99"));
  // So are the sounds of kana: ka and ga.
  EXPECT_NE(FoldName("\xe3\x81\x8b"), FoldName("\xe3\x81\x8c"));
}

TEST(FoldNameTest, MayLeaveNothing) {
  EXPECT_EQ(FoldName(""), "");
  EXPECT_EQ(FoldName(" ?!* "), "");
  EXPECT_EQ(FoldName("..."), "");
  EXPECT_NE(FoldName("\xff\xfe"), "x");  // No UTF-8: anything, without harm.
}

TEST(FoldNameTest, FoldingTwiceChangesNothing) {
  for (const char* name :
       {"U.S. Agency", "D\xc3\xa9v\xc3\xa9loppement", "\xc4\x90\xc3\xa0 N\xe1\xba\xb5ng",
        "\xec\x99\xb8\xea\xb5\x90\xeb\xb6\x80", "\xe5\xa4\x96\xe5\x8b\x99\xe7\x9c\x81"}) {
    EXPECT_EQ(FoldName(FoldName(name)), FoldName(name)) << name;
    EXPECT_NE(FoldName(name), "") << name;
  }
}

// All that the index of a state has.
std::vector<std::string> IndexOf(const resource::State& state) {
  std::vector<std::string> keys;
  state.referrers().ScanPrefix("", [&](absl::string_view key) { keys.emplace_back(key); });
  return keys;
}

// Step by step, from all resources at once, and back.
TEST(LookUpTest, TheIndexIsTheSameHoweverAStateIsMade) {
  std::mt19937 random(20230906);
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  std::shared_ptr<const resource::State> state = std::make_shared<resource::State>(&Types());
  std::map<std::string, resource::Entry> entries;
  Parallel parallel(2);
  for (int64_t number = 1; number <= 40; ++number) {
    const auto before = state;
    log::Revision revision{number, absl::UnixEpoch(), "", "", {}};
    std::vector<resource::Before> undo;
    for (int first = below(5), i = first; i < 20; i += 1 + below(5)) {
      v1::Organisation organisation;
      organisation.mutable_title()->set_text(absl::StrCat("Title ", below(6)));
      for (int j = below(3); j > 0; --j) organisation.add_acronyms(absl::StrCat("A.", below(6)));
      for (int j = below(3); j > 0; --j) {
        auto* id = organisation.add_external_ids();
        id->set_scheme("s");
        id->set_value(absl::StrCat(below(4)));
      }
      if (below(3) == 0) organisation.set_merged_into(absl::StrCat("organisations/o", below(20)));
      const std::string name = absl::StrCat("organisations/o", i);
      const bool deleted = before->Find(name) != nullptr && below(4) == 0;
      revision.changes.push_back({name, deleted ? log::ChangeKind::kDelete : log::ChangeKind::kPut,
                                  organisation.SerializeAsString()});
    }
    const resource::Committed committed = resource::Materialise(Types(), revision).value();
    state = before->With(committed);
    for (const resource::Entry& entry : committed.changed) {
      undo.push_back({entry.type, entry.name, before->Find(entry.name)});
      entries.insert_or_assign(std::string(entry.name), entry);
    }
    std::vector<resource::Entry> all;
    for (const auto& [name, entry] : entries) all.push_back(entry);
    const auto at_once =
        resource::State::Of(&Types(), number, absl::UnixEpoch(), std::move(all), &parallel);
    ASSERT_EQ(IndexOf(*at_once), IndexOf(*state));
    ASSERT_EQ(IndexOf(*state->Without(number - 1, absl::UnixEpoch(), undo)), IndexOf(*before));
    // And it is what the resources say.
    for (int i = 0; i < 6; ++i) {
      std::vector<std::string> expected;
      for (const auto& [name, entry] : entries) {
        const auto& acronyms = entry.As<v1::Organisation>().acronyms();
        const bool has =
            std::find(acronyms.begin(), acronyms.end(), absl::StrCat("A.", i)) != acronyms.end();
        if (has && !entry.deleted) expected.push_back(name);
      }
      ASSERT_EQ(state->LookUp(NameText(absl::StrCat("a", i))), expected);
    }
  }
}

// A state of organisations, by what each was merged into.
std::shared_ptr<const resource::State> StateOf(
    const std::vector<std::pair<std::string, std::string>>& organisations) {
  log::Revision revision{1, absl::UnixEpoch(), "", "", {}};
  for (const auto& [name, merged_into] : organisations) {
    v1::Organisation organisation;
    organisation.set_merged_into(merged_into);
    revision.changes.push_back({name, log::ChangeKind::kPut, organisation.SerializeAsString()});
  }
  return resource::State(&Types()).With(resource::Materialise(Types(), revision).value());
}

TEST(MergersTest, AreFollowedToTheirEnd) {
  const auto state = StateOf({{"organisations/a", ""},
                              {"organisations/b", "organisations/a"},
                              {"organisations/c", "organisations/b"},
                              {"organisations/d", "organisations/none"},
                              {"organisations/e", ""}});
  EXPECT_EQ(SurvivorOf(*state, "organisations/c"), "organisations/a");
  EXPECT_EQ(SurvivorOf(*state, "organisations/a"), "organisations/a");
  EXPECT_EQ(SurvivorOf(*state, "organisations/d"), "organisations/d");
  EXPECT_EQ(SurvivorOf(*state, "organisations/none"), "organisations/none");
  EXPECT_THAT(MergedInto(*state, "organisations/a"),
              ElementsAre("organisations/b", "organisations/c"));
  EXPECT_THAT(MergedInto(*state, "organisations/e"), IsEmpty());
  const Mergers mergers = Mergers::Of(*state);
  EXPECT_FALSE(mergers.empty());
  EXPECT_EQ(mergers.SurvivorOf("organisations/c"), "organisations/a");
  EXPECT_THAT(mergers.NamesOf("organisations/b"),
              ElementsAre("organisations/a", "organisations/b", "organisations/c"));
  EXPECT_THAT(mergers.NamesOf("organisations/e"), ElementsAre("organisations/e"));
  EXPECT_THAT(mergers.NamesOf("people/p"), ElementsAre("people/p"));
  EXPECT_TRUE(Mergers::Of(*StateOf({{"organisations/e", ""}})).empty());
}

// Faulty states are asked about by the rules that refuse them.
TEST(MergersTest, ThatLeadBackEndSomewhere) {
  const auto state = StateOf({{"organisations/a", "organisations/b"},
                              {"organisations/b", "organisations/a"},
                              {"organisations/c", "organisations/c"}});
  EXPECT_NE(SurvivorOf(*state, "organisations/a"), "");
  EXPECT_EQ(SurvivorOf(*state, "organisations/c"), "organisations/c");
  EXPECT_THAT(MergedInto(*state, "organisations/a"), ElementsAre("organisations/b"));
}

}  // namespace
}  // namespace entente::catalogue
