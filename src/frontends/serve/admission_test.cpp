#include "frontends/serve/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace goshawk::frontends::serve {
namespace {

using ::testing::HasSubstr;

// The status that it is refused with; 0: it may come in.
unsigned status_of(const Admission& admission, std::vector<http::Header> headers,
                   const std::string& method = "GET") {
  auto refused = refuse(admission, {method, {"/", {}}, std::move(headers)});
  return refused ? refused->status : 0;
}

TEST(Admission, WithoutATokenTakesOnlyNamesOfThisMachine) {
  for (const char* host :
       {"localhost", "LocalHost:6061", "127.0.0.1:6061", "[::1]:6061", "127.0.0.2"})
    EXPECT_EQ(status_of({}, {{"host", host}}), 0U) << host;
  for (const char* host :
       {"", "evil.example", "evil.example:6061", "localhost.evil.example", "10.0.0.1",
        "127.0.0.1.evil.example", "[::2]:6061", "[", "127.0.0.1@evil"})
    EXPECT_EQ(status_of({}, {{"Host", host}}), 403U) << host;
  EXPECT_EQ(status_of({}, {{"Host", "localhost"}, {"host", "shop.example"}}), 400U);
  EXPECT_EQ(status_of({}, {}), 403U);
}

TEST(Admission, WithATokenTakesWhoHasIt) {
  Admission admission{.token = "0123456789abcdef"};
  EXPECT_EQ(status_of(admission,
                      {{"Host", "shop.example"}, {"Authorization", "Bearer 0123456789abcdef"}}),
            0U);
  EXPECT_EQ(status_of(admission, {{"Authorization", "Basic YW55OjAxMjM0NTY3ODlhYmNkZWY="}}), 0U);
  EXPECT_EQ(status_of(admission, {{"Authorization", "Bearer 0123456789abcdeg"}}), 401U);
  EXPECT_EQ(status_of(admission, {{"Authorization", "Bearer "}}), 401U);
  EXPECT_EQ(status_of(admission, {{"Host", "localhost"}}), 401U);
}

TEST(Admission, RefusesPagesOfOtherSites) {
  for (const char* site : {"cross-site", "same-site"})
    EXPECT_EQ(status_of({}, {{"Host", "localhost"}, {"Sec-Fetch-Site", site}}), 403U);
  for (const char* site : {"none", "same-origin"})
    EXPECT_EQ(status_of({}, {{"Host", "localhost"}, {"Sec-Fetch-Site", site}}), 0U);
}

TEST(Admission, OnlyReads) {
  EXPECT_EQ(status_of({}, {{"Host", "localhost"}}, "HEAD"), 0U);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT"})
    EXPECT_EQ(status_of({}, {{"Host", "localhost"}}, method), 405U);
}

TEST(Token, IsReadOrRefused) {
  std::string path = ::testing::TempDir() + "goshawk_token";
  auto read = [&](std::string_view text) {
    std::ofstream(path) << text;
    return read_token(path);
  };
  EXPECT_EQ(*read("  0123456789abcdef\n"), "0123456789abcdef");
  EXPECT_THAT(describe(read("short\n").error()), HasSubstr("could be guessed"));
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("0123456789 abcdef"));
  EXPECT_FALSE(read_token(path + ".none"));
}

}  // namespace
}  // namespace goshawk::frontends::serve
