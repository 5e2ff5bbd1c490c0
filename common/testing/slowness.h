// SPDX-License-Identifier: Apache-2.0
//
// Whether every access to memory is checked, which takes many times as long, and how much less a
// randomised test does then.
#ifndef ENTENTE_COMMON_TESTING_SLOWNESS_H_
#define ENTENTE_COMMON_TESTING_SLOWNESS_H_

namespace entente {

// GCC says it in one way, Clang in the other.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

inline constexpr int kSlowness = kSanitized ? 20 : 1;

}  // namespace entente

#endif  // ENTENTE_COMMON_TESTING_SLOWNESS_H_
