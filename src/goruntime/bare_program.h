// What one binary is, by its structures and tables alone: sooner than with debug information, of
// which a large program has much. For questions that need no names of variables or lines.
#pragma once

#include "base/result.h"
#include "goruntime/program.h"
#include "target/target.h"

namespace goshawk::goruntime {

Result<Program> bind_bare_program(const target::Target& target);

}  // namespace goshawk::goruntime
