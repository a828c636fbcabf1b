#include "report/leaks_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/foreign_text.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PictureBuilder;

std::string render(const findings::Verdict& verdict, const TextStyle& style = TextStyle{}) {
  PictureBuilder builder;
  StringOutput out;
  render_leaks_text(out, builder.picture(), verdict, style);
  return out.text();
}

TEST(LeaksText, GrowthAndAllItsPictures) {
  findings::Finding growing = testing::abandoned_results();
  growing.growth = {.samples = {{0, 12}, {5, 15}, {10.04, 1900}}, .stayed = 12, .came = 1888};
  findings::Verdict verdict = testing::verdict_of({growing});
  verdict.pictures = {{0, 100, 1'000'000}, {5, 104, 2'000'000}, {10.04, 108, 3'200'000}};
  std::string text = render(verdict);
  EXPECT_THAT(text, HasSubstr("   grew 12 → 15 → 1,900 in 10 seconds\n"));
  EXPECT_THAT(text,
              HasSubstr("3 pictures in 10 seconds; the process stood still for 1 ms, 2 ms and "
                        "3.2 ms; 12 MB read for the last\none\n"));
}

TEST(LeaksText, WhatDidNotGrowIsNotSaidToHaveGrown) {
  findings::Finding steady = testing::abandoned_results();
  steady.growth = {.samples = {{0, 30}, {5, 30}, {10, 30}}, .stayed = 30};
  EXPECT_THAT(render(testing::verdict_of({steady})),
              HasSubstr("   same 30 in each of 3 pictures in 10 seconds\n"));
}

TEST(LeaksText, TheRuntimesOwnAreCountedApart) {
  testing::PictureBuilder builder;
  for (std::uint64_t goid : {2, 3})
    builder.waiting(goid, "force gc (idle)", snapshot::kNone).system = true;
  StringOutput out;
  render_leaks_text(out, builder.picture(), testing::verdict_of({}),
                    {.palette = {}, .columns = 100});
  EXPECT_THAT(out.text(),
              HasSubstr("\n1,193 goroutines and 2 of the runtime's own checked: 1,195 alive, 0 "
                        "undecided\n"));
}

TEST(LeaksText, ASuspicionIsNoFactInTheHeadline) {
  findings::Finding suspected = testing::lost_mutex();
  suspected.confidence = findings::Confidence::kSuspected;
  findings::Verdict verdict = testing::verdict_of({suspected});
  verdict.checked.leaked = verdict.checked.likely = 0;
  std::string text = render(verdict);
  EXPECT_THAT(text, HasSubstr("1 goroutine, 8 KB: Mutex that stays locked for long"));
  EXPECT_THAT(text, HasSubstr("\nWhether the suspected ones, and others that are alive, grow in "
                              "number:\n  goshawk leaks 4711 --samples 3 --every 5s\n"));
}

TEST(LeaksText, UnknownTimesAreSaidOnce) {
  findings::Finding first = testing::lost_mutex();
  EXPECT_THAT(render(testing::verdict_of({first, first})),
              HasSubstr("\nSince when they wait is not known: Go notes it at a collection"));
  EXPECT_THAT(render(testing::verdict_of({first, testing::abandoned_results()})),
              Not(HasSubstr("is not known")));
}

TEST(LeaksText, OfManySamplesTheFirstAndTheLast) {
  findings::Finding growing = testing::abandoned_results();
  growing.growth.emplace().came = 99;
  findings::Verdict verdict;
  for (std::uint64_t i = 0; i < 100; ++i) {
    growing.growth->samples.push_back({static_cast<double>(i), i + 1});
    verdict.pictures.push_back({static_cast<double>(i), 100, 1'000'000});
  }
  std::vector<findings::PictureTaken> pictures = verdict.pictures;
  verdict = testing::verdict_of({growing});
  verdict.pictures = pictures;
  std::string text = render(verdict);
  EXPECT_THAT(text, HasSubstr("1 → 2 → 3 → 4 → ... → 97 → 98 → 99 → 100 in "));
  EXPECT_THAT(text, HasSubstr("100 pictures in "));
  EXPECT_THAT(text, HasSubstr("the process stood still for 100 ms in all, 1 ms at most at once"));
}

