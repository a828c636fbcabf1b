#include "goruntime/goroutines/interrupted.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace goshawk::goruntime {
namespace {

// A signal stack as the kernel of this machine leaves it to a handler.
struct Seen {
  std::vector<std::byte> bytes;
  AddressRange used, stack;
  std::uint64_t pc = 0, sp = 0;
};
Seen seen;

void handle(int, siginfo_t*, void* context) {
  auto* before = static_cast<ucontext_t*>(context);
  std::byte mark{};
  seen.used.start = Address(reinterpret_cast<std::uint64_t>(&mark) & ~std::uint64_t{7});
#if defined(__x86_64__)
  seen.pc = static_cast<std::uint64_t>(before->uc_mcontext.gregs[REG_RIP]);
  seen.sp = static_cast<std::uint64_t>(before->uc_mcontext.gregs[REG_RSP]);
#else
  seen.pc = before->uc_mcontext.pc;
  seen.sp = before->uc_mcontext.sp;
#endif
}

#if defined(__x86_64__)
constexpr auto kMachine = binary::Machine::kX86_64;
constexpr std::size_t kPlace = 5;  // rbx among Thread::registers
// A vector register and a callee-saved one hold what nothing else does.
void raise_with(std::uint64_t general, std::uint64_t vector) {
  asm volatile(
      "movq %0, %%rbx\n movq %1, %%xmm7\n"
      "movl $39, %%eax\n syscall\n movl %%eax, %%edi\n"  // getpid
      "movl $10, %%esi\n movl $62, %%eax\n syscall\n"    // kill(SIGUSR1)
      :
      : "r"(general), "r"(vector)
      : "rax", "rbx", "rcx", "rdi", "rsi", "r11", "xmm7", "memory");
}
#else
constexpr auto kMachine = binary::Machine::kArm64;
constexpr std::size_t kPlace = 19;  // x19
void raise_with(std::uint64_t general, std::uint64_t vector) {
  asm volatile(
      "mov x19, %0\n fmov d7, %1\n mov x8, #172\n svc #0\n mov x1, #10\n mov x8, #129\n svc #0\n"
      :
      : "r"(general), "r"(vector)
      : "x0", "x1", "x8", "x19", "v7", "memory");
}
#endif

void interrupt(std::uint64_t general, std::uint64_t vector) {
  constexpr std::size_t kBytes = 64 << 10;
  seen = {};
  void* memory =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Address start(reinterpret_cast<std::uint64_t>(memory));
  seen.stack = seen.used = {start, start + kBytes};
  stack_t stack{memory, 0, kBytes}, old_stack{};
  ASSERT_EQ(::sigaltstack(&stack, &old_stack), 0);
  struct sigaction action{}, old_action{};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &old_action), 0);
  raise_with(general, vector);
  auto* end = static_cast<std::byte*>(memory) + kBytes;
  seen.bytes.assign(end - seen.used.size_bytes(), end);
  ::sigaction(SIGUSR1, &old_action, nullptr);
  ::sigaltstack(&old_stack, nullptr);
  ::munmap(memory, kBytes);
}

TEST(Interrupted, RegistersStandInTheKernelsFrame) {
  constexpr std::uint64_t kGeneral = 0x1234567890abcd, kVector = 0x7654321fedcba;
  interrupt(kGeneral, kVector);
  ASSERT_FALSE(seen.bytes.empty());
  target::Thread now;
  now.tid = 5;
  now.tls = Address(99);
  auto before = find_interrupted(kMachine, seen.bytes, seen.used, seen.stack, now);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->tid, 5);
  EXPECT_EQ(before->tls, Address(99));
  EXPECT_EQ(before->pc, Address(seen.pc));
  EXPECT_EQ(before->sp, Address(seen.sp));
  ASSERT_GT(before->registers.size(), kPlace);
  EXPECT_EQ(before->registers[kPlace], kGeneral);
  EXPECT_GE(std::ranges::count(before->vector_words, kVector), 1);
  EXPECT_TRUE(before->vectors_complete);
}

TEST(Interrupted, NothingIsTakenForAFrameThatIsNone) {
  interrupt(1, 2);
  AddressRange other{seen.stack.start + 4096, seen.stack.end};
  EXPECT_FALSE(find_interrupted(kMachine, seen.bytes, seen.used, other, {}));
  for (std::size_t size = 0; size < seen.bytes.size(); size += 64) {  // cut off anywhere
    auto cut =
        find_interrupted(kMachine, ByteView(seen.bytes).first(size), seen.used, seen.stack, {});
    EXPECT_TRUE(!cut || !cut->pc.is_null());
  }
}

// The kernel's frame on an arm64 machine, which this one need not be: arch/arm64/include/uapi/asm
// ucontext.h, sigcontext.h.
class Arm64Frame {
 public:
  static constexpr std::uint64_t kStart = 0x4000100000, kBytes = 32 << 10, kAt = 24 << 10;

  Arm64Frame() {
    put(16, kStart);
    put(32, kBytes);
    for (std::uint64_t i = 0; i < 31; ++i) put(184 + i * 8, 0x1000 + i);
    put(184 + 31 * 8, 0x40000fff00);
    put(184 + 32 * 8, 0x77000);
    put(464, 0x46508001 | std::uint64_t{528} << 32);  // FPSIMD_MAGIC and the record's size
    for (std::uint64_t i = 0; i < 64; ++i) put(464 + 16 + i * 8, 0x2000 + i);
  }
  void put(std::uint64_t offset, std::uint64_t value) {
    std::memcpy(bytes_.data() + kAt + offset, &value, sizeof value);
  }
  std::optional<target::Thread> find() const {
    AddressRange stack{Address(kStart), Address(kStart + kBytes)};
    target::Thread now;
    now.tls = Address(99);
    return find_interrupted(binary::Machine::kArm64, bytes_, stack, stack, now);
  }

 private:
  std::vector<std::byte> bytes_{kBytes};
};

TEST(Interrupted, Arm64FrameIsReadOnAnyMachine) {
  auto before = Arm64Frame().find();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->pc, Address(0x77000));
  EXPECT_EQ(before->sp, Address(0x40000fff00));
  EXPECT_EQ(before->lr, Address(0x101e));
  EXPECT_EQ(before->fp, Address(0x101d));
  EXPECT_EQ(before->tls, Address(99));
  EXPECT_EQ(before->registers[28], 0x101cU);  // g
  EXPECT_EQ(std::ranges::count(before->vector_words, 0x2000U), 1);
  EXPECT_EQ(std::ranges::count(before->vector_words, 0x203fU), 1);
  EXPECT_TRUE(before->vectors_complete);
}

TEST(Interrupted, Arm64FrameWithoutVectorRegistersIsNotWhole) {
  Arm64Frame frame;
  frame.put(464, 0);
  auto before = frame.find();
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->vectors_complete);
  frame.put(464, 0x46508001 | std::uint64_t{16} << 32);
  EXPECT_FALSE(frame.find()->vectors_complete);
}

}  // namespace
}  // namespace goshawk::goruntime
