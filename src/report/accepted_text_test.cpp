// The screen of leaks with a suppression file and a baseline.
#include "report/accepted_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "findings/baseline.h"
#include "report/leaks_text.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PictureBuilder;

std::string render(const findings::Verdict& verdict, bool all = false) {
  PictureBuilder builder;
  StringOutput out;
  TextStyle style;
  style.all = all;
  render_leaks_text(out, builder.picture(), verdict, style);
  return out.text();
}

findings::Suppression entry(std::uint32_t line, const std::string& top) {
  findings::Suppression made;
  made.reason = "known since spring";
  made.top = findings::FunctionPattern(top);
  made.line = line;
  return made;
}

// The lost mutex is suppressed, the 30 abandoned results are not.
findings::Verdict suppressing() {
  findings::Verdict verdict = testing::verdict_of({testing::abandoned_results()});
  verdict.suppressed = {{.entry = entry(4, "*.Reserve"), .findings = {testing::lost_mutex()}}};
  verdict.suppressions.path = "known.toml";
  verdict.checked.suppressed = 1;
  ++verdict.checked.goroutines;
  return verdict;
}

findings::Verdict compared(std::vector<findings::KnownFinding> known) {
  findings::Verdict verdict =
      testing::verdict_of({testing::abandoned_results(), testing::lost_mutex()});
  compare_with_baseline(verdict, {.path = "old.json", .findings = std::move(known)});
  return verdict;
}

TEST(AcceptedText, WhatIsSuppressedIsALineAndInNoSum) {
  std::string text = render(suppressing());
  EXPECT_THAT(text, HasSubstr("30 goroutines will never run again, all in one group; they hold 60 "
                              "KB of stacks and 38 MB of heap\n"));
  EXPECT_THAT(text, HasSubstr("1,226 goroutines checked: 1,195 alive, 30 leaked, 1 suppressed, 0 "
                              "undecided\n"
                              "1 goroutine suppressed by known.toml:4: known since spring\n"));
  EXPECT_THAT(text, Not(HasSubstr("Reserve")));
}

TEST(AcceptedText, AllShowsItWholeAndMarked) {
  std::string text = render(suppressing(), true);
  EXPECT_THAT(text, HasSubstr("\n1 goroutine suppressed by known.toml:4: known since spring\n\n"
                              "2. 1 goroutine, 8 KB: Mutex that is never unlocked               "
                              "suppressed, proven  goroutine/mutex\n"
                              "   sync.(*Mutex).Lock "));
}

TEST(AcceptedText, WithAllSuppressedTheHeadlineDoesNotSayThatThereIsNone) {
  findings::Verdict verdict = suppressing();
  verdict.findings.clear();
  verdict.checked.leaked = 0;
  EXPECT_THAT(render(verdict),
              HasSubstr("Apart from 1 suppressed, no goroutine is proven to be leaked\n"));
}

TEST(AcceptedText, WhatGroupsShareMayBeHeldBySuppressedOnes) {
  findings::Verdict verdict = suppressing();
  verdict.shared_retained_bytes = std::uint64_t{4} << 20;
  std::string text = render(verdict);
  EXPECT_THAT(text, HasSubstr("60 KB of stacks and 38 MB of heap\n"));
  EXPECT_THAT(text, Not(HasSubstr("Several groups")));
}

TEST(AcceptedText, EntriesThatDoNothingAreNamed) {
  findings::Verdict verdict = testing::verdict_of({});
  verdict.suppressions.path = "known.toml";
  verdict.suppressions.unused = {entry(4, "main.a"), entry(9, "main.b")};
  verdict.suppressions.expired = {entry(14, "main.c")};
  verdict.suppressions.expired[0].until = "2026-01-31";
  std::string text = render(verdict);
  EXPECT_THAT(text, HasSubstr("\nEntries of known.toml that fit no leak here: line 4 (top main.a), "
                              "line 9 (top main.b)\n"));
  EXPECT_THAT(text, HasSubstr("\nEntries of known.toml that have expired and suppress no longer: "
                              "line 14 (top main.c; until\n  2026-01-31)\n"));
  verdict.suppressions.unused.resize(7, entry(20, "main.z"));
  EXPECT_THAT(render(verdict), HasSubstr(" and 2 more (--all)"));
  EXPECT_THAT(render(verdict, true), Not(HasSubstr("more (--all)")));
}

