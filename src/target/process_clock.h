// What a process' own CLOCK_MONOTONIC says.
#pragma once

#include <cstdint>

#include "target/process_directory.h"

namespace goshawk::target {

std::int64_t read_monotonic_ns(const ProcessDirectory& directory);

}  // namespace goshawk::target
