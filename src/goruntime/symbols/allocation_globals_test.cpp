// Without symbols and names of functions: by shape alone. By symbol and by code they are found in
// real programs, end to end.
#include "goruntime/symbols/allocation_globals.h"

#include <gtest/gtest.h>

#include "goruntime/symbols/function_tables.h"
#include "goruntime/testing/synthetic_buckets.h"

namespace goshawk::goruntime {
namespace {

using namespace synthetic;

constexpr Address kBss{0x5a0000};
constexpr std::uint64_t kBssBytes = 0x1000;

struct AllocationGlobalsByShape : ::testing::Test {
  AllocationGlobalsByShape() : functions(std::make_unique<Functions::Tables>()) {
    buckets.memory.map(kBss, kBssBytes);
    Moduledata module;
    module.bss = {kBss, kBss + kBssBytes};
    modules.build.arch = "amd64";
    modules.all.push_back(module);
  }

  AllocationGlobals find() {
    return find_allocation_globals(buckets.memory, nullptr, modules, functions, buckets.fact,
                                   bindings);
  }

  SyntheticBuckets buckets;
  Modules modules;
  Functions functions;
  std::vector<snapshot::Binding> bindings;
};

TEST_F(AllocationGlobalsByShape, TheOneWordThatLeadsToABucket) {
  buckets.add(16, {0x401000}, {1, 0});
  buckets.memory.write_pointer(kBss + 8, kBss + 16);
  buckets.memory.write_pointer(kBss + 0x100, buckets.newest + 8);
  buckets.memory.write_pointer(kBss + 0x200, buckets.newest);
  AllocationGlobals globals = find();
  ASSERT_TRUE(globals.mbuckets);
  EXPECT_EQ(globals.mbuckets->address, kBss + 0x200);
  EXPECT_EQ(globals.mbuckets->by, BoundBy::kShape);
  EXPECT_FALSE(globals.mem_profile_rate);  // a number like others
  ASSERT_EQ(bindings.size(), 2U);
  EXPECT_EQ(bindings[1].standing, snapshot::Standing::kMissing);
}

TEST_F(AllocationGlobalsByShape, ZerosAreNone) {
  EXPECT_FALSE(find().mbuckets);
  buckets.add(16, {0x401000}, {1, 0});
  buckets.memory.write(buckets.newest + buckets.fact.hash, std::uint64_t{1});
  buckets.memory.write_pointer(kBss + 0x200, buckets.newest);
  EXPECT_FALSE(find().mbuckets);
}

TEST_F(AllocationGlobalsByShape, NoModuleNoVariables) {
  modules.all.clear();
  EXPECT_FALSE(find().mbuckets);
}

}  // namespace
}  // namespace goshawk::goruntime
