// Commands that look at processes over time.
#pragma once

#include "cli/command.h"

namespace goshawk::cli {

Command watch();
Command history();

}  // namespace goshawk::cli
