// Where the words of package sync's locks are, from the start of the lock. sync/mutex.go,
// internal/sync/mutex.go, sync/rwmutex.go, sync/waitgroup.go.
//
//   release  change
//   1.20     WaitGroup: state1 u64, state2 u32 become state, sema: on 64 bits, the same bytes
//   1.24     Mutex wraps internal/sync.Mutex, the same bytes
//   1.25     WaitGroup: the highest bit of the number of waiters says that it is a bubble's
//
// Checked on each lock: somebody waits for it, so that it has to be locked, or counted above zero
// (goroutines/lock_words.cpp).
#pragma once

#include <cstdint>

namespace goshawk::goruntime::facts {

struct MutexWords {
  static constexpr std::uint32_t kState = 0, kSema = 4;
  static constexpr std::int32_t kLocked = 1, kStarving = 4;
  static constexpr int kWaiterShift = 3;
};

struct RWMutexWords {
  static constexpr std::uint32_t kWriterSem = 8, kReaderSem = 12, kReaderCount = 16,
                                 kReaderWait = 20;
  static constexpr std::int32_t kMaxReaders = 1 << 30;  // taken off while a writer holds or waits
};

struct WaitGroupWords {
  static constexpr std::uint32_t kWaiters = 0, kCounter = 4, kSema = 8;  // little-endian
  static constexpr std::uint32_t kWaitersMask = 0x7fffffff;
};

}  // namespace goshawk::goruntime::facts
