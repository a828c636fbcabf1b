// What a profile says, for whoever shows it.
#pragma once

#include <string>

#include "findings/profile_sites.h"
#include "findings/profile_stacks.h"
#include "pprof/profile.h"
#include "pprof/profile_kind.h"

namespace goshawk::report {

struct ProfileReport {
  std::string name;  // of the file, as the user gave it
  pprof::Profile profile;
  pprof::ProfileKind kind = pprof::ProfileKind::kOther;
  pprof::ShownValues shown;
  findings::ProfileSites sites;    // of all but goroutines
  findings::ProfileStacks stacks;  // of goroutines
};

}  // namespace goshawk::report
