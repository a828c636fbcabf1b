// What a Go program is asked for by its environment, beside what is asked for there already.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace goshawk::frontends::testrun {

// The environment with GODEBUG=tracebackancestors=`count` in it, so that the runtime keeps of each
// goroutine by whom it was started, and by whom that one. As it was where that is set already.
std::vector<std::string> with_ancestors(std::vector<std::string> environment, std::uint32_t count);

}  // namespace goshawk::frontends::testrun
