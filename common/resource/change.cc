// SPDX-License-Identifier: Apache-2.0
#include "common/resource/change.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "entente/type/v1/revision.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Message;
using type::v1::ChangeReason;

constexpr absl::string_view kDocumentPrefix = "documents/";

// protobuf has seen to it that the text is UTF-8.
size_t CodePoints(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// RFC 3986, section 4.3, as far as tells it from other text: a scheme, and something after it.
bool IsAbsoluteUri(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const absl::string_view scheme = text.substr(0, colon);
  return absl::ascii_isalpha(static_cast<unsigned char>(scheme[0])) &&
         std::all_of(scheme.begin(), scheme.end(),
                     [](unsigned char c) {
                       return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
                     }) &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' '; });
}

// Null if the request says nothing.
const ChangeReason* ReasonOf(const Message& request) {
  return static_cast<const ChangeReason*>(fields::GetMessage(request, "reason"));
}

}  // namespace

void CheckReason(const Message& request, Violations* violations) {
  const ChangeReason* reason = ReasonOf(request);
  if (reason == nullptr) return;
  const auto check = [&](const char* field, const std::string& text, size_t most) {
    if (CodePoints(text) <= most) return;
    violations->Add(absl::StrCat("reason.", field),
                    absl::StrCat("must have at most ", most, " characters"));
  };
  check("author", reason->author(), kMaxAuthorLength);
  check("note", reason->note(), kMaxNoteLength);
  check("source", reason->source(), kMaxSourceLength);
  if (!reason->source().empty() && !absl::StartsWith(reason->source(), kDocumentPrefix) &&
      !IsAbsoluteUri(reason->source())) {
    violations->Add("reason.source", "must be a name like documents/{document} or an absolute URI");
  }
}

std::string SourceDocument(const Message& request) {
  const ChangeReason* reason = ReasonOf(request);
  return reason != nullptr && absl::StartsWith(reason->source(), kDocumentPrefix) ? reason->source()
                                                                                  : "";
}

const char* ActionOf(log::ChangeKind kind) {
  switch (kind) {
    case log::ChangeKind::kPut:
      return "put";
    case log::ChangeKind::kDelete:
      return "delete";
    case log::ChangeKind::kUndelete:
      return "undelete";
    case log::ChangeKind::kErase:
      return "erase";
  }
  return "";
}

std::string NameOfChange(const Message& change) {
  if (const Message* put = fields::GetMessage(change, "put"); put != nullptr) {
    const Message* resource = fields::GetOneof(*put);
    return resource == nullptr ? "" : fields::GetString(*resource, "name");
  }
  for (const char* action : {"delete", "undelete", "erase"}) {
    const std::string name = fields::GetString(change, action);
    if (!name.empty()) return name;
  }
  return "";
}

type::v1::ChangeOutcome OutcomeOf(const Entry& entry, log::ChangeKind kind) {
  switch (kind) {
    case log::ChangeKind::kDelete:
      return type::v1::CHANGE_OUTCOME_DELETED;
    case log::ChangeKind::kUndelete:
      return type::v1::CHANGE_OUTCOME_UNDELETED;
    case log::ChangeKind::kErase:
      return type::v1::CHANGE_OUTCOME_ERASED;
    case log::ChangeKind::kPut:
      break;
  }
  const Message* created = fields::GetMessage(*entry.message, "create_time");
  const Message* updated = fields::GetMessage(*entry.message, "update_time");
  return fields::ToTime(*created) == fields::ToTime(*updated) ? type::v1::CHANGE_OUTCOME_CREATED
                                                              : type::v1::CHANGE_OUTCOME_UPDATED;
}

}  // namespace entente::resource
