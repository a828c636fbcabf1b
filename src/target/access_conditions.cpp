// The kernel's answer comes first: where the memory of a process can be opened, no condition that
// it compares stands in the way, however it looks. Where it cannot, every condition that would have
// to change is said to block, and the capability that lifts nearly all of them with it.
//
// The rules are those of process_access.cpp. A capability counts in the user namespace that it is
// held in and in all below that one (namespaces.h). The files of a process that is not dumpable
// belong to root (proc(5)); of one of root that cannot be told. Under a seccomp filter the two
// system calls are tried by a child, for a filter may kill who makes them: a PTRACE_DETACH of
// nobody, and a read of the child's own memory.
#include "target/access_conditions.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "target/namespaces.h"
#include "target/process_memory.h"

namespace goshawk::target {
namespace {

// What the line that grants a capability is for, in PATH or not.
std::string path_of_this_program() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "\"$(command -v goshawk)\"" : path.string();
}

using State = Condition::State;

// ---- What is so ----

std::optional<bool> is_same(const ProcessDirectory& theirs, const ProcessDirectory& ours,
                            const char* name) {
  auto one = theirs.read_link(name), other = ours.read_link(name);
  if (!one || !other) return std::nullopt;
  return *one == *other;
}

std::optional<bool> is_dumpable(const ProcessDirectory& directory, std::string_view status) {
  auto uid = parse_effective_uid(status);
  struct stat file{};
  if (!uid || *uid == 0 || ::fstatat(directory.fd(), "mem", &file, 0) != 0) return std::nullopt;
  return file.st_uid == static_cast<uid_t>(*uid);
}

void find_tracer(const ProcessDirectory& directory, Surroundings& into) {
  for (std::int64_t tid : directory.list_threads()) {
    auto status = directory.read_file(fmt::format("task/{}/status", tid).c_str());
    into.tracer_pid =
        parse_decimal(find_status_field(status.value_or(""), "TracerPid")).value_or(0);
    if (into.tracer_pid == 0) continue;
    if (auto tracer = ProcessDirectory::open(into.tracer_pid))
      if (auto stat = parse_stat(tracer->read_file("stat").value_or("")))
        into.tracer_command = stat->command;
    return;
  }
}

bool is_refused(long result) {
  return result < 0 && (errno == EPERM || errno == ENOSYS || errno == EACCES);
}

bool is_ptrace_refused() { return is_refused(::ptrace(PTRACE_DETACH, 0, nullptr, nullptr)); }

bool is_reading_refused() {
  char from = 1, to = 0;
  iovec local{&to, 1}, remote{&from, 1};
  return is_refused(::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0));
}

Probe probe(bool (*is_call_refused)()) {
  pid_t child = ::fork();
  if (child < 0) return Probe::kNoFilter;
  if (child == 0) ::_exit(is_call_refused() ? 1 : 0);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Probe::kAllowed : Probe::kRefused;
}

void probe_filter(const ProcessDirectory& ours, Surroundings& into) {
  constexpr std::string_view kNone = "0";
  std::string status = ours.read_file("status").value_or("");
  std::string_view mode = find_status_field(status, "Seccomp");
  if (mode.empty() || mode == kNone) return;
  into.ptrace = probe(is_ptrace_refused);
  into.process_vm_readv = probe(is_reading_refused);
}

// ---- What it means ----

const char* const kCapabilityLine = "securityContext: {capabilities: {add: [\"SYS_PTRACE\"]}}";

bool has_capability(const Surroundings& facts) {
  return facts.access.own_capability && facts.capability_counts == true;
}
// A condition that the capability overrules.
State blocks_without_capability(const Surroundings& facts, bool contrary) {
  return contrary && !facts.may_open_memory && !has_capability(facts) ? State::kBlocks
                                                                      : State::kFine;
}

Condition judge_user(const Surroundings& facts) {
  const AccessFacts& access = facts.access;
  bool other = access.own_uid != access.target_uid;
  Condition user{
      "user",
      fmt::format("goshawk runs as user {}, the process as {}", access.own_uid, access.target_uid),
      blocks_without_capability(facts, other)};
  if (user.state == State::kBlocks)
    user.remedies = {{RemedyPlace::kShell, fmt::format("sudo goshawk {}", facts.pid)},
                     {RemedyPlace::kKubernetes,
                      fmt::format("securityContext: {{runAsUser: {}}}", access.target_uid)}};
  return user;
}

