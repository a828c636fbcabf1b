// Rules as a user names them, in every way in.
#pragma once

#include "inspection/rule_argument.h"

namespace goshawk::frontends::inspect {

using inspection::parse_rule;
using inspection::rule_names;

}  // namespace goshawk::frontends::inspect
