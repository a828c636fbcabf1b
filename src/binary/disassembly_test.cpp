#include "binary/disassembly.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace goshawk::binary {
namespace {

std::vector<Reference> references(Machine machine, std::vector<std::uint8_t> code,
                                  std::uint64_t start = 0x1000) {
  auto found = find_references(machine, std::as_bytes(std::span(code)), Address(start));
  EXPECT_TRUE(found);
  return found ? *found : std::vector<Reference>{};
}

std::vector<Reference> arm64(std::initializer_list<std::uint32_t> words,
                             std::uint64_t start = 0x10000) {
  std::vector<std::uint8_t> code;
  for (std::uint32_t word : words)
    for (int i = 0; i < 4; ++i) code.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  return references(Machine::kArm64, code, start);
}

TEST(Disassembly, Amd64Kinds) {
  auto found = references(Machine::kX86_64,
                          {
                              0x48, 0x8d, 0x05, 0x10, 0x00, 0x00, 0x00,  // lea rax, [rip+0x10]
                              0x48, 0x8b, 0x0d, 0x20, 0x00, 0x00, 0x00,  // mov rcx, [rip+0x20]
                              0x48, 0x89, 0x0d, 0xf0, 0xff, 0xff, 0xff,  // mov [rip-0x10], rcx
                              0x83, 0x3d, 0x01, 0x00, 0x00, 0x00, 0x02,  // cmp dword [rip+1], 2
                              0xe8, 0x00, 0x00, 0x00, 0x00,              // call
                          });
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0], (Reference{Address(0x1000), Address(0x1017), ReferenceKind::kAddress, 0}));
  EXPECT_EQ(found[1], (Reference{Address(0x1007), Address(0x102e), ReferenceKind::kRead, 8}));
  EXPECT_EQ(found[2], (Reference{Address(0x100e), Address(0x1005), ReferenceKind::kWrite, 8}));
  EXPECT_EQ(found[3], (Reference{Address(0x1015), Address(0x101d), ReferenceKind::kRead, 4}));
}

TEST(Disassembly, BytesThatAreNoInstructionAreSteppedOver) {
  auto found = references(Machine::kX86_64,
                          {0x06, 0x06, 0x48, 0x8d, 0x05, 0x10, 0x00, 0x00, 0x00, 0x48, 0x8d});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].target, Address(0x1019));
  EXPECT_TRUE(references(Machine::kX86_64, {}).empty());
  EXPECT_TRUE(references(Machine::kArm64, {0xff, 0xff, 0xff}).empty());
}

TEST(Disassembly, Arm64PageAndOffset) {
  auto found = arm64({
      0x90000000,  // adrp x0, 0x10000
      0x91010001,  // add x1, x0, #0x40
      0xf9400422,  // ldr x2, [x1, #8]
      0xb9000c02,  // str w2, [x0, #12]
      0x39400403,  // ldrb w3, [x0, #1]
  });
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0], (Reference{Address(0x10004), Address(0x10040), ReferenceKind::kAddress, 0}));
  EXPECT_EQ(found[1], (Reference{Address(0x10008), Address(0x10048), ReferenceKind::kRead, 8}));
  EXPECT_EQ(found[2], (Reference{Address(0x1000c), Address(0x1000c), ReferenceKind::kWrite, 4}));
  EXPECT_EQ(found[3], (Reference{Address(0x10010), Address(0x10001), ReferenceKind::kRead, 1}));
}

TEST(Disassembly, Arm64ForgetsWhatIsOverwritten) {
  // adrp x0; ldr x0, [x0, #8]; ldr x1, [x0]: the second load is through a pointer.
  auto loaded = arm64({0x90000000, 0xf9400400, 0xf9400001});
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(loaded[0].target, Address(0x10008));
  // adrp x0; mov w0, w3; ldr x1, [x0]: half of the register is written, all of it changes.
  EXPECT_TRUE(arm64({0x90000000, 0x2a0303e0, 0xf9400001}).empty());
}

TEST(Disassembly, Arm64ForgetsAtCallsJumpsAndTheirTargets) {
  EXPECT_TRUE(arm64({0x90000000, 0x94000010, 0xf9400001}).empty());  // adrp; bl; ldr
  EXPECT_TRUE(arm64({0x90000000, 0x14000010, 0xf9400001}).empty());  // adrp; b; ldr
  EXPECT_TRUE(arm64({0x90000000, 0xd65f03c0, 0xf9400001}).empty());  // adrp; ret; ldr
  // cbz x5, +8 comes in at the load, which x0 then need not hold the page at.
  EXPECT_TRUE(arm64({0xb4000045, 0x90000000, 0xf9400001}).empty());
  // A branch that may be fallen through keeps what is known.
  EXPECT_EQ(arm64({0x90000000, 0xb4000105, 0xf9400001}).size(), 1U);
}

bool may_read_vectors(std::vector<std::uint8_t> code) {
  return may_read_vector_registers(Machine::kX86_64, std::as_bytes(std::span(code)),
                                   Address(0x1000));
}

