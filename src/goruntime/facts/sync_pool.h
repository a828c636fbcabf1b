// sync.Pool and what it keeps its values in. sync/pool.go, sync/poolqueue.go; on 64 bits.
//
//   release  change
//   1.13     victims: what was local at the collection before
//   1.22     poolDequeue.headTail is an atomic.Uint64, the same bytes
//   1.23     tail, next and prev are atomic.Pointer, the same bytes
//
// None of it changed its place from 1.19 to 1.27. Checked on each pool: local and victim lead to
// objects that are large enough, a dequeue's ring has a length that is a power of two.
#pragma once

#include <cstdint>

namespace goshawk::goruntime::facts {

struct PoolWords {
  static constexpr std::uint32_t kLocal = 0, kLocalSize = 8, kVictim = 16, kVictimSize = 24,
                                 kNew = 32, kBytes = 40;
};

// One for each p, padded so that no two are in one line of a processor's cache.
struct PoolLocalWords {
  static constexpr std::uint32_t kPrivate = 0, kSharedHead = 16, kBytes = 128;
};

// A ring of interface values without methods; towards `prev` they are older.
struct PoolChainEltWords {
  static constexpr std::uint32_t kVals = 8, kValsLength = 16, kPrev = 40, kBytes = 48;
};

}  // namespace goshawk::goruntime::facts
