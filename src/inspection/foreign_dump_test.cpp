#include "inspection/foreign_dump.h"

#include <gtest/gtest.h>

namespace goshawk::inspection {
namespace {

TEST(ForeignDump, IsKnownByItsMarks) {
  EXPECT_EQ(name_of_foreign_dump("2026-11-29 18:30:53\nFull thread dump OpenJDK 64-Bit Server VM"),
            "a Java thread dump");
  EXPECT_EQ(name_of_foreign_dump("Traceback (most recent call last):\n  File \"a.py\", line 1"),
            "a Python traceback");
  EXPECT_EQ(name_of_foreign_dump("Thread 0x00007f (most recent call first):\n"),
            "a Python thread dump");
  EXPECT_EQ(name_of_foreign_dump("goroutine 1 [running]:\n"), "");
}

}  // namespace
}  // namespace goshawk::inspection
