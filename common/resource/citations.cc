// SPDX-License-Identifier: Apache-2.0
#include "common/resource/citations.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/resource/page.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using type::v1::Citation;

constexpr char kDocument[] = "entente.dev/Document";
void AddCitations(const Entry& entry, const std::string& document,
                  type::v1::ListCitationsResponse* response) {
  const Message& resource = *entry.message;
  const FieldDescriptor* field = resource.GetDescriptor()->FindFieldByName("citations");
  for (int i = 0; i < resource.GetReflection()->FieldSize(resource, field); ++i) {
    const auto& citation = static_cast<const Citation&>(
        resource.GetReflection()->GetRepeatedMessage(resource, field, i));
    if (citation.document() != document) continue;
    type::v1::ResourceCitation* added = response->add_citations();
    added->set_resource(std::string(entry.name));
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
  const size_t page_size = PageSize(request, &violations);
  const PageTokens tokens(request);
  const auto place = tokens.Open(request, 1, &violations);
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store.At(AsOfRequest(request)));
  const bool is_own = state->registry().FindByType(kDocument) != nullptr;
  if (is_own && state->Find(request.document()) == nullptr) {
    return errors::ResourceNotFound(kDocument, request.document());
  }

  const std::vector<std::string> names = state->Referrers(request.document(), "citations");
  // Behind the resource that the page before ended with.
  auto name = place.has_value() ? std::upper_bound(names.begin(), names.end(), place->front())
                                : names.begin();
  size_t bytes = 0;
  for (size_t i = 0; i < page_size && bytes < kPageBytes && name != names.end(); ++i, ++name) {
    const Entry& entry = *state->Find(*name);
    AddCitations(entry, request.document(), response);
    bytes += entry.message->ByteSizeLong();
  }
  if (name != names.end()) {
    response->set_next_page_token(tokens.Seal({*(name - 1)}));
  }
  response->set_revision(state->revision());
  return absl::OkStatus();
}

}  // namespace entente::resource