Condition judge_capability(const Surroundings& facts) {
  Condition capability{"CAP_SYS_PTRACE", "goshawk has it", State::kFine};
  if (facts.access.own_capability && facts.capability_counts != true) {
    capability.found = facts.capability_counts
                           ? "goshawk has it, but not in the user namespace of the process"
                           : "goshawk has it in a user namespace of its own, which the process "
                             "is most likely not in";
    capability.state = facts.may_open_memory ? State::kFine : State::kBlocks;
    if (capability.state == State::kBlocks)
      capability.remedies = {
          {RemedyPlace::kShell, fmt::format("sudo goshawk {}   # as root of the host", facts.pid)},
          {RemedyPlace::kShell, fmt::format("nsenter -U -t {} goshawk {}", facts.pid, facts.pid)}};
    return capability;
  }
  if (facts.access.own_capability) return capability;
  capability.found = facts.may_open_memory ? "goshawk does not have it, and does not need it here"
                                           : "goshawk does not have it";
  capability.state = facts.may_open_memory ? State::kFine : State::kBlocks;
  if (capability.state == State::kFine) return capability;
  if (facts.access.own_uid != 0)
    capability.remedies = {
        {RemedyPlace::kShell, "sudo setcap cap_sys_ptrace=ep " + path_of_this_program()}};
  capability.remedies.push_back({RemedyPlace::kContainer, "docker run --cap-add=SYS_PTRACE ..."});
  capability.remedies.push_back({RemedyPlace::kKubernetes, kCapabilityLine});
  return capability;
}

Condition judge_yama(const Surroundings& facts) {
  std::int64_t scope = facts.access.yama_scope;
  if (!facts.has_yama) return {"yama", "not in this kernel"};
  static const char* const kMeanings[] = {"no restriction of its own",
                                          "a process may only examine its own children",
                                          "only CAP_SYS_PTRACE may examine", "nobody may examine"};
  std::string_view meaning = scope >= 0 && scope <= 3 ? kMeanings[scope] : "unknown";
  Condition yama{"yama", fmt::format("kernel.yama.ptrace_scope is {}: {}", scope, meaning)};
  if (scope == 3 && !facts.may_open_memory) {
    yama.state = State::kBlocks;
    yama.remedies = {{RemedyPlace::kShell,
                      "echo kernel.yama.ptrace_scope=1 | sudo tee /etc/sysctl.d/10-ptrace.conf; "
                      "sudo reboot   # it cannot be lifted before"}};
    return yama;
  }
  yama.state = blocks_without_capability(facts, scope > 0);
  if (yama.state == State::kBlocks)
    yama.remedies = {{RemedyPlace::kShell, "sudo sysctl -w kernel.yama.ptrace_scope=0"}};
  return yama;
}

Condition judge_protection(const Surroundings& facts) {
  Condition protection{"protection", "the process has not asked to be protected"};
  if (facts.dumpable == false)
    protection = {"protection",
                  "the process is protected: set-uid, or PR_SET_DUMPABLE, or an executable that "
                  "may not be read"};
  else if (facts.access.target_has_more_capabilities)
    protection = {"protection", "the process has capabilities that goshawk does not have"};
  else if (!facts.dumpable)
    protection.found = "cannot be told of a process of root";
  bool contrary = facts.dumpable == false || facts.access.target_has_more_capabilities;
  protection.state = blocks_without_capability(facts, contrary);
  if (protection.state == State::kBlocks)
    protection.remedies = {{RemedyPlace::kShell, fmt::format("sudo goshawk {}", facts.pid)}};
  return protection;
}

Condition judge_tracer(const Surroundings& facts) {
  if (facts.tracer_pid == 0) return {"tracer", "nobody traces the process"};
  return {"tracer",
          fmt::format("process {} ({}) traces it, and a process has one tracer at a time",
                      facts.tracer_pid, facts.tracer_command.empty() ? "?" : facts.tracer_command),
          State::kBlocks,
          {{RemedyPlace::kShell,
            fmt::format("kill {}   # or let it detach: gdb, strace, delve", facts.tracer_pid)}}};
}

