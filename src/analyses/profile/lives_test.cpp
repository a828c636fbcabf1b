// Texts of dumps, for which of them are of one process.
#include "analyses/profile/lives.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "dumps/reader.h"

namespace goshawk::analyses::profile {
namespace {

using ::testing::ElementsAre;

std::string goroutine(int goid, const char* state, const char* creator = "main.start") {
  return fmt::format(
      "goroutine {} [{}]:\nmain.work()\n\t/src/shop.go:12 +0x1d\ncreated by {}\n\t/src/shop.go:30 "
      "+0x1d\n\n",
      goid, state, creator);
}

const std::string kMain = "goroutine 1 [running]:\nmain.main()\n\t/src/shop.go:5 +0x1d\n\n";

dumps::Dumps read(const std::string& text) {
  dumps::Reader reader;
  reader.feed(text);
  return reader.finish();
}

// How many dumps each process has.
std::vector<std::size_t> lives_of(const std::string& text) {
  dumps::Dumps dumps = read(text);
  std::vector<std::size_t> numbers(dumps.dumps.size()), counts;
  std::iota(numbers.begin(), numbers.end(), 0);
  for (const Life& life : find_lives(dumps, numbers)) counts.push_back(life.dumps.size());
  return counts;
}

// With `prefix` before each line.
std::string prefixed(const std::string& prefix, const std::string& text) {
  std::string result = prefix;
  for (char c : text) result += c == '\n' ? "\n" + prefix : std::string(1, c);
  return result.substr(0, result.size() - prefix.size());
}

TEST(Lives, OneProcessHasAllDumpsThatDoNotContradictEachOther) {
  std::string dump = kMain + goroutine(18, "chan receive");
  EXPECT_THAT(lives_of(dump + dump + goroutine(19, "select") + "text\n" + dump), ElementsAre(3));
  EXPECT_THAT(lives_of(kMain + goroutine(18, "select (no cases)") + kMain +
                       goroutine(18, "select (no cases)")),
              ElementsAre(2));
}

TEST(Lives, WhatTheRuntimePrintsAtTheEndIsTheLast) {
  std::string dump = kMain + goroutine(18, "chan receive");
  for (const char* opening : {"SIGQUIT: quit\n\n", "panic: oops\n\n", "fatal error: all\n\n"})
    EXPECT_THAT(lives_of(opening + dump + "started\n" + dump), ElementsAre(1, 1)) << opening;
}

TEST(Lives, AGoidIsNeverUsedAgain) {
  EXPECT_THAT(
      lives_of(kMain + goroutine(18, "select") + kMain + goroutine(18, "select", "main.other")),
      ElementsAre(1, 1));
  EXPECT_THAT(lives_of(kMain + goroutine(90'000, "select") + kMain + goroutine(40, "select")),
              ElementsAre(1, 1));
  EXPECT_THAT(lives_of(kMain + goroutine(900, "select") + kMain + goroutine(40, "select")),
              ElementsAre(2));
}

TEST(Lives, TheRuntimesOwnAreNotInEachDump) {
  std::string dump = kMain + goroutine(90'000, "chan receive");
  EXPECT_THAT(lives_of(dump + "SIGQUIT: quit\n\n" + dump +
                       goroutine(2, "force gc (idle)", "runtime.init.7")),
              ElementsAre(2));
}

TEST(Lives, MainIsInOneFile) {
  std::string other = "goroutine 1 [select]:\nmain.main()\n\t/src/mail.go:5 +0x1d\n\n";
  EXPECT_THAT(lives_of(kMain + goroutine(18, "select") + other + goroutine(19, "select")),
              ElementsAre(1, 1));
}

TEST(Lives, WhatNeverEndsIsThereUntilItsProcessEnds) {
  for (const char* state :
       {"chan send (nil chan), 2 minutes", "select (no cases)", "chan receive (leaked)"}) {
    EXPECT_THAT(lives_of(kMain + goroutine(18, state) + kMain + goroutine(19, "select")),
                ElementsAre(1, 1))
        << state;
    EXPECT_THAT(lives_of(kMain + goroutine(18, state) + kMain + goroutine(18, "select")),
                ElementsAre(1, 1))
        << state;
  }
}

TEST(Lives, WhatIsCutProvesNothing) {
  std::string cut = kMain + "goroutine 19 [select]:\nmain.work()\n\ngoroutine 20 [select]:\n" +
                    "main.work()\n\t/src/shop.go:12 +0x1d\ncreated by main.start\n" +
                    "\t/src/shop.go:30 +0x1d\n\n";
  EXPECT_THAT(lives_of(kMain + goroutine(18, "select (no cases)") + cut), ElementsAre(2));
}

TEST(Lives, WritersToOneLogAreDifferentOnes) {
  std::string dump = kMain + goroutine(18, "chan receive");
  for (const char* form :
       {"[pod/db-{}/db] ", "web-{}  | ", "Nov 29 18:30:53 web1 shop[47{}]: ", "pid={} "}) {
    auto of = [&](int number) { return prefixed(fmt::format(fmt::runtime(form), number), dump); };
    EXPECT_THAT(lives_of(of(0) + of(1) + of(1) + of(0)), ElementsAre(2, 2)) << form;
  }
  EXPECT_THAT(lives_of(prefixed("2026-11-29T18:30:53.2Z stderr F ", dump) +
                       prefixed("2026-11-29T18:31:54.25Z stdout F ", dump)),
              ElementsAre(2));
}

}  // namespace
}  // namespace goshawk::analyses::profile
