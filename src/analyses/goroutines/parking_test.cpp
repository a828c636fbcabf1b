#include "analyses/goroutines/parking.h"

#include <gtest/gtest.h>

#include <string>

#include "analyses/goroutines/picture_for_tests.h"
#include "analyses/goroutines/proof.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::Goroutine;
using snapshot::WaitKind;

class ParkingTest : public ::testing::Test {
 protected:
  // In select {}, started in `function` by goroutine `creator`.
  Goroutine& service(std::uint64_t goid, const std::string& function, std::uint64_t creator,
                     std::uint32_t line = 10) {
    Goroutine& goroutine = drawn_.waits(goid, "", "", WaitKind::kSelectNoCases);
    snapshot::Snapshot& picture = drawn_.picture();
    snapshot::Frame frame{};
    frame.function = picture.strings.intern(function);
    frame.line = line;
    goroutine.created_by = picture.stacks.add_frame(frame);
    goroutine.creator_goid = creator;
    return goroutine;
  }
  bool is_parked(std::uint64_t goid) {
    for (const Goroutine& goroutine : drawn_.picture().goroutines)
      if (goroutine.goid == goid)
        return !Parking(drawn_.picture()).why_on_purpose(goroutine).empty();
    return false;
  }

  DrawnPicture drawn_;
};

TEST_F(ParkingTest, MainThatWaitsForItsEnd) {
  for (WaitKind kind : {WaitKind::kChanReceive, WaitKind::kSelect, WaitKind::kSelectNoCases}) {
    drawn_.picture().goroutines.clear();
    drawn_.waits(kMainGoroutine, "A", "", kind);
    EXPECT_TRUE(is_parked(kMainGoroutine));
  }
}

TEST_F(ParkingTest, MainThatIsStuckIsALeak) {
  for (WaitKind kind : {WaitKind::kMutexLock, WaitKind::kRWMutexLock, WaitKind::kWaitGroupWait,
                        WaitKind::kCondWait, WaitKind::kChanSend}) {
    drawn_.picture().goroutines.clear();
    drawn_.waits(kMainGoroutine, "A", "", kind);
    EXPECT_FALSE(is_parked(kMainGoroutine));
  }
}

TEST_F(ParkingTest, TheOnlyServiceThatMainStarted) {
  service(7, "main.startServices", 1);
  EXPECT_TRUE(is_parked(7));
}

TEST_F(ParkingTest, TwoOfOneStatementAreLeaks) {
  service(7, "main.startServices", 1);
  service(8, "main.startServices", 1);
  service(9, "main.startServices", 1, 11);
  EXPECT_FALSE(is_parked(7));
  EXPECT_FALSE(is_parked(8));
  EXPECT_TRUE(is_parked(9));
}

TEST_F(ParkingTest, WhatAnotherGoroutineStartedIsALeak) {
  service(7, "main.handle", 5);
  EXPECT_FALSE(is_parked(7));
}

TEST_F(ParkingTest, WhatWaitsForAChannelIsALeak) {
  service(7, "main.startServices", 1).wait_kind = WaitKind::kChanReceive;
  EXPECT_FALSE(is_parked(7));
}

TEST_F(ParkingTest, WithoutACreatorOnlyMainAndInitFunctionsAreTheStart) {
  service(7, "main.main", 0);
  service(8, "example.com/app/db.init", 0);
  service(9, "main.init.12", 0);
  service(10, "main.startServices", 0);
  service(11, "main.initialize.0", 0);
  service(12, "main.handle.func1", 0);
  for (std::uint64_t goid : {7, 8, 9}) EXPECT_TRUE(is_parked(goid)) << goid;
  service(13, "main.(*server).init", 0);
  for (std::uint64_t goid : {10, 11, 12, 13}) EXPECT_FALSE(is_parked(goid)) << goid;
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
