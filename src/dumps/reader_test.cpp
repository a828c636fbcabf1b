// Every form that a runtime prints, in every way that a log carries it; texts as real programs
// wrote them, shortened.
#include "dumps/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

namespace goshawk::dumps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Dumps read(std::string_view text, std::size_t piece_bytes = 1 << 20) {
  Reader reader;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes)
    reader.feed(text.substr(at, piece_bytes));
  return reader.finish();
}

// "18 chan receive main.f m.go:12 < main.main m.go:3 in 1"
std::string describe(const Dumps& dumps, const Goroutine& goroutine) {
  auto frame_text = [&](FrameId id) {
    const Frame& frame = dumps.tables.frame(id);
    return std::string(dumps.text(frame.function)) + " " + std::string(dumps.text(frame.file)) +
           ":" + std::to_string(frame.line);
  };
  std::string text =
      std::to_string(goroutine.goid) + " " + std::string(dumps.text(goroutine.state));
  for (FrameId frame : dumps.tables.frames_of(goroutine.stack)) text += " " + frame_text(frame);
  const Stack& stack = dumps.tables.stack(goroutine.stack);
  if (stack.creator != kNone) text += " < " + frame_text(stack.creator);
  if (goroutine.creator_goid != 0) text += " in " + std::to_string(goroutine.creator_goid);
  return text;
}

std::vector<std::string> describe(const Dumps& dumps, const Dump& dump) {
  std::vector<std::string> texts;
  for (const Goroutine& goroutine : dumps.goroutines_of(dump))
    texts.push_back(describe(dumps, goroutine));
  return texts;
}

std::vector<std::string> describe(const Dumps& dumps) {
  std::vector<std::string> texts;
  for (const Dump& dump : dumps.dumps)
    for (std::string& text : describe(dumps, dump)) texts.push_back(std::move(text));
  return texts;
}

const Goroutine& only(const Dumps& dumps) {
  EXPECT_EQ(dumps.goroutines.size(), 1U);
  return dumps.goroutines.at(0);
}

constexpr std::string_view kThree =
    "goroutine 1 [running]:\n"
    "main.main()\n"
    "\t/a/m.go:9 +0x1d\n"
    "\n"
    "goroutine 18 [chan receive, 5 minutes]:\n"
    "main.(*T[...]).f(0xc000012340, {0x4d7a58?, 0x1}, {...})\n"
    "\t/a/m.go:12 +0x25\n"
    "created by main.main in goroutine 1\n"
    "\t/a/m.go:3 +0x2c\n"
    "\n"
    "goroutine 19 [select]:\n"
    "main.g(...)\n"
    "\t/a/m.go:20\n"
    "main.h()\n"
    "\t/a/m.go:30 +0x25\n"
    "created by main.main in goroutine 1\n"
    "\t/a/m.go:4 +0x2c\n";

const std::vector<std::string> kThreeRead = {
    "1 running main.main /a/m.go:9",
    "18 chan receive main.(*T[...]).f /a/m.go:12 < main.main /a/m.go:3 in 1",
    "19 select main.g /a/m.go:20 main.h /a/m.go:30 < main.main /a/m.go:4 in 1"};

