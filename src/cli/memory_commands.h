// Commands that look at the memory of a program, and that save it.
#pragma once

#include "cli/command.h"

namespace goshawk::cli {

Command heap();
Command diff();
Command snapshot();

}  // namespace goshawk::cli
