#include "http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::http {
namespace {

using ::testing::HasSubstr;

TEST(Url, IsTakenApart) {
  EXPECT_EQ(*parse_url("http://Shop.Example"), (Url{false, "shop.example", 80, "/"}));
  EXPECT_EQ(*parse_url("HTTPS://shop:8443?x=1#y"), (Url{true, "shop", 8443, "/?x=1"}));
  EXPECT_EQ(*parse_url("http://[::1]:6060/debug/pprof/heap"),
            (Url{false, "::1", 6060, "/debug/pprof/heap"}));
  EXPECT_EQ(*parse_url("https://me:p%40ss@10.0.0.1/"),
            (Url{true, "10.0.0.1", 443, "/", "me:p@ss"}));
}

TEST(Url, IsWrittenWithoutThePassword) {
  for (const char* text : {"http://shop.example/", "https://[::1]:6060/x?y=%20", "https://shop/"})
    EXPECT_EQ(to_text(*parse_url(text)), text);
  EXPECT_EQ(to_text(*parse_url("http://a:b@shop:80/")), "http://shop/");
}

TEST(Url, IsRefused) {
  for (const char* text :
       {"", "shop.example", "ftp://shop/", "http:/shop", "http://", "http:///path",
        "http://shop:0/", "http://shop:65536/", "http://shop:/", "http://sh op/", "http://shop/a b",
        "http://shop\\@evil/", "http://[::1/", "http://[127.0.0.1]/", "http://[::1]x/",
        "http://sh\xc3\xb6p/", "http://a%zz@b/", "http://shop/\r\nX: y"}) {
    auto url = parse_url(text);
    EXPECT_FALSE(url) << text;
    if (!url) {
      EXPECT_THAT(describe(url.error()), HasSubstr("http://host:port/path")) << text;
    }
  }
  EXPECT_FALSE(parse_url("http://shop/" + std::string(10'000, 'a')));
}

TEST(Url, References) {
  Url base = *parse_url("https://shop:8443/a/b?c=1");
  auto reference = [&](const char* text) { return to_text(*parse_reference(base, text)); };
  EXPECT_EQ(reference("http://other/x"), "http://other/x");
  EXPECT_EQ(reference("//other/x"), "https://other/x");
  EXPECT_EQ(reference("/x?to=http://y"), "https://shop:8443/x?to=http://y");
  EXPECT_EQ(reference("x"), "https://shop:8443/a/x");
  EXPECT_EQ(reference("?d=2"), "https://shop:8443/a/b?d=2");
  EXPECT_EQ(reference("#e"), "https://shop:8443/a/");
  EXPECT_FALSE(parse_reference(base, "a b"));
  EXPECT_TRUE(is_same_origin(base, *parse_reference(base, "/x")));
  EXPECT_FALSE(is_same_origin(base, *parse_reference(base, "https://shop/x")));
}

}  // namespace
}  // namespace goshawk::http
