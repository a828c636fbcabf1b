// Grouping, counting and naming on pictures drawn by hand.
#include "analyses/goroutines/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyses/goroutines/picture_for_tests.h"
#include "analyses/goroutines/sites.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::WaitKind;
using testing::ElementsAre;
using testing::HasSubstr;

// Gives a goroutine one frame of its own and a creator.
void place(snapshot::Snapshot& picture, snapshot::Goroutine& goroutine, const std::string& function,
           std::uint32_t line, const std::string& creator) {
  auto frame = [&](const std::string& name, std::uint32_t at) {
    snapshot::Frame made;
    made.function = picture.strings.intern(name);
    made.file = picture.strings.intern("main.go");
    made.line = at;
    return picture.stacks.add_frame(made);
  };
  std::vector<snapshot::FrameId> frames{frame("runtime.gopark", 1), frame(function, line)};
  goroutine.stack = picture.stacks.intern(frames);
  goroutine.started_at = frame(function, 1);
  goroutine.created_by = frame(creator, 99);
  goroutine.wait_reason = picture.strings.intern("chan receive");
}

TEST(Leaks, SameSitesAreOneGroupAndTheSumIsWhatWasSeen) {
  DrawnPicture drawn;
  for (std::uint64_t goid : {5, 6, 7})
    place(drawn.picture(), drawn.waits(goid, std::string(1, static_cast<char>('A' + goid)), ""),
          "main.work", 12, "main.main");
  place(drawn.picture(), drawn.waits(8, "Z", ""), "main.work", 13, "main.main");
  drawn.runs(9, "");
  drawn.waits(10, "Y", "").parked = false;
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 2u);
  EXPECT_EQ(verdict.findings[0].count, 3u);
  EXPECT_THAT(verdict.findings[0].goids, ElementsAre(5, 6, 7));
  EXPECT_EQ(verdict.findings[0].rule, "goroutine/blocked-receive");
  EXPECT_EQ(verdict.findings[0].blocked_at.function, "main.work");
  EXPECT_EQ(verdict.findings[0].blocked_at.line, 12u);
  EXPECT_EQ(verdict.findings[0].cost.stack_bytes, 3u * 2048);
  EXPECT_EQ(verdict.findings[1].count, 1u);
  const findings::Checked& checked = verdict.checked;
  EXPECT_EQ(checked.goroutines, 6u);
  EXPECT_EQ(checked.leaked, 4u);
  EXPECT_EQ(checked.alive, 1u);
  EXPECT_EQ(checked.unknown, 1u);
  EXPECT_EQ(checked.unknown_reasons.at("it was not parked for certain"), 1u);
}

TEST(Leaks, TheDearestComesFirstWithWhatItHoldsOfTheHeap) {
  DrawnPicture drawn;
  for (std::uint64_t goid : {5, 6})
    place(drawn.picture(), drawn.waits(goid, "A", "S"), "main.many", 12, "main.main");
  place(drawn.picture(), drawn.waits(8, "B", "BCS"), "main.one", 13, "main.main");
  drawn.picture().goroutines[2].stack_bytes = 4096;
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 2u);
  EXPECT_EQ(verdict.findings[0].blocked_at.function, "main.one");
  EXPECT_EQ(verdict.findings[0].cost.retained_bytes, 2u * 16);
  EXPECT_EQ(verdict.findings[1].cost.retained_bytes, 0u);
  EXPECT_EQ(verdict.shared_retained_bytes, 16u);
}

TEST(Leaks, MainThatWaitsForEverIsParkedNotLeaked) {
  DrawnPicture drawn;
  place(drawn.picture(), drawn.waits(1, "A", ""), "main.main", 3, "runtime.main");
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  EXPECT_TRUE(verdict.findings.empty());
  EXPECT_EQ(verdict.checked.parked, 1u);
  ASSERT_EQ(verdict.parked.size(), 1u);
  EXPECT_FALSE(verdict.parked[0].cost.retained_bytes.has_value());
}

