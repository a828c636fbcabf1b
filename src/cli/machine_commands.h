// Commands that tell of this machine and of Goshawk's own knowledge.
#pragma once

#include "cli/command.h"

namespace goshawk::cli {

Command doctor();
Command ps();
Command explain();

}  // namespace goshawk::cli
