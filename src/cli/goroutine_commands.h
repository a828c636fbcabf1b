// Commands that look at the goroutines of one picture.
#pragma once

#include "cli/command.h"

namespace goshawk::cli {

Command leaks();
Command baseline();
Command goroutines();

}  // namespace goshawk::cli