TEST(Leaks, ASendOfACreatorsLiteralNobodyElseWaitsForIsAnAbandonedResult) {
  DrawnPicture drawn;
  snapshot::Goroutine& lone = drawn.waits(4, "A", "", WaitKind::kChanSend);
  place(drawn.picture(), lone, "main.handle.func1", 7, "main.handle");
  for (std::uint64_t goid : {5, 6})
    place(drawn.picture(), drawn.waits(goid, "B", "", WaitKind::kChanSend), "main.handle.func2", 9,
          "main.handle");
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 2u);
  EXPECT_EQ(verdict.findings[0].rule, "goroutine/blocked-send");
  EXPECT_EQ(verdict.findings[1].rule, "goroutine/abandoned-result");
  EXPECT_THAT(verdict.findings[1].advice, HasSubstr("main.handle"));
}

TEST(Leaks, TheWaitIsToldInWords) {
  DrawnPicture drawn;
  snapshot::Goroutine& goroutine = drawn.waits(4, "A", "", WaitKind::kWaitGroupWait);
  place(drawn.picture(), goroutine, "main.all", 7, "main.main");
  drawn.picture().waits[0].operation = snapshot::WaitOperation::kSemaphore;
  drawn.picture().locks = {{.kind = snapshot::LockKind::kWaitGroup,
                            .known = true,
                            .address = Address(0x1000),
                            .object = 0,
                            .state = 2,
                            .more = 1}};
  drawn.picture().waits[0].lock = 0;
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].rule, "goroutine/waitgroup");
  EXPECT_THAT(verdict.findings[0].evidence[0], HasSubstr("counter stays at 2"));
}

TEST(Leaks, WhoElseHasTheChannelIsTold) {
  DrawnPicture drawn;
  place(drawn.picture(), drawn.waits(5, "A", "", WaitKind::kChanSend), "main.stage", 12,
        "main.main");
  place(drawn.picture(), drawn.waits(6, "B", "C"), "main.collect", 20, "main.main");
  place(drawn.picture(), drawn.waits(7, "D", "E"), "main.other", 30, "main.main");
  drawn.points('C', 'A');  // a closure that has the channel
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 3U);
  for (const findings::Finding& finding : verdict.findings) {
    bool is_told = std::ranges::any_of(finding.evidence, [](const std::string& sentence) {
      return sentence ==
             "1 other leaked goroutine has the channel too: it waits in main.collect (main.go:20)";
    });
    EXPECT_EQ(is_told, finding.goids[0] == 5) << finding.goids[0];
  }
}

TEST(Leaks, TheContextsThatOneWasMadeFromAreTold) {
  DrawnPicture drawn;
  snapshot::Snapshot& picture = drawn.picture();
  place(picture, drawn.waits(5, "D", "C"), "main.work", 12, "main.main");
  picture.waits[0].is_context_done = true;
  auto id = [](char letter) { return static_cast<snapshot::ObjectId>(letter - 'A'); };
  picture.contexts = {{.object = id('C'), .done = id('D'), .parent = id('P')}, {.object = id('P')}};
  picture.contexts[0].type = picture.strings.intern("context.cancelCtx");
  picture.contexts[1].type = picture.strings.intern("context.timerCtx");
  drawn.points('C', 'P').points('C', 'D');
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  EXPECT_THAT(verdict.findings.at(0).rule, "goroutine/lost-cancel");
  EXPECT_THAT(
      verdict.findings[0].evidence,
      testing::Contains("the context is a context.cancelCtx, made from a context.timerCtx"));
}

// Nobody can close a ticker's channel.
TEST(Leaks, AWaitForATickerIsNotToldToCloseItsChannel) {
  DrawnPicture drawn;
  place(drawn.picture(), drawn.waits(5, "A", ""), "main.work", 12, "main.main");
  drawn.picture().waits[0].element_type = drawn.picture().strings.intern("time.Time");
  drawn.picture().waits[0].capacity = 1;
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  EXPECT_THAT(verdict.findings.at(0).advice, HasSubstr("stopping a timer or ticker ends nobody"));
}

