#include "report/heap_text.h"

#include <gmock/gmock.h>

#include "report/holders_text.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using findings::Balance;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Balance balance() {
  return {
      .by_kernel = true,
      .total_bytes = 1000 << 20,
      .live_bytes = 600 << 20,
      .kernel_rss_bytes = 1000 << 20,
      .page_table_bytes = 2 << 20,
      .lines = {{"heap_live", "live objects", 600 << 20, 1'200'000, "object", "not shown small"},
                {"heap_free", "free heap pages", 398 << 20, std::nullopt, "", "the scavenger"},
                {"files", "mapped files", 1 << 20, std::nullopt},
                {"code", "the program's code", 1 << 20, std::nullopt},
                {"stacks", "stacks", 0, std::nullopt}}};
}

findings::HeapHolders holders() {
  findings::HeapHolder sessions{
      .path = "main.sessions", .retained_bytes = 300 << 20, .retained_objects = 1'200'000};
  findings::HeapHolder table{.path = "main.sessions.table",
                             .type = "map[string]*main.session",
                             .is_object = true,
                             .address = 0xc000100000,
                             .shallow_bytes = 48,
                             .retained_bytes = 290 << 20,
                             .retained_objects = 1'199'999,
                             .depth = 1};
  findings::HeapHolder entries{.path = "main.sessions.table[...]",
                               .type = "main.session",
                               .is_object = true,
                               .count = 1'100'000,
                               .retained_bytes = 280 << 20,
                               .retained_objects = 1'150'000,
                               .depth = 2};
  findings::HeapHolders holders{.live_bytes = 600 << 20,
                                .live_objects = 2'000'000,
                                .suspects = {{.finding = {},
                                              .holder = sessions,
                                              .accumulation = table,
                                              .contents = {entries}}},
                                .tree = {sessions, table, entries}};
  holders.suspects[0].finding.rule = "heap/retained";
  holders.suspects[0].finding.confidence = findings::Confidence::kSuspected;
  holders.suspects[0].finding.advice = "look there";
  return holders;
}

std::string shown(const Balance& balance, bool all, bool dominators = false) {
  testing::PictureBuilder builder;
  StringOutput out;
  render_heap_text(out, builder.picture(),
                   {.balance = balance, .holders = holders(), .types = std::nullopt},
                   {.palette = {}, .columns = 80, .all = all}, {.dominators = dominators});
  return out.text();
}

TEST(HeapText, LiveObjectsThatAreNotInMemoryAreNotLostFromSight) {
  Balance untouched = balance();
  untouched.absent_live_bytes = 6 << 20;  // not more than a hundredth
  EXPECT_THAT(shown(untouched, false), Not(HasSubstr("not in memory")));
  untouched.absent_live_bytes = 122 << 20;
  EXPECT_THAT(
      shown(untouched, false),
      HasSubstr("Not in it: 2 MB of the kernel's page tables, 122 MB of live objects that"));
  untouched.by_kernel = false;
  EXPECT_THAT(shown(untouched, false), HasSubstr("nothing but zeros\n"));
}

TEST(HeapText, ManyHoldAndOneHolds) {
  findings::HeapHolders many = holders();
  TextStyle style{.palette = {}, .columns = 100};
  StringOutput one, several;
  render_suspects(one, many, style);
  EXPECT_THAT(one.text(), HasSubstr("main.sessions holds 300 MB"));
  many.suspects[0].holder.path = "pending timers";
  many.suspects[0].holder.is_plural = true;
  render_suspects(several, many, style);
  EXPECT_THAT(several.text(), HasSubstr("pending timers hold 300 MB"));
}

TEST(HeapText, GoroutinesThatAreProvenLeakedAreNoMereSuspicion) {
  findings::HeapHolders workers = holders();
  workers.suspects[0].finding.goids = {7, 8};
  TextStyle style{.palette = {}, .columns = 100};
  StringOutput both, one;
  render_suspects_in_short(both, "4711", workers, {7, 8, 9}, style);
  EXPECT_THAT(both.text(), HasSubstr("proven to be leaked, see above\n"));
  EXPECT_THAT(both.text(), Not(HasSubstr("suspected")));
  render_suspects_in_short(one, "4711", workers, {8}, style);
  EXPECT_THAT(one.text(), AllOf(Not(HasSubstr("proven")), HasSubstr("suspected, by its size")));
}

