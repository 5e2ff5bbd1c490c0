// SPDX-License-Identifier: Apache-2.0
#include "common/resource/page.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/token/token.h"

namespace entente::resource {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

size_t PageSize(const Message& request, Violations* violations) {
  const int64_t asked = fields::GetInt(request, "page_size");
  if (asked < 0) violations->Add("page_size", "must not be negative");
  return asked == 0 ? kDefaultPageSize
                    : static_cast<size_t>(std::clamp<int64_t>(asked, 1, kMaxPageSize));
}

PageTokens::PageTokens(const Message& request, absl::string_view order)
    : purpose_(absl::StrCat("page ", std::string(request.GetDescriptor()->full_name()))) {
  const std::unique_ptr<Message> rest(request.New());
  rest->CopyFrom(request);
  for (const char* name : {"page_size", "page_token", "order_by"}) {
    const FieldDescriptor* field = rest->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) rest->GetReflection()->ClearField(rest.get(), field);
  }
  fingerprint_ = token::Fingerprint(
      absl::StrCat(order, absl::string_view("\0", 1), rest->SerializeAsString()));
}

std::optional<std::vector<std::string>> PageTokens::Open(const Message& request, size_t count,
                                                         Violations* violations) const {
  const std::string token = fields::GetString(request, "page_token");
  if (token.empty()) return std::nullopt;
  auto opened = token::Open(purpose_, token);
  if (!opened.ok()) {
    violations->Add("page_token", opened.status().message());
    return std::nullopt;
  }
  if (opened->size() != count + 1 || opened->front() != fingerprint_) {
    AddForeignToken(violations);
    return std::nullopt;
  }
  opened->erase(opened->begin());
  return *std::move(opened);
}

std::string PageTokens::Seal(const std::vector<std::string>& place) const {
  std::vector<std::string> all = {fingerprint_};
  all.insert(all.end(), place.begin(), place.end());
  return token::Seal(purpose_, all);
}

void AddForeignToken(Violations* violations) {
  violations->Add("page_token",
                  "was returned for other arguments: only page_size may change from page to page");
}

}  // namespace entente::resource
