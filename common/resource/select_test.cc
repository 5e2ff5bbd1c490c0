// SPDX-License-Identifier: Apache-2.0
//
// Every way to find what a list is of against the plain scan: random filters over random
// resources, at several revisions.
#include "common/resource/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/resource/methods.h"
#include "common/resource/select_test_util.h"

namespace entente::resource {
namespace {

using catalogue::v1::Initiative;
using catalogue::v1::Pillar;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

const filter::Schema& SchemaOf(const ResourceType& type) {
  static const auto* const initiatives =
      new filter::Schema(MakeSchema(Initiative::descriptor()).value());
  static const auto* const pillars = new filter::Schema(MakeSchema(Pillar::descriptor()).value());
  return &type == &PillarType() ? *pillars : *initiatives;
}

filter::Filter FilterOf(const ResourceType& type, const std::string& text) {
  auto filter = filter::Filter::Compile(text, SchemaOf(type));
  EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
  return *filter;
}

std::string Condition(RandomInitiatives* random, bool of_pillars, int most) {
  const auto either = [&](const std::string& a, const std::string& b) {
    return random->Below(2) == 0 ? a : b;
  };
  switch (random->Below(of_pillars ? 4 : 13)) {
    case 0: {
      const std::string name = of_pillars ? random->Pillar() : random->Name(most);
      return absl::StrCat("name", either("=", "!="), "\"", name, either("", "*"), "\"");
    }
    case 1:
      return absl::StrCat("citations.document:\"documents/d", random->Below(5),
                          either("\"", "*\""));
    case 2:
      return "health";
    case 3:
      return "title.text = \"*h\"";
    case 4:
    case 5:
      return absl::StrCat("parent", either("=", ":"), "\"", random->Name(most), "\"");
    case 6:
      return absl::StrCat("parent = (\"", random->Name(most), "\" OR \"", random->Name(most),
                          "*\")");
    case 7:
      return absl::StrCat("pillars:\"", random->Pillar(), either("\"", "*\""));
    case 8:
      return absl::StrCat("parties.organisation:\"organisations/o", random->Below(7), "\"");
    case 9:
      return absl::StrCat("parent ", either("!=", ">"), " \"", random->Name(most), "\"");
    case 10:
      return either("parent:*", "parent = \"\"");
    case 11:
      return absl::StrCat("status = ", catalogue::v1::InitiativeStatus_Name(random->Below(4)));
    default:
      return "partnerships:\"partnerships/p0\"";
  }
}

std::string RandomFilter(RandomInitiatives* random, bool of_pillars, int most, int depth) {
  if (depth == 0 || random->Below(3) == 0) return Condition(random, of_pillars, most);
  const auto operand = [&] {
    return absl::StrCat("(", RandomFilter(random, of_pillars, most, depth - 1), ")");
  };
  switch (random->Below(4)) {
    case 0:
      return "NOT " + operand();
    case 1:
      return absl::StrCat(operand(), " OR ", operand());
    default:
      return absl::StrCat(operand(), " AND ", operand());
  }
}

std::vector<std::string> NamesOf(const std::vector<const Entry*>& entries) {
  std::vector<std::string> names;
  for (const Entry* entry : entries) names.emplace_back(entry->name);
  return names;
}

TEST(SelectTest, EveryPathFindsWhatThePlainScanFinds) {
  RandomInitiatives random(20230906);
  Parallel parallel(3);
  int found = 0;
  int by_index = 0;
  constexpr int kMost = 600;
  std::shared_ptr<const State> state = std::make_shared<State>(&SelectTypes());
  std::shared_ptr<const State> before;
  for (int revision = 0; revision < 12; ++revision) {
    before = state;
    state = random.Next(*state, kMost, revision == 0 ? 1500 : 100);
    for (int i = 0; i < 250; ++i) {
      const bool of_pillars = random.Below(5) == 0;
      Selecting selecting;
      selecting.type = of_pillars ? &PillarType() : &InitiativeType();
      const std::string text =
          random.Below(20) == 0 ? "" : RandomFilter(&random, of_pillars, kMost, 3);
      const filter::Filter filter = FilterOf(*selecting.type, text);
      const auto condition = filter::Condition::Compile(text, SchemaOf(*selecting.type)).value();
      selecting.filter = &filter;
      selecting.with_deleted = random.Below(3) == 0;
      if (of_pillars && random.Below(2) == 0) selecting.prefix = "partnerships/p1/pillars/";
      if (random.Below(3) == 0) {
        selecting.from = of_pillars ? random.Pillar() : random.Name(kMost);
      }
      if (random.Below(2) == 0) selecting.most = static_cast<size_t>(random.Below(60));
      if (random.Below(4) == 0) {
        selecting.also = [](const Entry& entry) { return entry.revision % 2 == 0; };
      }
      if (random.Below(2) == 0) {
        selecting.before = [](const Entry& a, const Entry& b) {
          return a.revision != b.revision ? a.revision > b.revision : a.name < b.name;
        };
      }
      // Of what was, too: every state has the index of its own.
      const State& at = random.Below(4) == 0 ? *before : *state;
      const auto expected = NamesOf(SelectPlainly(at, selecting, condition));
      for (const SelectPath path :
           {SelectPath::kBest, SelectPath::kIndex, SelectPath::kScan, SelectPath::kParallelScan}) {
        selecting.path = path;
        ASSERT_EQ(NamesOf(Select(at, selecting, &parallel)), expected)
            << text << ", path " << static_cast<int>(path);
      }
      selecting.path = SelectPath::kBest;
      ASSERT_EQ(NamesOf(Select(at, selecting, nullptr)), expected) << text;
      found += static_cast<int>(expected.size());
      by_index += filter.condition() != nullptr &&
                  CandidatesFor(*filter.condition(), at, *selecting.type, selecting.with_deleted,
                                std::numeric_limits<size_t>::max())
                      .has_value();
    }
  }
  // The experiment is worth something only if all of this happens.
  EXPECT_GT(found, 20'000);
  EXPECT_GT(by_index, 800);
}

// Which conditions an index answers, and with what.
class CandidatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log::Revision revision{1, absl::UnixEpoch(), "", "", {}};
    const auto put = [&](const std::string& id, const std::string& parent,
                         const std::string& organisation) {
      Initiative initiative;
      initiative.set_parent(parent);
      if (!organisation.empty()) initiative.add_parties()->set_organisation(organisation);
      revision.changes.push_back(
          {"initiatives/" + id, log::ChangeKind::kPut, initiative.SerializeAsString()});
    };
    put("a", "", "organisations/x");
    put("b", "initiatives/a", "organisations/x");
    put("c", "initiatives/a", "organisations/y");
    put("ca", "initiatives/b", "");
    revision.changes.push_back({"partnerships/p/pillars/l", log::ChangeKind::kPut, ""});
    state_ = State(&SelectTypes()).With(Materialise(SelectTypes(), revision).value());
  }

