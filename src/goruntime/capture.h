// Takes the picture: stops the target at a quiet instant, reads what the request wants, lets it go.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct CaptureRequest {
  bool references = true;  // heap and roots too; without them only goroutines
  bool labels = true;
  int quiet_attempts = 40;  // stops tried before an instant that is not quiet is taken
  std::vector<std::string> debug_directories = {};  // searched for debug files before the system's
  std::string runtime = {};  // which of several in the process: number, path; empty: the first
};

Result<snapshot::Snapshot> capture(target::Target& target, const CaptureRequest& request);

}  // namespace goshawk::goruntime