TEST(HeapText, WhatSeveralHoldIsNotToldAsHeldByOne) {
  findings::HeapHolders shared = holders();
  findings::HeapHolder owner{.path = "main.a",
                             .type = "main.owner",
                             .is_object = true,
                             .is_shared = true,
                             .held_by = {"main.a", "main.b"},
                             .address = 0xc000100000,
                             .retained_bytes = 300 << 20,
                             .retained_objects = 322};
  shared.suspects[0] = {.finding = shared.suspects[0].finding,
                        .holder = owner,
                        .accumulation = owner,
                        .contents = {}};
  shared.tree = {owner};
  TextStyle style{.palette = {}, .columns = 100};
  StringOutput suspects, in_short, tree;
  render_suspects(suspects, shared, style);
  render_suspects_in_short(in_short, "7", shared, {}, style);
  render_holder_tree(tree, shared, style);
  EXPECT_THAT(holder_tree_title(shared),
              HasSubstr("its holder (where several hold it, all of them) let go"));
  EXPECT_THAT(suspects.text(), HasSubstr("main.owner, which several hold: 300 MB in 322 objects "
                                         "(50 % of the live heap)\n"
                                         "  held by main.a\n"
                                         "  and by main.b\n"));
  EXPECT_THAT(in_short.text(),
              HasSubstr("main.owner, which several hold, such as main.a and main.b: 300 MB in"));
  EXPECT_THAT(tree.text(),
              HasSubstr("main.owner, which several hold, such as main.a and main.b, in all"));
}

findings::HeapFinding found(std::string_view rule, std::uint64_t bytes, std::uint64_t count) {
  findings::HeapFinding one;
  one.finding.rule = rule;
  one.finding.confidence = findings::Confidence::kSuspected;
  one.finding.count = count;
  one.finding.cost.retained_bytes = bytes;
  one.finding.advice = "do something";
  return one;
}

std::string shown_findings(std::vector<findings::HeapFinding> findings, bool all = false) {
  StringOutput out;
  render_heap_text(
      out, testing::PictureBuilder().picture(),
      {.balance = balance(), .holders = holders(), .types = std::nullopt, .findings = findings},
      {.palette = {}, .columns = 80, .all = all});
  return out.text();
}

TEST(HeapText, WhatIsNotNeededIsToldWithWhatToDo) {
  findings::HeapFinding array = found("heap/pinned-array", 60 << 20, 1000);
  array.place = "main.record.key";
  array.type = "[]uint8";
  array.total_bytes = 61 << 20;
  array.used_bytes = 1 << 20;
  EXPECT_THAT(
      shown_findings({array}),
      HasSubstr("In use and not needed: what mending would give back\n"
                "     60 MB    10 %  main.record.key: 1,000 × []uint8 of 61 MB, of which 1 MB is\n"
                "                    used; the rest is room behind the length of slices\n"
                "                    suspected (heap/pinned-array): do something\n"));
  array.finding.confidence = findings::Confidence::kLikely;
  EXPECT_THAT(shown_findings({array}), HasSubstr("no code can get at the rest any"));
}

findings::HeapFinding growing(std::string_view rule, std::uint64_t bytes) {
  findings::HeapFinding one = found(rule, bytes, 1);
  one.place = "main.users";
  one.type = "map[int]main.user";
  one.finding.growth = {.samples = {{0, 1000}, {5, 1500}, {10, 2000}}};
  return one;
}

std::string shown_growth(std::vector<findings::HeapFinding> findings, bool all = false) {
  StringOutput out;
  render_heap_text(out, testing::PictureBuilder().picture(),
                   {.balance = balance(),
                    .holders = holders(),
                    .types = std::nullopt,
                    .findings = findings,
                    .pictures = {{0, 50 << 20, 90 << 20, 1'000'000},
                                 {5, 55 << 20, 95 << 20, 3'000'000},
                                 {10, 60 << 20, 99 << 20, 2'000'000}}},
                   {.palette = {}, .columns = 80, .all = all});
  return out.text();
}

