// SPDX-License-Identifier: Apache-2.0
//
// The time, as something that is handed in.
//
// Whatever needs to know the time takes a `Clock&`, so that a test decides what time it is:
//
//   FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
//   auto log = SqliteLog::Open(path, {.clock = &clock});
//   clock.Advance(absl::Hours(1));
//
// A clock promises nothing about order: wall clocks stand still, jump and go backwards. Whoever
// needs increasing times makes them so (the change log does, for its commit times).

#ifndef ENTENTE_COMMON_CLOCK_CLOCK_H_
#define ENTENTE_COMMON_CLOCK_CLOCK_H_

#include <mutex>

#include "absl/time/time.h"

namespace entente {

// Thread-safe, like every implementation of it.
class Clock {
 public:
  virtual ~Clock() = default;

  // The current instant. Always finite.
  virtual absl::Time Now() const = 0;
};

// The machine's wall clock.
class SystemClock final : public Clock {
 public:
  // One for the whole process; it has no state and is never destroyed.
  static const SystemClock& Get();

  absl::Time Now() const override;
};

// Stands still until told otherwise. For tests, and for anything replayed.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override;

  // May go backwards: that is what a test of robustness wants.
  void Set(absl::Time now);
  void Advance(absl::Duration by);

 private:
  mutable std::mutex mutex_;
  absl::Time now_;  // Guarded by mutex_.
};

}  // namespace entente

#endif  // ENTENTE_COMMON_CLOCK_CLOCK_H_
