// What the user may name as TARGET.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace goshawk::frontends::inspect {

// A process id. Usage for everything else, saying what is understood.
Result<std::int64_t> parse_target(const std::string& text);

}  // namespace goshawk::frontends::inspect
