#include "findings/heap_holders.h"

#include <gtest/gtest.h>

namespace goshawk::findings {
namespace {

std::string of(std::string_view path) { return compute_holder_fingerprint("heap/retained", path); }

TEST(HolderFingerprint, IsOfTheWordsAndNotOfTheNumbers) {
  EXPECT_EQ(of("a global at 0x5a0020"), of("a global at 0x7f0010"));
  EXPECT_EQ(of("the stacks of 120 goroutines, in main.work"),
            of("the stacks of 7 goroutines, in main.work"));
  EXPECT_NE(of("main.sessions"), of("main.users"));
  EXPECT_NE(of("main.sha1"), of("main.sha2"));
  EXPECT_NE(of("main.a[...].b"), of("main.a[...].c"));
  EXPECT_EQ(of("the stack of goroutine 7, in main.a (in io.(*pipe).read) -> main.b"),
            of("the stack of goroutine 9, in main.a -> main.b"));
  EXPECT_EQ(of("the stack of goroutine 7, in main.a (asleep in time.Sleep)"),
            of("the stack of goroutine 9, in main.a"));
  EXPECT_NE(of("main.a"), compute_holder_fingerprint("heap/other", "main.a"));
}

}  // namespace
}  // namespace goshawk::findings