TEST(HeapText, WhatGrewIsToldWithHowTheHeapWent) {
  findings::HeapFinding map = growing("heap/growing-map", 10 << 20);
  map.came_with = {{"main.user", 1000, 9 << 20}};
  EXPECT_THAT(
      shown_growth({map}),
      HasSubstr("What grew from each picture to the next\n"
                "in process 4711, /usr/bin/shop, go1.27.4 amd64\n"
                "\n"
                "3 pictures in 10 seconds: 50 MB, 55 MB, 60 MB of Go objects in use; RSS 90 MB,\n"
                "then 99 MB; the process stood still for 3 ms at most each time\n"
                "    +10 MB          main.users (map[int]main.user): 1,000, 1,500, 2,000 entries;\n"
                "                    with them came 1,000 × main.user (9 MB)\n"
                "                    suspected (heap/growing-map): 1 MB a second; do something\n"));
  EXPECT_THAT(shown_growth({map}), Not(HasSubstr("In use and not needed")));
}

TEST(HeapText, WhatIsAskedForComesFirstAndTheBalanceInOneLineBelow) {
  std::string growth = shown_growth({growing("heap/growing-map", 10 << 20)});
  EXPECT_TRUE(growth.starts_with("What grew from each picture to the next\n")) << growth;
  std::string tree = shown(balance(), false, true);
  EXPECT_TRUE(
      tree.starts_with("What would be freed if its holder let go, of 600 MB in use\n"
                       "in process 4711, /usr/bin/shop, go1.27.4 amd64\n"
                       "\n"
                       "    300 MB    50 %  main.sessions"))
      << tree;
  for (const std::string& text : {growth, tree}) {
    EXPECT_THAT(text,
                HasSubstr("\n\n1,000 MB in memory (RSS): live objects 600 MB, free heap pages "
                          "398 MB\n"));
    EXPECT_THAT(text, Not(HasSubstr("total\n")));
    EXPECT_THAT(text, HasSubstr("All of the balance, and what is not needed: goshawk heap 4711;"));
  }
  EXPECT_THAT(tree, Not(HasSubstr("--dominators")));
  EXPECT_THAT(growth, Not(HasSubstr("--samples")));
  std::string all = shown_growth({}, true);
  EXPECT_LT(all.find("What grew"), all.find("100 %  total\n")) << all;
}

TEST(HeapText, TypesComeFirstWhereTheyAreAskedFor) {
  findings::TypeTable types;
  types.types = {{{"main.session", 1000, 300 << 20}}};
  types.total_bytes = 600 << 20;
  findings::HeapAnswer answer{.balance = balance(), .holders = holders(), .types = types};
  StringOutput out, all;
  testing::PictureBuilder builder;
  render_heap_text(out, builder.picture(), answer, {.palette = {}, .columns = 80}, {.types = true});
  EXPECT_TRUE(out.text().starts_with("Types of the 600 MB in use;")) << out.text();
  EXPECT_THAT(out.text(), AllOf(HasSubstr("main.session\n"), Not(HasSubstr("total\n"))));
  render_heap_text(all, builder.picture(), answer, {.palette = {}, .columns = 80});
  EXPECT_THAT(all.text(), AllOf(HasSubstr("total\n"), HasSubstr("\nTypes of the 600 MB in use;")));
}

TEST(HeapText, OfAProcessThatEndedAllIsToldThatIsKnown) {
  findings::HeapAnswer answer{.balance = balance(),
                              .holders = holders(),
                              .types = std::nullopt,
                              .pictures = {{0, 50 << 20, 90 << 20, 1'000'000}},
                              .cut_short = true};
  StringOutput one, two;
  testing::PictureBuilder builder;
  TextStyle style{.palette = {}, .columns = 80};
  render_heap_text(one, builder.picture(), answer, style);
  EXPECT_THAT(one.text(),
              AllOf(HasSubstr("\n\nWhat grows is not told: there is no second picture\n\n"),
                    HasSubstr("100 %  total\n"), HasSubstr("main.sessions holds 300 MB"),
                    Not(HasSubstr("goshawk heap 4711"))));
  answer.pictures.push_back({1, 50 << 20, 90 << 20, 1'000'000});
  render_heap_text(two, builder.picture(), answer, style);
  EXPECT_TRUE(two.text().starts_with("What grew from each picture to the next\n"));
  EXPECT_THAT(two.text(),
              AllOf(HasSubstr("100 %  total\n"), HasSubstr("main.sessions holds 300 MB")));
}