std::string with_prefix(std::string_view text, const std::vector<std::string>& prefixes,
                        std::string_view end = "\n") {
  std::string result;
  for (std::size_t n = 0; !text.empty(); ++n) {
    std::size_t newline = text.find('\n');
    result += prefixes[n % prefixes.size()];
    result += text.substr(0, newline);
    result += end;
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  return result;
}

TEST(Reader, ReadsADump) {
  Dumps dumps = read(kThree);
  ASSERT_EQ(dumps.dumps.size(), 1U);
  EXPECT_EQ(describe(dumps), kThreeRead);
  EXPECT_EQ(dumps.damaged, 0U);
  EXPECT_EQ(dumps.bytes, kThree.size());
  EXPECT_EQ(dumps.goroutines[1].wait_minutes, 5U);
  EXPECT_EQ(dumps.goroutines[0].wait_minutes, 0U);
}

TEST(Reader, DoesNotCareHowItsInputIsCutIntoPieces) {
  for (std::size_t piece : {1, 7, 64}) EXPECT_EQ(describe(read(kThree, piece)), kThreeRead);
}

TEST(Reader, FindsNothingWhereNothingIs) {
  EXPECT_THAT(read("").dumps, IsEmpty());
  EXPECT_THAT(read("a goroutine 7 [is] not one\ngoroutine leak\n").dumps, IsEmpty());
}

// Somebody may have pasted it.
TEST(Reader, TakesNoFirstLineAloneForAGoroutine) {
  std::string line = "18:30:53 INFO he said: goroutine 7 [chan receive (nil chan), 9 minutes]:\n";
  Dumps dumps = read(line + "18:30:54 INFO next\n" + line + "\n" + line);
  EXPECT_THAT(dumps.dumps, IsEmpty());
  EXPECT_THAT(describe(read(line + std::string(kThree))), testing::IsSupersetOf(kThreeRead));
}

TEST(Reader, SearchesALineOfManyPiecesOnce) {
  std::clock_t began = std::clock();
  Dumps dumps = read(std::string(12 << 20, 'x') + "\n" + std::string(kThree), 1 << 10);
  EXPECT_EQ(describe(dumps), kThreeRead);
  std::string words;
  while (words.size() < 12 << 20) words += "goroutine 5 [";
  EXPECT_THAT(read(words).dumps, IsEmpty());
  EXPECT_LT(std::clock() - began, 3 * CLOCKS_PER_SEC);  // 0.2 s; for each piece and word anew: 15 s
}

TEST(Reader, ReadsHeadersOfAllReleases) {
  const Goroutine locked =
      only(read("goroutine 18 [chan send (nil chan), 31 minutes, locked to thread]:\n"
                "main.f()\n\t/m.go:1 +0x1\n"));
  EXPECT_TRUE(locked.locked_to_thread);
  EXPECT_EQ(locked.wait_minutes, 31U);
  Dumps leaked =
      read("goroutine 18 [chan send (leaked) (scan), 1 minutes]:\nmain.f()\n\t/m.go:1 +0x1\n");
  EXPECT_TRUE(only(leaked).leaked);
  EXPECT_TRUE(only(leaked).scanning);
  EXPECT_EQ(leaked.text(only(leaked).state), "chan send");
  Dumps bubble = read(
      "goroutine 9 [sync.WaitGroup.Wait (durable), synctest bubble 3]:\nmain.f()\n\t/m.go:1 "
      "+0x1\n");
  EXPECT_TRUE(only(bubble).durable);
  EXPECT_EQ(only(bubble).bubble, 3U);
  EXPECT_EQ(bubble.text(only(bubble).state), "sync.WaitGroup.Wait");
  EXPECT_EQ(only(read("goroutine 9 [chan receive (synctest), synctest group 7]:\nmain.f()\n"
                      "\t/m.go:1 +0x1\n"))
                .bubble,
            7U);
  for (const char* addresses : {"gp=0xc0000061c0 m=4 mp=0xc000080008", "gp=0xc0000061c0 m=nil"}) {
    Dumps crash = read("goroutine 1 " + std::string(addresses) +
                       " [select (no cases)]:\nmain.f(0x1)\n"
                       "\t/m.go:1 +0x1f fp=0xc000047f78 sp=0xc000047f50 pc=0x47c2d3\n");
    EXPECT_THAT(describe(crash), ElementsAre("1 select (no cases) main.f /m.go:1"));
  }
}

TEST(Reader, ReadsLabels) {
  Dumps now = read(
      "goroutine 7 [select] {endpoint: /pay, \"user name\": \"a ]: {b}\"}:\n"
      "main.f()\n\t/m.go:1 +0x1\n");
  EXPECT_EQ(now.text(only(now).labels), "endpoint: /pay, \"user name\": \"a ]: {b}\"");
  EXPECT_EQ(now.text(only(now).state), "select");
  Dumps before = read(
      "goroutine 7 [select, 2 minutes labels:{\"a\": \"]\", \"b\": \"c\"}]:\n"
      "main.f()\n\t/m.go:1 +0x1\n");
  EXPECT_EQ(before.text(only(before).labels), "\"a\": \"]\", \"b\": \"c\"");
  EXPECT_EQ(only(before).wait_minutes, 2U);
}

TEST(Reader, ReadsStacksThatAreNotWhole) {
  Dumps elided = read(
      "goroutine 7 [select]:\nmain.f()\n\t/m.go:1 +0x1\n...23 frames elided...\nmain.g()\n"
      "\t/m.go:2 +0x1\n\n"
      "goroutine 8 [select]:\nmain.f()\n\t/m.go:1 +0x1\n...additional frames elided...\n"
      "created by main.g\n\t/m.go:2 +0x1\n\n"
      "goroutine 9 [running]:\n\tgoroutine running on other thread; stack unavailable\n"
      "created by main.g\n\t/m.go:2 +0x1\n");
  EXPECT_THAT(describe(elided), ElementsAre("7 select main.f /m.go:1 main.g /m.go:2",
                                            "8 select main.f /m.go:1 < main.g /m.go:2",
                                            "9 running < main.g /m.go:2"));
  EXPECT_EQ(elided.tables.stack(elided.goroutines[0].stack).elided_after, 1U);
  EXPECT_TRUE(elided.goroutines[2].unavailable);
  EXPECT_EQ(elided.damaged, 0U);
}

TEST(Reader, ReadsAncestors) {
  Dumps dumps = read(
      "goroutine 7 [select]:\nmain.f()\n\t/m.go:1 +0x1\ncreated by main.g in goroutine 6\n"
      "\t/m.go:2 +0x1\n"
      "[originating from goroutine 6]:\nmain.g(...)\n\t/m.go:2 +0x1\ncreated by main.h\n"
      "\t/m.go:3 +0x1\n"
      "[originating from goroutine 1]:\nmain.main(...)\n\t/m.go:4 +0x1\n"
      "...additional frames elided...\n\n"
      "goroutine 1 [select]:\nmain.f()\n\t/m.go:1 +0x1\n");
  EXPECT_EQ(dumps.damaged, 0U);
  ASSERT_EQ(dumps.goroutines.size(), 2U);
  ASSERT_EQ(dumps.goroutines[0].ancestor_count, 2U);
  EXPECT_EQ(dumps.ancestors[0].goid, 6U);
  const Stack& stack = dumps.tables.stack(dumps.ancestors[0].stack);
  EXPECT_EQ(stack.count, 1U);
  EXPECT_EQ(dumps.tables.frame(stack.creator).line, 3U);
  EXPECT_EQ(dumps.tables.stack(dumps.ancestors[1].stack).elided_after, 1U);
}

TEST(Reader, ReadsFramesOfC) {
  Dumps dumps = read(
      "goroutine 7 [syscall]:\n"
      "non-Go function\n\tpc=0x4011c6\n"
      "operator new(unsigned long)\n\t/src/n.cc:7 pc=0x4011c6\n"
      "non-Go function at pc=0x7f00\n"
      "runtime.cgocall(0x401136, 0xc000049f58)\n\t/go/cgocall.go:157 +0x5c\n"
      "main._Cfunc_work()\n\t_cgo_gotypes.go:39 +0x45\n");
  EXPECT_EQ(dumps.damaged, 0U);
  EXPECT_THAT(describe(dumps),
              ElementsAre("7 syscall non-Go function :0 operator new(unsigned long) /src/n.cc:7 "
                          "non-Go function :0 runtime.cgocall /go/cgocall.go:157 "
                          "main._Cfunc_work _cgo_gotypes.go:39"));
}

TEST(Reader, TellsASignalFromAPanic) {
  std::string text =
      "2026/11/29 18:00:00 begin\nSIGQUIT: quit\nPC=0x46d1e1 m=0 sigcode=0\n\n"
      "goroutine 0 gp=0x5713a0 m=0 mp=0x571f40 [idle]:\nruntime.futex(0x5720c0)\n"
      "\t/go/sys.s:557 +0x21 fp=0x7ff sp=0x7fe pc=0x46d1e1\n\n" +
      std::string(kThree) +
      "\nrax    0xca\nrip    0x46d1e1\n"
      "panic: oops [recovered]\n\tpanic: again\n\n"
      "goroutine 18 [running]:\nmain.f()\n\t/m.go:1 +0x1\nexit status 2\n";
  Dumps dumps = read(text);
  ASSERT_EQ(dumps.dumps.size(), 2U);
  EXPECT_EQ(dumps.text(dumps.dumps[0].opening), "SIGQUIT: quit");
  EXPECT_EQ(describe(dumps, dumps.dumps[0]), kThreeRead);
  EXPECT_EQ(dumps.dumps[0].threads, 1U);
  EXPECT_EQ(dumps.text(dumps.dumps[1].opening), "panic: oops [recovered]");
  EXPECT_EQ(dumps.damaged, 0U);
}

// The runtime has each thread tell of the goroutine that it runs.
TEST(Reader, PutsTogetherWhatSeveralThreadsTell) {
  Dumps dumps = read(
      "SIGQUIT: quit\n\ngoroutine 0 [idle]:\nruntime.futex(0x5720c0)\n\t/go/sys.s:557 +0x21\n\n"
      "goroutine 5 [running]:\n\tgoroutine running on other thread; stack unavailable\n"
      "created by main.main\n\t/m.go:2 +0x1\n\n"
      "goroutine 6 [select]:\nmain.f()\n\t/m.go:1 +0x1\ncreated by main.main\n\t/m.go:2 +0x1\n"
      "\n-----\n\nSIGQUIT: quit\nPC=0x1 m=2 sigcode=0\n\n"
      "goroutine 5 [running]:\nmain.spin()\n\t/m.go:7 +0x1\ncreated by main.main\n"
      "\t/m.go:2 +0x1\n");
  ASSERT_EQ(dumps.dumps.size(), 1U);
  EXPECT_THAT(describe(dumps), ElementsAre("5 running main.spin /m.go:7 < main.main /m.go:2",
                                           "6 select main.f /m.go:1 < main.main /m.go:2"));
}

TEST(Reader, TellsDumpsApart) {
  Dumps dumps = read(std::string(kThree) + "\n" + std::string(kThree) + "\n2026/11/29 x\n" +
                     "goroutine 7 [running]:\nmain.f()\n\t/m.go:1 +0x1\n");
  ASSERT_EQ(dumps.dumps.size(), 3U);
  EXPECT_EQ(describe(dumps, dumps.dumps[1]), kThreeRead);
  EXPECT_EQ(dumps.dumps[2].count, 1U);
}

TEST(Reader, TakesOutWhatLogsPutBefore) {
  const std::vector<std::vector<std::string>> logs = {
      {"Nov 29 18:59:53 web1 shop[4711]: ", "Nov 29 19:00:53 web1 shop[4711]: "},
      {"Nov  9 18:59:53 web1 shop[4711]: ", "Nov 10 00:00:00 web1 shop[4711]: "},
      {"2026-11-29T18:30:53.123456789Z stderr F ", "2026-11-29T18:30:53.2Z stderr F "},
      {"[pod/shop-7d9f8b-x2x4z/shop] "},
      {"shop-1  | ", "shop-1  | "},
      {"shop-1  | 2026-11-29T18:30:53.1Z "},
      {"I1129 18:30:53.123456    4711 x.go:42] "},
      {"    "}};
  for (const auto& prefixes : logs) {
    Dumps dumps = read(with_prefix(kThree, prefixes));
    EXPECT_EQ(describe(dumps), kThreeRead) << prefixes[0];
    EXPECT_EQ(dumps.damaged, 0U) << prefixes[0];
    EXPECT_EQ(dumps.dumps.size(), 1U) << prefixes[0];
  }
}

TEST(Reader, ReadsWindowsLinesColoursAndTabsThatWereReplaced) {
  EXPECT_EQ(describe(read(with_prefix(kThree, {""}, "\r\n"))), kThreeRead);
  EXPECT_EQ(describe(read(with_prefix(kThree, {"\x1b[31m"}, "\x1b[0m\n"))), kThreeRead);
  for (std::string_view instead : {"    ", "#011"}) {
    std::string text(kThree);
    for (std::size_t at; (at = text.find('\t')) != std::string::npos;) text.replace(at, 1, instead);
    EXPECT_EQ(describe(read(text)), kThreeRead);
  }
}

TEST(Reader, ReadsLogsInJson) {
  std::string docker, journal;
  for (std::string_view rest = kThree; !rest.empty();) {
    std::size_t newline = rest.find('\n');
    std::string line(rest.substr(0, newline));
    if (line.starts_with('\t')) line.replace(0, 1, "\\t");
    for (std::size_t at = 0; (at = line.find('"', at)) != std::string::npos; at += 2)
      line.insert(at, "\\");
    docker += R"({"log":")" + line +
              R"(\n","stream":"stderr","time":"2026-11-29T18:30:53.1Z"})"
              "\n";
    docker += R"({"log":"GET /\n","stream":"stdout","time":"2026-11-29T18:30:53.1Z"})"
              "\n";
    journal += R"({"__CURSOR":"s=1f;b=)" + std::to_string(rest.size()) +
               R"(","_PID":"4711","MESSAGE":")" + line + "\"}\n";
    journal += R"({"_PID":"4712","MESSAGE":"goroutine 1 [running]:"})"
               "\n";
    rest.remove_prefix(newline + 1);
  }
  EXPECT_EQ(describe(read(docker)), kThreeRead);
  Dumps dumps = read(journal);
  ASSERT_FALSE(dumps.dumps.empty());
  EXPECT_EQ(describe(dumps, dumps.dumps[0]), kThreeRead);
}

