#include "frontends/testrun/go_debug.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::frontends::testrun {
namespace {

using testing::ElementsAre;

TEST(GoDebug, IsAddedBesideOtherVariables) {
  EXPECT_THAT(with_ancestors({"HOME=/root"}, 8),
              ElementsAre("HOME=/root", "GODEBUG=tracebackancestors=8"));
}

TEST(GoDebug, IsMergedIntoWhatIsThere) {
  EXPECT_THAT(with_ancestors({"GODEBUG=gctrace=1,madvdontneed=1", "A=b"}, 8),
              ElementsAre("GODEBUG=gctrace=1,madvdontneed=1,tracebackancestors=8", "A=b"));
  EXPECT_THAT(with_ancestors({"GODEBUG="}, 8), ElementsAre("GODEBUG=tracebackancestors=8"));
}

TEST(GoDebug, WhatTheUserHasSetStays) {
  EXPECT_THAT(with_ancestors({"GODEBUG=gctrace=1,tracebackancestors=3"}, 8),
              ElementsAre("GODEBUG=gctrace=1,tracebackancestors=3"));
}

TEST(GoDebug, AnotherSettingsNameIsNotTakenForIt) {
  EXPECT_THAT(with_ancestors({"GODEBUG=xtracebackancestors=3"}, 8),
              ElementsAre("GODEBUG=xtracebackancestors=3,tracebackancestors=8"));
}

TEST(GoDebug, TheLastOfSeveralCounts) {
  EXPECT_THAT(with_ancestors({"GODEBUG=a=1", "GODEBUG=b=1"}, 8),
              ElementsAre("GODEBUG=a=1", "GODEBUG=b=1,tracebackancestors=8"));
}

}  // namespace
}  // namespace goshawk::frontends::testrun
