// What works on a target and on this machine, what does not, and why.
#pragma once

#include "base/result.h"
#include "inspection/source.h"
#include "report/diagnosis.h"

namespace goshawk::inspection {

// Whatever can be found out is in it, however little that is. An error only for a target that is
// none (Usage), or where nothing at all can be said.
Result<report::Diagnosis> diagnose(const Source& source);

}  // namespace goshawk::inspection