TEST(Reader, ReadsStacksInAFieldOfJson) {
  Dumps dumps = read(
      R"({"level":"error","ts":1,"msg":"recovered","stack":"goroutine 7 [running]:\nmain.f(0x1)\n\t/m.go:1 +0x1\ncreated by main.\u003cx\u003e in goroutine 1\n\t/m.go:2 +0x1\n"})"
      "\n{\"level\":\"info\"}\n");
  EXPECT_THAT(describe(dumps), ElementsAre("7 running main.f /m.go:1 < main.<x> /m.go:2 in 1"));
}

TEST(Reader, ReadsJsonBehindAPrefix) {
  for (const char* prefix : {"2026-11-29T18:30:53.25Z stderr F ", "[pod/db-0/db] ", "web-1  | "}) {
    std::string log;
    for (const char* json :
         {R"({"level":"error","stack":"goroutine 7 [running]:\nmain.f()\n\t/m.go:1 +0x1\n"})",
          R"({"level":"info"})"})
      log.append(prefix).append(json).append("\n");
    EXPECT_THAT(describe(read(log)), ElementsAre("7 running main.f /m.go:1")) << prefix;
  }
}

TEST(Reader, ReadsATextWhoseFirstLineAloneHasAPrefix) {
  Dumps dumps = read(
      "2026/11/29 18:30:53 recovered: goroutine 7 [running]:\nmain.f()\n\t/m.go:1 +0x1\n"
      "2026/11/29 18:30:54 next\n"
      "2026/11/29 18:30:55 recovered: goroutine 8 [running]:\nmain.f()\n\t/m.go:1 +0x1\n"
      "    x_test.go:9: goroutine 9 [running]:\n        main.f()\n        \t/m.go:1 +0x1\n");
  EXPECT_THAT(describe(dumps), ElementsAre("7 running main.f /m.go:1", "8 running main.f /m.go:1",
                                           "9 running main.f /m.go:1"));
  EXPECT_EQ(dumps.dumps.size(), 3U);
  EXPECT_EQ(dumps.damaged, 0U);
}

