// SPDX-License-Identifier: Apache-2.0
//
// What writes say: why they are made, what each change of a change set is about, and what became of
// it. For any request with the field `reason`, any change of an ApplyChanges.
#ifndef ENTENTE_COMMON_RESOURCE_CHANGE_H_
#define ENTENTE_COMMON_RESOURCE_CHANGE_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <string>

#include "common/log/log.h"
#include "common/resource/state.h"
#include "common/status/errors.h"
#include "entente/type/v1/standard.pb.h"

namespace entente::resource {

// Of a ChangeReason, in code points.
inline constexpr size_t kMaxAuthorLength = 200;
inline constexpr size_t kMaxNoteLength = 2000;
inline constexpr size_t kMaxSourceLength = 2000;

// Notes what is wrong with the `reason` of a request, but for whether its document is there.
void CheckReason(const google::protobuf::Message& request, Violations* violations);

// The document, "documents/...", that a request says it is made from; empty if it names none.
std::string SourceDocument(const google::protobuf::Message& request);

// The field of a change that asks for `kind`: "put", "delete", "undelete", "erase".
const char* ActionOf(log::ChangeKind kind);

// The name of the resource that a change is about; empty if it does not say.
std::string NameOfChange(const google::protobuf::Message& change);

// What `kind` did to a resource that reads like `entry` since.
type::v1::ChangeOutcome OutcomeOf(const Entry& entry, log::ChangeKind kind);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_CHANGE_H_
