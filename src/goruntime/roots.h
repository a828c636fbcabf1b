// What the collector would start marking from, goroutines' stacks apart: globals, threads, pending
// timers, specials, the finalizer and cleanup queues. Follows runtime/mgcmark.go (markroot,
// markrootSpans); threads and timers are ours (see the .cpp).
#pragma once

#include <cstdint>
#include <vector>

#include "goruntime/facts/timer.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/functions.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

class RootReader {
 public:
  RootReader(const target::Memory& memory, PageCache& cache, const Heap& heap,
             snapshot::Snapshot& into)
      : memory_(memory), cache_(cache), heap_(heap), into_(into) {}

  void read_globals(const Modules& modules);
  // `ps` and `bubbles`: where heaps of timers hang.
  void read_timers(const facts::TimerFact& fact, std::span<const Address> ps,
                   std::span<const Address> bubbles);
  // Registers, and the part in use of each stack that is not a goroutine's.
  void read_threads(const std::vector<target::Thread>& threads, const Scheduler& scheduler,
                    const Functions& functions, const std::vector<target::Mapping>& mappings);
  // Roots, and the weak handles' extra references.
  void add_specials(const std::vector<SpecialRecord>& specials,
                    std::vector<snapshot::References::Extra>& extra);
  void add(Address pointer, snapshot::RootKind kind, Address source);

 private:
  void read_masked(AddressRange range, Bitvector mask);
  void read_timer_heap(const facts::TimerFact& fact, Address slice);
  void scan_unknown_stack(Address sp, const std::vector<target::Mapping>& mappings);
  void scan_words(AddressRange range, snapshot::RootKind kind);

  const target::Memory& memory_;
  PageCache& cache_;
  const Heap& heap_;
  snapshot::Snapshot& into_;
};

}  // namespace goshawk::goruntime
