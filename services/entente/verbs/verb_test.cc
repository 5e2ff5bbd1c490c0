// SPDX-License-Identifier: Apache-2.0
//
// The table of verbs: whole, and at one with the flags and collections that there are.
#include "services/entente/verbs/verb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "common/testing/matchers.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"
#include "services/entente/verbs/flags.h"

namespace entente {
namespace {

using test::StatusIs;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(VerbsTest, EachIsFoundByItsName) {
  std::set<std::string> names;
  for (const Verb& verb : AllVerbs()) {
    EXPECT_TRUE(names.insert(verb.name).second) << verb.name;
    const std::vector<std::string> words = absl::StrSplit(verb.name + " x y", ' ');
    EXPECT_EQ(FindVerb(words), &verb);
    EXPECT_THAT(OperandsOf(verb, words), ElementsAre("x", "y"));
    EXPECT_LE(verb.least_operands, verb.most_operands) << verb.name;
    EXPECT_TRUE(verb.run) << verb.name;
  }
  EXPECT_EQ(FindVerb({}), nullptr);
  EXPECT_EQ(FindVerb({"rates"}), nullptr);
  EXPECT_EQ(FindVerb({"lod"}), nullptr);
}

TEST(VerbsTest, EveryFlagIsOfSomeVerb) {
  std::set<std::string> looked_at;
  for (const Verb& verb : AllVerbs()) {
    for (const std::string& flag : verb.flags) {
      EXPECT_NE(absl::FindCommandLineFlag(flag), nullptr) << verb.name << " " << flag;
    }
    for (const std::string& flag : FlagsOf(verb)) looked_at.insert(flag);
  }
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    EXPECT_THAT(looked_at, Contains(std::string(name)));
  }
  const Verb& serve = *FindVerb({"serve"});
  EXPECT_THAT(FlagsOf(serve), Contains("data_dir"));
  EXPECT_THAT(FlagsOf(serve), Contains("max_watches"));
  EXPECT_THAT(FlagsOf(serve), Not(Contains("filter")));
  EXPECT_THAT(FlagsOf(serve), Not(Contains("format")));
}

TEST(VerbsTest, HelpTellsOfEveryVerbAndFlag) {
  for (const Verb& verb : AllVerbs()) {
    if (verb.hidden) {
      EXPECT_THAT(HelpText(), Not(HasSubstr(verb.name)));
      continue;
    }
    EXPECT_THAT(HelpText(), HasSubstr(absl::StrCat("  entente ", verb.name)));
    const std::string help = HelpOf(verb);
    EXPECT_THAT(help, HasSubstr(verb.summary));
    for (const std::string& flag : FlagsOf(verb)) {
      EXPECT_THAT(help, HasSubstr(absl::StrCat("  --", flag)));
    }
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(help, '\n'))) {
      EXPECT_LE(line.size(), 120) << line;
    }
  }
}

TEST(CollectionsTest, AreThoseOfTheServices) {
  EXPECT_THAT(
      CollectionIds(),
      ElementsAre("partnerships", "pillars", "initiatives", "organisations", "people", "places",
                  "documents", "quantities", "claims", "rateSeries", "events", "eventSeries"));
  for (const Collection& collection : Collections()) {
    EXPECT_EQ(collection.NewListResponse()->GetDescriptor()->field(0)->message_type(),
              collection.type->descriptor);
    EXPECT_NE(collection.get_request->FindFieldByName("read_time"), nullptr);
  }
}

TEST(CollectionsTest, NamesBelongToOne) {
  const std::pair<const char*, const char*> names[] = {
      {"initiatives/clean-edge-asia", "initiatives"},
      {"partnerships/us-asean-csp", "partnerships"},
      {"partnerships/us-asean-csp/pillars/health", "pillars"},
      {"rateSeries/ecb-usd", "rateSeries"},
      {"eventSeries/summits", "eventSeries"},
  };
  for (const auto& [name, collection] : names) {
    const auto found = CollectionOfName(name);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ((*found)->id(), collection);
  }
  const std::pair<const char*, const char*> wrong[] = {
      {"initiative/smart-power", "it must be like initiatives/{initiative}, ids matching"},
      {"initiatives/Smart_Power", "it must be like initiatives/{initiative}, ids matching"},
      {"partnerships/p/pillar/q", "it must be like partnerships/{partnership}/pillars/{pillar}"},
      {"smart-power", "`entente search smart-power` finds names by words"},
      {"", "the collections are partnerships, pillars,"},
  };
  for (const auto& [name, message] : wrong) {
    EXPECT_THAT(CollectionOfName(name),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  }
}

TEST(FlagsTest, TimesAreDaysOrOfRfc3339) {
  const auto day = ParseAt("2023-09-05");
  ASSERT_TRUE(day.ok());
  EXPECT_EQ(*day, absl::FromUnixSeconds(1693872000));
  EXPECT_EQ(ParseAt("2023-09-05T07:00:00+07:00").value(), *day);
  EXPECT_EQ(ParseAt("2023-09-05T00:00:00.25Z").value(), *day + absl::Milliseconds(250));
  for (const char* wrong : {"", "2023-09", "2023-09-31", "yesterday", "2023-09-05T00:00:00"}) {
    EXPECT_THAT(ParseAt(wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
  }
}

TEST(ErrorTextTest, SaysWhatToDo) {
  EXPECT_EQ(ErrorText(absl::UnimplementedError(""), {}),
            "entente: UNIMPLEMENTED\n"
            "  the server does not have this call: it may be of an older version\n");
  EXPECT_EQ(ErrorText(errors::Starting(), {}).find('\x1B'), std::string::npos);
  EXPECT_THAT(ErrorText(errors::Starting(), {}), HasSubstr("`entente wait`"));
  Violations violations;
  violations.Add("filter", "is no filter\x1B[2J");
  violations.Add("page_size", "must not be negative");
  EXPECT_EQ(ErrorText(violations.ToStatus(), {}),
            "entente: the service refused this:\n"
            "  filter: is no filter\uFFFD[2J\n"
            "  page_size: must not be negative\n");
}

}  // namespace
}  // namespace entente
