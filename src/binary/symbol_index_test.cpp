#include "binary/symbol_index.h"

#include <gtest/gtest.h>

#include "binary/elf_writer_for_tests.h"

namespace goshawk::binary {
namespace {

TEST(SymbolIndex, FindsTheDataThatAnAddressLiesIn) {
  ElfWriter writer;
  writer.section(".data", SHT_PROGBITS, "12345678");
  writer.symbols(SHT_SYMTAB, {{"main.second", 0x2000, 16, 1, STT_OBJECT},
                              {"main.first", 0x1000, 8, 1, STT_OBJECT},
                              {"main.run", 0x3000, 64, 1, STT_FUNC},
                              {"main.elsewhere", 0x4000, 8, SHN_UNDEF, STT_OBJECT},
                              {"runtime.data", 0x2000, 0}});
  std::string file = writer.write();
  ElfFile elf = *ElfFile::parse(view(file), "test");
  SymbolIndex index(elf);
  EXPECT_EQ(index.find(Address(0x1007))->name, "main.first");
  auto second = index.find(Address(0x200f));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, "main.second");
  EXPECT_EQ(second->symbol.address, Address(0x2000));
  EXPECT_EQ(second->symbol.size_bytes, 16u);
  for (std::uint64_t address : {0x0fff, 0x1008, 0x2010, 0x3000, 0x4000})
    EXPECT_FALSE(index.find(Address(address))) << address;
}

TEST(SymbolIndex, AStrippedFileHasNone) {
  std::string file = ElfWriter().write();
  EXPECT_FALSE(SymbolIndex(*ElfFile::parse(view(file), "test")).find(Address(0x1000)));
}

}  // namespace
}  // namespace goshawk::binary
