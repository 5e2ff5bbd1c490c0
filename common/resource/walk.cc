// SPDX-License-Identifier: Apache-2.0
#include "common/resource/walk.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The path of what is being looked at: one string for all of a walk.
class Path {
 public:
  // Goes down to `field`, of which the value at `index` if it is repeated, until it is destroyed.
  class Step {
   public:
    Step(Path* path, const FieldDescriptor* field, int index)
        : text_(&path->text_), before_(text_->size()) {
      if (before_ > 0) text_->push_back('.');
      absl::StrAppend(text_, absl::string_view(field->name()));
      if (field->is_repeated()) absl::StrAppend(text_, "[", index, "]");
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { text_->resize(before_); }

   private:
    std::string* const text_;
    const size_t before_;
  };

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void WalkStringsFrom(
    const Message& message, Path* path,
    absl::FunctionRef<void(const FieldDescriptor*, const std::string&, const std::string&)> fn) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const auto type = field->cpp_type();
    if (type != FieldDescriptor::CPPTYPE_STRING && type != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Path::Step step(path, field, i);
      if (type == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        fn(field, path->text(),
           repeated ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                    : reflection->GetStringReference(message, field, &scratch));
      } else {
        WalkStringsFrom(repeated ? reflection->GetRepeatedMessage(message, field, i)
                                 : reflection->GetMessage(message, field),
                        path, fn);
      }
    }
  }
}

void WalkMessagesFrom(Message* message, Path* path,
                      absl::FunctionRef<void(Message*, const std::string&)> fn) {
  fn(message, path->text());
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Path::Step step(path, field, i);
      WalkMessagesFrom(repeated ? reflection->MutableRepeatedMessage(message, field, i)
                                : reflection->MutableMessage(message, field),
                       path, fn);
    }
  }
}

}  // namespace

void WalkStrings(
    const Message& message,
    absl::FunctionRef<void(const FieldDescriptor*, const std::string&, const std::string&)> fn) {
  Path path;
  WalkStringsFrom(message, &path, fn);
}

void WalkMessages(Message* message, absl::FunctionRef<void(Message*, const std::string&)> fn) {
  Path path;
  WalkMessagesFrom(message, &path, fn);
}

}  // namespace entente::resource
