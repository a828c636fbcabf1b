#include "http/ip_address.h"

#include <gtest/gtest.h>

namespace goshawk::http {
namespace {

TEST(IpAddress, IsParsedAndWritten) {
  for (const char* text : {"127.0.0.1", "::1", "2001:db8::17", "0.0.0.0"})
    EXPECT_EQ(to_text(*parse_ip_address(text)), text);
  for (const char* text :
       {"", "localhost", "127.1", "0177.0.0.1", "1.2.3.4.5", "[::1]", "fe80::1%eth0"})
    EXPECT_FALSE(parse_ip_address(text)) << text;
  EXPECT_FALSE(parse_ip_address(std::string_view("127.0.0.1\0.example", 18)));
}

TEST(IpAddress, KnowsLoopback) {
  for (const char* text : {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(parse_ip_address(text)->is_loopback()) << text;
  for (const char* text : {"128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1"})
    EXPECT_FALSE(parse_ip_address(text)->is_loopback()) << text;
}

TEST(ListenAddress, IsParsed) {
  EXPECT_EQ(to_text(*parse_listen_address("127.0.0.1:6061")), "127.0.0.1:6061");
  EXPECT_EQ(to_text(*parse_listen_address("[::1]:0")), "[::1]:0");
  EXPECT_EQ(to_text(*parse_listen_address("localhost:6061")), "127.0.0.1:6061");
  EXPECT_EQ(to_text(*parse_listen_address(":6061")), "[::]:6061");
  for (const char* text : {"", "6061", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:6061", "[127.0.0.1]:6061", "example.com:80", "127.0.0.1:6061x"})
    EXPECT_FALSE(parse_listen_address(text)) << text;
}

}  // namespace
}  // namespace goshawk::http
