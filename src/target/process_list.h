// Every process that /proc shows, and whether we may look into it. Attaches to nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace goshawk::target {

struct ProcessEntry {
  std::int64_t pid = 0;
  std::int64_t parent_pid = 0;
  std::optional<std::int64_t> pid_inside = {};  // in its own pid namespace, when that is another
  std::string command;          // of /proc/PID/stat: at most 15 bytes, chosen by the process
  std::string executable_path;  // empty when it cannot be told
  std::uint32_t uid = 0;
  std::int64_t age_ns = 0;
  std::uint64_t rss_bytes = 0;
  bool zombie = false;
  bool kernel_thread = false;
  bool accessible = false;      // its memory can be opened
  std::string why_not, remedy;  // when it is not accessible
};

// In the order of pids. Processes that end meanwhile are left out.
Result<std::vector<ProcessEntry>> list_processes();

}  // namespace goshawk::target
