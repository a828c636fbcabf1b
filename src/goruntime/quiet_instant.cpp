// Runtime mutexes are free when their key is 0 (futex locks: 1 locked, 2 contended; spinbit locks,
// 1.24: bit 0 locked, the rest waiting ms): the lowest two bits say locked in both.
#include "goruntime/quiet_instant.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

bool is_free(PageCache& cache, Address mutex) {
  return (cache.value<std::uint64_t>(mutex).value_or(1) & 3) == 0;
}

}  // namespace

bool are_lists_whole(PageCache& cache, const Program& program) {
  if (auto lock = program.layout->field("runtime.mheap", "lock"))
    if (!is_free(cache, program.globals.mheap.address + lock->offset)) return false;
  return !program.globals.allglock || is_free(cache, program.globals.allglock->address);
}

bool is_quiet(PageCache& cache, const Program& program) {
  if (!are_lists_whole(cache, program)) return false;
  if (program.globals.gcphase &&
      cache.value<std::uint32_t>(program.globals.gcphase->address).value_or(1) != 0)
    return false;
  if (program.globals.sched)
    if (auto lock = program.layout->field("runtime.schedt", "lock"))
      return is_free(cache, program.globals.sched->address + lock->offset);
  return true;
}

bool are_stacks_quiet(std::span<const G> gs) {
  return std::ranges::none_of(
      gs, [](const G& g) { return g.scanning || g.status == snapshot::Status::kCopystack; });
}

}  // namespace goshawk::goruntime