TEST(Leaks, AContextThatIsGoneIsToldByThoseThatWaitBesideIt) {
  DrawnPicture drawn;
  for (std::uint64_t goid : {4, 5})
    place(drawn.picture(), drawn.waits(goid, std::string(1, static_cast<char>('A' + goid)), ""),
          "main.watch", 7, "main.main");
  drawn.picture().waits[1].is_context_done = true;
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].rule, "goroutine/lost-cancel");
  EXPECT_THAT(verdict.findings[0].goids, ElementsAre(4, 5));
  EXPECT_THAT(verdict.findings[0].evidence[0],
              HasSubstr("each waits to receive from the Done channel of a context"));
}

TEST(Leaks, AChannelOfStructsMayBeAContexts) {
  DrawnPicture drawn;
  place(drawn.picture(), drawn.waits(4, "A", ""), "main.watch", 7, "main.main");
  drawn.picture().waits[0].element_type = drawn.picture().strings.intern("struct {}");
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  EXPECT_EQ(verdict.findings.at(0).rule, "goroutine/blocked-receive");
  EXPECT_THAT(verdict.findings.at(0).advice, HasSubstr("call its cancel function"));
}

// Two instances of a generic function at one line.
TEST(Leaks, InstancesAreGroupsOfTheirOwn) {
  DrawnPicture drawn;
  for (std::uint64_t goid : {4, 5}) {
    snapshot::Goroutine& goroutine =
        drawn.waits(goid, std::string(1, static_cast<char>('A' + goid)), "");
    place(drawn.picture(), goroutine, "main.get[...]", 7, "main.main");
    snapshot::Frame frame =
        drawn.picture().stacks.frame(drawn.picture().stacks[goroutine.stack][1]);
    frame.symbol = drawn.picture().strings.intern(goid == 4 ? "main.get[int]" : "main.get[string]");
    std::vector<snapshot::FrameId> frames{drawn.picture().stacks.add_frame(frame)};
    goroutine.stack = drawn.picture().stacks.intern(frames);
  }
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 2u);
  EXPECT_NE(verdict.findings[0].fingerprint, verdict.findings[1].fingerprint);
}

TEST(Leaks, WhatMembersDoNotShareIsNotSaid) {
  DrawnPicture drawn;
  for (std::uint64_t goid : {4, 5})
    place(drawn.picture(), drawn.waits(goid, std::string(1, static_cast<char>('A' + goid)), ""),
          "main.work", 7, "main.main");
  drawn.picture().waits[0].capacity = 3;
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  EXPECT_EQ(verdict.findings.at(0).evidence[0], "each waits to receive from a channel");
}

TEST(Leaks, AGoroutineOfALibraryIsToldByItsUsersMistake) {
  DrawnPicture drawn;
  place(drawn.picture(), drawn.waits(4, "A", ""), "net/http.(*persistConn).readLoop", 7,
        "net/http.(*Transport).dialConn");
  findings::Finding finding = find_leaks(Judgement(drawn.draw())).findings.at(0);
  EXPECT_THAT(finding.advice, HasSubstr("Body of every response"));
  EXPECT_EQ(finding.title, "HTTP response whose body is never closed");
}

// It waits for the end of its request's context, which closing the body brings.
TEST(Leaks, AConnectionOfAnHTTPClientHasLostNoCancel) {
  for (bool is_connection : {true, false}) {
    DrawnPicture drawn;
    place(drawn.picture(), drawn.waits(4, "A", ""), "net/http.(*persistConn).readLoop", 7,
          is_connection ? "net/http.(*Transport).dialConn" : "main.watch");
    drawn.picture().waits[0].is_context_done = true;
    EXPECT_EQ(find_leaks(Judgement(drawn.draw())).findings.at(0).rule,
              is_connection ? "goroutine/blocked-receive" : "goroutine/lost-cancel");
  }
}

