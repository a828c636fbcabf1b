#include "target/process_directory.h"

#include <gtest/gtest.h>

namespace goshawk::target {
namespace {

TEST(ParseMappings, ReadsWhatTheKernelWrites) {
  auto mappings = parse_mappings(
      "00400000-004a1000 r-xp 00002000 fe:01 12345                              /usr/bin/my "
      "program (deleted)\n"
      "c000000000-c000400000 rw-p 00000000 00:00 0 \n"
      "7f0000000000-7f0000001000 ---s 00000000 00:05 7 /dev/zero\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
  ASSERT_EQ(mappings.size(), 4u);
  EXPECT_EQ(mappings[0].range, (AddressRange{Address(0x400000), Address(0x4a1000)}));
  EXPECT_TRUE(mappings[0].readable && !mappings[0].writable && mappings[0].executable);
  EXPECT_EQ(mappings[0].file_offset, 0x2000u);
  EXPECT_EQ(mappings[0].device, 0xfe00000001u);
  EXPECT_EQ(mappings[0].inode, 12345u);
  EXPECT_EQ(mappings[0].path, "/usr/bin/my program (deleted)");
  EXPECT_TRUE(mappings[1].writable && mappings[1].path.empty() && !mappings[1].shared);
  EXPECT_TRUE(mappings[2].shared && !mappings[2].readable);
  EXPECT_EQ(mappings[3].range.start, Address(0xffffffffff600000));
}

TEST(ParseMappings, LeavesOutWhatIsNotOfTheForm) {
  EXPECT_TRUE(parse_mappings("").empty());
  EXPECT_TRUE(parse_mappings("\n\n\n").empty());
  EXPECT_TRUE(parse_mappings("1000-2000").empty());
  EXPECT_TRUE(parse_mappings("2000-1000 r--p 0 0:0 0\n").empty());
  EXPECT_TRUE(parse_mappings("1000-2000 r--p zz 0:0 0\n").empty());
  EXPECT_TRUE(parse_mappings("10000000000000000000-2 r--p 0 0:0 0\n").empty());
  EXPECT_TRUE(parse_mappings(std::string(100000, '-')).empty());
  EXPECT_EQ(parse_mappings("garbage\n1000-2000 r--p 0 0:0 0").size(), 1u);
}

TEST(ParseMappings, ManyLines) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "1000-2000 r--p 00000000 00:00 0 \n";
  EXPECT_EQ(parse_mappings(text).size(), 200000u);
}

TEST(ParseStat, CommandMayHoldAnything) {
  std::string rest = " S 7 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 5 0 98765 1000000 321 0 0";
  auto stat = parse_stat("42 (a) R 1 (b)" + rest);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->command, "a) R 1 (b");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent_pid, 7);
  EXPECT_EQ(stat->thread_count, 5);
  EXPECT_EQ(stat->start_ticks, 98765u);
  EXPECT_EQ(stat->resident_pages, 321u);
  EXPECT_FALSE(stat->kernel_thread);
  EXPECT_TRUE(parse_stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0 0 0")
                  ->kernel_thread);
}

TEST(ParseStat, RefusesRubbish) {
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("1 )("));
  EXPECT_FALSE(parse_stat("1 (x)"));
  EXPECT_FALSE(parse_stat("1 (x) S"));
}

TEST(StatusField, IsAWholeWordAtALinesBeginning) {
  std::string_view status =
      "Name:\tx\\nUid:\t9\nUidX:\t1\nUid:\t1000\t1000\nVmSize:\t  12 kB\nEmpty:\t\n";
  EXPECT_EQ(find_status_field(status, "Uid"), "1000\t1000");
  EXPECT_EQ(find_status_field(status, "VmSize"), "12 kB");
  EXPECT_EQ(find_status_field(status, "Empty"), "");
  EXPECT_EQ(find_status_field(status, "Vm"), "");
}

TEST(ProcessDirectory, ReadsItself) {
  auto self = ProcessDirectory::open(::getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(parse_stat(*self->read_file("stat"))->parent_pid, ::getppid());
  EXPECT_FALSE(self->list_threads().empty());
  EXPECT_FALSE(self->read_file("nothing"));
  EXPECT_FALSE(ProcessDirectory::open(0));
  EXPECT_FALSE(ProcessDirectory::open(-5));
}

}  // namespace
}  // namespace goshawk::target
