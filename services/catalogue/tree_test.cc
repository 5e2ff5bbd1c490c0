// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using resource::State;
using testing::ElementsAre;
using testing::IsEmpty;

// The state with initiatives of these names, each under its parent; "-name" is deleted.
std::shared_ptr<const State> StateOf(const std::map<std::string, std::string>& parents) {
  log::Revision revision{1, absl::UnixEpoch(), "", "", {}};
  for (const auto& [id, parent] : parents) {
    const bool deleted = id[0] == '-';
    v1::Initiative initiative;
    if (!parent.empty()) initiative.set_parent("initiatives/" + parent);
    revision.changes.push_back({"initiatives/" + id.substr(deleted ? 1 : 0),
                                deleted ? log::ChangeKind::kDelete : log::ChangeKind::kPut,
                                initiative.SerializeAsString()});
  }
  return State(&Types()).With(resource::Materialise(Types(), revision).value());
}

std::vector<std::string> Ids(const std::vector<const resource::Entry*>& entries) {
  std::vector<std::string> ids;
  for (const auto* entry : entries) ids.emplace_back(entry->name.substr(12));
  return ids;
}

TEST(TreeTest, AncestorsComeFromTheRootDown) {
  const auto state = StateOf({{"root", ""}, {"a", "root"}, {"b", "a"}, {"other", "root"}});
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/b")), ElementsAre("root", "a"));
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/root")), IsEmpty());
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/nothing")), IsEmpty());
}

TEST(TreeTest, AncestorsStopAtWhatIsNotThere) {
  const auto state = StateOf({{"a", "gone"}, {"b", "a"}, {"-deleted", "a"}, {"c", "deleted"}});
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/b")), ElementsAre("a"));
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/c")), IsEmpty());
}

TEST(TreeTest, DescendantsComeEachAfterItsParentSiblingsByName) {
  const auto state = StateOf({{"root", ""},
                              {"b", "root"},
                              {"a", "root"},
                              {"a2", "a"},
                              {"a1", "a"},
                              {"b1", "b"},
                              {"-gone", "a"},
                              {"under-gone", "gone"},
                              {"other", ""}});
  EXPECT_THAT(Ids(DescendantsOf(*state, "initiatives/root")),
              ElementsAre("a", "a1", "a2", "b", "b1"));
  EXPECT_THAT(Ids(DescendantsOf(*state, "initiatives/b1")), IsEmpty());
}

TEST(TreeTest, CyclesEnd) {
  const auto state = StateOf({{"a", "c"}, {"b", "a"}, {"c", "b"}, {"self", "self"}});
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/a")), ElementsAre("b", "c"));
  EXPECT_THAT(Ids(DescendantsOf(*state, "initiatives/a")), ElementsAre("b", "c"));
  EXPECT_THAT(Ids(AncestorsOf(*state, "initiatives/self")), IsEmpty());
  EXPECT_THAT(Ids(DescendantsOf(*state, "initiatives/self")), IsEmpty());
}

TEST(TreeTest, DeepTreesNeedNoDeepStack) {
  std::map<std::string, std::string> parents = {{"n0", ""}};
  for (int i = 1; i < 20'000; ++i) parents[absl::StrCat("n", i)] = absl::StrCat("n", i - 1);
  const auto state = StateOf(parents);
  EXPECT_EQ(DescendantsOf(*state, "initiatives/n0").size(), 19'999u);
  EXPECT_EQ(AncestorsOf(*state, "initiatives/n19999").size(), 19'999u);
}

}  // namespace
}  // namespace entente::catalogue
