// "Largest types in it: 1,000 main.session 3.2 MB, 20 []uint8 1.1 MB".
#pragma once

#include <string>

#include "findings/finding.h"

namespace goshawk::report {

// "" where nothing is to be told: nothing is held, or nothing of it has a known type.
std::string largest_types_text(const findings::Cost& cost);

}  // namespace goshawk::report
