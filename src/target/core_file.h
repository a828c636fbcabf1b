// A core file as a Target, whoever wrote it: the kernel, gdb's gcore, a Go program that crashed
// with GOTRACEBACK=crash.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace goshawk::target {

// Where the executable that made the core is looked for. A core leaves out what is in it.
struct ExecutableSearch {
  std::string
      executable;  // this one and no other; empty: by its path, beside the core, by build id
  // Searched before the system's: with a .build-id folder in each, or the executable's whole path.
  std::vector<std::string> debug_directories;
};

// Fails when the file is no core of a 64-bit program, when the named executable cannot be opened,
// and when it, or the one at its path, is another build: the error names both build ids. A core
// without any executable is opened: it may hold all that is needed (why_unreadable).
Result<std::unique_ptr<Target>> open_core(const std::string& path, const ExecutableSearch& search);

}  // namespace goshawk::target
