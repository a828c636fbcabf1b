#include "report/finding_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::report {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> told(const std::vector<std::string>& functions, bool all = false) {
  findings::Finding finding;
  for (const std::string& function : functions) finding.stack.push_back({function, "", 1, 0});
  finding.created_at.function = "net/http.(*Server).Serve";
  TextStyle style;
  style.all = all;
  std::vector<std::string> texts;
  for (const CodeLine& line : finding_stack(finding, style))
    texts.push_back(line.prefix + line.function + line.note);
  return texts;
}

TEST(FindingStack, WhatOnlyWaitsIsLeftOut) {
  EXPECT_THAT(told({"runtime.gopark", "sync.(*Mutex).Lock", "main.work"}),
              ElementsAre("main.work", "started by net/http.(*Server).Serve"));
  EXPECT_THAT(told({"runtime.gopark", "main.work"}, true),
              ElementsAre("runtime.gopark", "main.work", "started by net/http.(*Server).Serve"));
}

TEST(FindingStack, WhereAllOnlyWaitsItIsWhatWasCalled) {
  EXPECT_THAT(told({"runtime.gopark", "sync.(*Mutex).lockSlow", "sync.(*Once).Do"}),
              ElementsAre("sync.(*Once).Do", "started by net/http.(*Server).Serve"));
  EXPECT_THAT(told({}), ElementsAre("started by net/http.(*Server).Serve"));
}

TEST(FindingStack, TheFirstFrameOfTheProgramIsShownHoweverDeep) {
  EXPECT_THAT(told({"a/x.1", "a/x.2", "a/x.3", "a/x.4", "a/x.5", "a/x.6", "a/x.7", "main.fetch",
                    "main.other"}),
              ElementsAre("a/x.1", "a/x.2", "a/x.3", "a/x.4", "a/x.5", "... 2 frames", "main.fetch",
                          "... 1 outer frame", "started by net/http.(*Server).Serve"));
}

TEST(FindingStack, OfOtherDeepStacksTheInnermostAreShown) {
  EXPECT_THAT(
      told({"main.1", "a/x.2", "a/x.3", "a/x.4", "a/x.5", "a/x.6", "a/x.7", "example.com/y.f"}),
      ElementsAre("main.1", "a/x.2", "a/x.3", "a/x.4", "a/x.5", "a/x.6", "... 2 outer frames",
                  "started by net/http.(*Server).Serve"));
}

}  // namespace
}  // namespace goshawk::report
