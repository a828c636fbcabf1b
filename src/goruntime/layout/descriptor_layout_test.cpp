// Type descriptors as a program has them, and as one that lies.
#include "goruntime/layout/descriptor_layout.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_descriptors.h"

namespace goshawk::goruntime {
namespace {

class DescriptorLayoutTest : public testing::Test, public SyntheticDescriptors {
 protected:
  Result<std::unique_ptr<LayoutSource>> read() {
    return descriptor_layout(memory, {kTypes, kTypes + kBytes});
  }
};

TEST_F(DescriptorLayoutTest, SizesAndFieldsAlongAPath) {
  add_g();
  auto layout = read().value();
  EXPECT_EQ(layout->size_of("runtime.g"), 64U);
  EXPECT_EQ(layout->field("runtime.g", "goid")->offset, 40U);
  EXPECT_EQ(layout->field("runtime.g", "goid")->size_bytes, 8U);
  EXPECT_EQ(layout->field("runtime.g", "sched.pc")->offset, 16U);
  EXPECT_EQ(layout->field("runtime.g", "sched")->size_bytes, 24U);
  EXPECT_FALSE(layout->field("runtime.g", "waiting"));
  EXPECT_FALSE(layout->field("runtime.g", "goid.x"));
  EXPECT_FALSE(layout->size_of("runtime.mheap"));
  EXPECT_FALSE(layout->constant("_Gwaiting"));
}

TEST_F(DescriptorLayoutTest, PromotedFieldsAndArrays) {
  Address g = add_g();
  Address inner = add_struct("runtime.inner", 16, {{"a", word, 0}, {"b", word, 8}});
  add_struct("runtime.outer", 48, {{"inner", inner, 0, true}, {"both", add_array(inner, 32), 16}});
  add_struct("runtime.held", 16, {{"inner", inner, 0}});
  ASSERT_FALSE(g.is_null());
  auto layout = read().value();
  EXPECT_EQ(layout->field("runtime.outer", "b")->offset, 8U);
  EXPECT_EQ(layout->field("runtime.outer", "both.b")->offset, 24U);
  EXPECT_FALSE(layout->field("runtime.held", "b"));
}

TEST_F(DescriptorLayoutTest, OnlyPackageRuntimeIsAsked) {
  add_g();
  Address theirs = add_name("example.com/runtime", 0);
  add_struct_of(theirs, "*runtime.sudog", 8, {{"g", word, 0}});
  EXPECT_FALSE(read().value()->size_of("runtime.sudog"));
}

TEST_F(DescriptorLayoutTest, ANameOfTwoIsNobodys) {
  add_g();
  add_struct("runtime.T", 8, {{"a", word, 0}});
  add_struct("runtime.T", 16, {{"a", word, 8}});
  EXPECT_FALSE(read().value()->size_of("runtime.T"));
}

TEST_F(DescriptorLayoutTest, FieldsThatDoNotLieInTheStructureAreNone) {
  add_g();
  add_struct("runtime.over", 8, {{"a", word, 8}});
  add_struct("runtime.twice", 24, {{"a", word, 8}, {"b", word, 8}});
  add_struct("runtime.wild", 24, {{"a", Address(0x7777777777777000), 0}});
  auto layout = read().value();
  for (const char* name : {"runtime.over", "runtime.twice", "runtime.wild"})
    EXPECT_FALSE(layout->size_of(name)) << name;
}

TEST_F(DescriptorLayoutTest, ADescriptionThatHoldsItselfEnds) {
  add_g();
  Address loop = add_struct("runtime.loop", 8, {{"loop", word, 0, true}});
  Address rows(memory.read_value<std::uint64_t>(loop + 56).value());
  memory.write_pointer(rows + 8, loop);
  auto layout = read().value();
  EXPECT_FALSE(layout->field("runtime.loop", "x"));
  EXPECT_FALSE(layout->field("runtime.loop", "loop.loop.loop.loop.loop.loop.loop.loop.loop.x"));
}

TEST_F(DescriptorLayoutTest, WithoutAGThereIsNothingToReadBy) {
  add_struct("runtime.h", 8, {{"a", word, 0}});
  EXPECT_FALSE(read());
  EXPECT_FALSE(descriptor_layout(memory, {kTypes, kTypes}));
  EXPECT_FALSE(descriptor_layout(memory, {kTypes, kTypes + (std::uint64_t{1} << 40)}));
  EXPECT_FALSE(descriptor_layout(memory, {Address(8), Address(4096)}));
}

}  // namespace
}  // namespace goshawk::goruntime