TEST(AcceptedText, NewOnesAreWholeAndKnownOnesALine) {
  std::string text = render(compared({{.fingerprint = testing::abandoned_results().fingerprint}}));
  EXPECT_THAT(text, HasSubstr("38 MB of heap; 1 of\nthe 2 groups is new\n"));
  EXPECT_THAT(text, HasSubstr("\n1. 1 goroutine, 8 KB: Mutex that is never unlocked "));
  EXPECT_THAT(
      text, HasSubstr("\nknown from old.json (--all shows them whole):\n"
                      "        30      38 MB  proven     abandoned-result  shop/price.Fetch.func1  "
                      "shop/price/price.go:41\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n2. ")));
  std::string all = render(compared({{.fingerprint = testing::lost_mutex().fingerprint}}), true);
  EXPECT_THAT(all, HasSubstr(" known, proven  goroutine/mutex\n"));
  EXPECT_THAT(all, Not(HasSubstr("known from")));
}

TEST(AcceptedText, ManyKnownOnesAreCutAndCounted) {
  findings::Verdict verdict =
      testing::verdict_of(std::vector<findings::Finding>(24, testing::lost_mutex()));
  compare_with_baseline(
      verdict,
      {.path = "old.json", .findings = {{.fingerprint = testing::lost_mutex().fingerprint}}});
  EXPECT_THAT(render(verdict), HasSubstr("... and 9 groups more\n"));
  EXPECT_THAT(render(verdict, true), Not(HasSubstr("groups more")));
}

TEST(AcceptedText, NothingNewOrAllOfItIsSaid) {
  EXPECT_THAT(render(compared({{.fingerprint = testing::abandoned_results().fingerprint},
                               {.fingerprint = testing::lost_mutex().fingerprint}})),
              HasSubstr(";\nnothing of it is new\n"));
  EXPECT_THAT(render(compared({})), HasSubstr("; all of\nit is new\n"));
  findings::Verdict none = testing::verdict_of({});
  compare_with_baseline(none, {.path = "old.json", .findings = {}});
  EXPECT_THAT(render(none), HasSubstr("No goroutine is proven to be leaked\nin process"));
}

TEST(AcceptedText, WhatIsGoneIsNamedWithItsDoubt) {
  findings::Verdict verdict = compared({{.fingerprint = "0123456789abcdef",
                                         .rule = "goroutine/mutex",
                                         .count = 3,
                                         .blocked_in = "main.hold",
                                         .created_by = "main.start"}});
  EXPECT_THAT(render(verdict), HasSubstr("\n1 group of old.json is not found here any more:\n"
                                         "    3 goroutines (mutex) in main.hold, started by "
                                         "main.start\n"));
  verdict.checked.unknown = 2;
  EXPECT_THAT(render(verdict), HasSubstr("any more, though 2 goroutines could not be decided:\n"));
  verdict.baseline->gone.resize(8);
  EXPECT_THAT(render(verdict), HasSubstr("\n... and 3 more (--all)\n"));
}

TEST(AcceptedText, NothingForeignTouchesTheTerminal) {
  findings::Verdict verdict = compared(
      {{.fingerprint = "0123456789abcdef", .rule = "a/\x1b[1m", .blocked_in = "\x1b]0;x\x07"}});
  verdict.suppressed = {{.entry = entry(4, "\x1b[2J"), .findings = {testing::lost_mutex()}}};
  verdict.suppressed[0].entry.reason = "a\nb\x1b[31m";
  verdict.suppressions = {"\x1b[31m.toml", {entry(5, "\x9b")}, {entry(6, "\r")}};
  for (bool all : {false, true})
    for (char c : render(verdict, all))
      EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 0x7f)) << static_cast<int>(c);
}

}  // namespace
}  // namespace goshawk::report
