// SPDX-License-Identifier: Apache-2.0
//
// The standard methods of one type of resource, by reflection: what is asked of all types is
// written once.
//
//   Collection places(&servers.catalogue(), Place::descriptor());
//   EXPECT_THAT(places.Create("id"), IsOk());
//   EXPECT_THAT(places.Get("id"), IsOkAndHolds(Pointee(...)));
#ifndef ENTENTE_TESTS_CONFORMANCE_COLLECTION_H_
#define ENTENTE_TESTS_CONFORMANCE_COLLECTION_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/testing/service_client.h"
#include "common/testing/test_servers.h"

namespace entente::conformance {

using test::MessagePtr;

// One type of resource.
struct TypeCase {
  test::Service service;
  const google::protobuf::Descriptor* type;
  // The least that a resource of the type must say, in text format. It refers to
  // "partnerships/p" and to nothing else.
  const char* minimal;
};

inline void PrintTo(const TypeCase& type, std::ostream* out) {
  *out << std::string(type.type->name());
}

// Every type of every data service.
const std::vector<TypeCase>& AllTypes();
const TypeCase& TypeOf(const google::protobuf::Descriptor* type);

class Collection {
 public:
  Collection(const test::TestServers& servers, const TypeCase& type);

  // As in names of fields: "initiative", "initiatives"; and "entente.dev/Initiative".
  const std::string& singular() const { return singular_; }
  const std::string& plural() const { return plural_; }
  const std::string& type() const { return type_; }
  const test::ServiceClient& client() const { return *client_; }
  // "partnerships/p" for those that have a parent, else empty.
  const std::string& parent() const { return parent_; }

  // "Get" -> "GetInitiative", "List" -> "ListInitiatives".
  std::string MethodOf(const std::string& verb) const;
  std::string Name(const std::string& id) const;

  // A resource that says the least and, merged into it, `more` in text format.
  MessagePtr New(const std::string& more = "") const;

  // Each calls the method; `more` is added to the request, in text format.
  absl::StatusOr<MessagePtr> Create(const std::string& id, const std::string& more = "") const;
  absl::StatusOr<MessagePtr> Create(const std::string& id,
                                    const google::protobuf::Message& resource,
                                    const std::string& more = "") const;
  absl::StatusOr<MessagePtr> Get(const std::string& id, const std::string& more = "") const;
  absl::StatusOr<MessagePtr> List(const std::string& more = "") const;
  absl::StatusOr<MessagePtr> BatchGet(const std::vector<std::string>& ids,
                                      const std::string& more = "") const;
  absl::StatusOr<MessagePtr> Update(const google::protobuf::Message& resource,
                                    const std::string& more = "") const;
  absl::StatusOr<MessagePtr> Delete(const std::string& id, const std::string& more = "") const;
  absl::StatusOr<MessagePtr> Undelete(const std::string& id, const std::string& more = "") const;
  // A change set of one action in text format, for example `delete: "places/id"`.
  absl::StatusOr<MessagePtr> Apply(const std::vector<std::string>& actions,
                                   const std::string& more = "") const;
  // `put { place { name: "places/id" ... } }`.
  std::string Put(const std::string& id, const google::protobuf::Message& resource) const;

  // The resources in the answer of List or BatchGet.
  std::vector<MessagePtr> ResourcesIn(const google::protobuf::Message& response) const;
  std::vector<std::string> NamesIn(const google::protobuf::Message& response) const;
  // The names of every page, one page after the other; fails the running test if a page has more
  // than `page_size` or if they do not come to an end.
  std::vector<std::string> ListAll(int page_size, const std::string& more = "") const;

 private:
  MessagePtr Request(const std::string& verb, const std::string& more) const;

  const test::ServiceClient* const client_;
  const TypeCase type_case_;
  std::string type_;
  std::string singular_;
  std::string plural_;
  // "rateSeries".
  std::string methods_of_one_;
  std::string methods_of_many_;
  std::string pattern_;
  std::string parent_;
};

// Fields of any message, by name.
std::string Text(const google::protobuf::Message& message, const std::string& field);
int64_t Int(const google::protobuf::Message& message, const std::string& field);
void SetText(google::protobuf::Message* message, const std::string& field,
             const std::string& value);
bool Has(const google::protobuf::Message& message, const std::string& field);
void Clear(google::protobuf::Message* message, const std::string& field);

// The resource with all that the store sets left out but the name.
MessagePtr WithoutStoreFields(const google::protobuf::Message& resource);

}  // namespace entente::conformance

#endif  // ENTENTE_TESTS_CONFORMANCE_COLLECTION_H_
