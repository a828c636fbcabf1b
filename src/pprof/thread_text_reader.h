// The stacks of threads as text ("threadz"): what C++ servers write.
#pragma once

#include <string_view>

#include "base/byte_stream.h"
#include "base/result.h"
#include "pprof/profile.h"

namespace goshawk::pprof {

// By its first line that says anything.
bool is_thread_title(std::string_view line);

// The stream is at that line.
Result<Profile> read_thread_text(ByteStream& stream);

}  // namespace goshawk::pprof
