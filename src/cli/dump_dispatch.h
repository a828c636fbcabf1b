// Commands that look at processes, cores and snapshots also look at goroutine dumps, and for leaks
// at profiles of goroutines, which the same rules judge.
#pragma once

#include <optional>

#include "cli/command.h"

namespace goshawk::cli {

// Of `goshawk leaks`: the exit code, if the target is a dump, or a profile; else nothing was done.
// `goshawk FILE` tells of a profile all that it says (profile_dispatch).
std::optional<int> run_leaks_on_stacks(const Arguments& arguments);
// Of `goshawk diff`: the same, by the first of its targets.
std::optional<int> run_diff_on_dumps(const Arguments& arguments);

// Of `goshawk heap`: the same; it is refused, for there is nothing of memory in a dump.
std::optional<int> refuse_heap_of_dump(const Arguments& arguments);

}  // namespace goshawk::cli
