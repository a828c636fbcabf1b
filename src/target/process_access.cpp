// Finds out why the kernel refused, by asking the same questions as it does, and names the remedy.
//
// Follows __ptrace_may_access (kernel/ptrace.c) and yama_ptrace_access_check (security/yama):
// the same user in every respect and a dumpable target, or CAP_SYS_PTRACE in the target's user
// namespace; then yama's scope: 0 nothing more, 1 a child of ours or the capability, 2 the
// capability, 3 never. /proc/PID/mem is a file besides, with an owner (root, where the target is
// not dumpable). What a security module or a seccomp filter refuses cannot be told apart.
#include "target/process_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace goshawk::target {
namespace {

constexpr unsigned kCapSysPtrace = 19, kCapSysAdmin = 21;

std::uint64_t parse_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (char c : text) {
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) break;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  return value;
}

std::int64_t read_yama_scope() {
  FileDescriptor file(::open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC));
  char text[8] = {};
  if (!file.is_open() || ::read(file.get(), text, sizeof text - 1) <= 0) return 0;
  return parse_decimal(text).value_or(0);
}

// All three of a line "Uid:\treal\teffective\tsaved\tfs".
bool are_all(std::string_view ids, std::int64_t wanted) {
  for (int i = 0; i < 3; ++i) {
    if (parse_decimal(ids) != wanted) return false;
    ids.remove_prefix(std::min(ids.find('\t'), ids.size() - 1) + 1);
  }
  return true;
}

// The kernel gives what is in /proc/PID of a protected process to root.
bool is_protected(const ProcessDirectory& directory, std::int64_t target_euid) {
  struct stat status{};
  return target_euid != 0 && ::fstatat(directory.fd(), "stat", &status, 0) == 0 &&
         status.st_uid != target_euid;
}

struct OwnCapabilities {
  std::uint64_t effective = 0, bounding = 0;
};

OwnCapabilities read_own_capabilities() {
  auto self = ProcessDirectory::open(::getpid());
  std::string status = self ? self->read_file("status").value_or("") : "";
  return {parse_hex(find_status_field(status, "CapEff")),
          parse_hex(find_status_field(status, "CapBnd"))};
}

bool has(std::uint64_t capabilities, unsigned one) { return (capabilities >> one & 1) != 0; }

std::string as_root(const AccessFacts& facts) {
  if (!facts.in_container) return "run goshawk as root (sudo goshawk ...)";
  return "run goshawk as root of its container with CAP_SYS_PTRACE (podman or docker run --user 0 "
         "--cap-add=SYS_PTRACE; Kubernetes: securityContext: {runAsUser: 0, capabilities: {add: "
         "[\"SYS_PTRACE\"]}})";
}

std::string as_that_user(const AccessFacts& facts) {
  if (!facts.in_container) return "run goshawk as that user or as root (sudo goshawk ...)";
  return fmt::format(
      "run goshawk as that user (podman or docker run --user {0}:{1}; Kubernetes: securityContext: "
      "{{runAsUser: {0}, runAsGroup: {1}}}), or as root with CAP_SYS_PTRACE",
      facts.target_uid, facts.target_gid);
}

AccessDenial explain_another_user_namespace(const AccessFacts& facts) {
  if (facts.own_capability)
    return {"it runs in another user namespace, where goshawk's CAP_SYS_PTRACE does not count",
            "run goshawk as root of the host, or inside that namespace: sudo nsenter -U -t PID "
            "goshawk PID"};
  return {
      "it runs in another user namespace (a rootless container?), where goshawk has no "
      "CAP_SYS_PTRACE",
      "run goshawk as the user who started that container, or as root of the host (sudo "
      "goshawk ...)"};
}

