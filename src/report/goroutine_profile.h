// Goroutines as a pprof profile that says the same as the process' own /debug/pprof/goroutine.
#pragma once

#include <cstdint>
#include <string_view>

#include "pprof/profile.h"
#include "report/goroutine_selection.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// `type` is the name of the profile: "goroutine", or "goroutineleak" for leaked ones.
pprof::Profile make_goroutine_profile(const snapshot::Snapshot& snapshot,
                                      const Selection& selection, std::string_view type,
                                      std::int64_t time_ns);

}  // namespace goshawk::report
