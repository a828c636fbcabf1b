// Allocation records as a pprof profile that says the same as the process' own /debug/pprof/heap.
#pragma once

#include <cstdint>

#include "pprof/profile.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

pprof::Profile make_allocation_profile(const snapshot::Snapshot& snapshot, std::int64_t time_ns);

}  // namespace goshawk::report
