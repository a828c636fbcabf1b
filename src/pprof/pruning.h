// Takes the frames of the sampling itself (allocators, signal handlers) off a profile's stacks.
#pragma once

#include "pprof/profile.h"

namespace goshawk::pprof {

// By the profile's own patterns. Does nothing where it has none, and for what is no regular
// expression.
void remove_sampling_frames(Profile& profile);

}  // namespace goshawk::pprof