TEST(Reader, ReadsAWholeDumpWhoseFirstLineAloneHasAPrefix) {
  Dumps logged =
      read("2026/11/29 18:30:53 all: " + std::string(kThree) + "2026/11/29 18:30:54 x\n");
  EXPECT_EQ(describe(logged), kThreeRead);
  EXPECT_EQ(logged.dumps.size(), 1U);
  Dumps test = read("    x_test.go:9: " + with_prefix(kThree, {"        "}).substr(8));
  EXPECT_EQ(describe(test), kThreeRead);
  EXPECT_EQ(test.dumps.size(), 1U);
}

TEST(Reader, TakesTheLinesOfTwoPodsApart) {
  std::string a = with_prefix(kThree, {"[pod/a/x] "}), b = with_prefix(kThree, {"[pod/b/x] "});
  std::string mixed;
  while (!a.empty() || !b.empty()) {
    for (std::string* one : {&a, &b}) {
      if (one->empty()) continue;
      std::size_t end = one->find('\n') + 1;
      mixed += one->substr(0, end);
      one->erase(0, end);
    }
  }
  Dumps dumps = read(mixed);
  ASSERT_EQ(dumps.dumps.size(), 2U);
  EXPECT_EQ(describe(dumps, dumps.dumps[0]), kThreeRead);
  EXPECT_EQ(describe(dumps, dumps.dumps[1]), kThreeRead);
  EXPECT_EQ(dumps.damaged, 0U);
}

