#include "goruntime/facts/wait_reason.h"

#include <gtest/gtest.h>

#include <set>

#include "goruntime/facts/generated/wait_reason_texts.h"
#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime::facts {
namespace {

using snapshot::WaitKind;

constexpr Address kStrings{0x1000}, kTexts{0x8000};

GoVersion version(std::string_view text) { return parse_go_version(text).value(); }

// An array of string headers as the linker lays it out.
SyntheticMemory memory_with(const std::vector<std::string>& texts) {
  SyntheticMemory memory;
  memory.map(kStrings, texts.size() * 16);
  memory.map(kTexts, texts.size() * 64);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    memory.write_pointer(kStrings + i * 16, kTexts + i * 64);
    memory.write(kStrings + i * 16 + 8, texts[i].size());
    memory.write_text(kTexts + i * 64, texts[i]);
  }
  return memory;
}

Globals globals_with_strings() {
  Globals globals;
  globals.wait_reason_strings = GlobalVariable{kStrings, BoundBy::kShape};
  return globals;
}

TEST(WaitReasons, NumbersMoveBetweenReleases) {
  auto old = WaitReasons::of_release(version("go1.25.3")).value();
  auto recent = WaitReasons::of_release(version("go1.26.1")).value();
  EXPECT_EQ(old.text(14), "chan receive");
  EXPECT_EQ(recent.text(19), "chan receive");
  EXPECT_EQ(recent.kind(14), WaitKind::kSleep);
  EXPECT_EQ(old.kind(19), WaitKind::kSemacquire);
  EXPECT_EQ(recent.kind(15), WaitKind::kNilChanReceive);
  EXPECT_EQ(recent.kind(17), WaitKind::kSelectNoCases);
  EXPECT_EQ(recent.kind(42), WaitKind::kChanReceive);  // durable
}

TEST(WaitReasons, CountsOfAllReleases) {
  constexpr std::pair<const char*, std::size_t> kCounts[] = {
      {"go1.19.13", 27}, {"go1.20.14", 32}, {"go1.21.13", 32}, {"go1.22.12", 37}, {"go1.23.12", 38},
      {"go1.24.13", 44}, {"go1.25.14", 47}, {"go1.26.11", 47}, {"go1.27.4", 47}};
  for (auto [text, count] : kCounts) {
    auto reasons = WaitReasons::of_release(version(text));
    ASSERT_TRUE(reasons) << text;
    EXPECT_EQ(reasons->count(), count) << text;
    EXPECT_EQ(reasons->text(0), "");
    EXPECT_EQ(reasons->kind(0), WaitKind::kNotWaiting);
  }
}

// A new text in the table must be given a meaning here, not be taken for the runtime's by silence.
TEST(WaitReasons, EveryTextOfEveryReleaseIsJudged) {
  const std::set<std::string_view> runtimes = {"GC assist marking",
                                               "dumping heap",
                                               "garbage collection",
                                               "garbage collection scan",
                                               "panicwait",
                                               "GC assist wait",
                                               "GC sweep wait",
                                               "GC scavenge wait",
                                               "finalizer wait",
                                               "force gc (idle)",
                                               "GOMAXPROCS updater (idle)",
                                               "timer goroutine (idle)",
                                               "trace reader (blocked)",
                                               "wait for GC cycle",
                                               "GC worker (idle)",
                                               "GC worker (active)",
                                               "preempted",
                                               "debug call",
                                               "GC mark termination",
                                               "stopping the world",
                                               "flushing proc caches",
                                               "trace goroutine status",
                                               "trace proc status",
                                               "page trace flush",
                                               "GC weak to strong wait",
                                               "cleanup wait"};
  for (const auto& release : generated::kWaitReasonTexts) {
    GoVersion go;
    go.minor = release.minor;
    go.patch = release.patch;
    auto reasons = WaitReasons::of_release(go).value();
    for (std::size_t i = 0; i < reasons.count(); ++i) {
      auto number = static_cast<std::uint8_t>(i);
      EXPECT_EQ(reasons.kind(number) == WaitKind::kRuntime, runtimes.contains(reasons.text(number)))
          << release.minor << " " << reasons.text(number);
      EXPECT_NE(reasons.kind(number), WaitKind::kUnknown) << reasons.text(number);
    }
  }
}

TEST(WaitReasons, WorkOnG0IsToldFromWaiting) {
  auto reasons = WaitReasons::of_release(version("go1.27.4")).value();
  EXPECT_TRUE(reasons.is_running_on_g0(1));
  EXPECT_FALSE(reasons.is_running_on_g0(19));
  EXPECT_FALSE(reasons.is_running_on_g0(200));
}

TEST(WaitReasons, OutsideIsUnknown) {
  auto reasons = WaitReasons::of_release(version("go1.27.4")).value();
  EXPECT_EQ(reasons.kind(47), WaitKind::kUnknown);
  EXPECT_EQ(reasons.text(255), "unknown wait reason");
  EXPECT_FALSE(WaitReasons::of_release(version("go1.18")));
  EXPECT_FALSE(WaitReasons::of_release(version("devel go1.27-abc")));
}

TEST(WaitReasons, TheTargetsOwnOrderWins) {
  auto memory =
      memory_with({"", "GC assist marking", "chan send", "chan receive", "waiting for godot"});
  auto reasons = WaitReasons::bind(memory, globals_with_strings(), version("go1.99")).value();
  EXPECT_TRUE(reasons.of_target());
  EXPECT_EQ(reasons.count(), 5U);
  EXPECT_EQ(reasons.kind(2), WaitKind::kChanSend);
  EXPECT_EQ(reasons.kind(3), WaitKind::kChanReceive);
  EXPECT_EQ(reasons.kind(4), WaitKind::kUnknown);
}

TEST(WaitReasons, StopsAtWhatIsNoReason) {
  auto memory = memory_with({"", "GC assist marking", "select", "", "chan send"});
  EXPECT_EQ(read_wait_reason_texts(memory, kStrings).size(), 3U);
  memory.write(kStrings + 2 * 16 + 8, std::uint64_t{1} << 40);
  EXPECT_EQ(read_wait_reason_texts(memory, kStrings).size(), 2U);
}

TEST(WaitReasons, OtherStringsAreNotTaken) {
  auto memory = memory_with({"", "something else", "select"});
  EXPECT_TRUE(read_wait_reason_texts(memory, kStrings).empty());
  EXPECT_TRUE(read_wait_reason_texts(memory, Address(0x10)).empty());
  auto reasons = WaitReasons::bind(memory, globals_with_strings(), version("go1.27.4")).value();
  EXPECT_FALSE(reasons.of_target());
  EXPECT_EQ(reasons.text(19), "chan receive");
}

TEST(WaitReasons, NothingKnownIsMissing) {
  SyntheticMemory empty;
  EXPECT_FALSE(WaitReasons::bind(empty, Globals{}, version("go1.99")));
}

}  // namespace
}  // namespace goshawk::goruntime::facts