// Goroutines 5 and up wait on B, which a global holds; goroutine 3 is proven at the same place.
DrawnPicture held_by_global(std::uint64_t members) {
  DrawnPicture drawn;
  drawn.root('B');
  for (std::uint64_t goid = 5; goid < 5 + members; ++goid)
    place(drawn.picture(), drawn.waits(goid, "B", ""), "main.work", 12, "main.main");
  place(drawn.picture(), drawn.waits(3, "C", ""), "main.work", 12, "main.main");
  return drawn;
}

findings::Verdict judge_series(const std::vector<std::uint64_t>& members) {
  Sites sites;
  Series series;
  for (std::size_t i = 0; i + 1 < members.size(); ++i) {
    DrawnPicture drawn = held_by_global(members[i]);
    series.growth.add(static_cast<double>(i), sites.sight(drawn.picture()));
  }
  DrawnPicture last = held_by_global(members.back());
  series.last = sites.sight(last.picture());
  series.growth.add(static_cast<double>(members.size() - 1), series.last);
  return find_leaks(Judgement(last.draw()), nullptr, {}, &series);
}

TEST(Leaks, WhatIsReachableAndGrowsIsLikely) {
  findings::Verdict verdict = judge_series({2, 3, 6});
  ASSERT_EQ(verdict.findings.size(), 2u);
  EXPECT_EQ(verdict.findings[1].confidence, findings::Confidence::kProven);
  EXPECT_THAT(verdict.findings[1].goids, ElementsAre(3));
  ASSERT_TRUE(verdict.findings[1].growth);
  EXPECT_EQ(verdict.findings[1].growth->stayed, 1u);
  const findings::Finding& growing = verdict.findings[0];
  EXPECT_EQ(growing.confidence, findings::Confidence::kLikely);
  EXPECT_EQ(growing.rule, "goroutine/blocked-receive");
  EXPECT_EQ(growing.count, 6u);
  ASSERT_TRUE(growing.growth);
  EXPECT_EQ(growing.growth->samples.front().count, 2u);
  EXPECT_EQ(growing.growth->came, 4u);
  EXPECT_THAT(growing.evidence, testing::Contains(HasSubstr("in each of 2 intervals")));
  EXPECT_EQ(verdict.checked.likely, 6u);
  EXPECT_EQ(verdict.checked.leaked, 1u);
  EXPECT_EQ(verdict.checked.alive, 0u);
}

TEST(Leaks, TwoPicturesMakeItSuspectedAndAliveStill) {
  findings::Verdict verdict = judge_series({2, 6});
  ASSERT_EQ(verdict.findings.size(), 2u);
  EXPECT_EQ(verdict.findings[1].confidence, findings::Confidence::kSuspected);
  EXPECT_EQ(verdict.checked.likely, 0u);
  EXPECT_EQ(verdict.checked.alive, 6u);
}

TEST(Leaks, WhatRestsIsNotToldByItsNumber) {
  findings::Verdict verdict = judge_series({6, 6, 6});
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].confidence, findings::Confidence::kProven);
  EXPECT_EQ(verdict.checked.alive, 6u);
}

// The process has ended before its heap could be read.
TEST(Leaks, WithoutTheHeapGrowthStillTellsAndProvesNothing) {
  Sites sites;
  Series series;
  for (std::uint64_t members : {2, 3, 6}) {
    DrawnPicture drawn = held_by_global(members);
    series.last = sites.sight(drawn.picture());
    series.growth.add(static_cast<double>(members), series.last);
  }
  DrawnPicture last = held_by_global(6);
  findings::Verdict verdict = find_leaks(Judgement(last.picture()), nullptr, {}, &series);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].confidence, findings::Confidence::kLikely);
  EXPECT_EQ(verdict.checked.likely + verdict.checked.unknown, 7u);
  EXPECT_EQ(verdict.checked.alive, 0u);
}

