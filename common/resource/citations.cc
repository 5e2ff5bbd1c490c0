// SPDX-License-Identifier: Apache-2.0
#include "common/resource/citations.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/methods.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/token/token.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using type::v1::Citation;

constexpr char kDocument[] = "entente.dev/Document";
constexpr char kPage[] = "page entente.type.v1.ListCitationsRequest";

std::string Fingerprint(const type::v1::ListCitationsRequest& request) {
  type::v1::ListCitationsRequest rest = request;
  rest.clear_page_size();
  rest.clear_page_token();
  return token::Fingerprint(rest.SerializeAsString());
}

void AddCitations(const Entry& entry, const std::string& document,
                  type::v1::ListCitationsResponse* response) {
  const Message& resource = *entry.message;
  const FieldDescriptor* field = resource.GetDescriptor()->FindFieldByName("citations");
  for (int i = 0; i < resource.GetReflection()->FieldSize(resource, field); ++i) {
    const auto& citation = static_cast<const Citation&>(
        resource.GetReflection()->GetRepeatedMessage(resource, field, i));
    if (citation.document() != document) continue;
    type::v1::ResourceCitation* added = response->add_citations();
    added->set_resource(entry.name);
    *added->mutable_citation() = citation;
  }
}

}  // namespace

absl::Status ListCitations(const Store& store, const Normaliser& normaliser,
                           const type::v1::ListCitationsRequest& request,
                           type::v1::ListCitationsResponse* response) {
  Violations violations;
  if (request.document().empty() ||
      !normaliser.IsOfItsType({"document", kDocument, request.document()})) {
    violations.Add("document", "must be a name like documents/{document}");
  }
  if (request.page_size() < 0) violations.Add("page_size", "must not be negative");
  const std::string fingerprint = Fingerprint(request);
  std::string after;  // The resource that the page before ended with.
  if (!request.page_token().empty()) {
    const auto opened = token::Open(kPage, request.page_token());
    if (!opened.ok() || opened->size() != 2 || (*opened)[0] != fingerprint) {
      violations.Add("page_token", "is not one that was returned for these arguments");
    } else {
      after = (*opened)[1];
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store.At(request.revision()));
  const bool is_own = state->registry().FindByType(kDocument) != nullptr;
  if (is_own && state->Find(request.document()) == nullptr) {
    return errors::ResourceNotFound(kDocument, request.document());
  }

  const std::vector<std::string> names = state->Referrers(request.document(), "citations");
  const size_t page_size = request.page_size() == 0
                               ? kDefaultPageSize
                               : static_cast<size_t>(std::min(request.page_size(), kMaxPageSize));
  auto name = std::upper_bound(names.begin(), names.end(), after);
  size_t bytes = 0;
  for (size_t i = 0; i < page_size && bytes < kPageBytes && name != names.end(); ++i, ++name) {
    const Entry& entry = *state->Find(*name);
    AddCitations(entry, request.document(), response);
    bytes += entry.message->ByteSizeLong();
  }
  if (name != names.end()) {
    response->set_next_page_token(token::Seal(kPage, {fingerprint, *(name - 1)}));
  }
  response->set_revision(state->revision());
  return absl::OkStatus();
}

}  // namespace entente::resource
