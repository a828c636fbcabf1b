// Which stage runs, what each has cost, and how far it is.
#include "base/stages.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace goshawk {
namespace {

void be_busy_for(std::chrono::milliseconds time) {
  auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) continue;
}

TEST(Stages, OneEndsWhereTheNextBegins) {
  Stages stages;
  EXPECT_EQ(stages.running().name, "");
  stages.begin("stop");
  EXPECT_EQ(stages.running().name, "stop");
  stages.begin("stacks");
  EXPECT_EQ(stages.running().name, "stacks");
  stages.end();
  EXPECT_EQ(stages.running().name, "");
  ASSERT_EQ(stages.times().size(), 2u);
  EXPECT_EQ(stages.times()[0].name, "stop");
  EXPECT_EQ(stages.times()[1].name, "stacks");
}

TEST(Stages, WhatOfTheTimeWasTheProcessors) {
  Stages stages;
  stages.begin("work");
  be_busy_for(std::chrono::milliseconds(30));
  stages.begin("wait");
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  stages.end();
  const StageTime& work = stages.times()[0];
  const StageTime& wait = stages.times()[1];
  EXPECT_GE(work.wall_ns, 30'000'000);
  EXPECT_GE(wait.wall_ns, 30'000'000);
  EXPECT_GT(work.cpu_ns, 0);
  EXPECT_LT(wait.cpu_ns, 15'000'000);
}

TEST(Stages, OfOneNameAreAddedUp) {
  Stages stages;
  for (int picture = 0; picture < 3; ++picture) {
    stages.begin("stop");
    stages.begin("stacks");
  }
  stages.end();
  stages.end();  // nothing runs: nothing is counted
  ASSERT_EQ(stages.times().size(), 2u);
  EXPECT_EQ(stages.times()[0].times, 3u);
  EXPECT_EQ(stages.times()[1].times, 3u);
}

TEST(Stages, BytesBelongToTheStageInWhichTheyWereRead) {
  Stages stages;
  stages.begin("stacks");
  stages.note_bytes_read(100);
  stages.begin("heap");
  stages.note_bytes_read(5100);
  stages.begin("open another");
  stages.note_bytes_read(20);  // its own count
  stages.end();
  EXPECT_EQ(stages.times()[0].bytes_read, 100u);
  EXPECT_EQ(stages.times()[1].bytes_read, 5000u);
  EXPECT_EQ(stages.times()[2].bytes_read, 20u);
}

TEST(Stages, AnotherThreadIsToldHowFarItIs) {
  Stages stages;
  stages.begin("heap", 1000);
  std::thread([&] { stages.advance(400); }).join();
  EXPECT_EQ(stages.running().done, 400u);
  EXPECT_EQ(stages.running().amount, 1000u);
  stages.begin("roots");
  EXPECT_EQ(stages.running().done, 0u);
  EXPECT_EQ(stages.running().amount, 0u);
}

}  // namespace
}  // namespace goshawk
