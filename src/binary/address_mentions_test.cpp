#include "binary/address_mentions.h"

#include <gtest/gtest.h>

#include <span>

namespace goshawk::binary {
namespace {

constexpr AddressRange kData{Address(0x21000), Address(0x22000)};

std::vector<AddressMention> mentions(Machine machine, const std::vector<std::uint8_t>& code,
                                     std::uint32_t offset = 0) {
  return find_mentions(machine, std::as_bytes(std::span(code)), Address(0x20000), offset, kData);
}

TEST(AddressMentions, OfOperandsRelativeToTheInstructionPointer) {
  auto found = mentions(Machine::kX86_64,
                        {
                            0x48, 0x8d, 0x05, 0xf9, 0x0f, 0x00, 0x00,  // lea rax, [rip+0xff9]
                            0x83, 0x3d, 0x12, 0x10, 0x00, 0x00, 0x02,  // cmp dword [rip+0x1012], 2
                        });
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (AddressMention{0, 3}));
  // 0x1020: an immediate of a byte lies between.
  EXPECT_EQ(found[1], (AddressMention{0x1f, 9}));
}

TEST(AddressMentions, OfPagesAndWhatUsesThem) {
  auto word = [](std::uint32_t instruction) {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(instruction >> (8 * i)));
    return bytes;
  };
  std::vector<std::uint8_t> code;
  for (std::uint32_t instruction : {0xb0000000U,     // adrp x0, 0x21000
                                    0xd503201fU,     // nop
                                    0x91010001U,     // add x1, x0, #0x40
                                    0xf9400402U,     // ldr x2, [x0, #8]
                                    0xf9400c43U}) {  // ldr x3, [x2, #24]
    auto bytes = word(instruction);
    code.insert(code.end(), bytes.begin(), bytes.end());
  }
  auto found = mentions(Machine::kArm64, code, 0x100);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (AddressMention{0x40, 0x108}));
  EXPECT_EQ(found[1], (AddressMention{8, 0x10c}));
}

TEST(AddressMentions, NoneInTooLittleCodeOrTooLargeARange) {
  EXPECT_TRUE(mentions(Machine::kX86_64, {}).empty());
  EXPECT_TRUE(mentions(Machine::kX86_64, {0, 0, 0}).empty());
  EXPECT_TRUE(mentions(Machine::kArm64, {0, 0, 0xb0}).empty());
  std::vector<std::uint8_t> code(16);
  AddressRange all{Address(0), Address(~std::uint64_t{0})};
  EXPECT_TRUE(
      find_mentions(Machine::kX86_64, std::as_bytes(std::span(code)), Address(0), 0, all).empty());
  EXPECT_TRUE(find_mentions(Machine::kX86_64, std::as_bytes(std::span(code)), Address(0x20000),
                            0xffffffff, kData)
                  .empty());
}

}  // namespace
}  // namespace goshawk::binary
