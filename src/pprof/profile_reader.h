// Reads profiles as `go tool pprof` does: profile.proto, packed or not, and the texts that Go's
// endpoints give for debug=1.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_stream.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "pprof/profile.h"

namespace goshawk::pprof {

// What a profile may have, unpacked: `go tool pprof` would need twenty times as much memory.
inline constexpr std::uint64_t kMostProfileBytes = 1 << 30;
// What recognising wants to see.
inline constexpr std::size_t kRecognisedBytes = 4096;

// The unpacked beginning of a file, at least so much of it as there is.
bool is_profile(ByteView beginning);

// To the end of the stream, which needs not be a profile: Malformed then. Every index in what comes
// back is valid. Frames of the sampling itself (Profile::drop_frames) are still there.
Result<Profile> read_profile(ByteStream& stream);

}  // namespace goshawk::pprof
