// PTRACE_GETREGSET, for the architecture that this is built for.
#include "target/thread_registers.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <array>
#include <cstddef>

#include "target/registers.h"

namespace goshawk::target {
namespace {

#if defined(__x86_64__)
constexpr auto kMachine = binary::Machine::kX86_64;
constexpr int kVectorState = NT_X86_XSTATE;
#elif defined(__aarch64__)
constexpr auto kMachine = binary::Machine::kArm64;
constexpr int kVectorState = NT_FPREGSET;
#else
#error "Goshawk examines processes of its own architecture: x86-64 or arm64"
#endif

using State = std::array<std::byte, 16 << 10>;  // AVX-512 and AMX tiles fit

ByteView read_set(std::int64_t tid, int type, State& into) {
  iovec vector{into.data(), into.size()};
  if (::ptrace(PTRACE_GETREGSET, static_cast<pid_t>(tid), type, &vector) != 0) return {};
  return ByteView(into).first(vector.iov_len);
}

}  // namespace

std::optional<Thread> read_thread_registers(std::int64_t tid) {
  alignas(64) State state;
  auto thread = decode_general_registers(kMachine, tid, read_set(tid, NT_PRSTATUS, state));
  if (!thread) return std::nullopt;
  if (kMachine == binary::Machine::kArm64)  // a second word where the kernel has SME
    thread->tls = Address(load<std::uint64_t>(read_set(tid, NT_ARM_TLS, state), 0).value_or(0));
  append_vector_state(*thread, read_set(tid, kVectorState, state));
  return thread;
}

std::int64_t read_stopped_system_call(std::int64_t tid) {
  alignas(64) State state;
#if defined(__x86_64__)
  ByteView set = read_set(tid, NT_PRSTATUS, state);
  constexpr std::uint64_t kNumber = offsetof(user_regs_struct, orig_rax);
  return static_cast<std::int64_t>(load<std::uint64_t>(set, kNumber).value_or(~0ULL));
#else
  ByteView set = read_set(tid, NT_ARM_SYSTEM_CALL, state);
  return static_cast<std::int32_t>(load<std::uint32_t>(set, 0).value_or(~0U));
#endif
}

}  // namespace goshawk::target
