// A goroutine whose thread waits in vfork for its child.
#pragma once

#include <optional>

#include "base/address.h"
#include "goruntime/symbols/functions.h"
#include "target/target.h"

namespace goshawk::goruntime {

// syscall/asm_linux_amd64.s rawVforkSyscall takes its return address from the stack, which the
// child uses too, and keeps it in R12 meanwhile: its caller's pc then, sp being the caller's own.
std::optional<Address> find_vfork_return(const target::Target& target, const Functions& functions,
                                         const target::Thread& thread);

}  // namespace goshawk::goruntime
