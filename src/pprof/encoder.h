// A profile as profile.proto.
#pragma once

#include <string>

#include "base/result.h"
#include "pprof/profile.h"

namespace goshawk::pprof {

// The protobuf message, not compressed.
std::string encode(const Profile& profile);
Result<std::string> encode_gzipped(const Profile& profile);

}  // namespace goshawk::pprof
