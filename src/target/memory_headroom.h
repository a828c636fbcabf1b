// How much more memory a process could take before a limit of its cgroups, or of the machine, is
// reached. Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "target/process_directory.h"

namespace goshawk::target {

struct Headroom {
  bool known = false;
  std::optional<std::uint64_t> bytes;  // nullopt: there is no limit
};

// What could be given back at once (file pages not in use): whether it counts as free. The kernel
// takes a while to tell it.
enum class Reclaimable : std::uint8_t { kIsFree, kIsTaken };

// Of the cgroups that `membership` names, the text of /proc/PID/cgroup, and of all above them.
// `hierarchies`: where they are mounted, "/sys/fs/cgroup".
Headroom read_cgroup_headroom(std::string_view membership, const std::string& hierarchies,
                              Reclaimable reclaimable = Reclaimable::kIsFree);

// Of the machine, as its kernel reckons; nullopt: it does not.
std::optional<std::uint64_t> read_available_memory();

// Of one process, to be asked again and again cheaply.
class MemoryWatch {
 public:
  // The directory must outlive it.
  explicit MemoryWatch(const ProcessDirectory& directory);

  // Why `needed` bytes more may be too much for it now; nullopt: they are not. Also when its limit
  // cannot be told: what is not known is not risked.
  std::optional<std::string> find_lack(std::uint64_t needed_bytes) const;

 private:
  Headroom read_headroom(Reclaimable reclaimable) const;

  const ProcessDirectory& directory_;
  Headroom at_first_, at_first_without_;  // what is reclaimable counted as free, and as taken
};

}  // namespace goshawk::target
