// What groups cost, on pictures drawn by hand (every object has 16 bytes), and against the meaning
// of the word on random ones: what is reached with a group, and not without it.
#include "analyses/goroutines/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::ObjectId;
using snapshot::Root;
using snapshot::RootKind;
using snapshot::Snapshot;
using testing::ElementsAre;

using Groups = std::vector<std::vector<GoroutineIndex>>;

constexpr std::uint64_t kEach = 16;

Address address_of(char object) { return Address(0x1000 + kEach * (object - 'A')); }

TEST(Cost, AGroupRetainsWhatOnlyItsMembersReach) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "AS");
  drawn.waits(2, "B", "BS");
  drawn.points('A', 'C').points('C', 'D').points('D', 'A').points('S', 'T');
  RetainedBytes one_group = compute_retained_bytes(drawn.draw(), Groups{{0, 1}});
  EXPECT_THAT(one_group.of_groups, ElementsAre(6 * kEach));
  EXPECT_EQ(one_group.shared, 0u);
}

TEST(Cost, WhatTwoGroupsHoldIsInTheCostOfNeither) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "AS");
  drawn.waits(2, "B", "BS");
  drawn.points('S', 'T');
  RetainedBytes two = compute_retained_bytes(drawn.draw(), Groups{{0}, {1}});
  EXPECT_THAT(two.of_groups, ElementsAre(kEach, kEach));
  EXPECT_EQ(two.shared, 2 * kEach);
}

TEST(Cost, WhatIsHeldElsewhereCostsNothing) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "A");
  drawn.runs(2, "L");
  drawn.points('A', 'G').points('A', 'L').points('G', 'H').points('L', 'M').points('A', 'Z');
  drawn.root('G');
  Snapshot& picture = drawn.draw();
  picture.objects.allocated[0] &= ~(std::uint64_t{1} << ('Z' - 'A'));  // a slot that is free
  EXPECT_THAT(compute_retained_bytes(picture, Groups{{0}}).of_groups, ElementsAre(kEach));
}

TEST(Cost, AWeakPointerHoldsNothing) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "AB");
  drawn.root('W').weak('W', 'B');
  EXPECT_THAT(compute_retained_bytes(drawn.draw(), Groups{{0}}).of_groups, ElementsAre(2 * kEach));
}

TEST(Cost, WhatAnObjectWithAFinalizerRefersToGoesWithIt) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "AF");
  drawn.points('F', 'G').points('G', 'H');
  Snapshot& picture = drawn.draw();
  picture.roots = {{ObjectId{'G' - 'A'}, RootKind::kFinalizer, address_of('F')}};
  EXPECT_THAT(compute_retained_bytes(picture, Groups{{0}}).of_groups, ElementsAre(4 * kEach));
  picture.roots[0].kind = RootKind::kGlobal;
  EXPECT_THAT(compute_retained_bytes(picture, Groups{{0}}).of_groups, ElementsAre(2 * kEach));
}

TEST(Cost, WhatAFinalizersFunctionRefersToStays) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "AFQ");
  drawn.points('F', 'G').points('P', 'Q');
  Snapshot& picture = drawn.draw();
  picture.roots = {{ObjectId{'G' - 'A'}, RootKind::kFinalizer, address_of('F')},
                   {ObjectId{'P' - 'A'}, RootKind::kFinalizer, address_of('F')}};  // the function
  EXPECT_THAT(compute_retained_bytes(picture, Groups{{0}}).of_groups, ElementsAre(3 * kEach));
}

// A, C, E are odd, B, D, F even, nothing is known of the others.
class LettersAsTypes final : public snapshot::TypeTeller {
 public:
  const snapshot::ObjectTypes* tell(const std::vector<std::uint64_t>& wanted) override {
    asked = wanted;
    types.names = {"", "odd", "even"};
    types.of_objects = ReservedArray<std::uint32_t>(DrawnPicture::kObjects + 1);
    for (ObjectId object = 0; object < 6; ++object)
      types.of_objects[object] = object % 2 == 0 ? 1 : 2;
    return &types;
  }
  snapshot::ObjectTypes types;
  std::vector<std::uint64_t> asked;
};

