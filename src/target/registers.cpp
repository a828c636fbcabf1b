// Follows arch/x86/include/asm/user_64.h user_regs_struct and arch/arm64/include/uapi/asm/ptrace.h
// user_pt_regs: arrays of 64-bit words, told apart by their index.
#include "target/registers.h"

#include <array>

namespace goshawk::target {
namespace {

namespace x86_64 {
constexpr std::size_t kCount = 27;
constexpr std::size_t kRbp = 4, kRip = 16, kRsp = 19, kFsBase = 21;
// r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi; then orig_rax, rip, cs, eflags, rsp,
// ss, fs_base, gs_base, ds, es, fs, gs: no more pointers of the program but rip and rsp.
constexpr std::size_t kFirstGeneral = 0, kLastGeneral = 14;
}  // namespace x86_64

namespace arm64 {
constexpr std::size_t kCount = 34;  // x0 to x30, sp, pc, pstate
constexpr std::size_t kFp = 29, kLr = 30, kSp = 31, kPc = 32;
}  // namespace arm64

std::uint64_t word(ByteView registers, std::size_t index) {
  return load_unchecked<std::uint64_t>(registers.data() + index * 8);
}

}  // namespace

std::uint64_t general_registers_bytes(binary::Machine machine) {
  return 8 * (machine == binary::Machine::kX86_64 ? x86_64::kCount : arm64::kCount);
}

std::optional<Thread> decode_general_registers(binary::Machine machine, std::int64_t tid,
                                               ByteView registers) {
  if (registers.size() < general_registers_bytes(machine)) return std::nullopt;
  Thread thread;
  thread.tid = tid;
  auto add = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i) thread.registers.push_back(word(registers, i));
  };
  if (machine == binary::Machine::kX86_64) {
    thread.pc = Address(word(registers, x86_64::kRip));
    thread.sp = Address(word(registers, x86_64::kRsp));
    thread.fp = Address(word(registers, x86_64::kRbp));
    thread.tls = Address(word(registers, x86_64::kFsBase));
    add(x86_64::kFirstGeneral, x86_64::kLastGeneral);
    add(x86_64::kRsp, x86_64::kRsp);
    add(x86_64::kRip, x86_64::kRip);
  } else {
    thread.pc = Address(word(registers, arm64::kPc));
    thread.sp = Address(word(registers, arm64::kSp));
    thread.fp = Address(word(registers, arm64::kFp));
    thread.lr = Address(word(registers, arm64::kLr));
    add(0, arm64::kPc);
  }
  return thread;
}

void append_vector_state(Thread& thread, ByteView state) {
  for (std::size_t at = 0; fits(state, at, 8); at += 8)
    if (auto value = load_unchecked<std::uint64_t>(state.data() + at))
      thread.vector_words.push_back(value);
}

}  // namespace goshawk::target
