// A goroutine dump as groups of goroutines.
#pragma once

#include "analyses/profile/stack_groups.h"
#include "dumps/dumps.h"

namespace goshawk::analyses::profile {

StackGroups group_goroutines(const dumps::Dumps& dumps, const dumps::Dump& dump);

}  // namespace goshawk::analyses::profile
