// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

std::string NameOfDeployment(Deployment deployment) {
  return deployment == Deployment::kSeparate ? "Separate" : "AllInOne";
}

}  // namespace

std::string NameOf(const ::testing::TestParamInfo<Deployment>& instance) {
  return NameOfDeployment(instance.param);
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<Deployment, TypeCase>>& instance) {
  return absl::StrCat(NameOfDeployment(std::get<0>(instance.param)), "_",
                      std::string(std::get<1>(instance.param).type->name()));
}

std::string NameOf(
    const ::testing::TestParamInfo<std::tuple<Deployment, const google::protobuf::Descriptor*>>&
        instance) {
  return absl::StrCat(NameOfDeployment(std::get<0>(instance.param)), "_",
                      std::string(std::get<1>(instance.param)->name()));
}

void ServersTest::SetUp() {
  ASSERT_THAT(servers_.Start(), IsOk());
  ASSERT_THAT(catalogue().Send("CreatePartnership",
                               R"pb(partnership_id: "p"
                                    partnership { title { text: "P" } })pb"),
              IsOk());
  ASSERT_THAT(servers_.AwaitFollowers(), IsOk());
}

int64_t ServersTest::RevisionOf(const Collection& collection) {
  const auto response = collection.List("page_size: 1");
  EXPECT_THAT(response, IsOk());
  return response.ok() ? Int(**response, "revision") : 0;
}

}  // namespace entente::conformance
