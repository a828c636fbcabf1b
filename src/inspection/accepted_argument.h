// What the user accepts: a suppression file, a baseline.
#pragma once

#include <string>

#include "base/result.h"
#include "inspection/inspection.h"

namespace goshawk::inspection {

// Read in the current directory unless another file is named, or none is wanted.
constexpr const char* kSuppressionFile = ".goshawk.toml";

struct AcceptedArgument {
  std::string suppressions = {};  // --suppressions; empty: not given
  bool no_suppressions = false;   // --no-suppressions
  std::string baseline = {};      // --baseline; empty: not given
};

// Usage for files that cannot be read or are not what they should be.
Result<Accepted> read_accepted(const AcceptedArgument& argument);

}  // namespace goshawk::inspection
