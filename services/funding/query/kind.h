// SPDX-License-Identifier: Apache-2.0
//
// The nature, the stage and the direction of money in one number.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_KIND_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_KIND_H_

#include <cstddef>
#include <cstdint>

#include "entente/funding/v1/claim.pb.h"

namespace entente::funding::query {

using Kind = uint8_t;
inline constexpr size_t kKinds = 256;

static_assert(v1::ClaimNature_MAX < 4 && v1::ClaimStage_MAX < 16 && v1::ClaimDirection_MAX < 4);
inline constexpr Kind kNatureBits = 0xc0;
inline constexpr Kind kStageBits = 0x3c;
inline constexpr Kind kDirectionBits = 0x03;

inline Kind KindOf(v1::ClaimNature nature, v1::ClaimStage stage, v1::ClaimDirection direction) {
  return static_cast<Kind>(nature << 6 | stage << 2 | direction);
}
inline v1::ClaimNature NatureOf(Kind kind) { return static_cast<v1::ClaimNature>(kind >> 6); }
inline v1::ClaimStage StageOf(Kind kind) {
  return static_cast<v1::ClaimStage>((kind & kStageBits) >> 2);
}
inline v1::ClaimDirection DirectionOf(Kind kind) {
  return static_cast<v1::ClaimDirection>(kind & kDirectionBits);
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_KIND_H_