// Whole goroutines read as they are, and each of the others counts as damaged, wherever it ends.
TEST(Reader, LosesNoMoreThanTheGoroutineInWhichALogIsCut) {
  const std::size_t second = kThree.find("goroutine 18"), third = kThree.find("goroutine 19");
  for (std::size_t cut = second + 20; cut < kThree.size() - 1; ++cut) {
    Dumps dumps = read(kThree.substr(0, cut));
    std::vector<std::string> whole(kThreeRead.begin(), kThreeRead.begin() + (cut < third ? 1 : 2));
    std::vector<std::string> found = describe(dumps);
    ASSERT_GE(found.size(), whole.size()) << cut;
    EXPECT_EQ(std::vector(found.begin(), found.begin() + whole.size()), whole) << cut;
    bool in_first_line = cut >= third - 1 && cut < third + 14;
    bool in_last_offset = cut + 6 > third && cut < third;  // a shorter "+0x2c" is one too
    if (cut + 5 >= kThree.size() || in_first_line || in_last_offset) continue;
    EXPECT_EQ(dumps.damaged, 1U) << cut << kThree.substr(0, cut);
  }
}

TEST(Reader, LosesNoMoreThanTheGoroutineWithWhichALogBegins) {
  Dumps dumps = read(kThree.substr(kThree.find("\t/a/m.go:12")));
  EXPECT_THAT(describe(dumps), ElementsAre(kThreeRead[2]));
  EXPECT_EQ(dumps.damaged, 1U);
}

