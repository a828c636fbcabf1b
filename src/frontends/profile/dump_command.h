// goshawk FILE, goshawk leaks FILE: of goroutine dumps
#pragma once

#include <optional>

#include "frontends/profile/stack_leaks.h"

namespace goshawk::frontends::profile {

// Nothing: the target is something else, and nothing was done.
std::optional<inspection::ExitCode> run_leaks_of_dump(const StackLeaksRequest& request);

}  // namespace goshawk::frontends::profile
