// SPDX-License-Identifier: Apache-2.0
//
// The day that tells past from coming in what the gateway composes.
#ifndef ENTENTE_SERVICES_GATEWAY_AS_OF_H_
#define ENTENTE_SERVICES_GATEWAY_AS_OF_H_

#include <optional>
#include <string>

#include "common/clock/clock.h"
#include "common/edtf/edtf.h"
#include "common/status/errors.h"

namespace entente::gateway {

// The day that `given`, a field `as_of`, says, or today (UTC) by the clock if it is empty. Anything
// but "YYYY-MM-DD" is a violation and none.
std::optional<edtf::Date> DayOf(const std::string& given, const Clock& clock,
                                Violations* violations);

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_AS_OF_H_
