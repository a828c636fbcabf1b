// /proc is listed each time, and only who is new in it is looked at: on a machine of a thousand
// processes that is a millisecond. A process may execute another program later, as the script does
// by which a container begins: who is not wanted is asked again now and then.
#include "frontends/watch/process_search.h"

#include <dirent.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "target/cgroup_membership.h"
#include "target/process_directory.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::uint32_t kSearchesBetweenLooks = 12;

std::vector<std::int64_t> list_pids() {
  std::vector<std::int64_t> pids;
  std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> proc(::opendir("/proc"));
  if (!proc) return pids;
  while (const dirent* entry = ::readdir(proc.get()))
    if (auto pid = target::parse_decimal(entry->d_name)) pids.push_back(*pid);
  std::ranges::sort(pids);
  return pids;
}

bool fits(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

ProcessSearch::ProcessSearch(Wanted wanted) : wanted_(std::move(wanted)) {
  if (!wanted_.cgroup.empty()) wanted_.cgroup = target::shorten_cgroup(wanted_.cgroup);
}

bool ProcessSearch::is_wanted(std::int64_t pid) const {
  auto directory = target::ProcessDirectory::open(pid);
  if (!directory) return false;
  if (!wanted_.cgroup.empty())
    return target::is_in_cgroup(directory->read_file("cgroup").value_or(""), wanted_.cgroup);
  auto stat = target::parse_stat(directory->read_file("stat").value_or(""));
  if (stat && fits(wanted_.name, stat->command)) return true;
  std::string path(target::without_deleted(directory->read_link("exe").value_or("")));
  return fits(wanted_.name, path.substr(path.rfind('/') + 1));
}

void ProcessSearch::put_off(std::int64_t pid) {
  if (goes_on() && seen_.erase(pid) > 0) put_off_.insert(pid);
}

std::vector<std::int64_t> ProcessSearch::find_new() {
  std::vector<std::int64_t> found;
  if (!goes_on()) {
    for (std::int64_t pid : wanted_.pids)
      if (seen_.insert(pid).second) found.push_back(pid);
    return found;
  }
  if (++searches_ % kSearchesBetweenLooks == 2) put_off_.clear();
  std::unordered_set<std::int64_t> there;
  for (std::int64_t pid : list_pids()) {
    there.insert(pid);
    if (pid == ::getpid() || seen_.contains(pid) || put_off_.contains(pid)) continue;
    if (is_wanted(pid)) {
      found.push_back(pid);
      seen_.insert(pid);
    } else {
      put_off_.insert(pid);
    }
  }
  auto is_gone = [&](std::int64_t pid) { return !there.contains(pid); };
  std::erase_if(seen_, is_gone);
  std::erase_if(put_off_, is_gone);
  return found;
}

}  // namespace goshawk::frontends::watch
