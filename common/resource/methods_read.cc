// SPDX-License-Identifier: Apache-2.0
//
// Get, List and BatchGet.
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/ordering.h"
#include "common/resource/fields.h"
#include "common/resource/methods.h"
#include "common/resource/page.h"
#include "common/resource/select.h"
#include "common/status/macros.h"
#include "entente/type/v1/standard.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Message;

void CheckName(const ResourceType& type, const std::string& name, const std::string& path,
               Violations* violations) {
  if (!type.pattern.Matches(name)) {
    violations->Add(path, absl::StrCat("must be a name like ", type.pattern.text(),
                                       " whose ids match ", names::kIdPattern));
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Entry>> StandardMethods::Find(const Method& method,
                                                                   const Message& request) const {
  const std::string name = fields::GetString(request, "name");
  Violations violations;
  CheckName(*method.type, name, "name", &violations);
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(auto state, store_->At(AsOfRequest(request)));
  const Entry* entry = state->Find(*method.type, name);
  if (entry == nullptr) return errors::ResourceNotFound(method.type->type, name);
  // As long as the state.
  return std::shared_ptr<const Entry>(std::move(state), entry);
}

absl::Status StandardMethods::Get(const Method& method, const Message& request,
                                  Message* response) const {
  ASSIGN_OR_RETURN(const auto entry, Find(method, request));
  response->CopyFrom(*entry->message);
  ApplyView(response, WantsFull(request, true));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const std::string>> StandardMethods::GetBytes(
    const Message& request) const {
  ASSIGN_OR_RETURN(auto entry, Find(methods_.at(request.GetDescriptor()), request));
  const std::string& bytes = entry->wire->Of(WantsFull(request, true));
  return std::shared_ptr<const std::string>(std::move(entry), &bytes);
}

absl::Status StandardMethods::BatchGet(const Method& method, const Message& request,
                                       Reply* reply) const {
  const std::vector<std::string> names = fields::GetStrings(request, "names");
  Violations violations;
  if (names.empty()) violations.Add("names", "must not be empty");
  if (names.size() > kMaxBatchGet) {
    violations.Add("names", absl::StrCat("has ", names.size(), " names; at most ", kMaxBatchGet,
                                         " are accepted: ask in parts"));
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string path = absl::StrCat("names[", i, "]");
    CheckName(*method.type, names[i], path, &violations);
    if (!seen.insert(names[i]).second) violations.Add(path, "stands in the list twice");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store_->At(AsOfRequest(request)));
  std::vector<std::string> missing;
  const bool full = WantsFull(request, true);
  for (const std::string& name : names) {
    const Entry* entry = state->Find(*method.type, name);
    if (entry == nullptr) {
      missing.push_back(name);
      continue;
    }
    reply->Add(method.type->plural.c_str(), *entry, full);
  }
  if (!missing.empty()) return errors::ResourcesNotFound(missing);
  fields::SetInt(reply->message(), "revision", state->revision());
  return absl::OkStatus();
}

absl::Status StandardMethods::List(const Method& method, const Message& request,
                                   Reply* reply) const {
  Message* const response = reply->message();
  const ResourceType& type = *method.type;
  Violations violations;
  const size_t page_size = PageSize(request, &violations);

  const std::string parent = fields::GetString(request, "parent");
  if (type.pattern.has_parent() && !type.pattern.MatchesParent(parent, /*allow_wildcard=*/true)) {
    violations.Add("parent", absl::StrCat("must be the parent of names like ", type.pattern.text(),
                                          ", or end in \"-\" for every parent"));
  }
  const std::string text = fields::GetString(request, "filter");
  const absl::Status readable = filter::Filter::Compile(text, schemas_.at(&type)).status();
  if (!readable.ok()) violations.Add("filter", readable.message());
  const auto ordering =
      filter::Ordering::Compile(fields::GetString(request, "order_by"), type.descriptor);
  if (!ordering.ok()) violations.Add("order_by", ordering.status().message());

  std::string after;       // The place in the order that the page before ended at,
  std::string after_name;  // and the name of the resource there.
  std::optional<PageTokens> tokens;
  if (ordering.ok()) {
    tokens.emplace(request, ordering->canonical());
    if (const auto place = tokens->Open(request, 2, &violations); place.has_value()) {
      after = (*place)[0];
      after_name = (*place)[1];
      if (!ordering->CheckKey(after).ok()) AddForeignToken(&violations);
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());

  ASSIGN_OR_RETURN(const auto state, store_->At(AsOfRequest(request)));
  ASSIGN_OR_RETURN(const auto narrowed, rules_->Narrow(request, response));
  ASSIGN_OR_RETURN(const auto filter, CompileAt(*state, *rules_, text, schemas_.at(&type)));
  // One more than the page, to know whether there is another. In the order of names it begins
  // behind the page before; in any other, all that match are looked at.
  Selecting selecting{.type = &type};
  selecting.prefix = parent.empty() || parent.back() == '-'
                         ? ""
                         : absl::StrCat(parent, "/", type.pattern.collection(), "/");
  selecting.with_deleted = fields::GetBool(request, "show_deleted");
  selecting.filter = &filter;
  selecting.most = page_size + 1;
  if (ordering->canonical() == "name") {
    selecting.from = after_name;
  } else {
    selecting.before = [&](const Entry& a, const Entry& b) {
      return ordering->Compare(*a.message, *b.message) < 0;
    };
  }
  selecting.also = [&](const Entry& entry) {
    return (narrowed == nullptr || narrowed(entry)) &&
           (after.empty() || ordering->KeyOf(*entry.message) > after);
  };
  std::vector<const Entry*> matches = Select(*state, selecting, parallel_.get());
  bool more = matches.size() > page_size;
  if (more) matches.resize(page_size);

  const bool full = WantsFull(request, false);
  size_t bytes = 0;
  for (size_t i = 0; i < matches.size(); ++i) {
    bytes += reply->Add(type.plural.c_str(), *matches[i], full);
    if (bytes >= kPageBytes && i + 1 < matches.size()) {
      matches.resize(i + 1);
      more = true;
    }
  }
  if (more) {
    fields::SetString(response, "next_page_token",
                      tokens->Seal({ordering->KeyOf(*matches.back()->message),
                                    std::string(matches.back()->name)}));
  }
  fields::SetInt(response, "revision", state->revision());
  return absl::OkStatus();
}

std::vector<Selection> StandardMethods::Selections(const Message& request,
                                                   Violations* violations) const {
  std::vector<Selection> selections;
  const auto* field = request.GetDescriptor()->FindFieldByName("selections");
  for (int i = 0; i < request.GetReflection()->FieldSize(request, field); ++i) {
    const auto& asked = static_cast<const type::v1::WatchSelection&>(
        request.GetReflection()->GetRepeatedMessage(request, field, i));
    const std::string path = absl::StrCat("selections[", i, "].");
    const ResourceType* type = store_->registry().FindByType(asked.type());
    if (type == nullptr) {
      violations->Add(path + "type", "must be a type of this service, for example \"" +
                                         store_->registry().types().front()->type + "\"");
      continue;
    }
    const bool twice = std::any_of(selections.begin(), selections.end(),
                                   [&](const Selection& other) { return other.type == type; });
    if (twice) violations->Add(path + "type", "is selected already: use OR in one filter");
    auto filter = filter::Filter::Compile(asked.filter(), schemas_.at(type));
    if (!filter.ok()) {
      violations->Add(path + "filter", filter.status().message());
      continue;
    }
    selections.push_back({type, std::make_shared<const filter::Filter>(*std::move(filter))});
  }
  return selections;
}

}  // namespace entente::resource
