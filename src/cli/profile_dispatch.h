// Commands that look at processes, cores and snapshots also look at profiles.
#pragma once

#include <optional>
#include <string_view>

#include "cli/command.h"
#include "frontends/profile/profile_command.h"

namespace goshawk::cli {

// The exit code, if the target is a profile; else nothing was done. `command` says which options
// there are: those that have no meaning for a profile are refused.
std::optional<int> run_on_profile(std::string_view command, const Arguments& arguments,
                                  frontends::profile::Question question);

// `goshawk diff`, likewise, if any of its targets is a profile.
std::optional<int> run_growth_of_profiles(const Arguments& arguments);

}  // namespace goshawk::cli
