// The `idle` command.
#pragma once

namespace goshawk::cli {

// Returns when the process is told to end.
int run_idle();

}  // namespace goshawk::cli
