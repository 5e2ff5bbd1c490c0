// SPDX-License-Identifier: Apache-2.0
//
// The flags of the gateway beyond those that all servers have.
#ifndef ENTENTE_SERVICES_GATEWAY_FLAGS_H_
#define ENTENTE_SERVICES_GATEWAY_FLAGS_H_

#include "absl/status/statusor.h"
#include "services/gateway/answers/answers.h"

namespace entente::gateway {

// --kept_answers_bytes, --compositions and --compositions_waiting. INVALID_ARGUMENT if one is out
// of range.
absl::StatusOr<Answers::Options> AnswersFromFlags();

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_FLAGS_H_
