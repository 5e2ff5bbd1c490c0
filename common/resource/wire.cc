// SPDX-License-Identifier: Apache-2.0
#include "common/resource/wire.h"

#include <google/protobuf/descriptor.h>

#include "common/resource/walk.h"
#include "entente/type/v1/text.pb.h"

namespace entente::resource {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

WireForms::~WireForms() {
  delete full_.load();
  delete basic_.load();
}

const std::string& WireForms::Of(bool full) const {
  std::atomic<const std::string*>& form = full ? full_ : basic_;
  const std::string* known = form.load();
  if (known != nullptr) return *known;
  auto made = std::make_unique<const std::string>(Make(full));
  // Whoever was faster has the same.
  return form.compare_exchange_strong(known, made.get()) ? *made.release() : *known;
}

absl::string_view WireForms::Of(bool full, std::string* scratch) const {
  const std::string* known = (full ? full_ : basic_).load();
  if (known != nullptr) return *known;
  if (full) {
    message_->SerializeToString(scratch);
  } else {
    *scratch = Make(full);
  }
  return *scratch;
}

std::string WireForms::Make(bool full) const {
  if (full) return message_->SerializeAsString();
  const std::unique_ptr<Message> basic(message_->New());
  basic->CopyFrom(*message_);
  ApplyView(basic.get(), full);
  return basic->SerializeAsString();
}

void ApplyView(Message* resource, bool full) {
  if (full) return;
  for (const char* name : {"citations", "notes", "rates"}) {
    if (const FieldDescriptor* field = resource->GetDescriptor()->FindFieldByName(name)) {
      resource->GetReflection()->ClearField(resource, field);
    }
  }
  WalkMessages(resource, [](Message* message, const std::string&) {
    if (message->GetDescriptor() == type::v1::LocalisedText::descriptor()) {
      static_cast<type::v1::LocalisedText*>(message)->clear_translations();
    }
  });
}

}  // namespace entente::resource
