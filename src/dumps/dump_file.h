// The dumps in a file.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dumps/dumps.h"

namespace goshawk::dumps {

// Also of a pipe, and of what is packed (ByteStream); "-" is standard input. A file without a dump
// has none: dumps is empty.
Result<Dumps> read_dumps(const std::string& path);

}  // namespace goshawk::dumps
