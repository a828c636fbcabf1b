#include "report/heap_lines_text.h"

#include <gmock/gmock.h>

namespace goshawk::report {
namespace {

using findings::HeapLines;
using findings::PoolLine;
using findings::TimerLine;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kLive = 100 << 20;

std::string shown(const HeapLines& lines, bool all = false) {
  StringOutput out;
  render_heap_lines(out, lines, kLive, {.palette = {}, .columns = 80, .all = all});
  return out.text();
}

// On one line.
std::string flat(const std::string& text) {
  std::string one_line;
  for (char letter : text)
    if (char shown = letter == '\n' ? ' ' : letter; shown != ' ' || !one_line.ends_with(' '))
      one_line += shown;
  return one_line;
}

PoolLine pool(const std::string& place, std::uint64_t bytes) {
  return {.place = place, .type = "*main.buffer", .pools = 1, .values = 3000, .bytes = bytes};
}

TEST(HeapLinesText, PoolsAreToldWithWhatCollectionsFree) {
  HeapLines lines{.pools = {pool("main.buffers", 10 << 20), pool("main.tiny", 1 << 10)}};
  lines.pools[0].victim_values = 1000;
  EXPECT_EQ(shown(lines),
            "Kept for reuse in sync.Pools: 10 MB, which the next two collections free if it\n"
            "is not taken\n"
            "     10 MB    10 %  main.buffers: 3,000 values, mostly *main.buffer; the next\n"
            "                    collection frees 1,000 of them\n"
            "      1 KB  <0.1 %  1 smaller line\n"
            "\n");
  EXPECT_THAT(shown(lines, true), HasSubstr("main.tiny: 3,000 values, mostly *main.buffer\n"));
}

TEST(HeapLinesText, APoolWithoutANameIsToldByItsNew) {
  PoolLine one = pool("", 1 << 20);
  EXPECT_THAT(shown({.pools = {one}}), HasSubstr("a sync.Pool: 3,000"));
  one.made_by = "main.new";
  one.pools = 4;
  one.victim_values = one.values;
  EXPECT_THAT(flat(shown({.pools = {one}})),
              HasSubstr("4 × the pool of main.new: 3,000 values, mostly *main.buffer; the next "
                        "collection frees them"));
}

TEST(HeapLinesText, LittleIsLeftToAll) {
  HeapLines lines{.pools = {pool("main.buffers", 1 << 10)},
                  .unique = {{.type = "string", .handles = 1}},
                  .weak = {{.type = "main.node", .objects = 1}},
                  .timers = {TimerLine{.function = "main.expire", .timers = 12}}};
  EXPECT_EQ(shown(lines), "");
  EXPECT_THAT(shown(lines, true), HasSubstr("12 timers for main.expire\n"));
}

TEST(HeapLinesText, HandlesAndWeakPointers) {
  std::string text = shown({.unique = {{.type = "string",
                                        .handles = 40'000,
                                        .unheld = 2,
                                        .map_bytes = 3 << 20,
                                        .value_bytes = 2 << 20}},
                            .weak = {{.type = "main.node", .objects = 9, .bytes = 1 << 20},
                                     {.type = "", .objects = 4, .bytes = 1 << 20, .unheld = 4}}});
  EXPECT_THAT(text, HasSubstr("Handles of package unique: 5 MB\n"));
  EXPECT_THAT(text, HasSubstr("string: 40,000 values, 2 of them without a handle any more;\n"
                              "                    3 MB of it is the map\n"));
  EXPECT_THAT(text, HasSubstr("What weak pointers lead to: 2 MB\n"));
  EXPECT_THAT(text, HasSubstr("9 × main.node\n"));
  EXPECT_THAT(text, HasSubstr("4 objects; nothing else leads to any: the next collection"));
}

TEST(HeapLinesText, PendingTimersWithWhereTheyWereMade) {
  findings::AllocatedIn poll{.place = {"time.AfterFunc", "/go/src/time/sleep.go", 7, 0},
                             .on_behalf_of = {"main.poll", "/src/x.go", 30, 0},
                             .samples = 9};
  findings::AllocatedIn serve = poll;
  serve.on_behalf_of = {"main.serve", "/src/y.go", 12, 0};
  serve.samples = 1;
  TimerLine line{.function = "main.expire",
                 .timers = 12,
                 .bytes = 10 << 20,
                 .longest_ns = 60'000'000'000,
                 .created_in = {poll}};
  std::string text = flat(shown({.timers = {line}}));
  EXPECT_THAT(text,
              HasSubstr("Held by pending timers alone: 10 MB 10 MB 10 % 12 timers for "
                        "main.expire; the last of them fires in 1 minute; created in main.poll "
                        "(x.go:30) (by 9 samples)"));
  line.created_in.push_back(serve);
  line.has_finding = true;
  EXPECT_EQ(shown({.timers = {line}}), "");  // its finding says it
  text = flat(shown({.timers = {line}}, true));
  EXPECT_THAT(text, HasSubstr("created in main.poll (x.go:30) 90 %, main.serve (y.go:12) 10 %"));
  line.sends_time = line.ticks = true;
  text = flat(shown({.timers = {line}}, true));
  EXPECT_THAT(text, HasSubstr("12 tickers of time.NewTicker; created in"));
}

}  // namespace
}  // namespace goshawk::report
