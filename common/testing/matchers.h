// SPDX-License-Identifier: Apache-2.0
//
// Matchers for statuses and messages, spelled like those of newer Abseil and Protobuf.
//
//   EXPECT_THAT(status, IsOk());
//   EXPECT_THAT(figure, IsOkAndHolds(EqualsProto(R"pb(value: "1")pb")));
//   EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("places/id")));
//   EXPECT_THAT(status, HasReason("RESOURCE_NOT_FOUND"));
//   EXPECT_THAT(status, HasViolation("claim.amount.figure.value", HasSubstr("is required")));
//
// What takes a status takes an absl::Status and an absl::StatusOr<T>.
#ifndef ENTENTE_COMMON_TESTING_MATCHERS_H_
#define ENTENTE_COMMON_TESTING_MATCHERS_H_

#include <google/protobuf/message.h>

#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::test {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// The status with the details that tests ask about, for people.
std::string Explain(const absl::Status& status);

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "which is " << Explain(StatusOf(arg));
  return StatusOf(arg).ok();
}

MATCHER_P(IsOkAndHolds, value,
          "is OK and holds a value that " +
              ::testing::DescribeMatcher<typename std::decay_t<arg_type>::value_type>(value)) {
  if (!arg.ok()) {
    *result_listener << "which is " << Explain(arg.status());
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << "which is " << Explain(StatusOf(arg));
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, message,
           "has the code " + absl::StatusCodeToString(code) + " and a message that " +
               ::testing::DescribeMatcher<std::string>(message)) {
  *result_listener << "which is " << Explain(StatusOf(arg));
  return StatusOf(arg).code() == code &&
         ::testing::Value(std::string(StatusOf(arg).message()), message);
}

// Whether the status carries a google.rpc.ErrorInfo of our domain with this reason.
MATCHER_P(HasReason, reason, "has the reason " + std::string(reason)) {
  *result_listener << "which is " << Explain(StatusOf(arg));
  const google::rpc::ErrorInfo info = errors::InfoOf(StatusOf(arg));
  return info.reason() == reason && info.domain() == std::string(errors::kDomain);
}

// Whether the ErrorInfo of the status has metadata `key` with a value that matches.
MATCHER_P2(HasMetadata, key, value,
           "has metadata " + std::string(key) + " that " +
               ::testing::DescribeMatcher<std::string>(value)) {
  *result_listener << "which is " << Explain(StatusOf(arg));
  const google::rpc::ErrorInfo info = errors::InfoOf(StatusOf(arg));
  const auto found = info.metadata().find(key);
  return found != info.metadata().end() && ::testing::Value(found->second, value);
}

// Whether the status carries a google.rpc.BadRequest with a violation of `field` whose description
// matches.
MATCHER_P2(HasViolation, field, description,
           "has a violation of " + std::string(field) + " that " +
               ::testing::DescribeMatcher<std::string>(description)) {
  *result_listener << "which is " << Explain(StatusOf(arg));
  const google::rpc::BadRequest bad = errors::BadRequestOf(StatusOf(arg));
  for (const auto& violation : bad.field_violations()) {
    if (violation.field() == field && ::testing::Value(violation.description(), description)) {
      return true;
    }
  }
  return false;
}

// Whether the fields of the violations match, for example by UnorderedElementsAre.
MATCHER_P(ViolationsAre, fields, "has violations of the given fields") {
  *result_listener << "which is " << Explain(StatusOf(arg));
  std::vector<std::string> names;
  const google::rpc::BadRequest bad = errors::BadRequestOf(StatusOf(arg));
  for (const auto& violation : bad.field_violations()) names.push_back(violation.field());
  return ::testing::ExplainMatchResult(fields, names, result_listener);
}

// Matches messages that are equal to a given one; made by EqualsProto and Partially.
class ProtoMatcher {
 public:
  using is_gtest_matcher = void;

  // `text` is parsed as whatever type it is compared with.
  explicit ProtoMatcher(std::string text) : text_(std::move(text)) {}
  explicit ProtoMatcher(const google::protobuf::Message& message);

  bool MatchAndExplain(const google::protobuf::Message& actual,
                       ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* out) const { Describe(out, "equals"); }
  void DescribeNegationTo(std::ostream* out) const { Describe(out, "does not equal"); }

 private:
  friend ProtoMatcher Partially(ProtoMatcher matcher);

  void Describe(std::ostream* out, absl::string_view verb) const;

  std::string text_;
  std::shared_ptr<const google::protobuf::Message> message_;  // Null: text_ is parsed.
  bool partial_ = false;
};

inline ProtoMatcher EqualsProto(const std::string& text) { return ProtoMatcher(text); }
inline ProtoMatcher EqualsProto(const google::protobuf::Message& message) {
  return ProtoMatcher(message);
}

// Compares only the fields that the expected message has.
inline ProtoMatcher Partially(ProtoMatcher matcher) {
  matcher.partial_ = true;
  return matcher;
}

// The message that `text` says; fails the running test if it says none.
void ParseText(const std::string& text, google::protobuf::Message* message);

// The same, on top of what `message` says already.
void MergeText(const std::string& text, google::protobuf::Message* message);

template <typename T>
T Parse(const std::string& text) {
  T message;
  ParseText(text, &message);
  return message;
}

}  // namespace entente::test

#endif  // ENTENTE_COMMON_TESTING_MATCHERS_H_
