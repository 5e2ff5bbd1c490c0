// SPDX-License-Identifier: Apache-2.0
#include "services/events/rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "entente/events/v1/event.pb.h"

namespace entente::events {

using google::protobuf::Message;
using v1::Event;

void Rules::CheckTogether(const resource::State& after,
                          const std::map<std::string, std::string>& changed,
                          Violations* violations) const {
  std::vector<std::string> names;
  for (const auto& [name, path] : changed) names.push_back(name);
  for (const std::string& name : resource::LeadingBack(after, names, "held_alongside")) {
    violations->Add(changed.at(name) + "held_alongside",
                    absl::StrCat("leads back to ", name, " itself"));
  }
}

bool Rules::IsAbout(const Message& resource, const std::set<std::string>& initiatives) const {
  const auto& event = static_cast<const Event&>(resource);
  return std::any_of(event.initiatives().begin(), event.initiatives().end(),
                     [&](const std::string& name) { return initiatives.count(name) > 0; });
}

}  // namespace entente::events
