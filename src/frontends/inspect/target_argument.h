// What the user may name as TARGET.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace goshawk::frontends::inspect {

// A process id. Usage for everything else, saying what is understood.
Result<std::int64_t> parse_target(const std::string& text);

// The running Go processes whose program has this name: "10958 (orders)", "7, 8 or 9 (orders)";
// empty when there is none. Names are not accepted as targets: there may be two of a name.
std::string suggest_processes(std::string_view name);

}  // namespace goshawk::frontends::inspect
