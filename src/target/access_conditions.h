// All that decides whether a process may be looked into, one condition each: what was found,
// whether it stands in the way, and the exact line that would lift it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/process_access.h"

namespace goshawk::target {

// Where a line is to be put: a shell, the container's start, a pod's manifest.
enum class RemedyPlace : std::uint8_t { kShell, kContainer, kKubernetes };

struct Remedy {
  RemedyPlace place = RemedyPlace::kShell;
  std::string line;
};

struct Condition {
  enum class State : std::uint8_t { kFine, kBlocks, kUnknown };
  std::string name;   // "yama"
  std::string found;  // "kernel.yama.ptrace_scope is 1: only children may be examined"
  State state = State::kFine;
  std::vector<Remedy> remedies = {};  // of one that blocks
};

// Whether the seccomp filter that goshawk runs under lets a system call through.
enum class Probe : std::uint8_t { kNoFilter, kAllowed, kRefused };

// What was found of the process and of goshawk's own place; nullopt: it may not be told.
struct Surroundings {
  std::int64_t pid = 0;
  std::string command;
  AccessFacts access;
  bool may_open_memory = false;  // the kernel's own answer, for everything that it compares
  bool has_yama = false;
  std::optional<bool> capability_counts;  // in the user namespace of the process
  std::optional<bool> dumpable;
  std::optional<bool> same_user_namespace, same_pid_namespace, same_mount_namespace;
  std::optional<std::int64_t> pid_inside;  // its number in its own pid namespace, if it has another
  std::int64_t tracer_pid = 0;             // 0: nobody
  std::string tracer_command;
  Probe ptrace = Probe::kNoFilter, process_vm_readv = Probe::kNoFilter;
};

// nullopt: there is no such process.
std::optional<Surroundings> read_surroundings(std::int64_t pid);

std::vector<Condition> judge_conditions(const Surroundings& surroundings);

// Of the text of /proc/PID/status.
std::optional<std::int64_t> parse_effective_uid(std::string_view status);

// "Linux 6.1.0-28-amd64 x86_64".
std::string describe_kernel();
// What does not depend on any process: for a core or a snapshot nothing more matters.
Condition describe_own_user();

}  // namespace goshawk::target
