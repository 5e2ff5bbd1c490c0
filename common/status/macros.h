// SPDX-License-Identifier: Apache-2.0
//
// Early return on error, spelled as in newer Abseil.
//
//   RETURN_IF_ERROR(Check(request));
//   ASSIGN_OR_RETURN(auto date, edtf::Parse(text));
#ifndef ENTENTE_COMMON_STATUS_MACROS_H_
#define ENTENTE_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expr)                                                                 \
  do {                                                                                        \
    if (absl::Status entente_status_ = (expr); !entente_status_.ok()) return entente_status_; \
  } while (false)

#define ENTENTE_MACRO_CONCAT_INNER(x, y) x##y
#define ENTENTE_MACRO_CONCAT(x, y) ENTENTE_MACRO_CONCAT_INNER(x, y)

#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL(ENTENTE_MACRO_CONCAT(entente_status_or_, __LINE__), lhs, expr)

#define ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr)         \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)

#endif  // ENTENTE_COMMON_STATUS_MACROS_H_