Condition judge_filter(const Surroundings& facts) {
  if (facts.ptrace == Probe::kNoFilter) return {"seccomp", "goshawk runs under no filter"};
  if (facts.ptrace == Probe::kAllowed && facts.process_vm_readv == Probe::kAllowed)
    return {"seccomp", "goshawk runs under a filter that lets its system calls through"};
  std::string_view refused = facts.ptrace == Probe::kAllowed ? "process_vm_readv"
                             : facts.process_vm_readv == Probe::kAllowed
                                 ? "ptrace"
                                 : "ptrace and process_vm_readv";
  // The memory can be read by its file as well; threads cannot be stopped otherwise.
  return {"seccomp",
          fmt::format("a filter of this container refuses {}", refused),
          facts.ptrace == Probe::kAllowed ? State::kFine : State::kBlocks,
          {{RemedyPlace::kContainer, "docker run --security-opt seccomp=unconfined ..."},
           {RemedyPlace::kKubernetes, "securityContext: {seccompProfile: {type: Unconfined}}"}}};
}

Condition judge_namespaces(const Surroundings& facts) {
  auto word = [](std::optional<bool> same) {
    return !same ? "not to be told" : *same ? "the same" : "another";
  };
  Condition namespaces{
      "namespaces",
      fmt::format("user: {}, pid: {}{}, mount: {}", word(facts.same_user_namespace),
                  word(facts.same_pid_namespace),
                  facts.pid_inside ? fmt::format(" (it is {} in there)", *facts.pid_inside) : "",
                  word(facts.same_mount_namespace))};
  return namespaces;
}

// Everything that is known would allow it.
Condition judge_rest(const std::vector<Condition>& conditions) {
  for (const Condition& condition : conditions)
    if (condition.state == State::kBlocks)
      return {"security module", "not to be told while something else stands in the way",
              State::kUnknown};
  return {"security module",
          "something that cannot be seen from here forbids it: AppArmor, SELinux, or a filter",
          State::kBlocks,
          {{RemedyPlace::kShell, "sudo dmesg | grep -i denied   # says which"},
           {RemedyPlace::kContainer, "docker run --security-opt apparmor=unconfined ..."},
           {RemedyPlace::kKubernetes, "securityContext: {appArmorProfile: {type: Unconfined}}"}}};
}

}  // namespace

// "Uid:\treal\teffective\tsaved\tfile system".
std::optional<std::int64_t> parse_effective_uid(std::string_view status) {
  std::string_view uids = find_status_field(status, "Uid");
  std::size_t tab = uids.find('\t');
  return tab == std::string_view::npos ? std::nullopt : parse_decimal(uids.substr(tab + 1));
}

std::optional<Surroundings> read_surroundings(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  auto self = ProcessDirectory::open(::getpid());
  if (!directory || !self) return std::nullopt;
  Surroundings found;
  found.pid = pid;
  std::string status = directory->read_file("status").value_or("");
  if (auto stat = parse_stat(directory->read_file("stat").value_or("")))
    found.command = stat->command;
  found.access = read_access_facts(*directory);
  bool opens = open_memory(*directory).has_value();
  found.may_open_memory = opens || (errno != EACCES && errno != EPERM);  // else it has ended
  found.has_yama = ::access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0;
  found.capability_counts = found.access.user_namespace != UserNamespace::kElsewhere;
  found.dumpable = is_dumpable(*directory, status);
  found.same_user_namespace = is_same(*directory, *self, "ns/user");
  found.same_pid_namespace = is_same(*directory, *self, "ns/pid");
  found.same_mount_namespace = is_same(*directory, *self, "ns/mnt");
  found.pid_inside = find_pid_inside(status);
  if (found.pid_inside && !found.same_pid_namespace) found.same_pid_namespace = false;
  find_tracer(*directory, found);
  probe_filter(*self, found);
  return found;
}

std::vector<Condition> judge_conditions(const Surroundings& surroundings) {
  std::vector<Condition> conditions;
  for (auto judge : {judge_user, judge_capability, judge_yama, judge_protection, judge_tracer,
                     judge_filter, judge_namespaces})
    conditions.push_back(judge(surroundings));
  if (!surroundings.may_open_memory) conditions.push_back(judge_rest(conditions));
  return conditions;
}

std::string describe_kernel() {
  utsname name{};
  if (::uname(&name) != 0) return "";
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

Condition describe_own_user() {
  return {"user", fmt::format("goshawk runs as user {}; a file needs no more than to be read",
                              static_cast<std::int64_t>(::geteuid()))};
}

}  // namespace goshawk::target
