// What the user accepts, as every way in reads it.
#pragma once

#include "inspection/accepted_argument.h"

namespace goshawk::frontends::inspect {

using inspection::AcceptedArgument;
using inspection::kSuppressionFile;
using inspection::read_accepted;

}  // namespace goshawk::frontends::inspect