TEST(LeaksText, TheWholeScreen) {
  findings::Verdict verdict =
      testing::verdict_of({testing::abandoned_results(), testing::lost_mutex()});
  verdict.checked.unknown = 4;
  verdict.checked.goroutines += 4;
  verdict.checked.unknown_reasons = {{"its stack could not be unwound", 1},
                                     {"the collector was scanning its stack", 3}};
  verdict.doubts = {"2 of 512 spans could not be read"};
  EXPECT_EQ(
      render(verdict),
      R"(31 goroutines will never run again, in 2 groups; they hold 68 KB of stacks and 38 MB of heap
in process 4711, /usr/bin/shop, go1.27.4 amd64

1. 30 goroutines, 38 MB: Result whose reader has gone             proven  goroutine/abandoned-result
   shop/price.Fetch.func1       shop/price/price.go:41
   started by shop/price.Fetch  shop/price/price.go:38
   cost 60 KB of stacks and 38 MB of heap that nothing else holds
   why  each waits to send to an unbuffered channel of price.Quote (chan send, the longest for about
        12 minutes)
        unreachable from every live goroutine, global, timer, finalizer and thread
   fix  give the channel a buffer of one in shop/price.Fetch, so that the send never waits for a
        reader that has left

2. 1 goroutine, 8 KB: Mutex that is never unlocked                           proven  goroutine/mutex
   example.com/shop/internal/inventory.(*Stock[...]).Reserve  .../internal/inventory/stock.go:112
   example.com/shop/api.(*Handler).ServeHTTP                  example.com/shop/api/handler.go:58
   net/http.serverHandler.ServeHTTP                           net/http/server.go:3301
   net/http.(*conn).serve                                     net/http/server.go:2102
   started by net/http.(*Server).Serve                        net/http/server.go:3454
   why  waits for a sync.Mutex that stays locked (sync.Mutex.Lock)
   fix  unlock on every path, best by defer mu.Unlock() right after Lock

1,230 goroutines checked: 1,195 alive, 31 leaked, 4 undecided
  3 undecided: the collector was scanning its stack
  1 undecided: its stack could not be unwound
The process stood still for 3.2 ms; 12 MB read
What a rule means and how to mend it: goshawk explain abandoned-result
The whole story of one goroutine: goshawk leaks 4711 --goroutine 100
Whether those that are alive grow in number: goshawk leaks 4711 --samples 3 --every 5s
Doubt: 2 of 512 spans could not be read
)");
}

TEST(LeaksText, WhatGroupsShareIsInTheSumAndSaidApart) {
  findings::Verdict verdict =
      testing::verdict_of({testing::abandoned_results(), testing::lost_mutex()});
  verdict.findings[1].cost.retained_bytes = 0;
  verdict.shared_retained_bytes = std::uint64_t{4} << 20;
  std::string text = render(verdict);
  EXPECT_THAT(text, HasSubstr("they hold 68 KB of stacks and 42 MB of heap\n"));
  EXPECT_THAT(text, HasSubstr("\n   cost 8 KB of stacks\n"));
  EXPECT_THAT(text, HasSubstr("\nBeside these costs, 4 MB of heap is held by several groups "
                              "together: it is freed once all of them\nare mended\n"));
  verdict.findings.pop_back();  // a rule was asked for
  text = render(verdict);
  EXPECT_THAT(text, HasSubstr("30 goroutines of the kind asked for will never run again, all in "
                              "one group; they hold 60 KB of\n"
                              "stacks and 38 MB of heap\n"));
  EXPECT_THAT(text, Not(HasSubstr("Beside these costs")));
}

TEST(LeaksText, EvidenceThatGroupsShareIsSaidOnce) {
  findings::Finding first = testing::abandoned_results();
  findings::Finding second = testing::lost_mutex();
  second.evidence.push_back(first.evidence[1]);
  EXPECT_THAT(render(testing::verdict_of({first, second})),
              HasSubstr("\nAll of these: unreachable from every live goroutine,"));
  std::string text = render(testing::verdict_of({testing::lost_mutex(), first, second}));
  EXPECT_THAT(text, HasSubstr("\nGroups 2 and 3: unreachable from every live goroutine,"));
  EXPECT_EQ(text.find("unreachable"), text.rfind("unreachable"));
  text = render(testing::verdict_of({first, first, first, testing::lost_mutex(), first}));
  EXPECT_THAT(text, HasSubstr("\nGroups 1 to 3 and 5: unreachable from"));
}

TEST(LeaksText, ANarrowScreenGetsTheRuleOnItsOwnLine) {
  TextStyle narrow;
  narrow.columns = 72;
  EXPECT_THAT(render(testing::verdict_of({testing::abandoned_results()}), narrow),
              HasSubstr("1. 30 goroutines, 38 MB: Result whose reader has gone\n"
                        "   proven  goroutine/abandoned-result\n"));
}

