// goshawk FILE, goshawk leaks FILE: of goroutine dumps
#pragma once

#include <optional>
#include <string>

#include "frontends/profile/stack_leaks.h"

namespace goshawk::frontends::profile {

// Nothing: the target is something else, and nothing was done.
std::optional<inspection::ExitCode> run_leaks_of_dump(const StackLeaksRequest& request);

// goshawk heap FILE: that nothing of it is in a dump.
std::optional<inspection::ExitCode> refuse_memory_of_dump(const std::string& target);

}  // namespace goshawk::frontends::profile
