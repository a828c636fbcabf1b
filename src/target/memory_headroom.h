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

// Of the cgroups that `membership` names, the text of /proc/PID/cgroup, and of all above them.
// `hierarchies`: where they are mounted, "/sys/fs/cgroup". What could be given back at once (file
// pages not in use) counts as free.
Headroom read_cgroup_headroom(std::string_view membership, const std::string& hierarchies);

// Why `needed` bytes more may be too much for it; nullopt: they are not. Also when its limit cannot
// be told: what is not known is not risked.
std::optional<std::string> find_lack_of_memory(const ProcessDirectory& directory,
                                               std::uint64_t needed_bytes);

}  // namespace goshawk::target
