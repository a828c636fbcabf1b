// The one table of commands.
#pragma once

#include <string_view>
#include <vector>

#include "cli/command.h"

namespace goshawk::cli {

const std::vector<Command>& commands();
const Command* find_command(std::string_view name);

// The command whose name is nearest to a mistyped one; nullptr when none is near.
const Command* find_nearest_command(std::string_view name);

inline constexpr std::string_view kDefaultCommand = "leaks";

}  // namespace goshawk::cli
