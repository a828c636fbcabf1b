#include "target/open_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace goshawk::target {
namespace {

constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4711 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:9C40 0200A8C0:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "4712 1 0000000000000000 20 4 30 10 -1\n";

SocketsByInode wanted(std::initializer_list<std::uint64_t> inodes) {
  SocketsByInode sockets;
  for (std::uint64_t inode : inodes) sockets[inode] = {"socket", inode};
  return sockets;
}

TEST(DescriptorLink, IsNamedByWhatItLeadsTo) {
  EXPECT_EQ(parse_descriptor_link("socket:[4711]"), (OpenFile{"socket", 4711}));
  EXPECT_EQ(parse_descriptor_link("pipe:[17]"), OpenFile{"pipe"});
  EXPECT_EQ(parse_descriptor_link("anon_inode:[pidfd]"), OpenFile{"pidfd"});
  EXPECT_EQ(parse_descriptor_link("anon_inode:inotify"), OpenFile{"inotify"});
  EXPECT_EQ(parse_descriptor_link("/dev/pts/3"), (OpenFile{"terminal", 0, "/dev/pts/3"}));
  EXPECT_EQ(parse_descriptor_link("/run/a fifo"), (OpenFile{"file", 0, "/run/a fifo"}));
  EXPECT_EQ(parse_descriptor_link("socket:[no number]"), (OpenFile{"socket", 0}));
  EXPECT_EQ(parse_descriptor_link(""), OpenFile{});
}

TEST(InternetSockets, HaveTheAddressesOfBothEnds) {
  SocketsByInode sockets = wanted({4711, 4712, 9});
  parse_internet_sockets(kTcp, "tcp", sockets);
  EXPECT_EQ(sockets[4711], (OpenFile{"tcp", 4711, "127.0.0.1:8080", "", true}));
  EXPECT_EQ(sockets[4712], (OpenFile{"tcp", 4712, "127.0.0.1:40000", "192.168.0.2:443"}));
  EXPECT_EQ(sockets[9], (OpenFile{"socket", 9}));
}

TEST(InternetSockets, OnlyThoseThatWereAskedFor) {
  SocketsByInode sockets = wanted({4712});
  parse_internet_sockets(kTcp, "tcp", sockets);
  EXPECT_EQ(sockets.size(), 1u);
}

TEST(InternetSockets, OfVersion6) {
  SocketsByInode sockets = wanted({1, 2});
  parse_internet_sockets(
      "header\n"
      "0: 00000000000000000000000001000000:0050 B80D0120000000000000000034120000:D431 01 0:0 0:0 0 "
      "0 0 1\n"
      "1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200007F:D431 01 0:0 0:0 0 "
      "0 0 2\n",
      "tcp", sockets);
  EXPECT_EQ(sockets[1], (OpenFile{"tcp", 1, "[::1]:80", "[2001:db8::1234]:54321"}));
  EXPECT_EQ(sockets[2], (OpenFile{"tcp", 2, "127.0.0.1:80", "127.0.0.2:54321"}));
}

TEST(InternetSockets, LinesOfAnotherFormAreLeftOut) {
  for (std::string_view line :
       {"", "0:", "0: 0100007F 0:0 01 0 0 0 0 0 7", "0: 0100007F:zz 0:0 01 0 0 0 0 0 7",
        "0: 0100007F:1F90 0:0 01 0 0 0 0 0 7", "0: 0100007F:1F90 00000000:0000 01 0 0 0 0 0 seven",
        "0: 0100007F:12345 00000000:0000 01 0 0 0 0 0 7"}) {
    SocketsByInode sockets = wanted({7});
    parse_internet_sockets("header\n" + std::string(line), "tcp", sockets);
    EXPECT_EQ(sockets[7], (OpenFile{"socket", 7})) << line;
  }
}

TEST(UnixSockets, HaveTheirPath) {
  SocketsByInode sockets = wanted({1, 2, 3});
  parse_unix_sockets(
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01     1 /run/my shop.sock\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03     2\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03     3 @abstract\n",
      sockets);
  EXPECT_EQ(sockets[1], (OpenFile{"unix", 1, "/run/my shop.sock", "", true}));
  EXPECT_EQ(sockets[2], (OpenFile{"unix", 2}));
  EXPECT_EQ(sockets[3], (OpenFile{"unix", 3, "@abstract"}));
}

// A table that changes while it is listed repeats lines.
TEST(InternetSockets, ALineThatIsThereTwiceIsOneSocket) {
  SocketsByInode sockets = wanted({7, 8});
  std::string_view same = "0: 0100007F:1F90 0100007F:0050 01 0 0 0 0 0 7\n";
  parse_internet_sockets(
      fmt::format("header\n{0}{0}{1}{2}", same, "0: 0100007F:1F90 0100007F:0050 01 0 0 0 0 0 8\n",
                  "0: 0100007F:1F90 0100007F:0051 01 0 0 0 0 0 8\n"),
      "tcp", sockets);
  EXPECT_EQ(sockets[7], (OpenFile{"tcp", 7, "127.0.0.1:8080", "127.0.0.1:80"}));
  EXPECT_EQ(sockets[8], (OpenFile{"socket", 8}));
}

// A path may hold a line feed, and then what looks like another socket's line.
TEST(UnixSockets, AnInodeThatIsThereTwiceIsNotBelieved) {
  SocketsByInode sockets = wanted({1, 2});
  parse_unix_sockets(
      "header\n"
      "0: 2 0 10000 1 1 1 /tmp/x\n0: 2 0 10000 1 1 2 /run/forged\n"
      "0: 2 0 0 1 3 2 /run/real\n",
      sockets);
  EXPECT_EQ(sockets[1].local, "/tmp/x");
  EXPECT_EQ(sockets[2], (OpenFile{"socket", 2}));
}

}  // namespace
}  // namespace goshawk::target
