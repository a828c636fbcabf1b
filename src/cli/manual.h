// The manual page, made from the table of commands; docs/goshawk.1 is its output.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace goshawk::cli {

std::string render_manual(const std::vector<Command>& commands);

}  // namespace goshawk::cli
