#include "goruntime/typing/stack_values.h"

#include <gtest/gtest.h>

#include "goruntime/typing/heap_drawing_for_tests.h"

namespace goshawk::goruntime {
namespace {

constexpr Address kStack{0xc000800000};

class StackValuesTest : public ::testing::Test {
 protected:
  testing::DrawnHeap heap_;
  target::Memory& memory_ = heap_.memory;
  PageCache cache_{memory_};
  TypeReader types_{cache_, AddressRange{heap_.kTypes, heap_.kTypes + heap_.kBytes}};
  StructCatalog catalog_{memory_, types_};
  Views views_{types_, catalog_};
  ViewId node_ = views_.find(Shape::kValue, heap_.node);
  ViewId text_ = views_.find(Shape::kText, {});
  std::vector<StackSlot> slots_;

  void leads_to_heap(std::uint64_t at, snapshot::ObjectId object) {
    slots_.push_back({.object = object, .at = kStack + at, .points_to = {}, .pc = {}});
  }
  void leads_to_stack(std::uint64_t at, std::uint64_t to) {
    slots_.push_back({.at = kStack + at, .points_to = kStack + to, .pc = {}});
  }
};

// node { next *node; text string } at 64 and at 128.
TEST_F(StackValuesTest, FollowsPointersFromValueToValue) {
  leads_to_stack(0, 64);
  leads_to_stack(64, 128);
  leads_to_heap(72, 5);
  leads_to_heap(128, 7);
  leads_to_heap(136, 9);
  leads_to_heap(160, 11);  // behind them
  StackValues values(slots_, views_);
  values.lead(slots_[0], node_);
  values.follow();
  std::vector<std::pair<snapshot::ObjectId, ViewId>> found;
  for (auto [slot, view] : values.led_to()) found.emplace_back(slot->object, view);
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<std::pair<snapshot::ObjectId, ViewId>>{
                       {5, text_}, {7, node_}, {9, text_}}));
}

TEST_F(StackValuesTest, CirclesEnd) {
  leads_to_stack(0, 64);
  leads_to_stack(64, 128);
  leads_to_stack(128, 64);
  StackValues values(slots_, views_);
  values.lead(slots_[0], node_);
  values.follow();
  EXPECT_TRUE(values.led_to().empty());
}

TEST_F(StackValuesTest, OfSeveralValuesNothingIsSaid) {
  leads_to_stack(0, 64);
  leads_to_heap(64, 5);
  StackValues values(slots_, views_);
  values.lead(slots_[0], views_.find(Shape::kArray, heap_.node));
  values.follow();
  EXPECT_TRUE(values.led_to().empty());
}

}  // namespace
}  // namespace goshawk::goruntime
