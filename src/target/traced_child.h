// A program of ours that is traced from before its first instruction on.
#pragma once

#include <sys/signal.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/file_descriptor.h"

namespace goshawk::target {

struct TracedChild {
  std::int64_t pid = 0;
  FileDescriptor exec_error;  // the errno of its exec comes out of it, if that fails
};

// `options`: PTRACE_O_..., seized with them. `restore_signals` puts back in the child what it must
// find as we did; it may allocate nothing. Denied: it may not be traced, and was not started.
Result<TracedChild> start_traced(const std::vector<std::string>& command,
                                 const std::vector<std::string>& environment, long options,
                                 const std::function<void()>& restore_signals);

}  // namespace goshawk::target
