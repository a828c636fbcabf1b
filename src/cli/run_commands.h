// The commands that start a program.
#pragma once

#include "cli/command.h"

namespace goshawk::cli {

Command exec();
Command run_program();
Command test();

}  // namespace goshawk::cli
