#include "base/low_priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>

namespace goshawk {
namespace {

int own_nice() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid))); }

TEST(LowPriority, OnlyWhatIsRunSo) {
  int before = own_nice();
  int inside = at_low_priority(own_nice);
  EXPECT_GE(inside, 5);
  EXPECT_GE(inside, before);
  EXPECT_EQ(own_nice(), before);
}

TEST(LowPriority, ThreadsOfItHaveItToo) {
  int nice = at_low_priority([] {
    int found = 0;
    std::thread([&] { found = own_nice(); }).join();
    return found;
  });
  EXPECT_GE(nice, 5);
}

TEST(LowPriority, ResultsAndExceptionsComeBack) {
  EXPECT_EQ(*at_low_priority([] { return std::make_unique<int>(7); }), 7);
  EXPECT_THROW(at_low_priority([]() -> int { throw std::runtime_error("no memory"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace goshawk
