// SPDX-License-Identifier: Apache-2.0
#include "common/testing/matchers.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"

namespace entente::test {

using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;

std::string Explain(const absl::Status& status) {
  std::string text = absl::StrCat(absl::StatusCodeToString(status.code()), ": ", status.message());
  const google::rpc::ErrorInfo info = errors::InfoOf(status);
  if (!info.reason().empty()) {
    absl::StrAppend(&text, " {", info.domain(), " ", info.reason());
    for (const auto& [key, value] : info.metadata()) absl::StrAppend(&text, " ", key, "=", value);
    absl::StrAppend(&text, "}");
  }
  const google::rpc::BadRequest bad = errors::BadRequestOf(status);
  for (const auto& violation : bad.field_violations()) {
    absl::StrAppend(&text, "\n  ", violation.field(), ": ", violation.description());
  }
  return text;
}

ProtoMatcher::ProtoMatcher(const Message& message) : text_(message.DebugString()) {
  std::shared_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  message_ = std::move(copy);
}

bool ProtoMatcher::MatchAndExplain(const Message& actual,
                                   ::testing::MatchResultListener* listener) const {
  std::shared_ptr<const Message> expected = message_;
  if (expected == nullptr) {
    std::shared_ptr<Message> parsed(actual.New());
    ParseText(text_, parsed.get());
    expected = std::move(parsed);
  }
  if (expected->GetDescriptor() != actual.GetDescriptor()) {
    *listener << "which is a " << std::string(actual.GetDescriptor()->full_name());
    return false;
  }
  MessageDifferencer differencer;
  if (partial_) differencer.set_scope(MessageDifferencer::PARTIAL);
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  if (differencer.Compare(*expected, actual)) return true;
  *listener << "with the differences:\n" << difference;
  return false;
}

void ProtoMatcher::Describe(std::ostream* out, absl::string_view verb) const {
  *out << (partial_ ? "partially " : "") << verb << " {" << text_ << "}";
}

void ParseText(const std::string& text, Message* message) {
  EXPECT_TRUE(TextFormat::ParseFromString(text, message))
      << "not a " << std::string(message->GetDescriptor()->full_name()) << ": " << text;
}

void MergeText(const std::string& text, Message* message) {
  EXPECT_TRUE(TextFormat::MergeFromString(text, message))
      << "not a " << std::string(message->GetDescriptor()->full_name()) << ": " << text;
}

}  // namespace entente::test
