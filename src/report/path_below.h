// How something is held, told below the line that tells how its holder is.
#pragma once

#include <string>

namespace goshawk::report {

// What `path` says more than that of its holder: ".sessions[...]" below "main.shop". All of it
// where it does not begin like that one; "" where it says no more; "..." where it is cut short
// before that one ends.
std::string path_below(const std::string& path, const std::string& above);

}  // namespace goshawk::report
