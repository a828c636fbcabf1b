// What several pictures have shown, in words.
#pragma once

#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::report {

// "12 → 15 → 19 in 10 seconds"; of many samples the first and the last ones. Where nobody came or
// went: "19 in each of 3 pictures in 10 seconds".
std::string growth_text(const findings::Growth& growth);

// "3 pictures in 10 seconds; the process stood still for 1 ms, 1 ms and 5 ms"
std::string pictures_text(const std::vector<findings::PictureTaken>& pictures);

}  // namespace goshawk::report
