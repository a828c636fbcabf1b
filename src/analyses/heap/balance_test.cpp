// Pictures drawn by hand: every object has 64 bytes, and its letter as its place.
#include "analyses/heap/balance.h"

#include <gtest/gtest.h>

#include <string>

#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {
namespace {

using snapshot::MemoryPart;
using snapshot::Snapshot;

constexpr std::uint64_t kEach = 64, kBase = 0x10000;

class BalanceTest : public ::testing::Test {
 protected:
  // A to D with pointers, A -> B; E to H without (E is number 5: one number after D is nobody's).
  BalanceTest() {
    picture.picture.has_references = true;
    picture.objects = snapshot::Objects(
        {{.base = Address(kBase), .element_size_bytes = kEach, .slots = 4},
         {.base = Address(kBase + 4096), .element_size_bytes = kEach, .slots = 4, .noscan = true}});
    allocate("ABCDEFGH");
    picture.references.rows = ReservedArray<std::uint32_t>(6);
    picture.references.edges = ReservedArray<snapshot::ObjectId>(1);
    picture.references.edges[0] = id('B');
    for (std::uint32_t row = 0; row < 6; ++row) picture.references.rows[row] = row == 0 ? 0 : 1;
    picture.goroutine_root_rows = {0};
    picture.memory.known = picture.memory.by_kernel = true;
    part(MemoryPart::kSpans) = 2 * 4096;
  }

  static snapshot::ObjectId id(char letter) {
    return static_cast<snapshot::ObjectId>(letter - 'A' + (letter >= 'E' ? 1 : 0));
  }
  void allocate(const std::string& letters) {
    picture.objects.allocated.assign(1, 0);
    for (char letter : letters) picture.objects.allocated[0] |= std::uint64_t{1} << id(letter);
  }
  std::uint64_t& part(MemoryPart part) {
    return picture.memory.bytes[static_cast<std::size_t>(part)];
  }
  void root(char letter) {
    picture.roots.push_back({id(letter), snapshot::RootKind::kGlobal, Address(0x500000)});
  }
  std::uint64_t bytes(std::string_view name) {
    findings::Balance balance = draw_up_balance(picture, mark_live_objects(picture));
    std::uint64_t sum = 0, found = 0;
    int times = 0;
    for (const findings::BalanceLine& line : balance.lines) {
      sum += line.bytes;
      if (line.name == name) found = line.bytes, ++times;
    }
    EXPECT_EQ(sum, balance.total_bytes);
    EXPECT_EQ(times, 1) << name;
    return found;
  }

  Snapshot picture;
};

TEST_F(BalanceTest, WhatIsReachedLivesAndAllElseIsGarbage) {
  root('A');
  root('F');
  EXPECT_EQ(bytes("heap_live_with_pointers"), 2 * kEach);
  EXPECT_EQ(bytes("heap_live_without_pointers"), kEach);
  EXPECT_EQ(bytes("heap_garbage"), 5 * kEach);
  EXPECT_EQ(bytes("heap_free_slots"), 2 * 4096 - 8 * kEach);
}

TEST_F(BalanceTest, WhatIsNotAllocatedIsFree) {
  allocate("ABF");
  root('A');
  EXPECT_EQ(bytes("heap_garbage"), kEach);
  EXPECT_EQ(bytes("heap_free_slots"), 2 * 4096 - 3 * kEach);
}

TEST_F(BalanceTest, WhatOnlyTheRuntimesListsHoldLives) {
  picture.runtime_roots = {id('C')};
  picture.goroutines.push_back({.goid = 7, .descriptor = {}, .descriptor_object = id('D')});
  picture.goroutine_root_rows = {0, 1};
  picture.goroutine_roots = {id('H')};
  EXPECT_EQ(bytes("heap_live_with_pointers"), kEach);
  EXPECT_EQ(bytes("goroutine_descriptors"), kEach);
  EXPECT_EQ(bytes("heap_live_without_pointers"), kEach);
}

TEST_F(BalanceTest, ARegisterHoldsAndAThreadsStackDoesNot) {
  picture.roots.push_back({id('C'), snapshot::RootKind::kThread, Address(4711)});
  picture.roots.push_back({id('D'), snapshot::RootKind::kThread, Address(0xc000010000)});
  EXPECT_EQ(bytes("heap_live_with_pointers"), kEach);
}

TEST_F(BalanceTest, DescriptorsOfEndedGoroutinesAreThere) {
  root('A');
  root('C');
  picture.goroutines.push_back({.goid = 7, .descriptor = {}, .descriptor_object = id('D')});
  picture.goroutine_root_rows = {0, 0};
  picture.dead_descriptors = 2;
  EXPECT_EQ(bytes("goroutine_descriptors"), 3 * kEach);
  EXPECT_EQ(bytes("heap_live_with_pointers"), kEach);
}

TEST_F(BalanceTest, OnlyWhatIsResidentCounts) {
  root('A');
  part(MemoryPart::kSpans) = 2 * 4096 - 96;  // half of B, and C
  picture.memory.absent = {{Address(kBase + 96), Address(kBase + 192)}};
  EXPECT_EQ(bytes("heap_live_with_pointers"), kEach + kEach / 2);
  EXPECT_EQ(bytes("heap_garbage"), 5 * kEach);
  findings::Balance balance = draw_up_balance(picture, mark_live_objects(picture));
  EXPECT_EQ(balance.live_bytes, 2 * kEach);
  EXPECT_EQ(balance.absent_live_bytes, kEach / 2);
}

TEST_F(BalanceTest, NeverMoreThanThereIs) {
  root('A');
  part(MemoryPart::kSpans) = 100;  // a file may say anything
  EXPECT_EQ(bytes("heap_live_with_pointers"), 100u);
  EXPECT_EQ(bytes("heap_garbage"), 0u);
}

TEST_F(BalanceTest, TheLargestLineComesFirst) {
  part(MemoryPart::kFiles) = 1 << 20;
  part(MemoryPart::kCode) = 1 << 16;
  auto lines = draw_up_balance(picture, mark_live_objects(picture)).lines;
  EXPECT_EQ(lines[0].name, "mapped_files");
  EXPECT_EQ(lines[1].name, "program_code");
}

}  // namespace
}  // namespace goshawk::analyses::heap
