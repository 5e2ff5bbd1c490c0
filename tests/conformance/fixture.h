// SPDX-License-Identifier: Apache-2.0
//
// The fixtures of the conformance suite: running servers, with one partnership, "partnerships/p",
// that funding and events know as well.
//
//   class GetTest : public ConformanceTest {};
//   INSTANTIATE_CONFORMANCE(GetTest);                       // for both deployments
//   TEST_P(GetTest, ...) { ... catalogue().Send(...) ... }
//
//   class TypeGetTest : public TypeConformanceTest {};      // for each type of resource as well
//   INSTANTIATE_TYPE_CONFORMANCE(TypeGetTest);
//   TEST_P(TypeGetTest, ...) { ... collection().Create("a") ... }
#ifndef ENTENTE_TESTS_CONFORMANCE_FIXTURE_H_
#define ENTENTE_TESTS_CONFORMANCE_FIXTURE_H_

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/slowness.h"
#include "common/testing/test_servers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/collection.h"

namespace entente::conformance {

using catalogue::v1::Document;
using catalogue::v1::Initiative;
using catalogue::v1::Organisation;
using catalogue::v1::Partnership;
using catalogue::v1::Person;
using catalogue::v1::Pillar;
using catalogue::v1::Place;
using catalogue::v1::Quantity;
using events::v1::Event;
using events::v1::EventSeries;
using funding::v1::Claim;
using funding::v1::RateSeries;

using test::Deployment;
using test::EqualsProto;
using test::HasMetadata;
using test::HasReason;
using test::HasViolation;
using test::IsOk;
using test::IsOkAndHolds;
using test::Partially;
using test::Service;
using test::ServiceClient;
using test::StatusIs;
using test::TestServers;
using test::TestServersOptions;
using test::ViolationsAre;
using test::WatchEvent;
using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pointee;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// An error with this code and this reason.
MATCHER_P2(Fails, code, reason,
           "fails with " + absl::StatusCodeToString(code) + " " + std::string(reason)) {
  return ::testing::ExplainMatchResult(AllOf(StatusIs(code), HasReason(reason)),
                                       test::StatusOf(arg), result_listener);
}

// INVALID_ARGUMENT with a violation of `field` whose description matches.
MATCHER_P2(Refuses, field, description,
           "refuses " + std::string(field) + " with what " +
               ::testing::DescribeMatcher<std::string>(description)) {
  return ::testing::ExplainMatchResult(
      AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("INVALID_REQUEST"),
            HasViolation(field, description)),
      test::StatusOf(arg), result_listener);
}

// Running servers with "partnerships/p".
class ServersTest : public ::testing::Test {
 protected:
  explicit ServersTest(TestServersOptions options) : servers_(std::move(options)) {}

  void SetUp() override;

  TestServers& servers() { return servers_; }
  const ServiceClient& catalogue() const { return servers_.catalogue(); }
  const ServiceClient& funding() const { return servers_.funding(); }
  const ServiceClient& events() const { return servers_.events(); }
  template <typename T>
  Collection Of() const {
    return Collection(servers_, TypeOf(T::descriptor()));
  }

  // The current revision of the service that owns the type.
  static int64_t RevisionOf(const Collection& collection);

 private:
  TestServers servers_;
};

// Both; where sanitizers make everything slow, only servers of their own: in one process there is
// the same without gRPC in between.
inline std::vector<Deployment> Deployments() {
  if (kSanitized) return {Deployment::kSeparate};
  return {Deployment::kSeparate, Deployment::kAllInOne};
}

// How the instances of the suites are called.
std::string NameOf(const ::testing::TestParamInfo<Deployment>& instance);
std::string NameOf(const ::testing::TestParamInfo<std::tuple<Deployment, TypeCase>>& instance);
std::string NameOf(
    const ::testing::TestParamInfo<std::tuple<Deployment, const google::protobuf::Descriptor*>>&
        instance);

class ConformanceTest : public ServersTest, public ::testing::WithParamInterface<Deployment> {
 protected:
  explicit ConformanceTest(TestServersOptions options = {})
      : ServersTest(WithDeployment(std::move(options))) {}

 private:
  static TestServersOptions WithDeployment(TestServersOptions options) {
    options.deployment = GetParam();
    return options;
  }
};

#define INSTANTIATE_CONFORMANCE(suite)                                             \
  INSTANTIATE_TEST_SUITE_P(Deployments, suite, ::testing::ValuesIn(Deployments()), \
                           [](const auto& instance) { return NameOf(instance); })

using TypeParam = std::tuple<Deployment, TypeCase>;

class TypeConformanceTest : public ServersTest, public ::testing::WithParamInterface<TypeParam> {
 protected:
  TypeConformanceTest() : ServersTest({.deployment = std::get<0>(GetParam())}) {}

  // Of the type that the test is run for.
  Collection collection() { return Collection(servers(), std::get<1>(GetParam())); }
  const TypeCase& type() const { return std::get<1>(GetParam()); }
};

#define INSTANTIATE_TYPE_CONFORMANCE(suite)                                                    \
  INSTANTIATE_TEST_SUITE_P(                                                                    \
      Types, suite,                                                                            \
      ::testing::Combine(::testing::ValuesIn(Deployments()), ::testing::ValuesIn(AllTypes())), \
      [](const auto& instance) { return NameOf(instance); })

// A fixture for each data service: tests of what ApplyChanges and Watch do use one of its types.
using ServiceParam = std::tuple<Deployment, const google::protobuf::Descriptor*>;

class ServiceConformanceTest : public ServersTest,
                               public ::testing::WithParamInterface<ServiceParam> {
 protected:
  explicit ServiceConformanceTest(TestServersOptions options = {})
      : ServersTest(WithDeployment(std::move(options))) {}

  Collection collection() { return Collection(servers(), TypeOf(std::get<1>(GetParam()))); }
  const ServiceClient& client() { return collection().client(); }
  int64_t revision() { return RevisionOf(collection()); }

 private:
  static TestServersOptions WithDeployment(TestServersOptions options) {
    options.deployment = std::get<0>(GetParam());
    return options;
  }
};

#define INSTANTIATE_SERVICE_CONFORMANCE(suite)                                               \
  INSTANTIATE_TEST_SUITE_P(                                                                  \
      Services, suite,                                                                       \
      ::testing::Combine(                                                                    \
          ::testing::ValuesIn(Deployments()),                                                \
          ::testing::Values(Place::descriptor(), Claim::descriptor(), Event::descriptor())), \
      [](const auto& instance) { return NameOf(instance); })

}  // namespace entente::conformance

#endif  // ENTENTE_TESTS_CONFORMANCE_FIXTURE_H_
