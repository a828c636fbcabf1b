#include "binary/debug_link.h"

#include <gtest/gtest.h>

#include "binary/elf_writer_for_tests.h"

namespace goshawk::binary {
namespace {

std::optional<DebugLink> link_in(const std::string& section) {
  ElfWriter writer;
  writer.section(".gnu_debuglink", SHT_PROGBITS, section);
  std::string file = writer.write();
  return find_debug_link(*ElfFile::parse(view(file), "test"));
}

std::string link_to(const std::string& name, std::uint32_t crc) {
  std::string text = name + '\0';
  text.resize((text.size() + 3) / 4 * 4);
  return Bytes().raw(text).u32(crc).str();
}

TEST(DebugLink, IsANameAndAChecksum) {
  for (const char* name : {"a", "abc", "abcd", "server.debug"}) {
    auto link = link_in(link_to(name, 0xdeadbeef));
    ASSERT_TRUE(link) << name;
    EXPECT_EQ(link->name, name);
    EXPECT_EQ(link->crc, 0xdeadbeefU);
  }
}

TEST(DebugLink, LeadsToNoOtherFolder) {
  for (const char* name : {"", ".", "..", "/etc/passwd", "../server.debug", "a/b"})
    EXPECT_FALSE(link_in(link_to(name, 1))) << name;
  EXPECT_FALSE(link_in(link_to(std::string(300, 'x'), 1)));
}

TEST(DebugLink, CutOffIsNone) {
  std::string whole = link_to("server.debug", 1);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(link_in(whole.substr(0, size))) << size;
  EXPECT_TRUE(link_in(whole));
  EXPECT_TRUE(link_in(whole + "more"));
}

TEST(DebugLink, IsNoneWithoutASection) {
  std::string file = ElfWriter().write();
  auto elf = ElfFile::parse(view(file), "test");
  EXPECT_FALSE(find_debug_link(*elf));
  EXPECT_EQ(find_debug_alt_link(*elf), "");
}

TEST(DebugLink, ChecksumIsTheOneOfTheStandard) {
  const std::string text = "123456789";
  EXPECT_EQ(compute_debug_link_crc(view(text)), 0xcbf43926U);  // CRC-32's own check value
  EXPECT_EQ(compute_debug_link_crc({}), 0U);
}

TEST(DebugAltLink, IsAPath) {
  ElfWriter writer;
  writer.section(".gnu_debugaltlink", SHT_PROGBITS, Bytes().text("/dwz/shared").u64(7).str());
  std::string file = writer.write();
  EXPECT_EQ(find_debug_alt_link(*ElfFile::parse(view(file), "test")), "/dwz/shared");
}

}  // namespace
}  // namespace goshawk::binary
