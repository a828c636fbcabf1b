// The texts that Go's endpoints give for debug=1, and their kin from other languages: heap, counts
// (goroutine, goroutineleak, threadcreate), contentions (block, mutex).
#pragma once

#include <string_view>

#include "base/byte_stream.h"
#include "base/result.h"
#include "pprof/profile.h"

namespace goshawk::pprof {

// By its first line that says anything.
bool is_profile_text(std::string_view beginning);

// In a Go text the functions of the runtime that a stack begins with have addresses and no names:
// they are given this one.
inline constexpr std::string_view kHiddenRuntime = "runtime.(not named)";

Result<Profile> read_text(ByteStream& stream);

}  // namespace goshawk::pprof
