// Why a process cannot be looked into, and what the user can do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "target/namespaces.h"
#include "target/process_directory.h"

namespace goshawk::target {

// What the kernel compares when it decides.
struct AccessFacts {
  std::int64_t own_uid = 0, own_gid = 0;
  std::int64_t target_uid = 0, target_gid = 0;
  bool same_user = true;             // in all of the target's user ids: real, effective, saved
  bool same_group = true;            // likewise
  bool own_capability = false;       // CAP_SYS_PTRACE, in effect
  bool capability_withheld = false;  // our container has it, but no user except root gets it
  bool in_container = false;         // of ours the usual capabilities of a system's root were taken
  bool target_has_more_capabilities = false;
  bool target_is_protected = false;  // PR_SET_DUMPABLE is 0, as far as that can be seen
  UserNamespace user_namespace = UserNamespace::kOurs;
  std::int64_t yama_scope = 0;  // kernel.yama.ptrace_scope; 0 where there is no yama
};
AccessFacts read_access_facts(const ProcessDirectory& directory);

// After the kernel said no: another user's process, yama, a missing capability, a container.
struct AccessDenial {
  std::string because, remedy;
};
AccessDenial explain_denial(const AccessFacts& facts);
AccessDenial find_denial(const ProcessDirectory& directory);

// The same as an error; action is "read the memory of".
Error explain_denied_access(const ProcessDirectory& directory, const char* action);

// It may be read, and not stopped: ptrace itself may be what a seccomp filter takes from us.
bool is_ptrace_filtered();
Error explain_denied_stop(const ProcessDirectory& directory);

// When a thread could not be seized though we may look into the process: who holds it already.
std::optional<Error> find_other_tracer(const ProcessDirectory& directory, std::int64_t tid);

bool has_ended(const ProcessStat& stat);  // a zombie, or gone
// While a process executes another program its first thread may have ended for a moment: waits for
// that, some milliseconds at most. Nothing: there is no such process.
std::optional<ProcessStat> read_settled_stat(const ProcessDirectory& directory);

// Of these no memory is to be had by the process's number.
Error explain_first_thread_ended(const ProcessDirectory& directory, const ProcessStat& stat);
Error explain_kernel_thread(const ProcessDirectory& directory, const ProcessStat& stat);

// The process is no longer what it was when we opened it, or was never more than that.
Error explain_gone(const ProcessDirectory& directory);

}  // namespace goshawk::target
