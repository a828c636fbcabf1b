// Code before a call, as the compiler writes it, on both architectures.
#include "goruntime/goroutines/register_constants.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "binary/elf_writer_for_tests.h"

namespace goshawk::goruntime {
namespace {

using binary::Bytes;

constexpr Address kStart(0x1000);

std::vector<binary::Step> decoded(binary::Machine machine, const std::string& code) {
  return *binary::decode_steps(machine, std::as_bytes(std::span(code)), kStart);
}

std::optional<Address> on_amd64(const Bytes& before, std::uint8_t register_number = 0) {
  std::string code = before.str() + Bytes().u8(0xe8).u32(0).u8(0xc3).str();
  return find_constant_argument(decoded(binary::Machine::kX86_64, code),
                                kStart + before.str().size(), register_number);
}

std::optional<Address> on_arm64(const Bytes& before) {
  std::string code = before.str() + Bytes().u32(0x94000004).u32(0xd65f03c0).str();
  return find_constant_argument(decoded(binary::Machine::kArm64, code),
                                kStart + before.str().size(), 0);
}

Bytes lea_rax(std::uint32_t distance) { return Bytes().u8(0x48).u8(0x8d).u8(0x05).u32(distance); }

TEST(RegisterConstants, AnAddressInTheProgram) {
  EXPECT_EQ(on_amd64(lea_rax(0x100)), Address(0x1107));
  // adrp x0, 0x3000; add x0, x0, #0x18
  EXPECT_EQ(on_arm64(Bytes().u32(0xd0000000).u32(0x91006000)), Address(0x3018));
}

TEST(RegisterConstants, WhatIsBetweenAndTouchesOtherRegistersIsPassed) {
  EXPECT_EQ(on_amd64(lea_rax(0x100).u8(0x48).u8(0x89).u8(0xd9)), Address(0x1107));  // mov rcx, rbx
}

TEST(RegisterConstants, ACopyIsFollowed) {
  EXPECT_EQ(on_amd64(lea_rax(0x100).u8(0x48).u8(0x89).u8(0xc3), 3),
            Address(0x1107));  // mov rbx, rax
}

TEST(RegisterConstants, WhatIsLoadedOrComesInIsNone) {
  EXPECT_EQ(on_amd64(lea_rax(0x100).u8(0x48).u8(0x8b).u8(0x03)), std::nullopt);  // mov rax, [rbx]
  EXPECT_EQ(on_amd64(Bytes().u8(0x90)), std::nullopt);
  EXPECT_EQ(on_amd64(Bytes()), std::nullopt);
}

TEST(RegisterConstants, WhatACallReturnsIsNone) {
  EXPECT_EQ(on_amd64(lea_rax(0x100).u8(0xe8).u32(0x40)), std::nullopt);
}

// jne over the load: the register may have come from before.
TEST(RegisterConstants, WhereAnotherWayLeadsToTheCallNothingIsKnown) {
  EXPECT_EQ(on_amd64(Bytes().u8(0x75).u8(7).u8(0x48).u8(0x8d).u8(0x05).u32(0x100)), std::nullopt);
}

TEST(RegisterConstants, NoSuchCall) {
  std::string code = lea_rax(0x100).str();
  EXPECT_EQ(find_constant_argument(decoded(binary::Machine::kX86_64, code), kStart + 3, 0),
            std::nullopt);
  EXPECT_EQ(find_constant_argument({}, kStart, 0), std::nullopt);
}

}  // namespace
}  // namespace goshawk::goruntime
