// SPDX-License-Identifier: Apache-2.0
//
// The collections of resources, read off the services' own descriptors: which server has what, and
// by which methods. A new type of resource needs nothing here but its columns (columns.h).
//
//   const Collection* claims = FindCollection("claims");
//   auto request = claims->NewListRequest();
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_COLLECTIONS_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_COLLECTIONS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/resource/type.h"
#include "services/entente/verbs/servers.h"

namespace entente {

struct Collection {
  Server server;
  const resource::ResourceType* type;
  const google::protobuf::Descriptor* get_request;
  const google::protobuf::Descriptor* list_request;
  const google::protobuf::Descriptor* list_response;

  // As in names: "claims", "rateSeries".
  const std::string& id() const { return type->pattern.collection(); }
  std::unique_ptr<google::protobuf::Message> NewGetRequest() const;
  std::unique_ptr<google::protobuf::Message> NewListRequest() const;
  std::unique_ptr<google::protobuf::Message> NewListResponse() const;
};

// All of them, the catalogue's first.
const std::vector<Collection>& Collections();
std::vector<std::string> CollectionIds();

// By "claims"; null if there is none.
const Collection* FindCollection(absl::string_view id);

// The collection that a name belongs to, as INVALID_ARGUMENT says what is wrong with it.
absl::StatusOr<const Collection*> CollectionOfName(const std::string& name);

// Which part of a collection is wanted.
struct ListOptions {
  std::string parent;  // For nested ones; "partnerships/-" means all.
  std::string filter;
  std::string order_by;
  bool deleted = false;
  bool full = false;  // The full view.
  size_t limit = 0;   // 0 for all.
};

// Page by page, into one message of the type of the response: resources, `next_page_token` if
// there are more, `revision` of the last page.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ListAll(const Servers& servers,
                                                                   const Collection& collection,
                                                                   const ListOptions& options);

// The resources in a response of a List.
std::vector<const google::protobuf::Message*> ResourcesIn(
    const Collection& collection, const google::protobuf::Message& response);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_COLLECTIONS_H_
