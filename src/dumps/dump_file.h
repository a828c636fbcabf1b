// The dumps in a file.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dumps/dumps.h"

namespace goshawk::dumps {

// Also of a pipe; "-" is standard input. Usage for what cannot be opened or read. A file without a
// dump has none: dumps is empty.
Result<Dumps> read_dumps(const std::string& path);

}  // namespace goshawk::dumps
