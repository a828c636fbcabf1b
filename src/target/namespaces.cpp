// Containers, as far as /proc and ioctl_ns(2) tell of them.
//
// A process has a number in its own pid namespace and in each above; /proc shows those of the
// namespace that it was mounted for, and ptrace(2) and process_vm_readv(2) take those of the
// caller's. Both must be the same one.
//
// A user namespace is a tree with the system's at its root. A capability counts in the namespace of
// its holder and in all below. Who may not even look at the namespace of a process (which needs
// the same right as reading its memory) still sees its map of user ids: another map is another
// namespace, and one that is not ours and refuses our capability is not below ours.
#include "target/namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/process_list.h"

namespace goshawk::target {
namespace {

const char* const kListHint = "goshawk ps lists the processes that can be examined";

// include/linux/proc_ns.h: PROC_PID_INIT_INO, PROC_USER_INIT_INO
const char* const kSystemsPidNamespace = "pid:[4026531836]";
const char* const kSystemsUserNamespace = "user:[4026531837]";

const char* const kShareHint =
    "let it share the target's: kubectl debug --target=CONTAINER, shareProcessNamespace: true, "
    "podman or docker run --pid=container:NAME";

std::optional<std::string> read_link_of_self(const char* path) {
  std::string link(256, '\0');
  ssize_t n = ::readlink(path, link.data(), link.size());
  if (n < 0) return std::nullopt;
  link.resize(static_cast<std::size_t>(n));
  return link;
}

bool is_same_file(int a, int b) {
  struct stat first{}, second{};
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// A process that is pid in the innermost of its namespaces, and another one here.
std::optional<std::int64_t> find_by_pid_inside(std::int64_t pid) {
  auto entries = list_processes();
  if (!entries) return std::nullopt;
  std::optional<std::int64_t> found;
  for (const ProcessEntry& entry : *entries) {
    if (entry.pid_inside != pid) continue;
    if (found) return std::nullopt;  // several containers: none is meant for sure
    found = entry.pid;
  }
  return found;
}

}  // namespace

Result<void> check_proc() {
  auto self = read_link_of_self("/proc/self");
  if (self && parse_decimal(*self) == ::getpid()) return {};
  struct stat status{};
  if (!self && ::stat("/proc/version", &status) != 0)
    return fail(Missing{"/proc is not mounted here, and it is what tells of processes",
                        "mount it: mount -t proc proc /proc"});
  return fail(
      Missing{"/proc here shows another process namespace than goshawk's own, so its numbers name "
              "other processes",
              "enter both the mounts and the process namespace (nsenter -m -p -t PID), or mount "
              "goshawk's own: unshare --mount sh -c 'mount -t proc proc /proc && goshawk ...'"});
}

std::optional<std::int64_t> find_pid_inside(std::string_view status) {
  std::string_view pids = find_status_field(status, "NSpid");
  std::size_t last = pids.find_last_of("\t ");
  if (last == std::string_view::npos) return std::nullopt;
  auto inside = parse_decimal(pids.substr(last + 1));
  return inside == parse_decimal(pids) ? std::nullopt : inside;
}

std::string name_process(const ProcessDirectory& directory) {
  auto inside = find_pid_inside(directory.read_file("status").value_or(""));
  return inside ? fmt::format("process {} ({} in its container)", directory.pid(), *inside)
                : fmt::format("process {}", directory.pid());
}

std::optional<std::string> explain_own_pid_namespace() {
  auto own = read_link_of_self("/proc/self/ns/pid");
  if (!own || *own == kSystemsPidNamespace) return std::nullopt;
  return fmt::format("only the processes of goshawk's own container are to be seen here; {}",
                     kShareHint);
}

Error explain_absent(std::int64_t pid) {
  if (auto here = find_by_pid_inside(pid))
    return Missing{fmt::format("there is no process {} here, but one with that number in its "
                               "container",
                               pid),
                   fmt::format("from here it is process {}", *here)};
  if (auto own = explain_own_pid_namespace())
    return Missing{fmt::format("there is no process {} here", pid), *own};
  return Missing{fmt::format("there is no process {}", pid), kListHint};
}

UserNamespace find_user_namespace(const ProcessDirectory& directory) {
  FileDescriptor ours(::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC));
  FileDescriptor theirs = directory.open_file("ns/user", O_RDONLY);
  if (!theirs.is_open()) {
    auto self = ProcessDirectory::open(::getpid());
    if (!self || self->read_file("uid_map") == directory.read_file("uid_map"))
      return UserNamespace::kOurs;
    bool all_are_below = self->read_link("ns/user") == kSystemsUserNamespace;
    return all_are_below ? UserNamespace::kBelow : UserNamespace::kElsewhere;
  }
  if (!ours.is_open() || is_same_file(ours.get(), theirs.get())) return UserNamespace::kOurs;
  constexpr int kDeepest = 33;  // the kernel nests no deeper
  for (int depth = 0; depth < kDeepest; ++depth) {
    FileDescriptor parent(::ioctl(theirs.get(), NS_GET_PARENT));
    if (!parent.is_open()) break;
    if (is_same_file(ours.get(), parent.get())) return UserNamespace::kBelow;
    theirs = std::move(parent);
  }
  return UserNamespace::kElsewhere;
}

}  // namespace goshawk::target
