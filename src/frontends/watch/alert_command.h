// --exec: a command of the user's is told of an alert.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace goshawk::frontends::watch {

// By /bin/sh, with `input` on its standard input, which it need not read; waits for it, and ends it
// and what it has started after `most_ns`. An error says how it ended when that was not well.
Result<void> run_alert_command(const std::string& command, std::string_view input,
                               std::int64_t most_ns);

}  // namespace goshawk::frontends::watch