AccessDenial explain_missing_capability(const AccessFacts& facts) {
  if (facts.capability_withheld)
    return {fmt::format("this container has CAP_SYS_PTRACE, but goshawk runs in it as user {}, who "
                        "does not get it",
                        facts.own_uid),
            "run goshawk as root of its container (podman or docker run --user 0; Kubernetes: "
            "securityContext.runAsUser: 0)"};
  if (facts.own_uid == 0)
    return {"this root has no CAP_SYS_PTRACE: a container without it",
            "start the container with --cap-add=SYS_PTRACE (Kubernetes: "
            "securityContext.capabilities.add: [\"SYS_PTRACE\"]), or run goshawk on the host"};
  if (!facts.same_user)
    return {fmt::format("it belongs to user {}, and goshawk runs as user {}", facts.target_uid,
                        facts.own_uid),
            as_that_user(facts)};
  if (!facts.same_group)
    return {fmt::format("it runs with group {}, and goshawk with group {}: user and group must be "
                        "the same",
                        facts.target_gid, facts.own_gid),
            as_that_user(facts)};
  if (facts.target_has_more_capabilities)
    return {"it has capabilities that goshawk does not have", as_root(facts)};
  if (facts.target_is_protected)
    return {
        "it is protected (set-uid or set-gid, an executable that its user may not read, or it "
        "asked for that by PR_SET_DUMPABLE)",
        as_root(facts)};
  return {"the kernel does not say why (a security module such as AppArmor, SELinux or Landlock?)",
          as_root(facts)};
}

std::optional<AccessDenial> explain_yama(const AccessFacts& facts) {
  if (facts.yama_scope == 2 && !facts.own_capability)
    return AccessDenial{"kernel.yama.ptrace_scope is 2: only root may do it",
                        facts.in_container ? as_root(facts) + ", or set it to 0 on the node"
                                           : "run goshawk as root (sudo goshawk ...)"};
  if (facts.yama_scope == 1 && !facts.own_capability)
    return AccessDenial{
        "kernel.yama.ptrace_scope is 1: only a process' own parent or root may do it",
        facts.in_container
            ? as_root(facts) + ", or set it to 0 on the node"
            : "run goshawk as root (sudo goshawk ...), or allow it until the next boot: sudo "
              "sysctl -w kernel.yama.ptrace_scope=0"};
  return std::nullopt;
}

}  // namespace

AccessFacts read_access_facts(const ProcessDirectory& directory) {
  AccessFacts facts;
  facts.own_uid = ::geteuid();
  facts.own_gid = ::getegid();
  auto own = read_own_capabilities();
  facts.own_capability = has(own.effective, kCapSysPtrace);
  facts.in_container = !has(own.bounding, kCapSysAdmin);
  facts.capability_withheld = !facts.own_capability && facts.own_uid != 0 && facts.in_container &&
                              has(own.bounding, kCapSysPtrace);
  facts.user_namespace = find_user_namespace(directory);
  auto status = directory.read_file("status").value_or("");
  std::string_view uids = find_status_field(status, "Uid"), gids = find_status_field(status, "Gid");
  facts.target_uid = parse_decimal(uids).value_or(-1);
  facts.target_gid = parse_decimal(gids).value_or(-1);
  facts.same_user = are_all(uids, facts.own_uid);
  facts.same_group = are_all(gids, facts.own_gid);
  facts.target_has_more_capabilities =
      (parse_hex(find_status_field(status, "CapPrm")) & ~own.effective) != 0;
  facts.target_is_protected = is_protected(directory, facts.target_uid);
  facts.yama_scope = read_yama_scope();
  return facts;
}

AccessDenial explain_denial(const AccessFacts& facts) {
  if (facts.yama_scope == 3)
    return {
        "kernel.yama.ptrace_scope is 3: this system forbids it to everybody until its next boot",
        "set kernel.yama.ptrace_scope below 3 in /etc/sysctl.d and boot again, or examine a core "
        "dump of it"};
  if (facts.user_namespace == UserNamespace::kElsewhere ||
      (facts.user_namespace == UserNamespace::kBelow && !facts.own_capability))
    return explain_another_user_namespace(facts);
  if (facts.own_capability)
    return {"a security module (AppArmor, SELinux, Landlock) forbids it",
            "look into the kernel's log for a denial (dmesg | grep -i denied); in a container, "
            "allow ptrace in its AppArmor or SELinux profile"};
  bool same = facts.same_user && facts.same_group;
  if (auto yama = same ? explain_yama(facts) : std::nullopt) return *std::move(yama);
  return explain_missing_capability(facts);
}

