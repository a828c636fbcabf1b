// Whether what a command is told to look at is a profile.
#pragma once

#include <string>

namespace goshawk::frontends::profile {

// A file, by its content, or "-": standard input, of which nothing is taken. A number is a
// process, whatever files there are.
bool is_profile_target(const std::string& target);

}  // namespace goshawk::frontends::profile
