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

TEST(Disassembly, OnArm64VectorRegistersAlwaysMatter) {
  std::vector<std::byte> ret{std::byte{0xc0}, std::byte{0x03}, std::byte{0x5f}, std::byte{0xd6}};
  EXPECT_TRUE(may_read_vector_registers(Machine::kArm64, ret, Address(0x1000)));
}

}  // namespace
}  // namespace goshawk::binary
