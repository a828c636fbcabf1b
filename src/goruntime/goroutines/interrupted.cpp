// The kernel writes a ucontext on the alternate stack, with that stack's own bounds in it: words
// that nothing else has together, and that also tell a stack that C code set. Of several (a signal
// interrupted a handler) the one whose stack pointer lies outside is the first that came, at the
// highest address.
//
// The handler itself holds nothing: it is not allowed write barriers, and no collection scans its
// stack. But it may be changing what it interrupted (runtime/signal_amd64.go pushCall): then
// neither the old registers nor the new ones are whole.
// Follows include/uapi/asm-generic/ucontext.h, arch/x86/include/uapi/asm/sigcontext.h and
// arch/arm64/include/uapi/asm/{ucontext,sigcontext}.h; runtime/signal_unix.go signalstack.
#include "goruntime/goroutines/interrupted.h"

#include <algorithm>
#include <array>
#include <optional>

#include "goruntime/goroutines/thread_match.h"
#include "target/registers.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostStackBytes = 1 << 20;
constexpr std::uint64_t kStackStart = 16, kStackFlags = 24, kStackSize = 32;  // ucontext.uc_stack

// The alternate stack that the ucontext at an offset of `used` names, if it can be one.
AddressRange find_signal_stack(ByteView bytes, std::uint64_t at, AddressRange used) {
  constexpr std::uint64_t kLeast = 2048, kMost = 1ULL << 30;
  if (load<std::uint32_t>(bytes, at + kStackFlags) != 0U) return {};
  Address start(load<std::uint64_t>(bytes, at + kStackStart).value_or(0));
  std::uint64_t size = load<std::uint64_t>(bytes, at + kStackSize).value_or(0);
  AddressRange stack{start, start + size};
  if (size < kLeast || size > kMost) return {};
  return stack.contains(used.start) && stack.contains(used.start + at) ? stack : AddressRange{};
}

namespace x86_64 {

constexpr std::uint64_t kRegisters = 40, kFpstate = 40 + 23 * 8;
// sigcontext's order of user_regs_struct's first words: r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax
// rcx rdx rsi rdi; orig_rax; rip; then eflags and rsp.
constexpr std::array<std::uint8_t, 15> kGeneral = {7, 6, 5,  4,  10, 11, 3, 2,
                                                   1, 0, 13, 14, 12, 9,  8};
constexpr std::uint64_t kRsp = 15, kRip = 16;
constexpr std::uint64_t kFxsaveBytes = 512;
constexpr std::uint64_t kSwReserved = 464;    // in the FXSAVE image: _fpx_sw_bytes
constexpr std::uint32_t kMagic = 0x46505853;  // FP_XSTATE_MAGIC1
constexpr std::uint32_t kMostXsaveBytes = 16 << 10;

// As user_regs_struct has them; fs_base stays what it is now.
std::optional<target::Thread> decode(ByteView bytes, std::uint64_t at, AddressRange range,
                                     const target::Thread& now) {
  auto word = [&](std::uint64_t index) {
    return load<std::uint64_t>(bytes, at + kRegisters + index * 8).value_or(0);
  };
  std::array<std::uint64_t, 27> registers{};
  for (std::size_t i = 0; i < kGeneral.size(); ++i) registers[i] = word(kGeneral[i]);
  registers[16] = word(kRip);
  registers[19] = word(kRsp);
  registers[21] = now.tls.value();
  auto thread = target::decode_general_registers(binary::Machine::kX86_64, now.tid,
                                                 std::as_bytes(std::span(registers)));
  if (!thread) return std::nullopt;
  Address state(load<std::uint64_t>(bytes, at + kFpstate).value_or(0));
  thread->vectors_complete = false;
  if (!range.contains(state)) return thread;
  ByteView saved = slice(bytes, state - range.start, kMostXsaveBytes);
  auto size_bytes = load<std::uint32_t>(saved, kSwReserved + 16).value_or(0);
  thread->vectors_complete = load<std::uint32_t>(saved, kSwReserved) == kMagic &&
                             size_bytes > kFxsaveBytes && size_bytes <= saved.size();
  target::append_vector_state(
      *thread, slice(saved, 0, thread->vectors_complete ? size_bytes : kFxsaveBytes));
  return thread;
}

}  // namespace x86_64

