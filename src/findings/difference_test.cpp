// Inventories made by hand, laid over each other.
#include "findings/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::findings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Inventory with_types(std::vector<TypeCost> types, std::vector<UnknownObjects> unknown = {}) {
  Inventory inventory{.name = "one"};
  inventory.live = Amount{.objects = 10, .bytes = 100 << 20};
  inventory.types.emplace();
  inventory.types->unknown = std::move(unknown);
  for (TypeCost& type : types) inventory.types->types.push_back({std::move(type)});
  inventory.holders = {{}};
  return inventory;
}

std::vector<std::string> names(const std::vector<TypeChange>& changes) {
  std::vector<std::string> all;
  for (const TypeChange& change : changes) all.push_back(change.type);
  return all;
}

TEST(Difference, TypesByWhatTheyGrew) {
  Inventory before = with_types({{"kept", 5, 500}, {"shrinks", 9, 900}, {"goes", 1, 100}},
                                {{48, true, "main.a", 3, 144}});
  Inventory after = with_types({{"comes", 2, 2000}, {"kept", 5, 500}, {"shrinks", 8, 800}},
                               {{48, true, "main.a", 1, 48}, {48, false, "main.a", 2, 96}});
  std::vector<TypeChange> types = *compare(before, after, Relation::kSameProcess).types;
  EXPECT_THAT(names(types), ElementsAre("comes", "", "", "goes", "shrinks"));
  EXPECT_EQ(types[0].before, Amount{});
  EXPECT_EQ(types[0].after, (Amount{2, 2000}));
  EXPECT_FALSE(types[1].has_pointers);
  EXPECT_EQ(types[2].growth(), -96);
  EXPECT_EQ(types[3].after, Amount{});
}

TEST(Difference, WhatOneHasNotIsNotCompared) {
  Inventory before = with_types({});
  Inventory after{.name = "later", .no_types = "saved without them"};
  after.no_allocations = "it keeps none";
  Difference difference = compare(before, after, Relation::kSameProcess);
  EXPECT_FALSE(difference.types);
  EXPECT_FALSE(difference.holders);
  EXPECT_FALSE(difference.allocations);
  EXPECT_THAT(difference.remarks,
              ElementsAre("types and holders are not compared: later: saved without them",
                          "allocations are not compared: later: it keeps none"));
}

TEST(Difference, WhatBothHaveNotIsSaidOnce) {
  Inventory before{.name = "earlier"}, after{.name = "later"};
  before.no_allocations = after.no_allocations = "it keeps none";
  EXPECT_THAT(compare(before, after, Relation::kSameProcess).remarks,
              ElementsAre("allocations are not compared: both: it keeps none"));
}

TEST(Difference, HalfAPercentOfTheLiveHeapMatters) {
  Difference difference = compare(with_types({}), with_types({}), Relation::kSameProcess);
  EXPECT_EQ(difference.least_bytes, (100 << 20) / 200u);
  TypeChange change{.type = "main.a", .after = {1, (100 << 20) / 200 - 1}};
  EXPECT_FALSE(matters(change, difference));
  std::swap(change.before, change.after);
  ++change.before.bytes;
  EXPECT_TRUE(matters(change, difference));
  Inventory small;
  EXPECT_EQ(compare(small, small, Relation::kSameProcess).least_bytes, kNoiseBytes);
}

