// Globals by their pointer masks, as the collector reads them. Two kinds of root are not the
// collector's, because it stops the world at safe points and we do not:
//  - threads: every register and every word of the g0 or gsignal stack in use is a possible
//  pointer.
//    But a collection may begin and end while an m stands still that has neither p nor goroutine,
//    or whose goroutine is in a system call (C code too): what such a thread alone holds, the
//    collector would free. Its registers are mostly what is left of what it did before.
//    Vector registers count where the code ahead may still use them. An m at work whose thread
//    could not be told has all of its stacks read.
//  - timers: only those that will fire. The collector reaches all of them through the p, stopped
//    ones too, which would keep alive what only a stopped timer could have woken.
#include "goruntime/roots.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "goruntime/goroutines/thread_match.h"
#include "goruntime/stacks/vector_liveness.h"

namespace goshawk::goruntime {

using snapshot::RootKind;

namespace {

constexpr std::uint64_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kMaxTimers = 100'000'000;
constexpr std::uint64_t kMaxThreadStackBytes = 64 << 20;

bool runs_goroutine(const M& m, const Scheduler& scheduler) {
  auto g = std::ranges::find(scheduler.gs, m.curg, &G::address);
  return g != scheduler.gs.end() && g->status == snapshot::Status::kRunning;
}

}  // namespace

void RootReader::add(Address pointer, RootKind kind, Address source) {
  if (auto object = heap_.find(pointer)) into_.roots.push_back({*object, kind, source});
}

void RootReader::read_globals(const Modules& modules) {
  for (const Moduledata& module : modules.all) {
    read_masked(module.data, module.gcdata_mask);
    read_masked(module.bss, module.gcbss_mask);
  }
}

// One bit for each word of the range.
void RootReader::read_masked(AddressRange range, Bitvector mask) {
  std::uint64_t words = std::min<std::uint64_t>(range.size_bytes() / 8, mask.bits);
  auto bits = memory_.read_bytes(mask.bytes, (words + 7) / 8);
  if (!bits) {
    into_.doubts.push_back({"a module's pointer mask of its globals could not be read", true});
    return;
  }
  std::vector<std::uint64_t> chunk;
  for (std::uint64_t first = 0; first < words; first += kChunkBytes / 8) {
    chunk.resize(std::min(words - first, kChunkBytes / 8));
    if (!memory_.read(range.start + first * 8, std::as_writable_bytes(std::span(chunk)))) {
      into_.doubts.push_back(
          {fmt::format("globals at {:#x} could not be read", (range.start + first * 8).value()),
           true});
      continue;
    }
    for (std::uint64_t i = 0; i < chunk.size(); ++i) {
      std::uint64_t word = first + i;
      bool is_pointer = (static_cast<unsigned>((*bits)[word / 8]) >> (word % 8) & 1) != 0;
      if (is_pointer && chunk[i] != 0)
        add(Address(chunk[i]), RootKind::kGlobal, range.start + word * 8);
    }
  }
}

void RootReader::read_timer_heap(const facts::TimerFact& fact, Address slice) {
  Address data = cache_.pointer(slice);
  auto length = cache_.value<std::uint64_t>(slice + 8);
  if (!length || *length > kMaxTimers) {
    into_.doubts.push_back({"a heap of timers could not be read", true});
    return;
  }
  for (std::uint64_t i = 0; i < *length; ++i) {
    auto entry = cache_.value<std::uint64_t>(data + i * fact.entry_bytes + fact.entry_timer);
    if (!entry) {
      into_.doubts.push_back({"a heap of timers could not be read", true});
      return;
    }
    Address timer(*entry);
    if (timer.is_null() || !fact.is_pending(cache_, timer)) continue;
    add(timer, RootKind::kTimer, timer);
    add(cache_.pointer(timer + fact.f), RootKind::kTimer, timer);
    add(cache_.pointer(timer + fact.arg + 8), RootKind::kTimer, timer);
  }
}

void RootReader::read_timers(const facts::TimerFact& fact, std::span<const Address> ps,
                             std::span<const Address> bubbles) {
  for (Address p : ps) read_timer_heap(fact, p + fact.heap_in_p);
  if (!fact.heap_in_bubble) return;
  for (Address bubble : bubbles) read_timer_heap(fact, bubble + *fact.heap_in_bubble);
}

void RootReader::scan_words(AddressRange range, RootKind kind) {
  if (range.size_bytes() > kMaxThreadStackBytes) {
    into_.doubts.push_back({"a thread's stack is too large to be read whole", true});
    range.start = range.end - kMaxThreadStackBytes;  // the oldest frames are at the end
  }
  std::uint64_t size = range.size_bytes();
  for (std::uint64_t from = 0; from < size; from += 4096 - (range.start + from).value() % 4096) {
    std::uint64_t part = std::min(size - from, 4096 - (range.start + from).value() % 4096);
    std::vector<std::uint64_t> words(part / 8);
    // A C stack ends somewhere before the end that its g0 assumes, and is mapped as it grows.
    if (!memory_.read(range.start + from, std::as_writable_bytes(std::span(words)))) continue;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] != 0) add(Address(words[i]), kind, range.start + from + i * 8);
  }
}