TEST(Disassembly, AVectorRegisterThatIsReadBeforeItIsWritten) {
  // movups [rdi], xmm0; ret: between a copy's load and its store
  EXPECT_TRUE(may_read_vectors({0x0f, 0x11, 0x07, 0xc3}));
  // movups xmm0, [rsi]; movups [rdi], xmm0; ret: before the load
  EXPECT_FALSE(may_read_vectors({0x0f, 0x10, 0x06, 0x0f, 0x11, 0x07, 0xc3}));
  // movups xmm0, [rsi]; movups [rdi], xmm1; ret
  EXPECT_TRUE(may_read_vectors({0x0f, 0x10, 0x06, 0x0f, 0x11, 0x0f, 0xc3}));
  // vmovdqu [rdi], ymm3; ret
  EXPECT_TRUE(may_read_vectors({0xc5, 0xfe, 0x7f, 0x1f, 0xc3}));
  // movups [rdi], xmm15; ret: Go's zero
  EXPECT_FALSE(may_read_vectors({0x44, 0x0f, 0x11, 0x3f, 0xc3}));
}

TEST(Disassembly, VectorRegistersMatterUpToTheNextJump) {
  EXPECT_FALSE(may_read_vectors({0x48, 0x89, 0xc8, 0xeb, 0x00, 0x0f, 0x11, 0x07}));  // mov; jmp
  EXPECT_FALSE(may_read_vectors({0xe8, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x11, 0x07}));  // call
  EXPECT_TRUE(may_read_vectors({0x48, 0x89, 0xc8}));  // the end of what is known
  EXPECT_TRUE(may_read_vectors({0x06, 0xc3}));        // no instruction
  EXPECT_TRUE(may_read_vectors({}));
}

bool may_read_vectors_arm64(std::initializer_list<std::uint32_t> words) {
  return may_read_vector_registers(Machine::kArm64, std::as_bytes(std::span(words)),
                                   Address(0x1000));
}

constexpr std::uint32_t kLdrQ0 = 0x3dc00020, kStrQ0 = 0x3d800020;        // q0, [x1]
constexpr std::uint32_t kLdpQ = 0xad400420, kStpQ = 0xad000440;          // q0, q1, [x1]
constexpr std::uint32_t kLdpQPost = 0xacc10660, kStpQPost = 0xac810680;  // q0, q1, [x19], #32
constexpr std::uint32_t kRet = 0xd65f03c0, kMov = 0xaa0103e0, kLdr = 0xf9400020;

TEST(Disassembly, AnArm64VectorRegisterThatIsReadBeforeItIsWritten) {
  EXPECT_TRUE(may_read_vectors_arm64({kStrQ0, kRet}));
  EXPECT_FALSE(may_read_vectors_arm64({kLdrQ0, kStrQ0, kRet}));
  EXPECT_TRUE(may_read_vectors_arm64({kLdrQ0, kStpQ, kRet}));  // q1 is still the old one
  EXPECT_FALSE(may_read_vectors_arm64({kLdpQ, kStpQ, kRet}));
  EXPECT_FALSE(may_read_vectors_arm64({kLdpQPost, kStpQPost, kRet}));
  EXPECT_TRUE(may_read_vectors_arm64({kStpQPost, kRet}));
  EXPECT_TRUE(may_read_vectors_arm64({0x3ca26820, kRet}));           // str q0, [x1, x2]
  EXPECT_FALSE(may_read_vectors_arm64({0x3ce26820, kStrQ0, kRet}));  // ldr q0, [x1, x2]
  EXPECT_TRUE(may_read_vectors_arm64({0x3c9f0020, kRet}));           // stur q0, [x1, #-16]
  EXPECT_FALSE(may_read_vectors_arm64({0x3cdf0020, kStrQ0, kRet}));  // ldur q0, [x1, #-16]
  EXPECT_FALSE(may_read_vectors_arm64({0xfd400020, kStrQ0, kRet}));  // ldr d0: clears the rest
  EXPECT_FALSE(may_read_vectors_arm64({0x9c000040, kStrQ0, kRet}));  // ldr q0, literal
  EXPECT_TRUE(may_read_vectors_arm64({0x4c9f2c00, kRet}));           // st1 {v0-v3.2d}, [x0], #64
  EXPECT_TRUE(may_read_vectors_arm64({0x1e602020, kRet}));           // fcmp d1, d0
  EXPECT_TRUE(may_read_vectors_arm64({0xe5804000, kRet}));           // str z0, [x0]: SVE
}

TEST(Disassembly, Arm64VectorRegistersMatterUpToTheNextJump) {
  EXPECT_FALSE(may_read_vectors_arm64({kMov, kLdr, kRet}));
  for (std::uint32_t jump : {0x94000010U, 0x14000010U, 0xb4000045U, 0x36000040U, 0x54000040U,
                             0xd63f0000U, 0xd61f0000U, 0xd4000001U})
    EXPECT_FALSE(may_read_vectors_arm64({kMov, jump, kStrQ0})) << std::hex << jump;
  // nop, dmb ish, mrs x0, tpidr_el0: none of them goes elsewhere
  for (std::uint32_t system : {0xd503201fU, 0xd5033bbfU, 0xd53bd040U})
    EXPECT_TRUE(may_read_vectors_arm64({system, kStrQ0, kRet})) << std::hex << system;
  EXPECT_TRUE(may_read_vectors_arm64({kMov}));        // the end of what is known
  EXPECT_TRUE(may_read_vectors_arm64({0x00000000}));  // no instruction
  EXPECT_TRUE(may_read_vectors_arm64({}));
}

}  // namespace
}  // namespace goshawk::binary
