// From the typed words to the command that they mean.
#pragma once

#include <string>
#include <vector>

namespace goshawk::cli {

// Everything after the program's name; gives the exit code.
int run(const std::vector<std::string>& typed);

}  // namespace goshawk::cli
