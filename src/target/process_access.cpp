// Finds out why the kernel refused, by asking the same questions as it does, and names the remedy.
//
// Follows __ptrace_may_access (kernel/ptrace.c) and yama_ptrace_access_check (security/yama):
// the same user in every respect and a dumpable target, or CAP_SYS_PTRACE in the target's user
// namespace; then yama's scope: 0 nothing more, 1 a child of ours or the capability, 2 the
// capability, 3 never. What a security module or a seccomp filter refuses cannot be told apart.
#include "target/process_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace goshawk::target {
namespace {

constexpr unsigned kCapSysPtrace = 19;

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

}  // namespace

AccessFacts read_access_facts(const ProcessDirectory& directory) {
  AccessFacts facts;
  facts.own_uid = ::geteuid();
  std::uint64_t own_capabilities = 0;
  if (auto self = ProcessDirectory::open(::getpid())) {
    auto status = self->read_file("status").value_or("");
    own_capabilities = parse_hex(find_status_field(status, "CapEff"));
    auto theirs = directory.read_link("ns/user"), ours = self->read_link("ns/user");
    facts.same_user_namespace = !theirs || !ours || *theirs == *ours;
  }
  facts.own_capability = (own_capabilities >> kCapSysPtrace & 1) != 0;
  auto status = directory.read_file("status").value_or("");
  facts.target_uid = parse_decimal(find_status_field(status, "Uid")).value_or(-1);
  facts.target_has_more_capabilities =
      (parse_hex(find_status_field(status, "CapPrm")) & ~own_capabilities) != 0;
  facts.yama_scope = read_yama_scope();
  return facts;
}

AccessDenial explain_denial(const AccessFacts& facts) {
  if (facts.yama_scope == 3)
    return {
        "kernel.yama.ptrace_scope is 3: this system forbids it to everybody until its next boot",
        "set kernel.yama.ptrace_scope below 3 in /etc/sysctl.d and boot again, or examine a core "
        "dump of it"};
  if (facts.own_capability && !facts.same_user_namespace)
    return {"it runs in another user namespace (a rootless container?)",
            "run goshawk as root of the host, or inside that namespace: nsenter -U -t PID"};
  if (facts.own_capability)
    return {
        "a security module (AppArmor, SELinux) or a seccomp filter of this container forbids it",
        "look into the kernel's log for a denial (dmesg | grep -i denied); in a container, allow "
        "ptrace in its seccomp and AppArmor profiles"};
  if (facts.own_uid == 0)
    return {"this root has no CAP_SYS_PTRACE: a container without it",
            "start the container with --cap-add=SYS_PTRACE (Kubernetes: "
            "securityContext.capabilities.add: [\"SYS_PTRACE\"]), or run goshawk on the host"};
  if (facts.own_uid != facts.target_uid)
    return {fmt::format("it belongs to user {}, and goshawk runs as user {}", facts.target_uid,
                        facts.own_uid),
            "run goshawk as that user or as root (sudo goshawk ...)"};
  if (facts.yama_scope == 2)
    return {"kernel.yama.ptrace_scope is 2: only root may do it",
            "run goshawk as root (sudo goshawk ...), or give it the capability: sudo setcap "
            "cap_sys_ptrace=ep \"$(command -v goshawk)\""};
  if (facts.yama_scope == 1 && !facts.target_has_more_capabilities)
    return {
        "kernel.yama.ptrace_scope is 1: a process may only examine its own children",
        "run goshawk as root (sudo goshawk ...), or allow it until the next boot: sudo sysctl -w "
        "kernel.yama.ptrace_scope=0"};
  if (facts.target_has_more_capabilities)
    return {"it has capabilities that goshawk does not have",
            "run goshawk as root (sudo goshawk ...)"};
  return {
      "it is protected (set-uid or set-gid, or it asked for that by PR_SET_DUMPABLE), or runs in "
      "another container",
      "run goshawk as root (sudo goshawk ...)"};
}

AccessDenial find_denial(const ProcessDirectory& directory) {
  return explain_denial(read_access_facts(directory));
}

Error explain_denied_access(const ProcessDirectory& directory, const char* action) {
  AccessDenial reason = find_denial(directory);
  return Denied{fmt::format("may not {} process {}: {}", action, directory.pid(), reason.because),
                reason.remedy};
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
      fmt::format("process {} is already traced by process {} ({})", directory.pid(), tracer,
                  command),
      "a process has one tracer at a time (gdb, strace, delve, another goshawk): end that "
      "one or wait for it"};
}

Error explain_gone(const ProcessDirectory& directory) {
  auto stat = parse_stat(directory.read_file("stat").value_or(""));
  if (!stat || stat->state == 'Z' || stat->state == 'X')
    return Missing{fmt::format("process {} exited while being read", directory.pid()),
                   "nothing is left to examine; goshawk ps lists what runs now"};
  return Missing{fmt::format("process {} executed another program while being read ({} now)",
                             directory.pid(), stat->command),
                 "run goshawk again for the new one"};
}

}  // namespace goshawk::target
