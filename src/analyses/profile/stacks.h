// How many stand where: of a profile that counts goroutines or threads.
#pragma once

#include "findings/profile_stacks.h"
#include "pprof/profile.h"
#include "pprof/profile_kind.h"

namespace goshawk::analyses::profile {

// Stacks whose lines are the same are one: the addresses of one line may differ.
findings::ProfileStacks group_stacks(const pprof::Profile& profile, pprof::ShownValues shown);

}  // namespace goshawk::analyses::profile
