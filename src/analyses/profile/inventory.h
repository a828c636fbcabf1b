// A profile reduced to its sites, so that never two whole ones are in memory.
#pragma once

#include <string>

#include "findings/profile_growth.h"
#include "pprof/profile.h"
#include "pprof/profile_kind.h"

namespace goshawk::analyses::profile {

// By lines, or, where the program was built anew between profiles, by functions, whose files are
// left out, and the numbers that the compiler gives closures.
enum class SitesBy { kLine, kFunction };

findings::ProfileInventory take_inventory(const pprof::Profile& profile, std::string name,
                                          pprof::ShownValues shown, SitesBy by);

}  // namespace goshawk::analyses::profile
