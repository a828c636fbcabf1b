#include "analyses/heap/channels.h"

#include <gtest/gtest.h>

#include "analyses/heap/holders.h"
#include "analyses/heap/letters_for_tests.h"
#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {
namespace {

using findings::Confidence;
using findings::HeapFinding;
using snapshot::WaitOperation;

// Of a path all its objects: "to ACD".
class Letters : public snapshot::PathDescriber {
 public:
  std::string describe(const snapshot::HoldingPath& path) override {
    std::string text = "to ";
    for (snapshot::ObjectId object : path.objects) text += static_cast<char>('A' + object);
    return text;
  }
};

class ChannelsTest : public LetterPicture {
 protected:
  ChannelsTest() { picture.fill.known = true; }

  // Of elements of 8 bytes.
  void channel(char object, char buffer, std::uint64_t length, std::uint64_t capacity) {
    if (object != buffer) points(object, buffer);
    picture.fill.channels.push_back({.channel = id(object),
                                     .buffer = id(buffer),
                                     .length = length,
                                     .capacity = capacity,
                                     .element_bytes = 8});
    type(object, "chan *main.job");
  }
  // By the goroutine added last, together with its other waits.
  void waits(char channel, WaitOperation operation, bool linked = true) {
    snapshot::Goroutine& goroutine = picture.goroutines.back();
    if (goroutine.wait_count++ == 0)
      goroutine.first_wait = static_cast<std::uint32_t>(picture.waits.size());
    snapshot::Wait wait;
    wait.object = id(channel);
    wait.operation = operation;
    wait.linked = linked;
    picture.waits.push_back(wait);
  }
  std::vector<HeapFinding> find() {
    draw();
    Letters describer;
    HeldHeap held(picture, HolderTree(picture), &describer);
    return find_channels(picture, mark_live_objects(picture), held.paths);
  }
};

TEST_F(ChannelsTest, WhatIsQueuedCountsWithWhatItAloneHolds) {
  global('A', 0x500000);
  channel('A', 'B', 600, 1000);
  points('B', 'C');
  points('B', 'D');
  points('C', 'E');
  global('D', 0x500008);
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  const HeapFinding& one = found[0];
  EXPECT_EQ(one.finding.rule, "heap/channel-backlog");
  EXPECT_EQ(one.finding.confidence, Confidence::kSuspected);
  EXPECT_EQ(one.finding.count, 1u);
  EXPECT_EQ(one.type, "chan *main.job");
  EXPECT_EQ(one.place, "to A");
  EXPECT_EQ(one.total_bytes, 8000u);
  EXPECT_EQ(one.used_bytes, 4800u);
  ASSERT_TRUE(one.channels);
  EXPECT_EQ(one.channels->held_bytes, 2 * kEach);  // D is there anyway
  EXPECT_EQ(one.finding.cost.retained_bytes, 2 * kEach + 4800);
  EXPECT_EQ(one.address, picture.objects.address(id('A')).value());
}

TEST_F(ChannelsTest, WhatTwoOfThemHoldCountsOnce) {
  global('A', 0x500000);
  global('C', 0x500008);
  channel('A', 'B', 10'000, 10'000);
  channel('C', 'D', 20'000, 20'000);
  points('B', 'E');
  points('D', 'E');
  auto found = find();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].place, "to C");
  EXPECT_EQ(found[0].channels->held_bytes, kEach);
  EXPECT_EQ(found[1].type, "chan *main.job");
  EXPECT_EQ(found[1].channels->held_bytes, 0u);
}

TEST_F(ChannelsTest, RoomThatNobodyNeedsIsToldByType) {
  global('A', 0x500000);
  global('B', 0x500008);
  channel('A', 'C', 0, 50'000);
  channel('B', 'D', 1, 60'000);
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "heap/channel-room");
  EXPECT_EQ(found[0].finding.count, 2u);
  EXPECT_EQ(found[0].place, "to B");
  EXPECT_EQ(found[0].finding.cost.retained_bytes, 8u * 109'999);
  EXPECT_EQ(found[0].channels->queued, 1u);
  EXPECT_EQ(found[0].channels->capacity, 110'000u);
}

TEST_F(ChannelsTest, NothingIsSaidOfLittleOfTheMiddleAndOfGarbage) {
  global('A', 0x500000);
  global('C', 0x500008);
  channel('A', 'B', 10'000, 40'000);  // a quarter
  channel('C', 'D', 0, 8000);         // 64,000 bytes
  channel('E', 'F', 0, 100'000);
  EXPECT_TRUE(find().empty());
}

TEST_F(ChannelsTest, OfAnOddCapacityHalfIsTheLargerHalf) {
  global('A', 0x500000);
  channel('A', 'B', 50'000, 100'001);
  EXPECT_TRUE(find().empty());
  picture.fill.channels[0].length = 50'001;
  EXPECT_EQ(find().size(), 1u);
}

TEST_F(ChannelsTest, WhoWaitsIsCountedOnce) {
  global('A', 0x500000);
  channel('A', 'B', 100'000, 100'000);
  goroutine(7, 'A');
  waits('A', WaitOperation::kSend);
  goroutine(8, 'A');  // a select that does both
  waits('A', WaitOperation::kSelectReceive);
  waits('A', WaitOperation::kSelectSend);
  goroutine(9, 'A');
  waits('A', WaitOperation::kSelectReceive);
  goroutine(10, 'A');  // woken already
  waits('A', WaitOperation::kSend, false);
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].channels->senders.count, 2u);
  EXPECT_EQ(found[0].channels->senders.function, "main.work");
  EXPECT_EQ(found[0].channels->receivers.count, 1u);
}

// Whoever waits has it on his stack: the path by objects says more.
TEST_F(ChannelsTest, TheWayByAnObjectIsToldBeforeAStack) {
  global('A', 0x500000);
  points('A', 'C');
  points('C', 'D');
  channel('D', 'E', 100'000, 100'000);
  goroutine(7, 'D');
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "to ACD");
}

}  // namespace
}  // namespace goshawk::analyses::heap
