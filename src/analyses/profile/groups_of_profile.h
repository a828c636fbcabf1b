// A profile of goroutines as groups of them.
#pragma once

#include "analyses/profile/stack_groups.h"
#include "pprof/profile.h"
#include "pprof/profile_kind.h"

namespace goshawk::analyses::profile {

// `leaked`: the profile is of those that Go's runtime found to be leaked. Who started a goroutine,
// its state and how long it waits no profile tells.
StackGroups group_goroutines(const pprof::Profile& profile, pprof::ShownValues shown, bool leaked);

}  // namespace goshawk::analyses::profile