TEST(Leaks, LoopsAndNetworkWaitsThatGrowHaveRulesOfTheirOwn) {
  Sites sites;
  Series series;
  DrawnPicture last;
  for (std::uint64_t members : {1, 2, 3}) {
    DrawnPicture drawn;
    for (std::uint64_t goid = 10; goid < 10 + members; ++goid) {
      place(drawn.picture(), drawn.runs(goid, ""), "main.poll",
            static_cast<std::uint32_t>(20 + goid), "main.main");
      place(drawn.picture(), drawn.waits(goid + 10, "", "", WaitKind::kIo), "main.read", 8,
            "main.main");
      place(drawn.picture(), drawn.waits(goid + 20, "", "", WaitKind::kSleep), "main.nap", 9,
            "main.main");
    }
    series.last = sites.sight(drawn.picture());
    series.growth.add(static_cast<double>(members), series.last);
    last = std::move(drawn);
  }
  findings::Verdict verdict = find_leaks(Judgement(last.draw()), nullptr, {}, &series);
  std::vector<std::string> rules;
  for (const findings::Finding& finding : verdict.findings) {
    rules.push_back(finding.rule);
    EXPECT_EQ(finding.confidence, findings::Confidence::kLikely);
    EXPECT_EQ(finding.count, 3u);
  }
  EXPECT_THAT(rules, testing::UnorderedElementsAre("goroutine/runaway", "goroutine/io-wait",
                                                   "goroutine/runaway"));
}

// Three pictures of readers at one place, each time one more: every second one has this deadline.
findings::Verdict judge_readers(snapshot::Deadline deadline) {
  Sites sites;
  Series series;
  DrawnPicture last;
  for (std::uint64_t members : {2, 4, 6}) {
    DrawnPicture drawn;
    for (std::uint64_t goid = 10; goid < 10 + members; ++goid) {
      place(drawn.picture(), drawn.waits(goid, "", "", WaitKind::kIo), "main.read", 8, "main.main");
      drawn.picture().io_waits.push_back(
          {.goid = goid,
           .poll_desc = {},
           .deadline = goid % 2 == 0 ? deadline : snapshot::Deadline::kUnset,
           .protocol = drawn.picture().strings.intern("tcp"),
           .remote = drawn.picture().strings.intern("10.0.0.5:443")});
    }
    series.last = sites.sight(drawn.picture());
    series.growth.add(static_cast<double>(members), series.last);
    last = std::move(drawn);
  }
  return find_leaks(Judgement(last.draw()), nullptr, {}, &series);
}

TEST(Leaks, AWaitThatItsDeadlineEndsIsAliveHoweverManyThereAre) {
  for (auto deadline : {snapshot::Deadline::kAhead, snapshot::Deadline::kPassed}) {
    findings::Verdict verdict = judge_readers(deadline);
    ASSERT_EQ(verdict.findings.size(), 1u);
    EXPECT_EQ(verdict.findings[0].confidence, findings::Confidence::kLikely);
    EXPECT_THAT(verdict.findings[0].goids, ElementsAre(11, 13, 15));
    EXPECT_EQ(verdict.checked.alive, 3u);
  }
  EXPECT_EQ(judge_readers(snapshot::Deadline::kUnset).findings.at(0).count, 6u);
}

TEST(Leaks, NetworkWaitsSayWhomTheyAreForAndHowManyHaveNoDeadline) {
  findings::Verdict verdict = judge_readers(snapshot::Deadline::kUnset);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].evidence.back(),
            "waits for tcp 10.0.0.5:443 (6); none has a deadline");
  ASSERT_TRUE(verdict.findings[0].network);
  EXPECT_EQ(verdict.findings[0].network->without_deadline, 6u);
  EXPECT_THAT(verdict.findings[0].network->ends,
              ElementsAre(testing::Pair("tcp 10.0.0.5:443", 6u)));
}

// Of the library's goroutine, waiting on A; reachable or not.
DrawnPicture with_background(std::uint64_t members, std::uint64_t creator) {
  DrawnPicture drawn;
  for (std::uint64_t goid = 10; goid < 10 + members; ++goid) {
    place(drawn.picture(), drawn.waits(goid, "A", "", WaitKind::kSelect),
          "database/sql.(*DB).connectionOpener", 8, "database/sql.OpenDB");
    drawn.picture().goroutines.back().creator_goid = creator;
  }
  return drawn;
}

