// SPDX-License-Identifier: Apache-2.0
#include "common/resource/reply.h"

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/resource/wire_fields.h"
#include "google/api/resource.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The member of the only oneof of `holder` that is of this type; null if it has none.
const FieldDescriptor* MemberOf(const Descriptor& holder, const Descriptor* type) {
  if (holder.oneof_decl_count() == 0) return nullptr;
  const auto* oneof = holder.oneof_decl(0);
  for (int i = 0; i < oneof->field_count(); ++i) {
    if (oneof->field(i)->message_type() == type) return oneof->field(i);
  }
  return nullptr;
}

bool IsResource(const Descriptor* type) {
  return type != nullptr && type->options().HasExtension(google::api::resource);
}

// Whether messages of this type are resources, or each is one of them.
bool HoldsResource(const Descriptor* type) {
  return IsResource(type) || (type != nullptr && type->oneof_decl_count() > 0 &&
                              IsResource(type->oneof_decl(0)->field(0)->message_type()));
}

}  // namespace

size_t Reply::Add(const char* field, const Entry& entry, bool full) {
  const FieldDescriptor* const to = message_->GetDescriptor()->FindFieldByName(field);
  const bool is_member = to->message_type() != entry.type->descriptor;
  if (resources_ != nullptr) {
    const absl::string_view bytes = entry.wire->Of(full, &scratch_);
    if (is_member) {
      std::string holder;
      AppendField(MemberOf(*to->message_type(), entry.type->descriptor)->number(), bytes, &holder);
      AppendField(to->number(), holder, resources_);
    } else {
      AppendField(to->number(), bytes, resources_);
    }
    return bytes.size();
  }
  const auto* reflection = message_->GetReflection();
  Message* copy = to->is_repeated() ? reflection->AddMessage(message_, to)
                                    : reflection->MutableMessage(message_, to);
  if (is_member) {
    copy = fields::SetOneof(copy, *entry.message);
  } else {
    copy->CopyFrom(*entry.message);
  }
  ApplyView(copy, full);
  return copy->ByteSizeLong();
}

absl::Status TakeApart(absl::string_view bytes, Message* rest, std::string* resources) {
  const Descriptor* const type = rest->GetDescriptor();
  std::string others;
  const bool readable = ForEachField(bytes, [&](const WireField& field) {
    const FieldDescriptor* const known = type->FindFieldByNumber(field.number);
    const bool is_resource =
        known != nullptr && field.is_length_delimited && HoldsResource(known->message_type());
    (is_resource ? resources : &others)->append(field.all.data(), field.all.size());
    return true;
  });
  if (readable && rest->ParseFromString(others)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the answer is no ", std::string(type->full_name())));
}

}  // namespace entente::resource
