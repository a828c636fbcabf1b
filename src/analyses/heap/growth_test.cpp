#include "analyses/heap/growth.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "analyses/heap/letters_for_tests.h"
#include "analyses/heap/live_objects.h"
#include "analyses/heap/types.h"

namespace goshawk::analyses::heap {
namespace {

using findings::Confidence;
using findings::HeapFinding;

// Each picture is drawn anew, by its number.
class GrowthTest : public ::testing::Test {
 protected:
  struct Drawn : LetterPicture {
    void TestBody() override {}
    void map(char object, std::uint64_t entries, const std::string& name = "map[int]main.T") {
      type(object, name);
      picture.fill.maps.push_back({id(object), entries, 4096, 4096});
    }
    void slice(char array, std::uint32_t place, std::uint64_t length) {
      type(array, "[]main.T");
      picture.fill.slices.push_back({id(array), snapshot::kNone, place, length});
    }
  };

  std::vector<HeapFinding> find(int pictures, const std::function<void(Drawn&, int)>& draw,
                                double seconds = 10) {
    Growth growth;
    for (int number = 0; number < pictures; ++number) {
      Drawn drawn;
      drawn.picture.fill.known = true;
      drawn.picture.fill.places = {"", "main.all"};
      drawn.global('A', 0x500000);
      draw(drawn, number);
      drawn.draw();
      LastObject describer;
      HeldHeap held(drawn.picture, HolderTree(drawn.picture), &describer);
      graph::Reachability live = mark_live_objects(drawn.picture);
      growth.add(number * seconds, drawn.picture, live, add_up_types(drawn.picture, live), held);
    }
    return growth.found();
  }
};

TEST_F(GrowthTest, AMapToWhichIsAddedInEveryInterval) {
  auto grow = [](Drawn& drawn, int number) {
    drawn.points('A', 'B');
    drawn.map('B', 100 + 20u * static_cast<unsigned>(number));
    for (char value = 'C'; value <= 'C' + number; ++value) {
      drawn.points('B', value);
      drawn.type(value, "main.T");
    }
  };
  EXPECT_TRUE(find(1, grow).empty()) << "one picture shows no growth";
  auto found = find(3, grow);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "heap/growing-map");
  EXPECT_EQ(found[0].finding.confidence, Confidence::kSuspected);
  EXPECT_EQ(found[0].path, "to B");
  EXPECT_EQ(found[0].entries, 140u);
  ASSERT_EQ(found[0].came_with.size(), 1u) << "told with the map, and not beside it";
  EXPECT_EQ(found[0].came_with[0], (findings::TypeCost{"main.T", 2, 2 * LetterPicture::kEach}));
  EXPECT_EQ(found[0].finding.cost.retained_bytes, 2 * LetterPicture::kEach);
  ASSERT_TRUE(found[0].finding.growth);
  EXPECT_DOUBLE_EQ(found[0].finding.growth->samples[2].seconds, 20);
  EXPECT_EQ(found[0].finding.growth->samples[2].count, 140u);

  EXPECT_EQ(find(5, grow)[0].finding.confidence, Confidence::kLikely);
}

TEST_F(GrowthTest, WhatSlowsDownIsASuspicionOnly) {
  auto found = find(5, [](Drawn& drawn, int number) {
    drawn.map('A', 1000 - (1000u >> (2 * static_cast<unsigned>(number))));
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.confidence, Confidence::kSuspected);
}

TEST_F(GrowthTest, AMapThatOnceDidNotGrow) {
  EXPECT_TRUE(find(4, [](Drawn& drawn, int number) {
                drawn.map('A',
                          std::array{100u, 200u, 200u, 300u}[static_cast<std::size_t>(number)]);
              }).empty());
}

TEST_F(GrowthTest, AnotherMapInTheSamePlace) {
  auto found = find(2, [](Drawn& drawn, int number) {
    drawn.map('A', number == 0 ? 10 : 100, number == 0 ? "map[int]main.T" : "map[string]bool");
  });
  for (const HeapFinding& one : found) EXPECT_EQ(one.finding.rule, "heap/growing-type");
}

TEST_F(GrowthTest, GarbageDoesNotGrow) {
  EXPECT_TRUE(find(3, [](Drawn& drawn, int number) {
                drawn.map('B', 100 * static_cast<unsigned>(number));
                for (char value = 'C'; value <= 'C' + number; ++value) drawn.type(value, "main.T");
              }).empty());
}

TEST_F(GrowthTest, ASliceIsFollowedByItsPlace) {
  auto found = find(3, [](Drawn& drawn, int number) {
    char array = static_cast<char>('B' + number);
    drawn.points('A', array);
    drawn.slice(array, 1, 100 + 50u * static_cast<unsigned>(number));
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "heap/growing-slice");
  EXPECT_EQ(found[0].place, "main.all");
  EXPECT_EQ(found[0].type, "[]main.T");
  EXPECT_EQ(found[0].finding.growth->samples[2].count, 200u);
}

TEST_F(GrowthTest, MoreSlicesAreNoLongerOnes) {
  auto found = find(3, [](Drawn& drawn, int number) {
    for (char array = 'B'; array <= 'B' + number; ++array) {
      drawn.points('A', array);
      drawn.slice(array, 1, 100);
    }
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "heap/growing-type");
  EXPECT_EQ(found[0].finding.count, 2u);
}

TEST_F(GrowthTest, AChainIsOneFindingWithWhatHangsOnIt) {
  auto found = find(3, [](Drawn& drawn, int number) {
    drawn.type('A', "main.list");
    char last = 'A';
    for (char at = 'B'; at <= 'B' + number; ++at) {
      drawn.points(last, at);
      drawn.type(at, "main.node");
      drawn.points(at, static_cast<char>(at + 10));
      drawn.type(static_cast<char>(at + 10), "main.load");
      last = at;
    }
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].type, "main.node");
  EXPECT_EQ(found[0].finding.count, 2u);
  EXPECT_EQ(found[0].finding.cost.retained_bytes, 4 * LetterPicture::kEach);
  ASSERT_EQ(found[0].came_with.size(), 1u);
  EXPECT_EQ(found[0].came_with[0].type, "main.load");
}

TEST_F(GrowthTest, ObjectsOfUnknownTypeGrowBySlot) {
  auto found = find(2, [](Drawn& drawn, int number) {
    drawn.type('A', "main.list");
    for (char at = 'B'; at <= 'B' + number; ++at) drawn.points('A', at);
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].type, "");
  EXPECT_EQ(found[0].slot_bytes, 0u) << "a megabyte is more than the largest slot";
  EXPECT_EQ(found[0].path, "to B");
}

}  // namespace
}  // namespace goshawk::analyses::heap
