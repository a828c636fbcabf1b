// profile.proto, unpacked.
#pragma once

#include "base/byte_stream.h"
#include "base/result.h"
#include "pprof/profile.h"

namespace goshawk::pprof {

// To the end of the stream. Every index in what comes back is valid.
Result<Profile> read_message(ByteStream& stream);

}  // namespace goshawk::pprof
