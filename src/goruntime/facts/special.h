// What hangs on a single object: finalizers, cleanups, weak handles, profile records, pin counters.
//
//   release  runtime/mheap.go special*, _KindSpecial*
//   1.19     special.offset is uint16; kinds finalizer 1, profile 2, reachable 3
//   1.21     pin counter 4
//   1.23     weak handle 2, the later ones move up by one
//   1.24     offset is a word; cleanup 6, specialCleanup.fn
//   1.25     tiny block 1, the others move up by one; bubble and finalizer check added; cleanups
//            get a queue of their own (before, they shared the finalizers')
//   1.26     specialCleanup.cleanup is {call, fn, arg}, and so are the queue's entries
//
// Kind numbers come from the binary's constants; where it names none, from which structs there are.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct SpecialFact {
  Field next, offset, kind;
  std::uint32_t size_bytes = 0;

  // 0 where the release has no such kind.
  std::uint8_t finalizer_kind = 0, weak_kind = 0, profile_kind = 0, pin_kind = 0, cleanup_kind = 0;

  std::uint32_t finalizer_fn = 0;    // *funcval
  std::uint32_t weak_handle = 0;     // *atomic.Uintptr, a heap object
  std::uint32_t profile_bucket = 0;  // *bucket
  Field cleanup;                     // a *funcval, or the three words {call, fn, arg}

  static Result<SpecialFact> bind(const LayoutSource& layout);
};

// The blocks of finalizers and cleanups that wait to be run: runtime/mfinal.go finBlock (finblock
// before 1.25), runtime/mcleanup.go cleanupBlock.
struct FinalizerQueueFact {
  std::uint32_t block_bytes = 0, alllink = 0, count = 0;
  Field entries;                  // the whole array
  std::uint32_t entry_bytes = 0;  // a finalizer{fn, arg, nret, fint, ot}

  static Result<FinalizerQueueFact> bind(const LayoutSource& layout);
};

struct CleanupQueueFact {
  std::uint32_t all = 0;  // in runtime.cleanupQueue
  std::uint32_t block_bytes = 0, alllink = 0, count = 0;
  Field entries;
  std::uint32_t entry_bytes = 0;  // a *funcval, or {call, fn, arg}

  // Missing for releases before 1.25.
  static Result<CleanupQueueFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime
