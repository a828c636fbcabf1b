// What is told of dumps, as text: of each rule a case, and its like that is no leak.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyses/profile/groups_of_dump.h"
#include "analyses/profile/stack_verdict.h"
#include "dumps/reader.h"

namespace goshawk::analyses::profile {
namespace {

using findings::Confidence;
using findings::Finding;
using findings::Verdict;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// One goroutine of a dump; `stack`: innermost first.
struct Told {
  std::string state;
  std::vector<std::string> stack;
  std::string created_by = {};
  std::uint64_t creator = 1;
};

class DumpText {
 public:
  DumpText() { add({"select", {"main.main"}}, 1); }

  DumpText& add(const Told& told, int times, std::uint64_t first_goid) {
    for (int i = 0; i < times; ++i) {
      text_ += fmt::format("goroutine {} [{}]:\n", first_goid + static_cast<std::uint64_t>(i),
                           told.state);
      for (const std::string& function : told.stack)
        text_ += fmt::format("{}(0x1)\n\t/src/{}.go:12 +0x1d\n", function, function);
      if (!told.created_by.empty())
        text_ += fmt::format("created by {} in goroutine {}\n\t/src/c.go:3 +0x1\n", told.created_by,
                             told.creator);
      text_ += "\n";
    }
    return *this;
  }
  DumpText& add(const Told& told, int times) {
    std::uint64_t first = next_;
    next_ += 1000;
    return add(told, times, first);
  }

  StackGroups groups() const {
    dumps::Reader reader;
    reader.feed(text_);
    dumps::Dumps dumps = reader.finish();
    EXPECT_EQ(dumps.dumps.size(), 1U);
    return group_goroutines(dumps, dumps.dumps.at(0));
  }
  Verdict judge() const { return judge_stacks(groups(), {.noun = "dump"}, {}); }

 private:
  std::string text_;
  std::uint64_t next_ = 1;
};

void expect_nothing(const DumpText& dump) { EXPECT_THAT(dump.judge().findings, IsEmpty()); }

Finding only(const DumpText& dump) {
  Verdict verdict = dump.judge();
  EXPECT_THAT(verdict.findings, SizeIs(1));
  const findings::Checked& checked = verdict.checked;
  EXPECT_EQ(checked.goroutines, checked.alive + checked.leaked + checked.likely + checked.parked +
                                    checked.suppressed + checked.unknown);
  return verdict.findings.empty() ? Finding{} : verdict.findings[0];
}

TEST(StackRules, ProveOnlyWhatGoItselfSays) {
  Finding leaked = only(DumpText().add({"chan receive (leaked)", {"main.f"}, "main.g"}, 2));
  EXPECT_EQ(leaked.confidence, Confidence::kProven);
  EXPECT_EQ(leaked.rule, "goroutine/blocked-receive");
  EXPECT_THAT(leaked.evidence, Contains(HasSubstr("Go's runtime itself says")));
  Finding nil = only(DumpText().add({"chan send (nil chan)", {"main.f"}, "main.g"}, 1));
  EXPECT_EQ(nil.rule, "goroutine/nil-channel");
  EXPECT_EQ(nil.confidence, Confidence::kProven);
  Finding empty = only(DumpText().add({"select (no cases)", {"main.f"}, "main.g"}, 2));
  EXPECT_EQ(empty.rule, "goroutine/empty-select");
}

TEST(StackRules, LeaveMainWhereItWaitsForTheEnd) {
  DumpText dump;
  dump.add({"select (no cases)", {"main.f"}, "main.main"}, 1);
  EXPECT_THAT(dump.judge().findings, IsEmpty());
  EXPECT_THAT(dump.judge().parked, SizeIs(1));
}

TEST(StackRules, TellManyAlikeThatWaitForLong) {
  Told receiver{"chan receive, 31 minutes", {"main.work"}, "main.start"};
  expect_nothing(DumpText().add(receiver, 99));
  Finding many = only(DumpText().add(receiver, 100));
  EXPECT_EQ(many.rule, "goroutine/blocked-receive");
  EXPECT_EQ(many.confidence, Confidence::kSuspected);
  EXPECT_EQ(many.count, 100U);
  EXPECT_EQ(many.longest_wait_ns, 31 * 60'000'000'000);
  EXPECT_THAT(many.evidence, Contains(HasSubstr("all of them for 31 minutes or more")));
  EXPECT_THAT(many.evidence, Contains(HasSubstr("`goshawk PID`")));
  receiver.state = "chan receive, 12 minutes";  // Go may have counted three too many
  expect_nothing(DumpText().add(receiver, 500));
}

TEST(StackRules, KnowNothingOfWaitsThatTheyHaveNeverHeardOf) {
  DumpText dump;
  dump.add({"coroutine, 90 minutes", {"main.next"}, "main.each"}, 3);
  dump.add({"some new state", {"main.work"}, "main.start"}, 4);
  dump.add({"GC assist wait", {"main.work"}, "main.start"}, 5);
  Verdict verdict = dump.judge();
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_EQ(verdict.checked
                .unknown_reasons["neither their state nor their stack says what they wait for"],
            7U);
  EXPECT_EQ(verdict.checked.alive, 5U);
}

TEST(StackRules, AskForMoreWhereNoWaitIsTold) {
  Told receiver{"chan receive", {"main.work"}, "main.start"};
  expect_nothing(DumpText().add(receiver, 999));
  EXPECT_EQ(only(DumpText().add(receiver, 1000)).count, 1000U);
}

TEST(StackRules, AskForFewerWhoseCreatorsHaveEnded) {
  Told receiver{"select, 31 minutes", {"main.work"}, "main.(*shop).serve", 777};
  expect_nothing(DumpText().add(receiver, 9));
  Finding lost = only(DumpText().add(receiver, 10));
  EXPECT_THAT(lost.evidence, Contains("the goroutines that started them have ended"));
}

TEST(StackRules, TellResultsWhoseReaderHasGone) {
  Told sender{"chan send, 20 minutes", {"main.query.func1"}, "main.query", 777};
  Finding found = only(DumpText().add(sender, 10));
  EXPECT_EQ(found.rule, "goroutine/abandoned-result");
  EXPECT_EQ(found.confidence, Confidence::kSuspected);
  sender.creator = 1;
  EXPECT_EQ(only(DumpText().add(sender, 10)).confidence, Confidence::kSuspected);
  sender = {"chan send", {"main.search"}, "main.query", 777};
  EXPECT_EQ(only(DumpText().add(sender, 100)).rule, "goroutine/abandoned-result");
  EXPECT_EQ(only(DumpText().add(sender, 100)).confidence, Confidence::kSuspected);
  expect_nothing(DumpText().add(sender, 99));
}

TEST(StackRules, TellResponsesThatNobodyCloses) {
  DumpText dump;
  dump.add({"select, 40 minutes",
            {"net/http.(*persistConn).readLoop"},
            "net/http.(*Transport).dialConn",
            777},
           5);
  dump.add({"select, 40 minutes",
            {"net/http.(*persistConn).writeLoop"},
            "net/http.(*Transport).dialConn",
            777},
           5);
  Finding found = only(dump);
  EXPECT_EQ(found.title, "HTTP response whose body is never closed");
  EXPECT_EQ(found.rule, "goroutine/blocked-select");
  EXPECT_THAT(found.advice, HasSubstr("close the Body"));
}

TEST(StackRules, KnowIdleConnections) {
  Told idle{"IO wait, 90 minutes",
            {"internal/poll.runtime_pollWait", "net.(*conn).Read", "net/http.(*persistConn).Read",
             "bufio.(*Reader).fill", "bufio.(*Reader).Peek", "net/http.(*persistConn).readLoop"},
            "net/http.(*Transport).dialConn"};
  expect_nothing(DumpText().add(idle, 99));
  EXPECT_THAT(DumpText().add(idle, 99).judge().background, SizeIs(1));
  EXPECT_EQ(only(DumpText().add(idle, 100)).title, "Very many idle connections of HTTP clients");
}

TEST(StackRules, TellWhoMayBeInsideOfALock) {
  DumpText dump;
  dump.add({"sync.Mutex.Lock, 30 minutes",
            {"internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "main.(*Store).Put",
             "main.handle"},
            "main.serve",
            777},
           20);
  dump.add({"chan send, 31 minutes",
            {"main.(*Store).notify", "main.(*Store).Put", "main.handle"},
            "main.serve",
            777},
           1, 5001);
  Finding found = only(dump);
  EXPECT_EQ(found.rule, "goroutine/mutex");
  EXPECT_EQ(found.blocked_at.function, "main.(*Store).Put");
  EXPECT_EQ(found.confidence, Confidence::kSuspected);
  EXPECT_THAT(found.evidence,
              Contains(HasSubstr("past the lock in main.(*Store).Put, goroutine 5001 is in "
                                 "main.(*Store).notify (chan send, 31 minutes)")));
}

// In "mu.Lock(); <-done; mu.Unlock()" on one line, whoever receives has locked.
TEST(StackRules, TellWhoIsInsideOfALockOnOneLine) {
  DumpText dump;
  dump.add({"sync.Mutex.Lock, 30 minutes", {"sync.(*Mutex).Lock", "main.use"}, "main.serve"}, 4);
  dump.add({"chan receive, 31 minutes", {"main.use"}, "main.serve"}, 1, 5001);
  EXPECT_THAT(only(dump).evidence,
              Contains(HasSubstr("past the lock in main.use, goroutine 5001 is in main.use")));
}

TEST(StackRules, LeaveOutWhatTheCompilerHasMade) {
  DumpText plain, wrapped;
  plain.add({"chan send (nil chan)", {"main.work"}, "main.serve"}, 3);
  wrapped.add(
      {"chan send (nil chan)",
       {"runtime.gopark", "runtime.chansend", "main.work", "main.serve.gowrap1", "runtime.goexit"},
       "main.serve"},
      3);
  EXPECT_EQ(only(plain).fingerprint, only(wrapped).fingerprint);
}

TEST(StackRules, TellWhoMayHaveLockedTwice) {
  DumpText dump;
  dump.add({"semacquire, 30 minutes",
            {"sync.runtime_SemacquireMutex", "sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock",
             "main.(*Store).Get", "main.(*Store).Put"},
            "main.serve"},
           1);
  Finding found = only(dump);
  EXPECT_EQ(found.confidence, Confidence::kSuspected);
  EXPECT_THAT(found.evidence, Contains(HasSubstr("by way of another method")));
}

TEST(StackRules, TellTheOldWordsForLocksApart) {
  auto rule_of = [](const std::string& function) {
    return only(DumpText().add({"semacquire, 30 minutes",
                                {"sync.runtime_Semacquire", function, "main.f"},
                                "main.serve",
                                777},
                               10))
        .rule;
  };
  EXPECT_EQ(rule_of("sync.(*WaitGroup).Wait"), "goroutine/waitgroup");
  EXPECT_EQ(rule_of("sync.(*RWMutex).RLock"), "goroutine/rwmutex");
  EXPECT_EQ(rule_of("sync.(*Mutex).Lock"), "goroutine/mutex");
}

TEST(StackRules, KnowContextsAndTickersByName) {
  Finding context = only(DumpText().add({"select, 40 minutes",
                                         {"context.(*cancelCtx).propagateCancel.func2"},
                                         "context.(*cancelCtx).propagateCancel",
                                         777},
                                        4));
  EXPECT_EQ(context.rule, "goroutine/lost-cancel");
  DumpText dump;
  dump.add({"IO wait, 5 minutes", {"main.accept"}, "main.main"}, 1);  // times are told
  dump.add({"select", {"main.(*cache).tickLoop"}, "main.newCache"}, 10);
  Finding ticker = only(dump);
  EXPECT_EQ(ticker.rule, "goroutine/runaway");
  EXPECT_THAT(ticker.evidence, Contains(HasSubstr("wakes them again and again")));
}

TEST(StackRules, HeedSuppressions) {
  auto file = findings::parse_suppressions(
      "[[suppress]]\nreason = \"r\"\ntop = \"main.work\"\n[[suppress]]\nreason = \"r\"\ntop = "
      "\"main.nobody\"\n",
      "f");
  ASSERT_TRUE(file);
  DumpText dump;
  dump.add({"chan receive, 31 minutes", {"main.work"}, "main.start"}, 100);
  Verdict verdict = judge_stacks(dump.groups(), {.noun = "dump"}, file->entries);
  EXPECT_THAT(verdict.findings, IsEmpty());
  ASSERT_THAT(verdict.suppressed, SizeIs(1));
  EXPECT_EQ(verdict.checked.suppressed, 100U);
  EXPECT_THAT(verdict.suppressions.unused, SizeIs(1));
}

TEST(StackRules, TellWhatGrowsFromDumpToDump) {
  SiteGrowth growth;
  DumpText last;
  for (int count : {4, 9, 15}) {
    DumpText dump;
    dump.add({"IO wait", {"main.read"}, "main.accept"}, count);
    dump.add({"chan receive", {"main.worker"}, "main.newPool"}, 8);
    growth.add(count, dump.groups());
    last = dump;
  }
  StackGroups groups = last.groups();
  Verdict verdict = judge_stacks(groups, {.noun = "dump", .growth = &growth}, {});
  ASSERT_THAT(verdict.findings, SizeIs(1));
  EXPECT_EQ(verdict.findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(verdict.findings[0].rule, "goroutine/io-wait");
  EXPECT_EQ(verdict.findings[0].growth->samples.size(), 3U);
  EXPECT_EQ(verdict.findings[0].growth->came, 11U);
  EXPECT_EQ(verdict.pictures.size(), 3U);
}

TEST(StackRules, DoNotTakeComingAndGoingForGrowth) {
  SiteGrowth growth;
  DumpText last;
  for (std::uint64_t round : {1, 2, 3}) {
    DumpText dump;
    dump.add({"IO wait", {"main.read"}, "main.accept"}, static_cast<int>(10 * round),
             10'000 * round);
    growth.add(static_cast<double>(round), dump.groups());
    last = dump;
  }
  EXPECT_THAT(judge_stacks(last.groups(), {.noun = "dump", .growth = &growth}, {}).findings,
              IsEmpty());
}

}  // namespace
}  // namespace goshawk::analyses::profile