TEST(HeapText, AStoppedProcessIsSaidNotToGrow) {
  findings::HeapAnswer answer{.balance = balance(),
                              .holders = holders(),
                              .types = std::nullopt,
                              .pictures = {{0, 50 << 20, 90 << 20, 1'000'000, true},
                                           {1, 50 << 20, 90 << 20, 1'000'000, true}}};
  TextStyle style{.palette = {}, .columns = 100};
  StringOutput all, some;
  testing::PictureBuilder builder;
  render_heap_text(all, builder.picture(), answer, style);
  EXPECT_THAT(all.text(), HasSubstr("\nThe process was stopped by a signal for all of it: nothing "
                                    "can grow until it goes on (SIGCONT)\n"));
  answer.pictures[0].is_stopped = false;
  render_heap_text(some, builder.picture(), answer, style);
  EXPECT_THAT(some.text(), HasSubstr("\nThe process was stopped by a signal at 1 of these "
                                     "pictures: less can grow meanwhile\n"));
}

TEST(HeapText, ObjectsOfUnknownTypeThatGrewAreToldByTheirSlots) {
  findings::HeapFinding type = growing("heap/growing-type", 10 << 20);
  type.type = "";
  type.slot_bytes = 64;
  EXPECT_THAT(shown_growth({type}),
              HasSubstr("objects of unknown type in slots of 64 bytes: 1,000, 1,500,\n"
                        "                    2,000 objects, one of them main.users"));
}

TEST(HeapText, ThatNothingGrewIsSaidOnlyWhereItIsTrue) {
  EXPECT_THAT(shown_growth({}), HasSubstr("did so each time, though 10 MB more is in\n"));
  EXPECT_THAT(shown_growth({growing("heap/growing-slice", 1000)}),
              AllOf(Not(HasSubstr("Nothing: ")), HasSubstr("1 more: --all shows them")));
  EXPECT_THAT(shown_growth({growing("heap/growing-slice", 1000)}, true), HasSubstr("+1,000 bytes"));
}

TEST(HeapText, LittleIsLeftToAllButOfTimers) {
  findings::HeapFinding map = found("heap/oversized-map", 1 << 20, 1);
  map.place = "main.users";
  map.type = "map[int]bool";
  map.entries = 1;
  map.total_bytes = 2 << 20;
  EXPECT_THAT(shown_findings({map}), Not(HasSubstr("In use and not needed")));
  EXPECT_THAT(shown_findings({map}, true),
              HasSubstr("main.users (map[int]bool) with 1 entry in tables of 2 MB\n"));
  findings::HeapFinding ticker = found("timer/unstopped-ticker", 4096, 12);
  ticker.type = "time.Ticker";
  ticker.unreferenced = 11;
  std::string text = shown_findings({map, ticker});
  EXPECT_THAT(text, HasSubstr("12 × time.Ticker, 11 of them such that nobody can stop or"));
  EXPECT_THAT(text, HasSubstr("1 more: --all shows them\n"));
}

TEST(HeapText, ChannelsAreToldWithWhoWaits) {
  findings::HeapFinding channel = found("heap/channel-backlog", 20 << 20, 1);
  channel.place = "main.shop.jobs";
  channel.type = "chan *main.job";
  channel.total_bytes = 8 << 20;
  channel.channels = {.queued = 4096,
                      .capacity = 4096,
                      .held_bytes = 12 << 20,
                      .senders = {3, "main.produce"},
                      .receivers = {}};
  EXPECT_THAT(
      shown_findings({channel}),
      HasSubstr("     20 MB   3.3 %  main.shop.jobs (chan *main.job) with a buffer of 8 MB: "
                "full\n"
                "                    with 4,096 queued, which hold 12 MB; 3 goroutines "
                "wait to\n"
                "                    send in main.produce, nobody waits to receive\n"));
  channel.finding.count = 7;
  channel.channels->queued = 3000;
  channel.channels->closed = 2;
  EXPECT_THAT(shown_findings({channel}),
              HasSubstr("7 × chan *main.job with a buffer of 8 MB: 3,000 of 4,096\n"
                        "                    queued, which hold 12 MB; 3 goroutines wait to send "
                        "in\n"
                        "                    main.produce, nobody waits to receive; 2 of them "
                        "closed; the\n"
                        "                    largest: main.shop.jobs\n"));
  channel.finding.rule = "heap/channel-room";
  channel.finding.cost.retained_bytes = 1 << 20;
  EXPECT_THAT(shown_findings({channel}), Not(HasSubstr("channel")));
  EXPECT_THAT(shown_findings({channel}, true), Not(HasSubstr("waits to")));
}