AccessDenial find_denial(const ProcessDirectory& directory) {
  return explain_denial(read_access_facts(directory));
}

Error explain_denied_access(const ProcessDirectory& directory, const char* action) {
  AccessDenial reason = find_denial(directory);
  return Denied{fmt::format("may not {} {}: {}", action, name_process(directory), reason.because),
                reason.remedy};
}

// No process has the number 0: a kernel that is asked answers ESRCH.
bool is_ptrace_filtered() {
  return ::ptrace(PTRACE_SEIZE, 0, nullptr, nullptr) != 0 && errno != ESRCH;
}

Error explain_denied_stop(const ProcessDirectory& directory) {
  if (!is_ptrace_filtered()) return explain_denied_access(directory, "stop");
  return Denied{fmt::format("may not stop {}: the seccomp filter that goshawk runs under forbids "
                            "ptrace",
                            name_process(directory)),
                "run it under a profile that allows ptrace: podman or docker run --security-opt "
                "seccomp=unconfined; Kubernetes: securityContext.seccompProfile.type: Unconfined"};
}

std::optional<Error> find_other_tracer(const ProcessDirectory& directory, std::int64_t tid) {
  auto status = directory.read_file(fmt::format("task/{}/status", tid).c_str());
  if (!status) return std::nullopt;
  std::int64_t tracer = parse_decimal(find_status_field(*status, "TracerPid")).value_or(0);
  if (tracer == 0) return std::nullopt;
  std::string command = "?";
  if (auto other = ProcessDirectory::open(tracer))
    if (auto stat = parse_stat(other->read_file("stat").value_or(""))) command = stat->command;
  return Denied{
      fmt::format("{} is already traced by process {} ({})", name_process(directory), tracer,
                  command),
      "a process has one tracer at a time (gdb, strace, delve, another goshawk): end that "
      "one or wait for it"};
}

bool has_ended(const ProcessStat& stat) { return stat.state == 'Z' || stat.state == 'X'; }

std::optional<ProcessStat> read_settled_stat(const ProcessDirectory& directory) {
  constexpr int kLooks = 20;
  std::optional<ProcessStat> stat;
  for (int look = 0; look < kLooks; ++look) {
    stat = parse_stat(directory.read_file("stat").value_or(""));
    if (!stat || !has_ended(*stat) || stat->thread_count <= 1) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return stat;
}

Error explain_first_thread_ended(const ProcessDirectory& directory, const ProcessStat& stat) {
  return Missing{fmt::format("the first thread of {} ({}) has ended, others go on",
                             name_process(directory), stat.command),
                 "no Go program ends its first thread, though a C program with a Go library may; "
                 "its memory cannot be read by its number"};
}

Error explain_kernel_thread(const ProcessDirectory& directory, const ProcessStat& stat) {
  return Missing{fmt::format("process {} ({}) is a kernel thread", directory.pid(), stat.command),
                 "goshawk ps lists the processes that can be examined"};
}

Error explain_gone(const ProcessDirectory& directory) {
  auto stat = read_settled_stat(directory);
  if (stat && stat->kernel_thread) return explain_kernel_thread(directory, *stat);
  if (stat && has_ended(*stat) && stat->thread_count > 1)
    return explain_first_thread_ended(directory, *stat);
  if (!stat || has_ended(*stat))
    return Missing{fmt::format("process {} exited while being read", directory.pid()),
                   "nothing is left to examine; goshawk ps lists what runs now"};
  return Missing{fmt::format("process {} executed another program while being read ({} now)",
                             directory.pid(), stat->command),
                 "run goshawk again for the new one"};
}

}  // namespace goshawk::target
