// What a profile's samples add up to.
#pragma once

#include "findings/profile_sites.h"
#include "pprof/profile.h"
#include "pprof/profile_kind.h"

namespace goshawk::analyses::profile {

// In time proportional to the stacks. Sums that no 64 bits hold wrap around, as they do in Go.
findings::ProfileSites sum_sites(const pprof::Profile& profile, pprof::ShownValues shown);

}  // namespace goshawk::analyses::profile
