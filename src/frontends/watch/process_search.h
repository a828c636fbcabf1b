// Which processes are to be watched: some by their ids, or all of a name or a cgroup, those too
// that are started later.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"

namespace goshawk::frontends::watch {

// At most one of them is set.
struct Wanted {
  std::vector<std::int64_t> pids = {};
  std::string name = {};    // of the executable's file or of the process; may hold * and ?
  std::string cgroup = {};  // a path below the root of cgroups; those below it belong to it
};

class ProcessSearch {
 public:
  explicit ProcessSearch(Wanted wanted);

  // Those that were not there before; ourselves never. Cheap: a process is asked for its name once.
  std::vector<std::int64_t> find_new();
  // To be found again the next time: it has executed another program. An id names one process only.
  void forget(std::int64_t pid) {
    if (goes_on()) seen_.erase(pid);
  }
  // To be found again some time later: it cannot be watched now.
  void put_off(std::int64_t pid);
  // Whether others may come.
  bool goes_on() const { return !wanted_.name.empty() || !wanted_.cgroup.empty(); }

 private:
  bool is_wanted(std::int64_t pid) const;

  Wanted wanted_;
  std::unordered_set<std::int64_t> seen_, put_off_;
  std::uint32_t searches_ = 0;
};

}  // namespace goshawk::frontends::watch
