// Compiled Go code moves 16 bytes at a time from memory to memory through a vector register: a load
// and its store in one run of instructions. Between them the source may already be garbage, and the
// register the only place of what was loaded (Go 1.27 scans the registers of preempted goroutines
// for that; earlier collectors did not look). So the instructions ahead decide: nothing is held
// there when none of them uses what a vector register has now. Across jumps and calls Go keeps
// numbers in them, never pointers.
// Assembly and foreign code may do as they like. The runtime's own assembly, but for its movers,
// makes system calls, waits, or moves general registers.
#include "goruntime/stacks/vector_liveness.h"

#include <algorithm>

#include "binary/disassembly.h"
#include "goruntime/symbols/function_tables.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kCodeBytes = 256;

bool moves_pointers(std::string_view assembly) {
  constexpr std::string_view kMovers[] = {"runtime.memmove", "runtime.duffcopy",
                                          "runtime.asyncPreempt"};
  std::string_view name = assembly.substr(0, assembly.find(".abi0"));
  if (std::ranges::find(kMovers, name) != std::end(kMovers)) return true;
  return !name.starts_with("runtime.") && !name.starts_with("internal/runtime/") &&
         !name.starts_with("runtime/internal/") && !name.starts_with("syscall.");
}

}  // namespace

bool VectorLiveness::may_hold_pointer(Address pc) const {
  FunctionId function = functions_.find(pc);
  if (function == kNoFunction) return true;
  if (functions_.is_assembly(function)) return moves_pointers(functions_.name(function));
  auto code = memory_.read_bytes(pc, kCodeBytes);
  auto machine = functions_.tables().arm64 ? binary::Machine::kArm64 : binary::Machine::kX86_64;
  return !code || binary::may_read_vector_registers(machine, *code, pc);
}

}  // namespace goshawk::goruntime
