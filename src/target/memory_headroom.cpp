// A process in a container has its limit in a cgroup that we may see by its path in our own
// hierarchy, or only where the container itself sees it: at the top of the hierarchy mounted in
// its root.
#include "target/memory_headroom.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "target/file_descriptor.h"

namespace goshawk::target {
namespace {

// The names of one version of the interface.
struct Names {
  std::array<const char*, 2> limits;  // at the one it is killed, at the other slowed down
  const char *usage, *reclaimable;
};
constexpr Names kUnified = {{"memory.max", "memory.high"}, "memory.current", "inactive_file "};
constexpr Names kLegacy = {
    {"memory.limit_in_bytes", nullptr}, "memory.usage_in_bytes", "total_inactive_file "};

std::optional<std::string> read_text(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, 16 << 10> text;  // NOLINT(*-member-init): as much as is read
  ssize_t size = file.is_open() ? ::read(file.get(), text.data(), text.size()) : -1;
  if (size < 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::uint64_t parse_bytes(std::string_view text) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(parse_decimal(text).value_or(0), 0));
}

std::uint64_t read_reclaimable(const std::string& folder, const Names& names) {
  std::string text = read_text(folder + "/memory.stat").value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with(names.reclaimable))
      return parse_bytes(line.substr(std::string_view(names.reclaimable).size()));
  }
  return 0;
}

// Of one cgroup. The root of a hierarchy has no limit, and may have no such file.
std::optional<std::uint64_t> read_room(const std::string& folder, const Names& names,
                                       Reclaimable reclaimable) {
  constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;  // the legacy one's is rounded
  std::uint64_t most = kNoLimit;
  for (const char* name : names.limits) {
    auto limit = name == nullptr ? std::nullopt : read_text(folder + "/" + name);
    if (limit && !limit->starts_with("max")) most = std::min(most, parse_bytes(*limit));
  }
  if (most >= kNoLimit) return std::nullopt;
  std::uint64_t used = parse_bytes(read_text(folder + "/" + names.usage).value_or(""));
  if (reclaimable == Reclaimable::kIsFree) used -= std::min(used, read_reclaimable(folder, names));
  return most - std::min(most, used);
}

bool exists(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

// From the cgroup up to the hierarchy's mount.
Headroom read_hierarchy(const std::string& mount, std::string path, const Names& names,
                        Reclaimable reclaimable) {
  if (path.find("/..") != std::string::npos || !exists(mount + path + "/cgroup.procs")) return {};
  Headroom headroom{.known = true, .bytes = {}};
  while (true) {
    if (auto room = read_room(mount + path, names, reclaimable))
      headroom.bytes = std::min(headroom.bytes.value_or(*room), *room);
    std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || path.size() <= 1) return headroom;
    path.resize(slash);
  }
}

// The path of a line "4:memory:/a/b" or "0::/a/b".
std::optional<std::string> find_path(std::string_view membership, bool legacy) {
  while (!membership.empty()) {
    std::string_view line = membership.substr(0, membership.find('\n'));
    membership.remove_prefix(std::min(line.size() + 1, membership.size()));
    std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    bool wanted =
        legacy ? controllers.find(",memory,") != std::string::npos : line.starts_with("0::");
    if (wanted) return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

std::string tell_megabytes(std::uint64_t bytes) { return fmt::format("{} MB", bytes / 1'000'000); }

}  // namespace

Headroom read_cgroup_headroom(std::string_view membership, const std::string& hierarchies,
                              Reclaimable reclaimable) {
  // One version has the memory of a machine.
  if (auto path = find_path(membership, true))
    return read_hierarchy(hierarchies + "/memory", *path, kLegacy, reclaimable);
  auto path = find_path(membership, false);
  if (!path) return Headroom{.known = true, .bytes = {}};  // a kernel without them
  return read_hierarchy(hierarchies, *path, kUnified, reclaimable);
}

std::optional<std::uint64_t> read_available_memory() {
  std::string machine = read_text("/proc/meminfo").value_or("");
  std::string_view kilobytes = find_status_field(machine, "MemAvailable");
  if (kilobytes.empty()) return std::nullopt;
  return parse_bytes(kilobytes) * 1024;
}

MemoryWatch::MemoryWatch(const ProcessDirectory& directory)
    : directory_(directory),
      at_first_(read_headroom(Reclaimable::kIsFree)),
      at_first_without_(read_headroom(Reclaimable::kIsTaken)) {}

Headroom MemoryWatch::read_headroom(Reclaimable reclaimable) const {
  std::string membership = directory_.read_file("cgroup").value_or("");
  Headroom headroom = read_cgroup_headroom(membership, "/sys/fs/cgroup", reclaimable);
  if (headroom.known) return headroom;
  std::string inside = fmt::format("/proc/{}/root/sys/fs/cgroup", directory_.pid());
  bool legacy = find_path(membership, true).has_value();
  return read_cgroup_headroom(legacy ? "1:memory:/" : "0::/", inside, reclaimable);
}

std::optional<std::string> MemoryWatch::find_lack(std::uint64_t needed_bytes) const {
  std::uint64_t available = read_available_memory().value_or(0);
  if (available < needed_bytes)
    return fmt::format("the machine has {} of memory left, and {} may be needed",
                       tell_megabytes(available), tell_megabytes(needed_bytes));
  if (!at_first_.known) return "the memory limit of its cgroup cannot be told from here";
  if (!at_first_.bytes || !at_first_without_.bytes) return std::nullopt;
  // What it has taken since then.
  std::uint64_t without = read_headroom(Reclaimable::kIsTaken).bytes.value_or(0);
  std::uint64_t taken = *at_first_without_.bytes - std::min(*at_first_without_.bytes, without);
  std::uint64_t left = *at_first_.bytes - std::min(*at_first_.bytes, taken);
  if (left >= needed_bytes) return std::nullopt;
  return fmt::format("its cgroup has {} of memory left, and {} may be needed", tell_megabytes(left),
                     tell_megabytes(needed_bytes));
}

}  // namespace goshawk::target
