#include "analyses/goroutines/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using findings::Fate;
using findings::Story;
using snapshot::Status;
using snapshot::WaitKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Says of which root and goroutine it was asked, and how long the path was.
class EchoingDescriber : public snapshot::PathDescriber {
 public:
  std::string describe(const snapshot::HoldingPath& path) override {
    return std::to_string(path.goid) + "/" + std::to_string(path.root.source.value()) + "/" +
           std::to_string(path.objects.size());
  }
};

std::optional<Story> tell(DrawnPicture& drawn, std::uint64_t goid) {
  Judgement judgement(drawn.draw());
  EchoingDescriber describer;
  return tell_story(judgement, find_leaks(judgement, &describer), goid, &describer);
}

TEST(Story, ALeakedOneHasItsGroupAndTheOthersAtItsChannel) {
  DrawnPicture drawn;
  drawn.waits(7, "A", "");
  drawn.waits(8, "A", "");
  drawn.waits(9, "B", "");
  auto story = tell(drawn, 7);
  ASSERT_TRUE(story);
  EXPECT_EQ(story->fate, Fate::kLeaked);
  ASSERT_TRUE(story->group);
  EXPECT_THAT(story->group->goids, ::testing::Contains(7));
  ASSERT_EQ(story->waits.size(), 1U);
  EXPECT_THAT(story->waits[0].others, ElementsAre(8));
  EXPECT_THAT(story->reasons, ElementsAre(StartsWith("unreachable from every live goroutine")));
}

// Readers and writers of one lock wait at different semaphores of it.
TEST(Story, WhoWaitsForTheSameLockIsToldWhateverForAndWhere) {
  DrawnPicture drawn;
  drawn.waits(7, "A", "", WaitKind::kRWMutexLock);
  drawn.waits(8, "A", "", WaitKind::kRWMutexRLock);
  snapshot::Snapshot& picture = drawn.picture();
  picture.locks.emplace_back();
  picture.locks[0].address = Address(0x1000);
  for (std::size_t i = 0; i < 2; ++i) {
    picture.waits[i].operation = snapshot::WaitOperation::kSemaphore;
    picture.waits[i].address = Address(0x1008 + 4 * i);
    picture.waits[i].lock = 0;
  }
  auto story = tell(drawn, 7);
  ASSERT_TRUE(story);
  EXPECT_EQ(story->waits[0].address, 0x1000U);
  EXPECT_THAT(story->waits[0].others, ElementsAre(8));
}

constexpr const char* kOnePicture =
    "one picture does not tell whether there are more and more of its kind";

TEST(Story, AGlobalsHolderIsToldByItsPath) {
  DrawnPicture drawn;
  drawn.root('A').points('A', 'B').points('B', 'C');
  drawn.waits(7, "C", "");
  auto story = tell(drawn, 7);
  ASSERT_TRUE(story);
  EXPECT_EQ(story->fate, Fate::kAlive);
  EXPECT_FALSE(story->group);
  ASSERT_EQ(story->reasons.size(), 3U);
  EXPECT_EQ(story->reasons[0], "what it waits on is reachable from 0/5242880/3");
}

TEST(Story, EachGoroutineOnTheWayIsTold) {
  DrawnPicture drawn;
  drawn.runs(3, "A");
  drawn.waits(5, "A", "B");
  drawn.waits(7, "C", "");
  drawn.points('B', 'C');
  auto story = tell(drawn, 7);
  ASSERT_TRUE(story);
  EXPECT_THAT(story->reasons,
              ElementsAre("what it waits on is reachable from 5/0/2",
                          HasSubstr("goroutine 5: it waits to receive from an unbuffered channel"),
                          "what it waits on is reachable from 3/0/1", "goroutine 3: it runs",
                          HasSubstr("shortest way"), kOnePicture));
}

TEST(Story, OneThatLivesByItselfSaysHow) {
  DrawnPicture drawn;
  drawn.runs(3, "");
  drawn.runs(4, "").status = Status::kSyscall;
  drawn.waits(5, "", "", WaitKind::kIo);
  EXPECT_THAT(tell(drawn, 3)->reasons, ElementsAre("it runs", kOnePicture));
  EXPECT_THAT(tell(drawn, 4)->reasons,
              ElementsAre("it is in a system call or in C code", kOnePicture));
  auto waiting = tell(drawn, 5);
  EXPECT_THAT(waiting->reasons, ElementsAre("it waits for the network or a file", kOnePicture));
  EXPECT_THAT(waiting->waits, IsEmpty());
}

// Who is at the other end of a connection is told of who waits for the network only.
TEST(Story, AKeptConnectionIsNoWaitForTheNetwork) {
  DrawnPicture drawn;
  drawn.waits(7, "A", "");
  drawn.picture().io_waits.push_back({.goid = 7, .poll_desc = {}, .descriptor = 4});
  auto story = tell(drawn, 7);
  ASSERT_TRUE(story);
  EXPECT_EQ(story->waits.size(), 1U);
}

TEST(Story, WhatCouldNotBeReadIsUndecided) {
  DrawnPicture drawn;
  drawn.waits(7, "A", "").stack_complete = false;
  auto story = tell(drawn, 7);
  EXPECT_EQ(story->fate, Fate::kUndecided);
  EXPECT_THAT(story->reasons, ElementsAre("its stack could not be unwound"));
}

TEST(Story, WithoutAProofNobodyIsDecided) {
  DrawnPicture drawn;
  drawn.waits(7, "A", "");
  drawn.picture().doubts.push_back({"a page was missing", true});
  auto story = tell(drawn, 7);
  EXPECT_EQ(story->fate, Fate::kUndecided);
  EXPECT_THAT(story->reasons, ElementsAre("a page was missing"));
}

TEST(Story, MainThatWaitsForEverIsParked) {
  DrawnPicture drawn;
  drawn.waits(kMainGoroutine, "A", "");
  auto story = tell(drawn, kMainGoroutine);
  EXPECT_EQ(story->fate, Fate::kParked);
  EXPECT_TRUE(story->group);
}

TEST(Story, NobodyHasNone) {
  DrawnPicture drawn;
  drawn.runs(3, "");
  EXPECT_FALSE(tell(drawn, 4));
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
