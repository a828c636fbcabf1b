// Why a process cannot be looked into, and what the user can do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "target/process_directory.h"

namespace goshawk::target {

// What the kernel compares when it decides.
struct AccessFacts {
  std::int64_t own_uid = 0;
  std::int64_t target_uid = 0;
  bool own_capability = false;  // CAP_SYS_PTRACE
  bool target_has_more_capabilities = false;
  bool same_user_namespace = true;
  std::int64_t yama_scope = 0;  // kernel.yama.ptrace_scope; 0 where there is no yama
};

AccessFacts read_access_facts(const ProcessDirectory& directory);

// After the kernel said no: another user's process, yama, a missing capability, a container.
struct AccessDenial {
  std::string because, remedy;
};
AccessDenial explain_denial(const AccessFacts& facts);
AccessDenial find_denial(const ProcessDirectory& directory);

// The same as an error; action is "read the memory of", "stop".
Error explain_denied_access(const ProcessDirectory& directory, const char* action);

// When a thread could not be seized though we may look into the process: who holds it already.
std::optional<Error> find_other_tracer(const ProcessDirectory& directory, std::int64_t tid);

// The process is no longer what it was when we opened it.
Error explain_gone(const ProcessDirectory& directory);

}  // namespace goshawk::target
