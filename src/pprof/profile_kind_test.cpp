#include "pprof/profile_kind.h"

#include <gtest/gtest.h>

#include <array>

#include "pprof/profile_builder.h"

namespace goshawk::pprof {
namespace {

// Of waiting, each stack with its innermost function.
ProfileKind kind_of_stacks(std::initializer_list<const char*> innermost) {
  ProfileBuilder builder;
  builder.add_sample_type("contentions", "count");
  builder.add_sample_type("delay", "nanoseconds");
  for (const char* name : innermost) {
    Line line{builder.add_function(name, "/src/a.go"), 7};
    LocationId stack = builder.add_location(Address(0x401000), kNone, {&line, 1});
    constexpr std::array<std::int64_t, 2> kValues = {1, 1000};
    builder.add_sample({&stack, 1}, kValues);
  }
  return kind_of(builder.finish());
}

TEST(ProfileKind, OfWaitingIsToldByStacks) {
  EXPECT_EQ(kind_of_stacks({"sync.(*Mutex).Unlock", "sync.(*RWMutex).RUnlock", "runtime.unlock2"}),
            ProfileKind::kMutex);
  EXPECT_EQ(kind_of_stacks({"sync.(*Mutex).Lock", "runtime.chanrecv1", "sync.(*WaitGroup).Wait"}),
            ProfileKind::kBlock);
  EXPECT_EQ(kind_of_stacks({}), ProfileKind::kContention);
  for (ProfileKind kind : {ProfileKind::kMutex, ProfileKind::kBlock, ProfileKind::kContention})
    EXPECT_TRUE(is_of_waiting(kind));
}

}  // namespace
}  // namespace goshawk::pprof
