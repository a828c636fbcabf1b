#include "target/passed_signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::target {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class Passed : public testing::Test {
 protected:
  PassedSignals::Clock::time_point at(int ms) const { return start_ + milliseconds(ms); }
  PassedSignals::Clock::time_point start_ = PassedSignals::Clock::now();
  PassedSignals signals_;
};

TEST_F(Passed, WhatIsSentToUsAloneIsPassedOnAMomentLater) {
  signals_.received(SIGTERM, 7, at(0));
  EXPECT_TRUE(signals_.is_waiting());
  EXPECT_THAT(signals_.take_due(at(5)), IsEmpty());
  EXPECT_THAT(signals_.take_due(at(25)), ElementsAre(SIGTERM));
  EXPECT_FALSE(signals_.is_waiting());
}

TEST_F(Passed, WhatTheProgramWasSentTooIsNot) {
  signals_.seen(SIGTERM, 7, at(0));
  signals_.received(SIGTERM, 7, at(1));
  EXPECT_THAT(signals_.take_due(at(1)), IsEmpty());
  signals_.received(SIGINT, 7, at(2));
  signals_.seen(SIGINT, 7, at(9));
  EXPECT_THAT(signals_.take_due(at(30)), IsEmpty());
  EXPECT_FALSE(signals_.is_waiting());
}

TEST_F(Passed, AnotherSendersIsAnotherSignal) {
  signals_.seen(SIGTERM, 8, at(0));
  signals_.received(SIGTERM, 7, at(1));
  EXPECT_THAT(signals_.take_due(at(30)), ElementsAre(SIGTERM));
}

TEST_F(Passed, OneOfTheProgramsAnswersForOneOfOurs) {
  signals_.seen(SIGTERM, 7, at(0));
  signals_.received(SIGTERM, 7, at(1));
  signals_.received(SIGTERM, 7, at(2));
  EXPECT_THAT(signals_.take_due(at(30)), ElementsAre(SIGTERM));
}

TEST_F(Passed, WhatTheProgramWasSentLongAgoDoesNotCount) {
  signals_.seen(SIGTERM, 7, at(0));
  EXPECT_THAT(signals_.take_due(at(300)), IsEmpty());
  signals_.received(SIGTERM, 7, at(400));
  EXPECT_THAT(signals_.take_due(at(450)), ElementsAre(SIGTERM));
}

}  // namespace
}  // namespace goshawk::target