TEST(Difference, TimeMayGoBackwards) {
  Inventory before{.taken_unix_ns = 2'000}, after{.taken_unix_ns = 500};
  EXPECT_EQ(compare(before, after, Relation::kSameProcess).elapsed_ns, -1500);
  after.taken_unix_ns = 0;
  EXPECT_FALSE(compare(before, after, Relation::kSameProcess).elapsed_ns);
}

// The whole heap, one holder, and below it objects of types one below the other.
std::vector<HeldKind> chain(const std::string& holder, std::vector<std::string> types,
                            std::uint64_t count, std::uint64_t bytes, std::uint64_t address = 0) {
  std::vector<HeldKind> kinds{{.retained = {count, bytes}}};
  kinds.push_back(
      {.name = holder, .address = address, .count = 1, .retained = {count, bytes}, .path = holder});
  for (const std::string& type : types)
    kinds.push_back({.parent = static_cast<std::uint32_t>(kinds.size() - 1),
                     .name = type,
                     .is_object = true,
                     .count = count,
                     .retained = {count, bytes}});
  return kinds;
}

Difference compare_chains(std::vector<HeldKind> one, std::vector<HeldKind> other,
                          Relation relation = Relation::kSameProcess) {
  Inventory before = with_types({}), after = with_types({});
  before.holders = std::move(one);
  after.holders = std::move(other);
  return compare(before, after, relation);
}

TEST(Difference, HoldersByAllThatHoldThem) {
  Difference difference =
      compare_chains(chain("main.shop", {"main.server", "main.session"}, 3, 300),
                     chain("main.shop", {"main.server", "main.session"}, 7, 700));
  const std::vector<HolderChange>& holders = *difference.holders;
  ASSERT_THAT(holders, SizeIs(3));
  EXPECT_EQ(holders[0].name, "main.shop");
  EXPECT_EQ(holders[0].depth, 0u);
  EXPECT_EQ(holders[2].name, "main.session");
  EXPECT_EQ(holders[2].depth, 2u);
  EXPECT_EQ(holders[2].count_after - holders[2].count_before, 4u);
  EXPECT_EQ(holders[2].growth(), 400);

  difference = compare_chains(chain("main.a", {"main.session"}, 3, 300),
                              chain("main.b", {"main.session"}, 3, 300));
  EXPECT_THAT(*difference.holders, SizeIs(4)) << "the same type, held by another one";
  EXPECT_EQ(difference.holders->front().name, "main.b") << "what grew comes first";
  EXPECT_THAT(*compare_chains(chain("main.a", {"x"}, 1, 1), chain("main.a", {"x"}, 1, 1)).holders,
              IsEmpty());
}

TEST(Difference, VariablesWithoutANameAreToldByAddressesThatStay) {
  auto low = [](std::uint64_t at) { return chain("without a name", {"x"}, 1, 100, at); };
  EXPECT_THAT(*compare_chains(low(0x500000), low(0x500008)).holders, SizeIs(4));
  EXPECT_THAT(*compare_chains(low(0x500000), low(0x500008), Relation::kSameBuild).holders,
              SizeIs(4));
  EXPECT_THAT(*compare_chains(low(0x500000), low(0x500008), Relation::kOtherBuild).holders,
              IsEmpty());
  EXPECT_THAT(
      *compare_chains(low(0x7f0000500000), low(0x7f0011500000), Relation::kSameBuild).holders,
      IsEmpty())
      << "a loader moves it";
}

GoroutineKind waiting(const std::string& function, std::uint32_t line, std::uint64_t count,
                      std::uint64_t proven = 0) {
  return {.state = "chan receive",
          .at = {function, "/src/main.go", line, 0},
          .created_by = {"main.main", "/src/main.go", 5, 0},
          .count = {.all = count, .proven = proven}};
}

TEST(Difference, GoroutinesByWhereTheyWaitAndWhoStartedThem) {
  Inventory before, after;
  before.kinds_of_goroutines = {waiting("main.f", 10, 4), waiting("main.same", 1, 7)};
  after.kinds_of_goroutines = {waiting("main.f", 10, 9, 5), waiting("main.f", 11, 1),
                               waiting("main.same", 1, 7)};
  before.goroutines = 11, after.goroutines = 17;
  Difference difference = compare(before, after, Relation::kSameProcess);
  ASSERT_THAT(difference.goroutines, SizeIs(2));
  EXPECT_EQ(difference.goroutines[0].growth(), 5);
  EXPECT_EQ(difference.goroutines[0].after.proven, 5u);
  EXPECT_EQ(difference.goroutines[1].before.all, 0u);
  // Lines are another build's own.
  difference = compare(before, after, Relation::kOtherBuild);
  ASSERT_THAT(difference.goroutines, SizeIs(1));
  EXPECT_EQ(difference.goroutines[0].after.all, 10u);
}

TEST(Difference, ALeakIsNeverNoise) {
  Inventory before, after;
  before.goroutines = after.goroutines = 100'000;
  before.kinds_of_goroutines = {waiting("main.f", 10, 4), waiting("main.g", 1, 7)};
  after.kinds_of_goroutines = {waiting("main.f", 10, 5, 1), waiting("main.g", 1, 8)};
  Difference difference = compare(before, after, Relation::kSameProcess);
  ASSERT_THAT(difference.goroutines, SizeIs(2));
  EXPECT_EQ(difference.goroutines[0].what.at.function, "main.f");
  EXPECT_TRUE(matters(difference.goroutines[0], difference));
  EXPECT_FALSE(matters(difference.goroutines[1], difference));
}

Allocated allocated_by(const std::string& function, Amount in_use, Amount allocated,
                       std::uint64_t rate = 1) {
  return {
      .rate_bytes = rate,
      .kinds = {
          {.stack = {{function, "/src/main.go", 3, 0}}, .in_use = in_use, .allocated = allocated}}};
}

TEST(Difference, AllocationsByTheirStacks) {
  Inventory before, after;
  before.allocated = allocated_by("main.f", {10, 100}, {20, 200});
  after.allocated = allocated_by("main.f", {15, 150}, {90, 900});
  Difference difference = compare(before, after, Relation::kSameProcess);
  ASSERT_THAT(*difference.allocations, SizeIs(1));
  EXPECT_EQ(difference.allocations->front().growth(), 50);
  EXPECT_EQ(difference.allocations->front().allocated_after.bytes, 900u);
  EXPECT_EQ(difference.relation, Relation::kSameProcess);
}

TEST(Difference, AProcessThatHasAllocatedLessIsAnotherOne) {
  Inventory before{.taken_unix_ns = 10}, after{.taken_unix_ns = 20};
  before.allocated = allocated_by("main.f", {10, 100}, {20, 200});
  after.allocated = allocated_by("main.f", {10, 100}, {19, 190});
  EXPECT_EQ(compare(before, after, Relation::kSameProcess).relation, Relation::kSameBuild);
  // It may as well be the later one.
  before.taken_unix_ns = 20, after.taken_unix_ns = 10;
  EXPECT_EQ(compare(before, after, Relation::kSameProcess).relation, Relation::kSameProcess);
  before.taken_unix_ns = 0;
  EXPECT_EQ(compare(before, after, Relation::kSameProcess).relation, Relation::kSameProcess);
  after.allocated->kinds.push_back(allocated_by("main.g", {1, 1}, {1, 1}).kinds.front());
  EXPECT_EQ(compare(before, after, Relation::kSameProcess).relation, Relation::kSameBuild);
  after.allocated->rate_bytes = 512;
  EXPECT_EQ(compare(before, after, Relation::kSameProcess).relation, Relation::kSameProcess);
}

TEST(Difference, SamplingThatWasSwitchedOffIsSaid) {
  Inventory before{.name = "b"};
  before.allocated = allocated_by("main.f", {1, 1}, {1, 1}, 0);
  EXPECT_THAT(compare(before, before, Relation::kSameProcess).remarks.front(),
              HasSubstr("b: the program has switched sampling off"));
}

}  // namespace
}  // namespace goshawk::findings
