#include "report/run_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/output.h"

namespace goshawk::report {
namespace {

using findings::Confidence;
using findings::Finding;
using testing::HasSubstr;
using testing::Not;

Finding finding(std::string test, Confidence confidence = Confidence::kProven) {
  Finding made;
  made.rule = "goroutine/blocked-send";
  made.confidence = confidence;
  made.count = 1;
  made.goids = {7};
  made.test = std::move(test);
  made.wait_reason = "chan send";
  made.created_at = {"shop.start", "/src/shop/shop.go", 12};
  made.evidence = {"waits to send to an unbuffered channel of int"};
  return made;
}

Judged process(std::vector<Finding> findings) {
  Judged made;
  made.name = "shop.test";
  made.verdict.checked.goroutines = 9;
  made.verdict.checked.alive = 9 - findings.size();
  made.verdict.checked.leaked = findings.size();
  made.verdict.findings = std::move(findings);
  return made;
}

std::string quiet(const Judged& process) {
  StringOutput out;
  render_run_text(out, process, {});
  return out.text();
}

std::string as_tests(const Judged& process, bool marked = false) {
  StringOutput out;
  render_run_as_tests(out, process,
                      [](const Finding& one) { return one.confidence == Confidence::kProven; },
                      marked, {});
  return out.text();
}

TEST(RunText, WithoutFindingsThereIsNothingToTell) { EXPECT_EQ(quiet(process({})), ""); }

TEST(RunText, WhatCouldNotBeDecidedIsTold) {
  Judged undecided = process({});
  undecided.verdict.checked.unknown = 2;
  undecided.verdict.checked.unknown_reasons = {{"torn", 2}};
  EXPECT_THAT(quiet(undecided), HasSubstr("2 undecided\ngoshawk: 2 undecided: torn\n"));
}

TEST(RunText, AFindingSaysWhichTestWhereAndWhy) {
  std::string text = quiet(process({finding("TestFetch")}));
  EXPECT_THAT(text, HasSubstr("  TestFetch: 1 goroutine"));
  EXPECT_THAT(text, HasSubstr("shop.go:12"));
  EXPECT_THAT(text, HasSubstr("why  waits to send to an unbuffered channel of int (chan send)"));
  EXPECT_THAT(text, HasSubstr("goshawk: 9 goroutines checked: 8 alive, 1 leaked, 0 undecided"));
}

TEST(RunText, WhatABaselineKnowsIsNotShown) {
  Finding known = finding("TestFetch");
  known.known = true;
  EXPECT_THAT(quiet(process({known})), Not(HasSubstr("TestFetch:")));
  EXPECT_THAT(as_tests(process({known})), Not(HasSubstr("=== RUN")));
}

TEST(RunAsTests, EachTestThatLeakedHasAFailedSubtest) {
  std::string text = as_tests(process({finding("TestB"), finding("TestA"), finding("TestB")}));
  std::size_t a = text.find("=== RUN   TestA\n=== RUN   TestA/goshawk\n");
  std::size_t b = text.find("=== RUN   TestB\n=== RUN   TestB/goshawk\n");
  ASSERT_NE(a, std::string::npos);
  ASSERT_NE(b, std::string::npos);
  EXPECT_LT(a, b);
  EXPECT_THAT(text, HasSubstr("\n--- FAIL: TestB/goshawk (0.00s)\n--- SKIP: TestB (0.00s)\n"));
}

TEST(RunAsTests, WhatDoesNotFailPasses) {
  std::string text = as_tests(process({finding("TestA", Confidence::kLikely)}));
  EXPECT_THAT(text, HasSubstr("--- PASS: TestA/goshawk (0.00s)\n"));
}

TEST(RunAsTests, WhatNoTestLeakedStandsForItself) {
  std::string text = as_tests(process({finding("")}));
  EXPECT_THAT(text, HasSubstr("=== RUN   goshawk\n"));
  EXPECT_THAT(text, HasSubstr("--- FAIL: goshawk (0.00s)\n"));
  EXPECT_THAT(text, Not(HasSubstr("SKIP")));
}

TEST(RunAsTests, EachLineOfControlIsMarkedWhereThatIsWanted) {
  std::string text = as_tests(process({finding("TestA")}), true);
  for (const char* line : {"=== RUN   TestA\n", "=== RUN   TestA/goshawk\n",
                           "--- FAIL: TestA/goshawk", "--- SKIP: TestA"})
    EXPECT_THAT(text, HasSubstr(std::string("\n\x16") + line));
}

// A name cannot forge a line.
TEST(RunAsTests, NamesAreEscaped) {
  EXPECT_THAT(as_tests(process({finding("TestA\n--- PASS: TestB")})),
              Not(HasSubstr("\n--- PASS: TestB")));
}

}  // namespace
}  // namespace goshawk::report
