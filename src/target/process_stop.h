// All threads of a process, held still by ptrace.
#pragma once

#include <chrono>
#include <memory>

#include "base/result.h"
#include "target/process_directory.h"
#include "target/target.h"

namespace goshawk::target {

struct StopLimits {
  // Nothing new was achieved for so long: a thread is in an uninterruptible sleep.
  std::chrono::milliseconds without_progress{1000};
  std::chrono::milliseconds in_all{5000};
};

// The directory must outlive the Stop.
Result<std::unique_ptr<Stop>> stop_process(const ProcessDirectory& directory,
                                           StopLimits limits = {});

}  // namespace goshawk::target
