#include "goruntime/goroutines/system_goroutine.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

TEST(SystemGoroutine, IsTheRuntimesOwnByItsFirstFunction) {
  for (const char* own : {"runtime.bgsweep", "runtime.forcegchelper", "runtime.gcBgMarkWorker"})
    EXPECT_EQ(classify_entry(own), Entry::kRuntime) << own;
  for (const char* program : {"runtime.main", "runtime.corostart", "main.work",
                              "runtime/pprof.profileWriter", "runtimes.run", ""})
    EXPECT_EQ(classify_entry(program), Entry::kProgram) << program;
  for (const char* caller : {"runtime.runfinq", "runtime.runFinalizers", "runtime.runCleanups"})
    EXPECT_EQ(classify_entry(caller), Entry::kCallsBack) << caller;
}

}  // namespace
}  // namespace goshawk::goruntime
