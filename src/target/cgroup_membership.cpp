#include "target/cgroup_membership.h"

#include <algorithm>

namespace goshawk::target {

std::string shorten_cgroup(std::string path) {
  for (std::string_view root : {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"})
    if (path.starts_with(root)) path.erase(0, root.size());
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (!path.starts_with('/')) path.insert(0, "/");
  return path;
}

bool is_in_cgroup(std::string_view membership, std::string_view cgroup) {
  for (std::size_t from = 0; from < membership.size();) {
    std::size_t end = std::min(membership.find('\n', from), membership.size());
    std::string_view line = membership.substr(from, end - from);
    from = end + 1;
    std::size_t second = line.find(':', line.find(':') + 1);  // "0::/a/b", "4:memory:/a"
    if (second == std::string_view::npos) continue;
    std::string_view path = line.substr(second + 1);
    if (!path.starts_with(cgroup)) continue;
    if (cgroup == "/" || path.size() == cgroup.size() || path[cgroup.size()] == '/') return true;
  }
  return false;
}

}  // namespace goshawk::target