TEST(Reader, PassesOverWholeLinesOfOthers) {
  for (std::size_t at = 0; (at = kThree.find('\n', at)) != std::string_view::npos; ++at) {
    std::string text(kThree);
    text.insert(at + 1, "2026/11/29 18:30:53 GET /a (12)\n");
    Dumps dumps = read(text);
    EXPECT_EQ(describe(dumps), kThreeRead) << at;
    EXPECT_EQ(dumps.damaged, 0U) << at;
  }
}

TEST(Reader, LosesNoMoreThanTheGoroutineIntoWhichAnotherWrites) {
  const std::size_t second = kThree.find("goroutine 18"), third = kThree.find("goroutine 19");
  for (std::size_t at = second + 1; at < third - 2; ++at) {
    if (kThree[at] == '\n' || kThree[at - 1] == '\n') continue;
    std::string text(kThree);
    text.insert(at, "2026/11/29 18:30:53 GET /a\n");
    Dumps dumps = read(text);
    std::vector<std::string> found = describe(dumps);
    EXPECT_THAT(found, testing::Contains(kThreeRead[0])) << at;
    EXPECT_THAT(found, testing::Contains(kThreeRead[2])) << at;
    EXPECT_EQ(found.size() + dumps.damaged, 3U) << at << text;
  }
}

TEST(Reader, KnowsWhenALineWasWritten) {
  auto time_of = [](std::string_view prefix) {
    return read(with_prefix(kThree, {std::string(prefix)})).dumps.at(0).time;
  };
  EXPECT_EQ(time_of("2026-11-29T18:30:53.25Z stderr F ").ns, 1'795'977'053'250'000'000);
  EXPECT_EQ(time_of("2026-11-29T20:30:53.25+02:00 ").ns, 1'795'977'053'250'000'000);
  EXPECT_EQ(time_of("Nov 29 18:30:53 h x[1]: ").scale, Time::Scale::kNoYear);
  EXPECT_EQ(time_of("shop | ").scale, Time::Scale::kUnknown);
}

}  // namespace
}  // namespace goshawk::dumps
