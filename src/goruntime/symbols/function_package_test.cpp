#include "goruntime/symbols/function_package.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

TEST(FunctionPackage, IsWhatStandsBeforeTheFirstDotBehindThePath) {
  EXPECT_EQ(package_of("main.f"), "main");
  EXPECT_EQ(package_of("net/http.(*conn).serve"), "net/http");
  EXPECT_EQ(package_of("example.com/a/b.f.func1"), "example.com/a/b");
  EXPECT_EQ(package_of("main.f[example.com/a.T]"), "main");
  EXPECT_EQ(package_of("memmove"), "");
}

TEST(FunctionPackage, KnowsGosOwn) {
  for (const char* name : {"fmt.Println", "net/http.(*conn).serve", "runtime.gopark",
                           "vendor/golang.org/x/net/http2/hpack.f", "internal/sync.(*Mutex).Lock"})
    EXPECT_TRUE(is_of_standard_library(name)) << name;
  for (const char* name : {"main.f", "example.com/fmt.f", "service/net.f", "golang.org/x/net.f",
                           "main.f[net/http.Handler]", "memmove", ""})
    EXPECT_FALSE(is_of_standard_library(name)) << name;
}

}  // namespace
}  // namespace goshawk::goruntime
