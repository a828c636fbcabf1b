// PTRACE_GETREGSET, decoded for the architecture that this is built for.
//
// The vector state is the kernel's XSAVE image (NT_X86_XSTATE) or user_fpsimd_state: its 64-bit
// words are taken as possible pointers wherever they stand, zeros left out. Words of it that are no
// vector register (control words, the header) can only add a false pointer, which is safe.
#include "target/thread_registers.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <array>
#include <cstring>

#include "base/byte_view.h"

namespace goshawk::target {
namespace {

std::optional<std::uint64_t> read_set(std::int64_t tid, int type, void* into,
                                      std::uint64_t size_bytes) {
  iovec vector{into, size_bytes};
  if (::ptrace(PTRACE_GETREGSET, static_cast<pid_t>(tid), type, &vector) != 0) return std::nullopt;
  return vector.iov_len;
}

void append_words(std::vector<std::uint64_t>& words, ByteView bytes) {
  for (std::size_t at = 0; fits(bytes, at, 8); at += 8)
    if (auto word = load_unchecked<std::uint64_t>(bytes.data() + at)) words.push_back(word);
}

void append_vector_state(std::int64_t tid, int type, std::vector<std::uint64_t>& words) {
  alignas(64) std::array<std::byte, 16 << 10> state{};  // AVX-512 and AMX tiles fit
  if (auto size_bytes = read_set(tid, type, state.data(), state.size()))
    append_words(words, ByteView(state).first(*size_bytes));
}

}  // namespace

#if defined(__x86_64__)

std::optional<Thread> read_thread_registers(std::int64_t tid) {
  user_regs_struct regs{};
  // A 32-bit thread has a smaller set.
  if (read_set(tid, NT_PRSTATUS, &regs, sizeof regs) != sizeof regs) return std::nullopt;
  Thread thread;
  thread.tid = tid;
  thread.pc = Address(regs.rip);
  thread.sp = Address(regs.rsp);
  thread.fp = Address(regs.rbp);
  thread.tls = Address(regs.fs_base);
  thread.registers = {regs.rax, regs.rbx, regs.rcx, regs.rdx, regs.rsi, regs.rdi,
                      regs.rbp, regs.rsp, regs.r8,  regs.r9,  regs.r10, regs.r11,
                      regs.r12, regs.r13, regs.r14, regs.r15, regs.rip};
  append_vector_state(tid, NT_X86_XSTATE, thread.vector_words);
  return thread;
}

#elif defined(__aarch64__)

std::optional<Thread> read_thread_registers(std::int64_t tid) {
  user_regs_struct regs{};
  if (read_set(tid, NT_PRSTATUS, &regs, sizeof regs) != sizeof regs) return std::nullopt;
  Thread thread;
  thread.tid = tid;
  thread.pc = Address(regs.pc);
  thread.sp = Address(regs.sp);
  thread.fp = Address(regs.regs[29]);
  thread.lr = Address(regs.regs[30]);
  std::uint64_t tls[2] = {};  // the second one where the kernel has SME
  if (read_set(tid, NT_ARM_TLS, tls, sizeof tls)) thread.tls = Address(tls[0]);
  thread.registers.assign(std::begin(regs.regs), std::end(regs.regs));
  thread.registers.push_back(regs.sp);
  thread.registers.push_back(regs.pc);
  append_vector_state(tid, NT_FPREGSET, thread.vector_words);
  return thread;
}

#else
#error "Goshawk examines processes of its own architecture: x86-64 or arm64"
#endif

}  // namespace goshawk::target