  std::optional<std::vector<std::string>> Of(
      const std::string& text, bool with_deleted = false,
      size_t most = std::numeric_limits<size_t>::max()) const {
    const filter::Filter filter = FilterOf(InitiativeType(), text);
    return CandidatesFor(*filter.condition(), *state_, InitiativeType(), with_deleted, most);
  }

  std::shared_ptr<const State> state_;
};

TEST_F(CandidatesTest, AreKnownByNamesAndReferences) {
  EXPECT_THAT(Of("name = \"initiatives/c\""), Optional(ElementsAre("initiatives/c")));
  EXPECT_THAT(Of("name = \"initiatives/c*\""),
              Optional(ElementsAre("initiatives/c", "initiatives/ca")));
  EXPECT_THAT(Of("name = \"initiatives/none\""), Optional(IsEmpty()));
  EXPECT_THAT(Of("parent = \"initiatives/a\""),
              Optional(ElementsAre("initiatives/b", "initiatives/c")));
  EXPECT_THAT(Of("parties.organisation:\"organisations/x\""),
              Optional(ElementsAre("initiatives/a", "initiatives/b")));
  EXPECT_THAT(Of("parent = \"initiatives/*\""),
              Optional(ElementsAre("initiatives/b", "initiatives/c", "initiatives/ca")));
}

TEST_F(CandidatesTest, AreTheFewestOfAConjunctionAndAllOfADisjunction) {
  EXPECT_THAT(Of("parent = \"initiatives/a\" AND name = \"initiatives/c\" AND title.text = \"x\""),
              Optional(ElementsAre("initiatives/c")));
  EXPECT_THAT(Of("parent = (\"initiatives/b\" OR \"initiatives/a\")"),
              Optional(ElementsAre("initiatives/b", "initiatives/c", "initiatives/ca")));
  EXPECT_EQ(Of("parent = \"initiatives/a\" OR title.text = \"x\""), std::nullopt);
}

TEST_F(CandidatesTest, AreNotKnownOtherwise) {
  EXPECT_EQ(Of("title.text = \"x\""), std::nullopt);
  EXPECT_EQ(Of("NOT parent = \"initiatives/a\""), std::nullopt);
  EXPECT_EQ(Of("parent != \"initiatives/a\""), std::nullopt);
  EXPECT_EQ(Of("parent = \"*a\""), std::nullopt);
  // What is not set is in no index, and what is deleted in none of references.
  EXPECT_EQ(Of("parent = \"\""), std::nullopt);
  EXPECT_EQ(Of("parent = \"initiatives/a\"", /*with_deleted=*/true), std::nullopt);
  EXPECT_THAT(Of("name = \"initiatives/c\"", /*with_deleted=*/true),
              Optional(ElementsAre("initiatives/c")));
}

TEST_F(CandidatesTest, AreNotSaidIfTheyAreTooMany) {
  EXPECT_EQ(Of("parent = \"initiatives/a\"", false, 1), std::nullopt);
  EXPECT_EQ(Of("name = \"initiatives/*\"", false, 3), std::nullopt);
  EXPECT_EQ(Of("parent = (\"initiatives/b\" OR \"initiatives/a\")", false, 2), std::nullopt);
  EXPECT_THAT(Of("parent = \"initiatives/a\" AND name = \"initiatives/c\"", false, 1),
              Optional(ElementsAre("initiatives/c")));
}

}  // namespace
}  // namespace entente::resource