TEST(HeapText, WhoBlocksTheFinalizersIsNamed) {
  findings::HeapFinding due = found("heap/finalizer", 1 << 20, 2000);
  EXPECT_THAT(shown_findings({due}),
              HasSubstr("2,000 objects are held for finalizers or cleanups that"));
  due.finding.goids = {7};
  due.place = "main.close.func1";
  due.finding.longest_wait_ns = 3'000'000'000;
  std::string text = shown_findings({due});
  EXPECT_THAT(text, HasSubstr("due; goroutine 7, which"));
  EXPECT_THAT(text, HasSubstr("main.close.func1\n                    since 3 s\n"));
}

TEST(HeapText, TheLargestFirstWithItsShare) {
  EXPECT_THAT(shown(balance(), false),
              HasSubstr("1,000 MB in memory (RSS); 600 MB of Go objects are in use\n"
                        "in process 4711, /usr/bin/shop, go1.27.4 amd64\n\n"
                        "    600 MB    60 %  live objects: 1,200,000 objects\n"));
  EXPECT_THAT(shown(balance(), false), HasSubstr("Not in it: 2 MB of the kernel's page tables\n"));
}

TEST(HeapText, WhatIsSmallIsPutTogetherUnlessAllIsAskedFor) {
  EXPECT_THAT(shown(balance(), false), HasSubstr("      2 MB   0.2 %  2 smaller lines\n"));
  EXPECT_THAT(shown(balance(), false), Not(HasSubstr("mapped files")));
  EXPECT_THAT(shown(balance(), true), HasSubstr("      1 MB   0.1 %  mapped files\n"));
  EXPECT_THAT(shown(balance(), true), Not(HasSubstr("stacks")));
}

TEST(HeapText, AdviceStandsUnderWhatIsLarge) {
  EXPECT_THAT(shown(balance(), false),
              HasSubstr("  free heap pages\n                    the scavenger\n"));
  Balance small = balance();
  small.lines[1].bytes = 90 << 20;
  EXPECT_THAT(shown(small, false), Not(HasSubstr("the scavenger")));
}

TEST(HeapText, ASuspectIsTold) {
  EXPECT_THAT(
      shown(balance(), false),
      HasSubstr("main.sessions holds 300 MB in 1,200,000 objects (50 % of the live heap)\n"
                "  spreads out at main.sessions.table (map[string]*main.session): 290 MB in\n"
                "  1,199,999 objects\n"
                "  there: 1,100,000 × main.session, 280 MB together\n"
                "suspected, by its size alone (heap/retained): look there;"));
}

TEST(HeapText, TheTreeIsIndented) {
  EXPECT_THAT(
      shown(balance(), false, true),
      HasSubstr("    300 MB    50 %  main.sessions, in all 1,200,000 objects\n"
                "    290 MB    48 %    .table (map[string]*main.session), in all 1,199,999\n"
                "                      objects\n"
                "    280 MB    47 %      [...]: 1,100,000 × main.session, in all 1,150,000\n"
                "                        objects\n"));
}

TEST(HeapText, ACoreHasNoRss) {
  Balance of_core = balance();
  of_core.by_kernel = false;
  EXPECT_THAT(shown(of_core, false), HasSubstr("1,000 MB of memory in the core"));
  EXPECT_THAT(shown(of_core, false), HasSubstr("A core does not say what was resident"));
}

}  // namespace
}  // namespace goshawk::report
