// The runtime.coro that a goroutine waits in: what iter.Pull makes, so that a sequence and who
// pulls its values run by turns. Follows runtime/coro.go and iter/iter.go (since Go 1.23).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "goruntime/goroutines/scheduler.h"
#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/functions.h"

namespace goshawk::goruntime {

struct FoundCoroutine {
  Address coro;
  std::string_view sequence;  // the function that gives the values, raw; "" where it is not known
};

// `words`: what the goroutine's stack and its g have, live or left over: the coro, or a closure
// that has it, is among them. Absent where none, or more than one, has this goroutine waiting in
// it.
std::optional<FoundCoroutine> find_coroutine(PageCache& cache, const Functions& functions,
                                             const Heap& heap, Address g,
                                             std::span<const std::uint64_t> words);

// Stands a goroutine that is not running in the call that switches to another one, or at its very
// start?
bool is_coroutine_switch(std::string_view function);

}  // namespace goshawk::goruntime