TEST(Leaks, KnownBackgroundThatLivesIsToldWithItsReason) {
  DrawnPicture drawn = with_background(3, 7);
  drawn.root('A');
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  EXPECT_TRUE(verdict.findings.empty());
  EXPECT_EQ(verdict.checked.alive, 3u);
  ASSERT_EQ(verdict.background.size(), 1u);
  EXPECT_EQ(verdict.background[0].function, "database/sql.(*DB).connectionOpener");
  EXPECT_THAT(verdict.background[0].reason, HasSubstr("until that is closed"));
  EXPECT_THAT(verdict.background[0].goids, ElementsAre(10, 11, 12));
}

// One that main has started, once; else it is told as every leak.
TEST(Leaks, KnownBackgroundIsExcusedOnceAndNotWhereItAddsUp) {
  findings::Verdict one = find_leaks(Judgement(with_background(1, 1).draw()));
  EXPECT_TRUE(one.findings.empty());
  ASSERT_EQ(one.parked.size(), 1u);
  EXPECT_THAT(one.parked[0].evidence.back(), HasSubstr("until that is closed"));
  EXPECT_EQ(one.checked.parked, 1u);
  for (auto [members, creator] : {std::pair{2, 1}, std::pair{1, 7}, std::pair{1, 0}}) {
    DrawnPicture drawn =
        with_background(static_cast<std::uint64_t>(members), static_cast<std::uint64_t>(creator));
    findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
    ASSERT_EQ(verdict.findings.size(), 1u) << members << " " << creator;
    EXPECT_EQ(verdict.findings[0].confidence, findings::Confidence::kProven);
    EXPECT_TRUE(verdict.background.empty());
  }
}

findings::Suppression suppression(const std::string& any, std::uint32_t line) {
  findings::Suppression entry;
  entry.any = findings::FunctionPattern(any);
  entry.line = line;
  return entry;
}

// Two wait at one place, reached by two ways: 7 and 8 by main.left, 9 by main.right.
void two_ways(DrawnPicture& drawn) {
  for (std::uint64_t goid : {8, 9, 7}) {
    snapshot::Goroutine& goroutine =
        drawn.waits(goid, std::string(1, static_cast<char>('A' + goid)),
                    std::string(1, static_cast<char>('K' + goid)));
    place(drawn.picture(), goroutine, "main.wait", 12, "main.main");
    std::vector<snapshot::FrameId> frames;
    for (snapshot::FrameId frame : drawn.picture().stacks[goroutine.stack]) frames.push_back(frame);
    snapshot::Frame outer;
    outer.function = drawn.picture().strings.intern(goid == 9 ? "main.right" : "main.left");
    frames.push_back(drawn.picture().stacks.add_frame(outer));
    goroutine.stack = drawn.picture().stacks.intern(frames);
  }
}

TEST(Suppressed, GoroutinesOfOneGroupAreToldApartAndMeasuredEach) {
  DrawnPicture drawn;
  two_ways(drawn);
  drawn.points('R', 'X');  // 7 holds R, 8 holds S, 9 holds T
  std::vector<findings::Suppression> entries = {suppression("main.right", 4)};
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()), nullptr, entries);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_THAT(verdict.findings[0].goids, ElementsAre(7, 8));
  EXPECT_EQ(verdict.findings[0].stack.back().function, "main.left");
  EXPECT_EQ(verdict.findings[0].cost.stack_bytes, 2u * 2048);
  EXPECT_EQ(verdict.findings[0].cost.retained_bytes, 3u * 16);  // R, S and X
  ASSERT_EQ(verdict.suppressed.size(), 1u);
  EXPECT_EQ(verdict.suppressed[0].entry.line, 4u);
  EXPECT_EQ(verdict.suppressed[0].count(), 1u);
  const findings::Finding& apart = verdict.suppressed[0].findings.at(0);
  EXPECT_THAT(apart.goids, ElementsAre(9));
  EXPECT_EQ(apart.stack.back().function, "main.right");
  EXPECT_EQ(apart.cost.retained_bytes, 16u);  // T
  EXPECT_EQ(verdict.checked.leaked, 2u);
  EXPECT_EQ(verdict.checked.suppressed, 1u);
  EXPECT_EQ(verdict.checked.goroutines, 3u);
  EXPECT_TRUE(verdict.suppressions.unused.empty());
}

