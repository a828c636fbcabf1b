// Runtime mutexes are free when their key is 0 (futex locks: 1 locked, 2 contended; spinbit locks,
// 1.24: bit 0 locked, the rest waiting ms): the lowest two bits say locked in both.
// GOEXPERIMENT=staticlockranking puts a rank before the key; the tables have no such runtime (its
// mheap_ is refused), debug information has its place.
#include "goruntime/goroutines/quiet_instant.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

bool is_free(PageCache& cache, const Program& program, Address mutex) {
  auto key = program.layout->field("runtime.mutex", "key");
  return (cache.value<std::uint64_t>(mutex + (key ? key->offset : 0)).value_or(1) & 3) == 0;
}

}  // namespace

bool are_lists_whole(PageCache& cache, const Program& program) {
  if (auto lock = program.layout->field("runtime.mheap", "lock"))
    if (!is_free(cache, program, program.globals.mheap.address + lock->offset)) return false;
  return !program.globals.allglock || is_free(cache, program, program.globals.allglock->address);
}

bool is_quiet(PageCache& cache, const Program& program) {
  if (!are_lists_whole(cache, program)) return false;
  if (program.globals.gcphase &&
      cache.value<std::uint32_t>(program.globals.gcphase->address).value_or(1) != 0)
    return false;
  if (program.globals.sched)
    if (auto lock = program.layout->field("runtime.schedt", "lock"))
      return is_free(cache, program, program.globals.sched->address + lock->offset);
  return true;
}

// The sweeper takes a special's record, which lies outside of the heap, from its span's list, and
// then hands what the record refers to to the queue (runtime/mgcsweep.go sweep, runtime/mheap.go
// freeSpecial). In between no register holds that yet. Whom these call hold it in registers.
bool is_queueing_specials(std::span<const target::Thread> threads, const Functions& functions) {
  constexpr std::string_view kHolders[] = {"runtime.(*sweepLocked).sweep",
                                           "runtime.(*specialsIter).unlinkAndNext",
                                           "runtime.freeSpecial"};
  return std::ranges::any_of(threads, [&](const target::Thread& thread) {
    FunctionId function = functions.find(thread.pc);
    return function != kNoFunction &&
           std::ranges::find(kHolders, functions.name(function)) != std::end(kHolders);
  });
}

bool are_modules_whole(PageCache& cache, const Modules& modules) {
  return std::ranges::all_of(modules.all, [&](const Moduledata& module) {
    auto next = cache.value<std::uint64_t>(module.next_field);
    return next && (*next == 0 || std::ranges::find(modules.all, Address(*next),
                                                    &Moduledata::address) != modules.all.end());
  });
}

bool are_stacks_quiet(std::span<const G> gs) {
  return std::ranges::none_of(
      gs, [](const G& g) { return g.scanning || g.status == snapshot::Status::kCopystack; });
}

}  // namespace goshawk::goruntime
