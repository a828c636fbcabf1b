// Whether a process belongs to a cgroup. Documentation/admin-guide/cgroup-v2.rst, /proc/PID/cgroup.
#pragma once

#include <string>
#include <string_view>

namespace goshawk::target {

// As /proc shows a cgroup: "/sys/fs/cgroup/a/b/" is "/a/b".
std::string shorten_cgroup(std::string path);

// `membership`: the text of /proc/PID/cgroup, a line for each hierarchy. Those below a cgroup
// belong to it.
bool is_in_cgroup(std::string_view membership, std::string_view cgroup);

}  // namespace goshawk::target
