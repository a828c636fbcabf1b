// Before it takes the address, and after it gave it back, the address is where sp points to.
#include "goruntime/goroutines/vfork.h"

#include <string_view>

namespace goshawk::goruntime {

std::optional<Address> find_vfork_return(const target::Target& target, const Functions& functions,
                                         const target::Thread& thread) {
  constexpr std::size_t kR12 = 3;  // in user_regs_struct
  auto is_in = [&](Address pc, std::string_view name) {
    FunctionId function = functions.find(pc);
    return function != kNoFunction && functions.name(function) == name;
  };
  if (target.machine() != binary::Machine::kX86_64 || thread.registers.size() <= kR12 ||
      !is_in(thread.pc, "syscall.rawVforkSyscall"))
    return std::nullopt;
  Address kept(thread.registers[kR12]);
  auto on_stack = target.memory().read_value<std::uint64_t>(thread.sp);
  if (!is_in(kept, "syscall.forkAndExecInChild1") || !on_stack || *on_stack == kept.value())
    return std::nullopt;
  return kept;
}

}  // namespace goshawk::goruntime
