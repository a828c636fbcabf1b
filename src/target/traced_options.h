// What the kernel tells of the programs that we start (ptrace(2), PTRACE_SETOPTIONS).
#pragma once

#include <sys/ptrace.h>

namespace goshawk::target {

inline constexpr long kTracedOptions =
    PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
// Of those whose children are watched too.
inline constexpr long kOptionsForChildren =
    kTracedOptions | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;

// Of those whose children are let alone, and are looked at once they have executed a program: Go
// starts its children by vfork (syscall/exec_linux.go forkAndExecInChild1).
inline constexpr long kOptionsToSeeChildren =
    kTracedOptions | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE;

}  // namespace goshawk::target
