// x86-64: the addresses in DR0 to DR3, a bit for each in DR7 (Intel SDM 3B, 17.2). arm64: a
// register set of pairs of address and control (Arm ARM D2.9; asm/ptrace.h user_hwdebug_state).
#include "target/hardware_breakpoints.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <cstddef>

namespace goshawk::target {

#if defined(__x86_64__)

namespace {

bool poke(std::int64_t tid, std::size_t number, std::uint64_t value) {
  std::size_t offset = offsetof(user, u_debugreg) + number * sizeof(user::u_debugreg[0]);
  return ::ptrace(PTRACE_POKEUSER, static_cast<pid_t>(tid), offset, value) == 0;
}

}  // namespace

bool set_breakpoints(std::int64_t tid, std::span<const Address> instructions) {
  constexpr std::size_t kControl = 7;
  if (instructions.size() > kMostBreakpoints || !poke(tid, kControl, 0)) return false;
  std::uint64_t enabled = 0;
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    if (!poke(tid, i, instructions[i].value())) return false;
    enabled |= std::uint64_t{1} << (2 * i);
  }
  return poke(tid, kControl, enabled);
}

#else

bool set_breakpoints(std::int64_t tid, std::span<const Address> instructions) {
  struct {
    std::uint32_t information = 0, padding = 0;
    struct {
      std::uint64_t address = 0;
      std::uint32_t control = 0, padding = 0;
    } registers[kMostBreakpoints];
  } state;
  if (instructions.size() > kMostBreakpoints) return false;
  constexpr std::uint32_t kEnabledInPrograms = 0x1e5;  // all four bytes of an instruction
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    state.registers[i].address = instructions[i].value();
    state.registers[i].control = kEnabledInPrograms;
  }
  iovec vector{&state, sizeof state};
  return ::ptrace(PTRACE_SETREGSET, static_cast<pid_t>(tid), NT_ARM_HW_BREAK, &vector) == 0;
}

#endif

}  // namespace goshawk::target
