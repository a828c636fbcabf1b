// Commands that look at processes, cores and snapshots also look at goroutine dumps.
#pragma once

#include <optional>

#include "cli/command.h"

namespace goshawk::cli {

// Of `goshawk leaks`: the exit code, if the target is a dump; else nothing was done.
std::optional<int> run_leaks_on_dump(const Arguments& arguments);
// Of `goshawk diff`: the same, by the first of its targets.
std::optional<int> run_diff_on_dumps(const Arguments& arguments);

}  // namespace goshawk::cli
