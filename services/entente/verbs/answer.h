// SPDX-License-Identifier: Apache-2.0
//
// How verbs answer, and what is said of errors.
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_ANSWER_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_ANSWER_H_

#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/entente/text/table.h"
#include "services/entente/verbs/servers.h"

namespace entente {

// To standard output and standard error, as it is.
void Write(absl::string_view text);
void WriteError(absl::string_view text);

// "entente: TEXT", to standard error: what is beside the answer and must not get into it.
void Note(absl::string_view text);

// The message as JSON (https://protobuf.dev/programming-guides/json), with the names of the protos,
// ended by a line feed.
std::string JsonText(const google::protobuf::Message& message);
// One document of several: a list, or an object by the names of its members.
std::string JsonList(const std::vector<std::string>& documents);
std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members);

// The style of a stream that is a terminal or not: of its width (COLUMNS, else what it says), with
// colour unless NO_COLOR is set or TERM is "dumb" or unset. Nothing of it where it is no terminal.
text::Style StyleOf(int file);

// What is wrong, where it comes from and what to do about it, in lines: "entente: MESSAGE", each
// violation of bad input in a line of its own, the code and the id of the request.
std::string ErrorText(const absl::Status& status, const text::Style& style);

// Names that a name which nothing answers to could have been meant as, at most 3, by asking the
// service that would have it; none if it does not answer soon.
std::vector<std::string> NamesLike(const Servers::Targets& targets, const std::string& name);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_ANSWER_H_