TEST(Cost, TellsTheLargestTypesOfWhatAGroupAloneHolds) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "A");
  drawn.waits(2, "F", "F");
  drawn.points('A', 'B').points('A', 'C').points('A', 'G').points('A', 'S').points('F', 'S');
  drawn.points('A', 'E').root('E');
  LettersAsTypes types;
  RetainedBytes held = compute_retained_bytes(drawn.draw(), Groups{{0}, {1}}, &types);
  using findings::TypeCost;
  ASSERT_EQ(held.largest_types.size(), 2u);
  EXPECT_THAT(held.largest_types[0],
              ElementsAre(TypeCost{"odd", 2, 2 * kEach}, TypeCost{"even", 1, kEach},
                          TypeCost{"", 1, kEach}));
  EXPECT_THAT(held.largest_types[1], ElementsAre(TypeCost{"even", 1, kEach}));
  auto is_asked = [&](char object) { return types.asked[0] >> (object - 'A') & 1; };
  EXPECT_TRUE(is_asked('A') && is_asked('S') && is_asked('Z'));  // Z: garbage
  EXPECT_FALSE(is_asked('E'));
}

TEST(Cost, AsksForNoTypesWhereNothingIsHeld) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "A");
  drawn.root('A');
  LettersAsTypes types;
  EXPECT_THAT(compute_retained_bytes(drawn.draw(), Groups{{0}}, &types).largest_types,
              ElementsAre(testing::IsEmpty()));
  EXPECT_TRUE(types.asked.empty());
}

// Bytes of what globals and the goroutines for which `is_there` holds reach.
template <typename IsThere>
std::uint64_t reached_bytes(const Snapshot& picture, IsThere&& is_there) {
  std::vector<ObjectId> work;
  for (const Root& root : picture.roots) work.push_back(root.object);
  for (std::uint32_t i = 0; i < picture.goroutines.size(); ++i)
    if (is_there(i))
      for (std::uint32_t at = picture.goroutine_root_rows[i];
           at < picture.goroutine_root_rows[i + 1]; ++at)
        work.push_back(picture.goroutine_roots[at]);
  std::set<ObjectId> seen;
  while (!work.empty()) {
    ObjectId object = work.back();
    work.pop_back();
    if (!seen.insert(object).second) continue;
    for (std::uint32_t at = picture.references.rows[object];
         at < picture.references.rows[object + 1]; ++at)
      work.push_back(picture.references.edges[at]);
  }
  return seen.size() * kEach;
}

TEST(Cost, IsWhatIsNotReachedAnyMoreWithoutTheGroup) {
  std::mt19937 random(1);
  std::uint64_t shared = 0, own = 0;
  auto object = [&] { return static_cast<char>('A' + random() % DrawnPicture::kObjects); };
  for (int round = 0; round < 1000; ++round) {
    DrawnPicture drawn;
    for (std::uint32_t i = 0; i < DrawnPicture::kObjects; ++i) drawn.points(object(), object());
    drawn.root(object());
    constexpr std::uint32_t kGoroutines = 8, kGroups = 3;
    Groups groups(kGroups);
    std::vector<std::uint32_t> group_of;
    for (std::uint32_t i = 0; i < kGoroutines; ++i) {
      drawn.waits(i + 1, "", {object(), object()});
      group_of.push_back(static_cast<std::uint32_t>(random() % (kGroups + 1)));  // the last: none
      if (group_of[i] < kGroups) groups[group_of[i]].push_back(i);
    }
    Snapshot& picture = drawn.draw();
    RetainedBytes retained = compute_retained_bytes(picture, groups);
    std::uint64_t all = reached_bytes(picture, [](std::uint32_t) { return true; });
    std::uint64_t none = reached_bytes(picture, [&](auto i) { return group_of[i] == kGroups; });
    std::uint64_t sum = retained.shared;
    for (std::uint32_t group = 0; group < kGroups; ++group) {
      ASSERT_EQ(retained.of_groups[group],
                all - reached_bytes(picture, [&](auto i) { return group_of[i] != group; }));
      sum += retained.of_groups[group];
    }
    ASSERT_EQ(sum, all - none);
    shared += retained.shared;
    own += sum - retained.shared;
  }
  EXPECT_GT(shared, 1000 * kEach);  // both were there to be told apart
  EXPECT_GT(own, 1000 * kEach);
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
