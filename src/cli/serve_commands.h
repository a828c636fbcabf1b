// serve: the command that answers others.
#pragma once

#include "cli/command.h"

namespace goshawk::cli {

Command serve();

}  // namespace goshawk::cli
