// SPDX-License-Identifier: Apache-2.0
//
// How much less a randomised test does where every access to memory is checked, which takes many
// times as long.
#ifndef ENTENTE_COMMON_TESTING_SLOWNESS_H_
#define ENTENTE_COMMON_TESTING_SLOWNESS_H_

namespace entente {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kSlowness = 20;
#else
inline constexpr int kSlowness = 1;
#endif

}  // namespace entente

#endif  // ENTENTE_COMMON_TESTING_SLOWNESS_H_
