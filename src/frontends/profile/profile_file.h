// Profiles as commands take them.
#pragma once

#include <string>

#include "base/result.h"
#include "pprof/profile.h"
#include "pprof/profile_kind.h"

namespace goshawk::frontends::profile {

// "-": standard input. Without the frames of the sampling itself; has a sample type. `name`: what
// its reader calls it, in errors; empty: its path.
Result<pprof::Profile> read_profile_file(const std::string& path, const std::string& name = {});

// "standard input", or the path: for messages.
std::string name_of_file(const std::string& path);

// The values that --sample-type names; empty: those that the profile means.
Result<pprof::ShownValues> choose_values(const std::string& path, const pprof::Profile& profile,
                                         const std::string& sample_type);

}  // namespace goshawk::frontends::profile