// From the stack pointer to the end of the mapping that it is in.
void RootReader::scan_unknown_stack(Address sp, const std::vector<target::Mapping>& mappings) {
  auto mapping = std::ranges::find_if(
      mappings, [&](const target::Mapping& one) { return one.range.contains(sp); });
  if (mapping != mappings.end()) scan_words({sp, mapping->range.end}, RootKind::kThread);
}

void RootReader::read_threads(const std::vector<target::Thread>& threads,
                              const Scheduler& scheduler, const Functions& functions,
                              const std::vector<target::Mapping>& mappings) {
  VectorLiveness vectors(functions, memory_);
  ThreadMatch match = match_threads(threads, scheduler);
  MsAtWork at_work(scheduler);
  if (match.thread_is_missing)
    into_.doubts.push_back(
        {"the thread that runs a goroutine is missing, and with it what it holds", true});
  bool vectors_complete = true;
  for (const target::Thread& thread : threads) {
    auto found = match.m_of_thread.find(thread.tid);
    const M* m = found == match.m_of_thread.end() ? nullptr : found->second;
    if (m != nullptr && !at_work.contains(*m)) continue;
    // The collector looks at registers only where a goroutine runs: of others the m is the source.
    Address source = m == nullptr || runs_goroutine(*m, scheduler)
                         ? Address(static_cast<std::uint64_t>(thread.tid))
                         : m->address;
    for (std::uint64_t word : thread.registers)
      if (word != 0) add(Address(word), RootKind::kThread, source);
    if (vectors.may_hold_pointer(thread.pc)) {
      for (std::uint64_t word : thread.vector_words) add(Address(word), RootKind::kThread, source);
      vectors_complete &= thread.vectors_complete;
    }
    Address sp(thread.sp.value() & ~std::uint64_t{7});
    if (m == nullptr) {
      // C's own thread: Go's rules forbid it to keep a Go pointer that is not pinned. But it may
      // also be the one of a lost m, on a stack whose bounds nobody knows.
      if (!match.lost.empty()) scan_unknown_stack(sp, mappings);
    } else if (m->gsignal_stack.contains(sp)) {
      scan_words({sp, m->gsignal_stack.end}, RootKind::kThread);
      scan_words(m->g0_stack, RootKind::kThread);  // what the signal interrupted
    } else if (m->g0_stack.contains(sp)) {
      scan_words({sp, m->g0_stack.end}, RootKind::kThread);
    }
  }
  if (!vectors_complete)
    into_.doubts.push_back({"a thread's vector registers are not in the core", true});
  for (const M* m : match.lost) {
    scan_words(m->g0_stack, RootKind::kThread);
    scan_words(m->gsignal_stack, RootKind::kThread);
  }
}

void RootReader::add_specials(const std::vector<SpecialRecord>& specials,
                              std::vector<snapshot::References::Extra>& extra) {
  for (const SpecialRecord& special : specials) {
    Address object = heap_.objects().address(special.object);
    switch (special.kind) {
      case SpecialRecord::Kind::kFinalizer:
        // Everything that the object refers to stays for the finalizer; the object itself need not.
        for (Address child : heap_.read_object_pointers(special.object))
          add(child, RootKind::kFinalizer, object);
        add(special.target, RootKind::kFinalizer, object);
        break;
      case SpecialRecord::Kind::kCleanup:
        add(special.target, RootKind::kCleanup, object);
        for (Address argument : special.more) add(argument, RootKind::kCleanup, object);
        break;
      case SpecialRecord::Kind::kWeakHandle:
        // A handle that is reached can be made strong again: it leads to its object (the runtime's
        // own leak profile does not see this). The handle itself stays while the object does.
        if (auto handle = heap_.find(special.target)) extra.push_back({*handle, special.object});
        break;
      case SpecialRecord::Kind::kPinCounter:
        into_.roots.push_back({special.object, RootKind::kPinned, object});
        break;
      case SpecialRecord::Kind::kProfile:
        break;
    }
  }
}

}  // namespace goshawk::goruntime
