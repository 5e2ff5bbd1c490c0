// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/collection.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/resource/fields.h"
#include "google/api/resource.pb.h"

namespace entente::conformance {

namespace fields = resource::fields;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using test::Service;

namespace {

constexpr char kParent[] = "partnerships/p";

// "rateSeries" as it stands in the names of fields: "rate_series".
std::string FieldName(const std::string& camel) {
  std::string snake;
  for (const char c : camel) {
    if (absl::ascii_isupper(c)) snake += '_';
    snake += absl::ascii_tolower(c);
  }
  return snake;
}

std::string ToText(const Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

}  // namespace

const std::vector<TypeCase>& AllTypes() {
  static const auto* const types = new std::vector<TypeCase>{
      {Service::kCatalogue, catalogue::v1::Partnership::descriptor(), R"pb(title { text: "T" })pb"},
      {Service::kCatalogue, catalogue::v1::Pillar::descriptor(), R"pb(title { text: "T" })pb"},
      {Service::kCatalogue, catalogue::v1::Initiative::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            kind: INITIATIVE_KIND_PROGRAMME
            status: INITIATIVE_STATUS_ACTIVE)pb"},
      {Service::kCatalogue, catalogue::v1::Organisation::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            kind: ORGANISATION_KIND_AGENCY)pb"},
      {Service::kCatalogue, catalogue::v1::Person::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" })pb"},
      {Service::kCatalogue, catalogue::v1::Place::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            kind: PLACE_KIND_REGION)pb"},
      {Service::kCatalogue, catalogue::v1::Document::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            kind: DOCUMENT_KIND_PLAN)pb"},
      {Service::kCatalogue, catalogue::v1::Quantity::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            figure { value: "1" }
            unit: "job")pb"},
      {Service::kFunding, funding::v1::Claim::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            amount {
              currency_code: "USD"
              figure { value: "1" }
            }
            nature: CLAIM_NATURE_OWN_FUNDING
            stage: CLAIM_STAGE_PLANNED
            instrument: CLAIM_INSTRUMENT_GRANT)pb"},
      {Service::kFunding, funding::v1::RateSeries::descriptor(),
       R"pb(title { text: "T" }
            kind: RATE_KIND_ANNUAL_AVERAGE
            source: "Source: S"
            base_currency_code: "USD"
            quote_currency_code: "VND"
            rates { date: "2023" value: "23787.3" })pb"},
      {Service::kEvents, events::v1::Event::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            kind: EVENT_KIND_SUMMIT
            status: EVENT_STATUS_HELD)pb"},
      {Service::kEvents, events::v1::EventSeries::descriptor(),
       R"pb(partnerships: "partnerships/p"
            title { text: "T" }
            recurrence: SERIES_RECURRENCE_ANNUAL)pb"},
  };
  return *types;
}

const TypeCase& TypeOf(const Descriptor* type) {
  for (const TypeCase& known : AllTypes()) {
    if (known.type == type) return known;
  }
  ADD_FAILURE() << "no resource type: " << std::string(type->full_name());
  return AllTypes().front();
}

Collection::Collection(const test::TestServers& servers, const TypeCase& type)
    : client_(&servers.client(type.service)), type_case_(type) {
  const auto& options = type.type->options().GetExtension(google::api::resource);
  type_ = options.type();
  singular_ = FieldName(options.singular());
  plural_ = FieldName(options.plural());
  methods_of_one_ = options.singular();
  methods_of_many_ = options.plural();
  pattern_ = options.pattern(0);
  if (pattern_.find('{') != pattern_.rfind('{')) parent_ = kParent;
}

std::string Collection::MethodOf(const std::string& verb) const {
  std::string noun = verb == "List" || verb == "BatchGet" ? methods_of_many_ : methods_of_one_;
  noun[0] = static_cast<char>(noun[0] - 'a' + 'A');
  return verb + noun;
}

std::string Collection::Name(const std::string& id) const {
  return parent_.empty() ? absl::StrCat(pattern_.substr(0, pattern_.find('/')), "/", id)
                         : absl::StrCat(parent_, "/", plural_, "/", id);
}

MessagePtr Collection::New(const std::string& more) const {
  MessagePtr resource(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type_case_.type)->New());
  test::ParseText(type_case_.minimal, resource.get());
  test::MergeText(more, resource.get());
  return resource;
}

MessagePtr Collection::Request(const std::string& verb, const std::string& more) const {
  MessagePtr request = client_->NewRequest(MethodOf(verb));
  if (Has(*request, "parent") && more.find("parent:") == std::string::npos) {
    test::ParseText(absl::StrCat("parent: '", parent_, "' ", more), request.get());
  } else {
    test::ParseText(more, request.get());
  }
  return request;
}

absl::StatusOr<MessagePtr> Collection::Create(const std::string& id,
                                              const std::string& more) const {
  return Create(id, *New(), more);
}

absl::StatusOr<MessagePtr> Collection::Create(const std::string& id, const Message& resource,
                                              const std::string& more) const {
  const MessagePtr request =
      Request("Create", absl::StrCat(more, " ", singular_, "_id: '", id, "' ", singular_, " {",
                                     ToText(resource), "}"));
  return client_->Invoke(*request);
}

absl::StatusOr<MessagePtr> Collection::Get(const std::string& id, const std::string& more) const {
  return client_->Invoke(*Request("Get", absl::StrCat("name: '", Name(id), "' ", more)));
}

absl::StatusOr<MessagePtr> Collection::List(const std::string& more) const {
  return client_->Invoke(*Request("List", more));
}

absl::StatusOr<MessagePtr> Collection::BatchGet(const std::vector<std::string>& ids,
                                                const std::string& more) const {
  std::string text = more;
  for (const std::string& id : ids) absl::StrAppend(&text, " names: '", Name(id), "'");
  return client_->Invoke(*Request("BatchGet", text));
}

absl::StatusOr<MessagePtr> Collection::Update(const Message& resource,
                                              const std::string& more) const {
  return client_->Invoke(
      *Request("Update", absl::StrCat(more, " ", singular_, " {", ToText(resource), "}")));
}

absl::StatusOr<MessagePtr> Collection::Delete(const std::string& id,
                                              const std::string& more) const {
  return client_->Invoke(*Request("Delete", absl::StrCat("name: '", Name(id), "' ", more)));
}

absl::StatusOr<MessagePtr> Collection::Undelete(const std::string& id,
                                                const std::string& more) const {
  return client_->Invoke(*Request("Undelete", absl::StrCat("name: '", Name(id), "' ", more)));
}

absl::StatusOr<MessagePtr> Collection::Apply(const std::vector<std::string>& actions,
                                             const std::string& more) const {
  MessagePtr request = client_->NewRequest("ApplyChanges");
  std::string text = more;
  for (const std::string& action : actions) absl::StrAppend(&text, " changes {", action, "}");
  test::ParseText(text, request.get());
  return client_->Invoke(*request);
}

std::string Collection::Put(const std::string& id, const Message& resource) const {
  MessagePtr named(resource.New());
  named->CopyFrom(resource);
  SetText(named.get(), "name", Name(id));
  return absl::StrCat("put { ", singular_, " { ", ToText(*named), " } }");
}

std::vector<MessagePtr> Collection::ResourcesIn(const Message& response) const {
  std::vector<MessagePtr> resources;
  const FieldDescriptor* list = response.GetDescriptor()->FindFieldByName(plural_);
  for (int i = 0; i < response.GetReflection()->FieldSize(response, list); ++i) {
    const Message& resource = response.GetReflection()->GetRepeatedMessage(response, list, i);
    resources.emplace_back(resource.New())->CopyFrom(resource);
  }
  return resources;
}

std::vector<std::string> Collection::NamesIn(const Message& response) const {
  std::vector<std::string> names;
  for (const MessagePtr& resource : ResourcesIn(response)) names.push_back(Text(*resource, "name"));
  return names;
}

std::vector<std::string> Collection::ListAll(int page_size, const std::string& more) const {
  constexpr int kMaxPages = 1000;
  std::vector<std::string> all;
  std::string token;
  for (int page = 0; page < kMaxPages; ++page) {
    const auto response =
        List(absl::StrCat(more, " page_size: ", page_size, " page_token: '", token, "'"));
    EXPECT_THAT(response, test::IsOk());
    if (!response.ok()) return all;
    const std::vector<std::string> names = NamesIn(**response);
    EXPECT_LE(names.size(), static_cast<size_t>(page_size));
    all.insert(all.end(), names.begin(), names.end());
    token = Text(**response, "next_page_token");
    if (token.empty()) return all;
    EXPECT_EQ(names.size(), static_cast<size_t>(page_size)) << "a page that is not the last";
  }
  ADD_FAILURE() << "the pages come to no end";
  return all;
}

std::string Text(const Message& message, const std::string& field) {
  return fields::GetString(message, field.c_str());
}

int64_t Int(const Message& message, const std::string& field) {
  return fields::GetInt(message, field.c_str());
}

void SetText(Message* message, const std::string& field, const std::string& value) {
  fields::SetString(message, field.c_str(), value);
}

bool Has(const Message& message, const std::string& field) {
  const FieldDescriptor* found = message.GetDescriptor()->FindFieldByName(field);
  if (found == nullptr) return false;
  // A field without presence of its own is there if the type has it.
  return !found->has_presence() || message.GetReflection()->HasField(message, found);
}

void Clear(Message* message, const std::string& field) {
  message->GetReflection()->ClearField(message, message->GetDescriptor()->FindFieldByName(field));
}

MessagePtr WithoutStoreFields(const Message& resource) {
  MessagePtr copy(resource.New());
  copy->CopyFrom(resource);
  for (const char* field : {"etag", "create_time", "update_time", "delete_time", "revision"}) {
    Clear(copy.get(), field);
  }
  return copy;
}

}  // namespace entente::conformance
