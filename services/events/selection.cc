// SPDX-License-Identifier: Apache-2.0
#include "services/events/selection.h"

#include <utility>

#include "common/filter/filter.h"
#include "common/resource/fields.h"
#include "common/resource/methods.h"
#include "common/status/macros.h"
#include "entente/events/v1/event.pb.h"

namespace entente::events {

using google::protobuf::Message;
using resource::Entry;

absl::StatusOr<Selector> Selector::Create(const resource::Store* store,
                                          const resource::Rules* rules) {
  ASSIGN_OR_RETURN(filter::Schema schema, resource::MakeSchema(v1::Event::descriptor()));
  return Selector(store, rules, std::move(schema));
}

absl::StatusOr<Selection> Selector::Select(const Message& request, Message* response,
                                           Violations violations) const {
  const std::string text = resource::fields::GetString(request, "filter");
  const absl::Status readable = filter::Filter::Compile(text, schema_).status();
  if (!readable.ok()) violations.Add("filter", readable.message());
  RETURN_IF_ERROR(violations.ToStatus());
  Selection selection;
  ASSIGN_OR_RETURN(selection.state, store_->At(resource::AsOfRequest(request)));
  ASSIGN_OR_RETURN(const auto narrowed, rules_->Narrow(request, response));
  ASSIGN_OR_RETURN(const auto filter,
                   resource::CompileAt(*selection.state, *rules_, text, schema_));
  const bool show_deleted = resource::fields::GetBool(request, "show_deleted");
  const auto& type = *store_->registry().FindByDescriptor(v1::Event::descriptor());
  selection.state->Scan(type, "", [&](const Entry& entry) {
    if ((show_deleted || !entry.deleted) && (!narrowed || narrowed(entry)) &&
        filter.Matches(*entry.message)) {
      selection.events.push_back(&entry);
    }
    return true;
  });
  return selection;
}

}  // namespace entente::events