namespace arm64 {

constexpr std::uint64_t kRegisters = 184;  // sigcontext.regs, then sp, pc, pstate
constexpr std::uint64_t kReserved = 464;   // records {magic u32, size u32, ...}
constexpr std::uint32_t kFpsimdMagic = 0x46508001;
constexpr std::uint32_t kFpsimdBytes = 16 + target::kArm64VectorBytes;  // at least

std::optional<target::Thread> decode(ByteView bytes, std::uint64_t at, AddressRange,
                                     const target::Thread& now) {
  constexpr auto kMachine = binary::Machine::kArm64;
  auto thread = target::decode_general_registers(
      kMachine, now.tid, slice(bytes, at + kRegisters, target::general_registers_bytes(kMachine)));
  if (!thread) return std::nullopt;
  thread->tls = now.tls;
  ByteView record = slice(bytes, at + kReserved, bytes.size());  // the kernel writes fpsimd first
  auto size_bytes = load<std::uint32_t>(record, 4).value_or(0);
  thread->vectors_complete = load<std::uint32_t>(record, 0) == kFpsimdMagic &&
                             size_bytes >= kFpsimdBytes && size_bytes <= record.size();
  if (thread->vectors_complete) target::append_vector_state(*thread, slice(record, 0, size_bytes));
  return thread;
}

}  // namespace arm64

// Where runtime/signal_unix.go rewrites the context, or may have those inlined that do.
bool may_change_context(const Functions& functions, Address pc) {
  FunctionId function = functions.find(pc);
  if (function == kNoFunction) return false;
  std::string_view name = functions.name(function);
  return name == "runtime.sighandler" || name == "runtime.doSigPreempt" ||
         name.starts_with("runtime.(*sigctxt).");
}

}  // namespace

std::optional<target::Thread> find_interrupted(binary::Machine machine, ByteView bytes,
                                               AddressRange used, AddressRange stack,
                                               const target::Thread& now) {
  auto decode = machine == binary::Machine::kX86_64 ? x86_64::decode : arm64::decode;
  for (std::uint64_t at = bytes.size() / 8 * 8; at >= 8;) {
    at -= 8;
    AddressRange named = find_signal_stack(bytes, at, used);
    if (named.size_bytes() == 0 || (stack.size_bytes() != 0 && named != stack)) continue;
    auto before = decode(bytes, at, used, now);
    if (before && !before->pc.is_null() && !named.contains(before->sp)) return before;
  }
  return std::nullopt;
}

namespace {

// Page by page, as far as there are any.
std::vector<std::byte> read_stack(const target::Memory& memory, Address from, std::uint64_t most) {
  std::vector<std::byte> bytes;
  while (bytes.size() < most) {
    Address at = from + bytes.size();
    auto page = memory.read_bytes(at, std::min(4096 - at.value() % 4096, most - bytes.size()));
    if (!page) break;
    bytes.insert(bytes.end(), page->begin(), page->end());
  }
  return bytes;
}

class Resolver {
 public:
  Resolver(const target::Target& target, const Functions& functions, const Scheduler& scheduler)
      : target_(target), functions_(functions), scheduler_(scheduler) {
    for (const M& m : scheduler.ms)
      if (m.gsignal_stack.start < m.gsignal_stack.end) stacks_.push_back(m.gsignal_stack);
    std::ranges::sort(stacks_, {}, &AddressRange::start);
  }

  Interruptions resolve(std::vector<target::Thread>& threads) {
    for (target::Thread& thread : threads) {
      auto after = std::ranges::upper_bound(stacks_, thread.sp, {}, &AddressRange::start);
      if (after != stacks_.begin() && (after - 1)->contains(thread.sp))
        resolve_on_gsignal(thread, *(after - 1));
    }
    ThreadMatch match = match_threads(threads, scheduler_);
    if (!match.lost.empty())
      for (const target::Thread& thread : threads)
        if (!match.m_of_thread.contains(thread.tid)) resolve_on_unknown_stack(thread);
    return found_;
  }

 private:
  void resolve_on_gsignal(target::Thread& thread, AddressRange stack) {
    ++found_.count;
    std::uint64_t most = std::min(stack.end - thread.sp, kMostStackBytes);
    if (may_change_context(functions_, thread.pc) || !replace(thread, stack, most))
      found_.all_resolved = false;
  }

  void resolve_on_unknown_stack(const target::Thread& thread) {
    auto before = find(thread, {}, kMostStackBytes);
    if (!before) return;
    ++found_.count;
    found_.elsewhere.push_back(*std::move(before));
  }

  bool replace(target::Thread& thread, AddressRange stack, std::uint64_t most) const {
    auto before = find(thread, stack, most);
    if (!before) return false;
    thread = *std::move(before);
    return true;
  }

  std::optional<target::Thread> find(const target::Thread& thread, AddressRange stack,
                                     std::uint64_t most) const {
    Address from(thread.sp.value() & ~std::uint64_t{7});
    std::vector<std::byte> bytes = read_stack(target_.memory(), from, most);
    return find_interrupted(target_.machine(), bytes, {from, from + bytes.size()}, stack, thread);
  }

  const target::Target& target_;
  const Functions& functions_;
  const Scheduler& scheduler_;
  std::vector<AddressRange> stacks_;
  Interruptions found_;
};

}  // namespace

Interruptions resolve_interrupted(const target::Target& target, const Functions& functions,
                                  const Scheduler& scheduler,
                                  std::vector<target::Thread>& threads) {
  return Resolver(target, functions, scheduler).resolve(threads);
}

}  // namespace goshawk::goruntime
