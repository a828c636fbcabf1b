// goshawk leaks FILE: of profiles of goroutines
#pragma once

#include <optional>

#include "frontends/profile/stack_leaks.h"

namespace goshawk::frontends::profile {

// Nothing: the target is no profile, and nothing was done.
std::optional<inspection::ExitCode> run_leaks_of_profile(const StackLeaksRequest& request);

}  // namespace goshawk::frontends::profile
