// SPDX-License-Identifier: Apache-2.0
//
// entente get NAME...
#include <memory>
#include <set>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"
#include "services/entente/verbs/columns.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

using google::protobuf::Message;

absl::StatusOr<std::unique_ptr<Message>> Get(const Servers& servers, const Collection& collection,
                                             const std::string& name) {
  const std::unique_ptr<Message> request = collection.NewGetRequest();
  resource::fields::SetString(request.get(), "name", name);
  RETURN_IF_ERROR(SetReading(request.get()));
  std::unique_ptr<Message> resource = collection.type->New();
  RETURN_IF_ERROR(servers.Call(collection.server, *request, resource.get()));
  return resource;
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  std::vector<const Collection*> collections;
  std::set<Server> asked;
  for (const std::string& name : invocation.operands) {
    ASSIGN_OR_RETURN(const Collection* collection, CollectionOfName(name));
    collections.push_back(collection);
    asked.insert(collection->server);
  }
  if (asked.size() > 1 && absl::GetFlag(FLAGS_revision) != 0) {
    return absl::InvalidArgumentError(
        "--revision counts the changes of one service, and these names are of several: use --at");
  }
  std::vector<std::string> texts;
  for (size_t i = 0; i < collections.size(); ++i) {
    ASSIGN_OR_RETURN(const auto resource,
                     Get(*invocation.servers, *collections[i], invocation.operands[i]));
    texts.push_back(invocation.format == "json" ? JsonText(*resource)
                                                : ResourceText(*resource, invocation.style));
  }
  if (invocation.format == "json" && texts.size() > 1) texts = {JsonList(texts)};
  for (size_t i = 0; i < texts.size(); ++i) Write(absl::StrCat(i == 0 ? "" : "\n", texts[i]));
  return 0;
}

}  // namespace

Verb GetVerb() {
  Verb verb;
  verb.name = "get";
  verb.operands = "NAME...";
  verb.summary = "resources by name, of any service, with all that they say";
  verb.details =
      "  entente get initiatives/clean-edge-asia claims/dfc-financing\n"
      "  entente get events/us-asean-summit-2022 --at=2023-09-05 -o json\n\n"
      "What was deleted is shown as it was, and said to be deleted; of what was erased the name "
      "is\n"
      "all there is. With -o json, one name is one object, and several are a list.\n";
  verb.least_operands = 1;
  verb.most_operands = Verb::kAnyNumber;
  verb.completes = Completes::kNames;
  verb.flags = {"at", "revision"};
  verb.formats = {"text", "json"};
  verb.run = Run;
  return verb;
}

}  // namespace entente
