#include "goruntime/symbols/globals_shape.h"

#include <gtest/gtest.h>

#include "goruntime/symbols/globals_scan.h"
#include "goruntime/testing/synthetic_globals.h"

namespace goshawk::goruntime {
namespace {

using namespace synthetic;

TEST(GlobalShapes, EachIsKnownByItsShapeInEveryRelease) {
  for (const char* version : {"go1.19.13", "go1.20.14", "go1.21.13", "go1.22.12", "go1.23.12",
                              "go1.24.13", "go1.25.14", "go1.26.11", "go1.27.4"}) {
    for (const char* arch : {"amd64", "arm64"}) {
      SyntheticGlobals process(version, arch);
      GlobalShapes shapes = process.shapes();
      EXPECT_TRUE(shapes.is_allgs(kAllgs)) << version << arch;
      EXPECT_TRUE(shapes.is_mheap(kMheap)) << version << arch;
      EXPECT_TRUE(shapes.is_allm(kAllm)) << version << arch;
      EXPECT_TRUE(shapes.is_allp(kAllp)) << version << arch;
      EXPECT_TRUE(shapes.is_sched(kSched)) << version << arch;
      EXPECT_EQ(shapes.count_semaphores(kSemtable), 1U) << version << arch;
    }
  }
}

TEST(GlobalShapes, NeighboursAreNotTaken) {
  SyntheticGlobals process;
  GlobalShapes shapes = process.shapes();
  for (std::uint64_t distance : {8, 16, 24}) {
    EXPECT_FALSE(shapes.is_allgs(kAllgs + distance));
    EXPECT_FALSE(shapes.is_mheap(kMheap + distance));
    EXPECT_FALSE(shapes.is_allm(kAllm + distance));
    EXPECT_FALSE(shapes.is_allp(kAllp + distance));
    EXPECT_FALSE(shapes.is_sched(kSched + distance));
    EXPECT_FALSE(shapes.is_semtable(kSemtable + distance));
  }
  EXPECT_FALSE(shapes.is_allgs(Address(0x10)));
  EXPECT_FALSE(shapes.is_mheap(Address(~std::uint64_t{0} - 100)));
}

TEST(GlobalShapes, AllgsNeedsGoroutineOneOfRuntimeMain) {
  SyntheticGlobals process;
  process.memory.write_pointer(process.g + process.at("runtime.g", "startpc"), kMainEntry + 1);
  EXPECT_FALSE(process.shapes().is_allgs(kAllgs));
  // Without the function's name the number and the stack have to do.
  EXPECT_TRUE(GlobalShapes::bind(*process.layout, process.build, process.memory, FirstGoroutines{})
                  .value()
                  .is_allgs(kAllgs));
  process.memory.write(process.g + process.at("runtime.g", "goid"), std::uint64_t{7});
  EXPECT_FALSE(GlobalShapes::bind(*process.layout, process.build, process.memory, FirstGoroutines{})
                   .value()
                   .is_allgs(kAllgs));
}

// A library: nobody runs main, the g of goroutine 1 has long served others.
TEST(GlobalShapes, AllgsIsKnownByTheHelperWhereGoroutineOneHasEnded) {
  SyntheticGlobals process;
  Address helper = kHeap + 0x1800;
  process.memory.write(process.g + process.at("runtime.g", "goid"), std::uint64_t{40});
  process.memory.write_pointer(process.g + process.at("runtime.g", "startpc"), kMainEntry + 64);
  process.memory.write(kAllgs + 8, std::uint64_t{2});
  process.memory.write(kAllgs + 16, std::uint64_t{2});
  process.memory.write_pointer(kHeap + 8, helper);
  process.memory.write(helper + process.at("runtime.g", "goid"), std::uint64_t{18});
  process.memory.write_pointer(helper + process.at("runtime.g", "stack.lo"), kHeap + 0x54000);
  process.memory.write_pointer(helper + process.at("runtime.g", "stack.hi"), kHeap + 0x56000);
  EXPECT_FALSE(process.shapes().is_allgs(kAllgs));
  process.memory.write_pointer(helper + process.at("runtime.g", "startpc"), kHelperEntry);
  EXPECT_TRUE(process.shapes().is_allgs(kAllgs));
  EXPECT_FALSE(process.shapes().is_allgs(kAllgs + 8));
  // A name that is not known is no name that everything has.
  EXPECT_FALSE(GlobalShapes::bind(*process.layout, process.build, process.memory, FirstGoroutines{})
                   .value()
                   .is_allgs(kAllgs));
}

TEST(GlobalShapes, AChainOfMsThatDoesNotReachM0IsNone) {
  SyntheticGlobals cut;
  cut.memory.write_pointer(cut.m1 + cut.at("runtime.m", "alllink"), Address());
  EXPECT_FALSE(cut.shapes().is_allm(kAllm));
  SyntheticGlobals circle;
  circle.memory.write_pointer(kM0 + circle.at("runtime.m", "alllink"), circle.m1);
  EXPECT_FALSE(circle.shapes().is_allm(kAllm));
  SyntheticGlobals stranger;
  stranger.memory.write_pointer(kHeap + 0x3000 + stranger.at("runtime.g", "m"), kM0);
  EXPECT_FALSE(stranger.shapes().is_allm(kAllm));
}

TEST(GlobalShapes, AllmFollowsAMovedAlllink) {
  SyntheticGlobals process;
  std::uint32_t alllink = process.at("runtime.m", "alllink");
  process.memory.write_pointer(process.m1 + alllink, Address());
  process.memory.write_pointer(process.m1 + alllink + 24, kM0);
  EXPECT_TRUE(process.shapes().is_allm(kAllm));
}

TEST(GlobalShapes, SchedMustHaveCountedEveryM) {
  SyntheticGlobals process;
  GlobalShapes shapes = process.shapes();
  process.memory.write(kSched + process.at("runtime.schedt", "mnext"), std::int64_t{1});
  EXPECT_TRUE(shapes.is_sched(kSched));  // nothing is known of the ms yet
  ASSERT_TRUE(shapes.is_allm(kAllm));
  EXPECT_FALSE(shapes.is_sched(kSched));
}

TEST(GlobalShapes, ASemaphoreOnTheWrongRootSpoilsTheTable) {
  SyntheticGlobals process;
  std::uint32_t treap = process.at("runtime.semaRoot", "treap");
  process.memory.write_pointer(kSemtable + ((process.semaphore + 1) % 251) * 64 + treap,
                               process.sudog);
  EXPECT_FALSE(process.shapes().is_semtable(kSemtable));
}

TEST(GlobalShapes, FinalizerBlocks) {
  SyntheticGlobals process;
  GlobalShapes shapes = process.shapes();
  EXPECT_TRUE(shapes.is_finalizer_blocks(kAllfin));  // none so far
  Address block = kHeap + 0x40000;
  process.memory.write_pointer(kAllfin, block);
  process.memory.write(block + process.at("runtime.finBlock", "cnt"), std::uint32_t{3});
  EXPECT_TRUE(shapes.is_finalizer_blocks(kAllfin));
  process.memory.write(block + process.at("runtime.finBlock", "cnt"), std::uint32_t{102});
  EXPECT_FALSE(shapes.is_finalizer_blocks(kAllfin));
  process.memory.write(block + process.at("runtime.finBlock", "cnt"), std::uint32_t{101});
  process.memory.write_pointer(block + process.at("runtime.finBlock", "alllink"), block);
  EXPECT_FALSE(shapes.is_finalizer_blocks(kAllfin));  // a circle
}

TEST(GlobalsScan, FindsThemAmongZeros) {
  for (const char* arch : {"amd64", "arm64"}) {
    SyntheticGlobals process("go1.27.4", arch);
    GlobalShapes shapes = process.shapes();
    Moduledata module = process.module();
    GlobalsScan scan(process.memory, module, shapes);
    EXPECT_EQ(scan.find_allgs(), kAllgs);
    EXPECT_EQ(scan.find_mheap(), kMheap);
    EXPECT_EQ(scan.find_semtable(kMheap), kSemtable);
    EXPECT_EQ(scan.find_wait_reason_strings(), std::nullopt);
  }
}

TEST(GlobalsScan, FindsNothingInUnreadableOrEmptyMemory) {
  SyntheticGlobals process;
  GlobalShapes shapes = process.shapes();
  Moduledata module;
  module.data = {Address(0x10), Address(0x1000)};
  module.bss = {kImage + 0x70000, kImage + kImageBytes};
  GlobalsScan scan(process.memory, module, shapes);
  EXPECT_EQ(scan.find_allgs(), std::nullopt);
  EXPECT_EQ(scan.find_mheap(), std::nullopt);
  EXPECT_EQ(scan.find_semtable(kMheap), std::nullopt);
}

}  // namespace
}  // namespace goshawk::goruntime