TEST(LeaksText, ANarrowScreenIsKeptTo) {
  TextStyle narrow;
  narrow.columns = 60;
  findings::Finding body = testing::lost_mutex();
  body.title = "HTTP response whose body is never closed";
  body.created_at = {.function = "net/http.(*Transport).dialConn",
                     .file = "/usr/local/go/src/net/http/transport.go",
                     .line = 1994};
  std::string text = render(testing::verdict_of({body}), narrow);
  EXPECT_THAT(text,
              HasSubstr("1. 1 goroutine, 8 KB: HTTP response whose body is never\n   closed\n"));
  EXPECT_THAT(text, HasSubstr("   started by .../http.(*Transport).dialConn\n"
                              "       net/http/transport.go:1994\n"));
  EXPECT_THAT(text, HasSubstr("Whether those that are alive grow in number:\n"
                              "  goshawk leaks 4711 --samples 3 --every 5s\n"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 60U) << line;
}

TEST(LeaksText, NoLeaksIsNeverSaidAlone) {
  EXPECT_EQ(render(testing::verdict_of({})), R"(No goroutine is proven to be leaked
in process 4711, /usr/bin/shop, go1.27.4 amd64

1,195 goroutines checked: 1,195 alive, 0 undecided
The process stood still for 3.2 ms; 12 MB read
What all of them wait for: goshawk goroutines 4711
Whether those that are alive grow in number: goshawk leaks 4711 --samples 3 --every 5s
)");
  findings::Verdict verdict = testing::verdict_of({});
  verdict.checked.unknown = 5;
  verdict.checked.goroutines += 5;
  EXPECT_THAT(
      render(verdict),
      HasSubstr("No goroutine is proven to be leaked, but 5 of 1,200 could not be decided"));
}

TEST(LeaksText, SingularIsRight) {
  EXPECT_THAT(render(testing::verdict_of({testing::lost_mutex()})),
              HasSubstr("1 goroutine will never run again; it holds 8 KB of stacks\n"));
}

TEST(LeaksText, LessCertainOnesAreSaidApart) {
  findings::Finding likely = testing::lost_mutex();
  likely.confidence = findings::Confidence::kLikely;
  EXPECT_THAT(render(testing::verdict_of({likely})),
              HasSubstr("No goroutine is proven to be leaked; 1 is likely leaked\n"));
}

TEST(LeaksText, ParkedOnPurposeIsShownApart) {
  findings::Verdict verdict = testing::verdict_of({});
  findings::Finding parked;
  parked.rule = "goroutine/empty-select";
  parked.count = 1;
  parked.wait_reason = "select (no cases)";
  parked.blocked_at = {"main.main", "/src/main.go", 12, 0};
  verdict.parked = {parked};
  verdict.checked.parked = 1;
  EXPECT_THAT(render(verdict),
              HasSubstr("Parked on purpose, not counted as a leak: 1 goroutine in main.main "
                        "(/src/main.go:12), select (no\ncases)\n"));
}

TEST(LeaksText, WhatDoesNotFitIsCounted) {
  std::vector<findings::Finding> many(24, testing::lost_mutex());
  std::string text = render(testing::verdict_of(many));
  EXPECT_THAT(text, HasSubstr("\n20.      1       8 KB  proven     mutex "));
  EXPECT_THAT(text, Not(HasSubstr("\n21.")));
  EXPECT_THAT(text, HasSubstr("... and 4 groups more with 4 goroutines\n"));
  TextStyle all;
  all.all = true;
  EXPECT_THAT(render(testing::verdict_of(many), all), Not(HasSubstr("groups more")));
}

TEST(LeaksText, DeepStacksAreCutAndCounted) {
  findings::Finding deep = testing::abandoned_results();
  for (std::uint32_t i = 0; i < 20; ++i) deep.stack.push_back({"main.level", "/src/main.go", i, 0});
  EXPECT_THAT(render(testing::verdict_of({deep})), HasSubstr("   ... 15 outer frames\n"));
}

TEST(LeaksText, ForeignNamesCannotTouchTheTerminal) {
  findings::Finding evil = testing::abandoned_results();
  evil.stack[0].function = "main.f\x1b[31m\n1. fake";
  evil.stack[0].file = "/src/\rmain.go";
  evil.created_at.function = "main.\x9b";
  evil.evidence[0] = "waits on \x1b]0;title\x07";
  std::string text = render(testing::verdict_of({evil}));
  for (char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 0x7f)) << static_cast<int>(c);
  EXPECT_THAT(text, HasSubstr("main.f\\x1b[31m\\x0a1. fake"));
}

TEST(LeaksText, ColourIsOnlyThereWhenAskedFor) {
  findings::Verdict verdict = testing::verdict_of({testing::lost_mutex()});
  EXPECT_THAT(render(verdict), Not(HasSubstr("\x1b")));
  TextStyle colored;
  colored.palette = Palette(true);
  EXPECT_THAT(render(verdict, colored), HasSubstr("\x1b[1;31m"));
}

TEST(LeaksText, LinesKeepToTheColumnsWhateverTheNames) {
  findings::Finding finding = testing::lost_mutex();
  finding.stack[1].function =
      "github.com/averylongorganisation/averylongproject/internal/subsystem/component.(*Handler)."
      "ServeEverythingThereIs.func1";
  finding.stack[1].file =
      "/home/dev/go/pkg/mod/github.com/averylongorganisation/"
      "averylongproject@v1.22.333-20260101000000-"
      "0123456789ab/internal/subsystem/component/handler_with_a_long_name.go";
  std::istringstream lines(render(testing::verdict_of({finding})));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 100u) << line;
}

}  // namespace
}  // namespace goshawk::report
