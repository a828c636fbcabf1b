// A file that a user names, as a whole.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace goshawk {

// Also of a pipe (/dev/stdin, a shell's <(command)). Usage, with this hint, for what cannot be read
// or is longer.
Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes,
                              const std::string& hint);

}  // namespace goshawk
