// A profile of goroutines, judged.
#pragma once

#include <string>

#include "inspection/inspection.h"
#include "pprof/profile.h"
#include "report/judged.h"

namespace goshawk::inspection {

// `profile` is of goroutines, or of those that Go's runtime found to be leaked; `name` as the user
// gave it.
report::Judged judge_profile(const std::string& name, const pprof::Profile& profile,
                             const Accepted& accepted);

}  // namespace goshawk::inspection