TEST(Suppressed, FingerprintsAreThoseOfTheWholeGroup) {
  DrawnPicture drawn;
  two_ways(drawn);
  snapshot::Snapshot& picture = drawn.draw();
  std::string whole = find_leaks(Judgement(picture)).findings.at(0).fingerprint;
  std::vector<findings::Suppression> entries = {suppression("main.left", 1)};
  findings::Verdict verdict = find_leaks(Judgement(picture), nullptr, entries);
  EXPECT_EQ(verdict.findings.at(0).fingerprint, whole);
  EXPECT_EQ(verdict.suppressed.at(0).findings.at(0).fingerprint, whole);
}

TEST(Suppressed, TheFirstEntryThatFitsTakesItAndOnlyTheOthersAreUnused) {
  DrawnPicture drawn;
  two_ways(drawn);
  std::vector<findings::Suppression> entries = {
      suppression("main.nobody", 1), suppression("main.wait", 2), suppression("main.left", 3)};
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()), nullptr, entries);
  EXPECT_TRUE(verdict.findings.empty());
  ASSERT_EQ(verdict.suppressed.size(), 1u);
  EXPECT_EQ(verdict.suppressed[0].entry.line, 2u);
  EXPECT_EQ(verdict.suppressed[0].count(), 3u);
  ASSERT_EQ(verdict.suppressions.unused.size(), 1u);
  EXPECT_EQ(verdict.suppressions.unused[0].line, 1u);
  EXPECT_EQ(verdict.checked.leaked, 0u);
  EXPECT_EQ(verdict.checked.suppressed, 3u);
}

TEST(Suppressed, TheRuleIsTheFinalOne) {
  DrawnPicture drawn;
  for (std::uint64_t goid : {4, 5})
    place(drawn.picture(), drawn.waits(goid, std::string(1, static_cast<char>('A' + goid)), ""),
          "main.watch", 7, "main.main");
  drawn.picture().waits[1].is_context_done = true;
  std::vector<findings::Suppression> entries(2);
  entries[0].rule = "goroutine/blocked-receive";
  entries[1].rule = "goroutine/lost-cancel";
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()), nullptr, entries);
  ASSERT_EQ(verdict.suppressed.size(), 1u);
  EXPECT_EQ(verdict.suppressed[0].entry.rule, "goroutine/lost-cancel");
  EXPECT_EQ(verdict.suppressed[0].count(), 2u);
}

TEST(Suppressed, WhatIsNoLeakIsNeverSuppressed) {
  DrawnPicture drawn;
  place(drawn.picture(), drawn.waits(1, "A", ""), "main.main", 3, "runtime.main");
  place(drawn.picture(), drawn.waits(5, "B", ""), "main.alive", 3, "main.main");
  drawn.root('B');
  std::vector<findings::Suppression> entries = {suppression("main.*", 1)};
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()), nullptr, entries);
  EXPECT_TRUE(verdict.suppressed.empty());
  EXPECT_EQ(verdict.suppressions.unused.size(), 1u);
  EXPECT_EQ(verdict.checked.parked, 1u);
  EXPECT_EQ(verdict.checked.alive, 1u);
  EXPECT_EQ(verdict.checked.suppressed, 0u);
}

TEST(Leaks, TheOldestSpeaksForItsGroup) {
  DrawnPicture drawn;
  two_ways(drawn);
  findings::Verdict verdict = find_leaks(Judgement(drawn.draw()));
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].stack.back().function, "main.left");  // of 7, which is listed last
  EXPECT_THAT(verdict.findings[0].goids, ElementsAre(7, 8, 9));
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
