#include "http/credentials.h"

#include <gtest/gtest.h>

namespace goshawk::http {
namespace {

TEST(Credentials, AreFound) {
  EXPECT_EQ(find_presented_token("Bearer abc"), "abc");
  EXPECT_EQ(find_presented_token("bearer   abc "), "abc");
  EXPECT_EQ(find_presented_token("Basic dXNlcjpwYXNz"), "pass");
  EXPECT_EQ(find_presented_token("Basic OnBhOnNz"), "pa:ss");
  for (const char* text :
       {"", "Bearer", "Basic", "Basic dXNlcg==", "Basic !", "Digest x", "Bearerx y"})
    EXPECT_FALSE(find_presented_token(text)) << text;
}

TEST(Credentials, AreWritten) {
  EXPECT_EQ(basic_authorization("user:pass"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(basic_authorization("u:"), "Basic dTo=");
  EXPECT_EQ(basic_authorization("u:p1"), "Basic dTpwMQ==");
}

TEST(Credentials, AreCompared) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  EXPECT_FALSE(is_same_secret("abc", "abd"));
  EXPECT_FALSE(is_same_secret("abc", "ab"));
  EXPECT_FALSE(is_same_secret("", "a"));
}

}  // namespace
}  // namespace goshawk::http
