// Why a process cannot be looked into, and what the user can do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "target/process_directory.h"

namespace goshawk::target {

// After the kernel said no: another user's process, yama, a missing capability, a container.
struct AccessDenial {
  std::string because, remedy;
};
AccessDenial find_denial(const ProcessDirectory& directory);

// The same as an error; action is "read the memory of", "stop".
Error explain_denied_access(const ProcessDirectory& directory, const char* action);

// When a thread could not be seized though we may look into the process: who holds it already.
std::optional<Error> find_other_tracer(const ProcessDirectory& directory, std::int64_t tid);

// kernel.yama.ptrace_scope; nullopt where there is no yama.
std::optional<std::int64_t> read_yama_scope();

// The process is no longer what it was when we opened it.
Error explain_gone(const ProcessDirectory& directory);

}  // namespace goshawk::target
