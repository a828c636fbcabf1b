// Who is suspected, on crowds drawn by hand: each rule with what must keep it quiet.
#include "analyses/goroutines/suspicions.h"

#include <gtest/gtest.h>

#include <functional>

#include "analyses/goroutines/leaks.h"

namespace goshawk::analyses::goroutines {
namespace {

using findings::Confidence;
using snapshot::Goroutine;
using snapshot::ObjectId;
using snapshot::RootKind;
using snapshot::Wait;
using snapshot::WaitKind;
using snapshot::WaitOperation;

constexpr std::uint64_t kFirstGoid = 1000;
constexpr std::uint64_t kGoneCreator = 500, kLivingCreator = 7;
constexpr std::int64_t kHour = 3'600'000'000'000;

// Goroutines kFirstGoid and on wait on object 0 and on, one each. The object behind these is a
// global registry that refers to all of them, further ones are for the test.
class Crowd {
 public:
  explicit Crowd(ObjectId count) : count_(count), arrows_(count + kMore) {
    for (ObjectId i = 0; i < count; ++i) {
      arrows_[registry()].push_back(i);
      add(kFirstGoid + i, {i});
    }
    root(registry(), RootKind::kGlobal);
  }

  ObjectId registry() const { return count_; }
  ObjectId more(ObjectId number) const { return count_ + 1 + number; }
  void points(ObjectId from, ObjectId to) { arrows_[from].push_back(to); }
  void root(ObjectId object, RootKind kind) {
    picture_.roots.push_back({object, kind, Address(0x500000)});
  }
  // Before the crowd in the order of goids.
  void runs(std::uint64_t goid, std::vector<ObjectId> holds) {
    Goroutine goroutine;
    goroutine.goid = goid;
    goroutine.status = snapshot::Status::kRunning;
    picture_.goroutines.insert(picture_.goroutines.begin(), goroutine);
    holds_.insert(holds_.begin(), std::move(holds));
  }
  Crowd& each(const std::function<void(Goroutine&)>& change) {
    for (Goroutine& goroutine : picture_.goroutines)
      if (goroutine.goid >= kFirstGoid) change(goroutine);
    return *this;
  }
  Crowd& each_wait(const std::function<void(Wait&)>& change) {
    for (Wait& wait : picture_.waits) change(wait);
    return *this;
  }
  // All wait on this one too.
  void share(ObjectId object, snapshot::StringId element) {
    std::vector<Wait> waits;
    for (Goroutine& goroutine : picture_.goroutines) {
      if (goroutine.goid < kFirstGoid) continue;
      waits.push_back(picture_.waits[goroutine.first_wait]);
      waits.push_back(wait_on(object));
      waits.back().element_type = element;
      waits.back().operation = WaitOperation::kSelectReceive;
      goroutine.wait_kind = WaitKind::kSelect;
      goroutine.first_wait = static_cast<std::uint32_t>(waits.size() - 2);
      goroutine.wait_count = 2;
    }
    picture_.waits = std::move(waits);
  }
  snapshot::Snapshot& picture() { return picture_; }

  // {how many are suspected, and by which word}; 0: nobody is told at all.
  std::size_t suspected() {
    draw();
    Judgement judgement(picture_);
    findings::Verdict verdict = find_leaks(judgement);
    EXPECT_EQ(verdict.checked.alive, verdict.checked.goroutines);
    std::size_t count = 0;
    for (const findings::Finding& finding : verdict.findings) {
      EXPECT_EQ(finding.confidence, Confidence::kSuspected);
      EXPECT_NE(finding.rule, "goroutine/lost-cancel");
      count += finding.count;
    }
    return count;
  }

 private:
  static constexpr ObjectId kMore = 60;

  Wait wait_on(ObjectId object) const {
    return {.address = Address(0x100000 + 16 * object),
            .object = object,
            .place = snapshot::Place::kHeap,
            .linked = true,
            .capacity = 1};
  }

  void add(std::uint64_t goid, const std::vector<ObjectId>& on) {
    Goroutine goroutine;
    goroutine.goid = goid;
    goroutine.creator_goid = kGoneCreator;
    goroutine.status = snapshot::Status::kWaiting;
    goroutine.wait_kind = WaitKind::kChanReceive;
    goroutine.parked = goroutine.stack_complete = goroutine.waits_complete = true;
    goroutine.wait_ns = kHour;
    goroutine.stack_bytes = 2048;
    goroutine.first_wait = static_cast<std::uint32_t>(picture_.waits.size());
    goroutine.wait_count = static_cast<std::uint32_t>(on.size());
    for (ObjectId object : on) picture_.waits.push_back(wait_on(object));
    picture_.goroutines.push_back(goroutine);
    holds_.emplace_back(on);
  }

  void draw() {
    ObjectId objects = count_ + kMore;
    picture_.picture.has_references = true;
    picture_.objects = snapshot::Objects(
        {{.base = Address(0x100000), .element_size_bytes = 16, .slots = objects}});
    for (std::uint64_t& word : picture_.objects.allocated) word = ~std::uint64_t{0};
    snapshot::References& references = picture_.references;
    std::size_t edges = 0;
    for (const auto& row : arrows_) edges += row.size();
    references.rows = ReservedArray<std::uint32_t>(objects + 2);
    references.edges = ReservedArray<ObjectId>(edges + 1);
    std::uint32_t at = 0;
    for (ObjectId object = 0; object <= objects; ++object) {
      references.rows[object] = at;
      if (object < objects)
        for (ObjectId to : arrows_[object]) references.edges[at++] = to;
    }
    references.rows[objects + 1] = at;
    references.edge_count = at;
    picture_.goroutine_root_rows = {0};
    picture_.goroutine_roots.clear();
    for (const std::vector<ObjectId>& holds : holds_) {
      picture_.goroutine_roots.insert(picture_.goroutine_roots.end(), holds.begin(), holds.end());
      picture_.goroutine_root_rows.push_back(
          static_cast<std::uint32_t>(picture_.goroutine_roots.size()));
    }
  }

  ObjectId count_;
  snapshot::Snapshot picture_;
  std::vector<std::vector<ObjectId>> arrows_, holds_;
};

TEST(Suspicions, ManyOfASiteThatOnlyARegistryKeeps) {
  EXPECT_EQ(Crowd(kManyAtOneSite).suspected(), kManyAtOneSite);
  EXPECT_EQ(Crowd(kManyAtOneSite - 1).suspected(), 0U);
}

TEST(Suspicions, OnesThatHaveNotWaitedForLong) {
  auto shortly = [](Goroutine& goroutine) {
    goroutine.wait_ns = kLongWaitNs + kCountedTooLongNs - 1;
  };
  EXPECT_EQ(Crowd(kManyAtOneSite).each(shortly).suspected(), 0U);
}

TEST(Suspicions, WhereNoTimesAreKnownMoreAreNeeded) {
  auto untimed = [](Goroutine& goroutine) { goroutine.wait_ns = 0; };
  EXPECT_EQ(Crowd(kManyOfUnknownAge - 1).each(untimed).suspected(), 0U);
  EXPECT_EQ(Crowd(kManyOfUnknownAge).each(untimed).suspected(), kManyOfUnknownAge);
}

TEST(Suspicions, WorkersOfAPoolWaitOnOneQueue) {
  auto queue = [](Wait& wait) {
    wait.object = 3;
    wait.address = Address(0x100030);
  };
  EXPECT_EQ(Crowd(kManyAtOneSite).each_wait(queue).suspected(), 0U);
}

TEST(Suspicions, OneOfTheirOwnBesideASharedQueue) {
  Crowd crowd(kManyAtOneSite);
  crowd.root(crowd.more(0), RootKind::kGlobal);
  crowd.share(crowd.more(0), crowd.picture().strings.intern("*main.job"));
  EXPECT_EQ(crowd.suspected(), 0U);
}

TEST(Suspicions, ASharedSignalBesideItSaysNothing) {
  Crowd crowd(kManyAtOneSite);
  crowd.root(crowd.more(0), RootKind::kGlobal);
  crowd.runs(1, {crowd.more(0)});
  crowd.share(crowd.more(0), snapshot::kNone);
  crowd.each_wait([&](Wait& wait) {
    if (wait.object == crowd.more(0)) wait.is_context_done = true;
  });
  EXPECT_EQ(crowd.suspected(), kManyAtOneSite);
}

TEST(Suspicions, WhomMainHasStarted) {
  auto by_main = [](Goroutine& goroutine) { goroutine.creator_goid = kMainGoroutine; };
  EXPECT_EQ(Crowd(kManyAtOneSite).each(by_main).suspected(), 0U);
}

// A server lives, and starts one for each request; a supervisor has a way to end those it starts.
TEST(Suspicions, WhoseCreatorLives) {
  Crowd crowd(kManyAtOneSite);
  crowd.runs(kLivingCreator, {});
  crowd.each([](Goroutine& goroutine) { goroutine.creator_goid = kLivingCreator; });
  EXPECT_EQ(crowd.suspected(), kManyAtOneSite);
  crowd.each([](Goroutine& goroutine) { goroutine.wait_kind = WaitKind::kSelect; });
  EXPECT_EQ(crowd.suspected(), 0U);
}

TEST(Suspicions, WhoseCreatorIsNotRecorded) {
  auto older = [](Goroutine& goroutine) { goroutine.creator_goid = 0; };
  EXPECT_EQ(Crowd(kManyAtOneSite).each(older).suspected(), kManyAtOneSite);
  auto selects = [](Goroutine& goroutine) { goroutine.wait_kind = WaitKind::kSelect; };
  EXPECT_EQ(Crowd(kManyAtOneSite).each(older).each(selects).suspected(), 0U);
}

// A partner of each, which waits for the network, has the connection: like a client's writer.
TEST(Suspicions, WhoseThingIsAtHandOfAnother) {
  Crowd crowd(kManyAtOneSite);
  crowd.points(crowd.more(0), crowd.more(1));
  crowd.points(crowd.more(1), crowd.more(2));
  crowd.points(crowd.more(2), crowd.more(3));
  crowd.points(crowd.more(3), 5);
  crowd.runs(8, {crowd.more(0)});
  EXPECT_EQ(crowd.suspected(), 0U);  // one less than are needed
}

TEST(Suspicions, WhatIsFurtherAwayIsNotAtHand) {
  Crowd crowd(kManyAtOneSite);
  for (ObjectId i = 0; i < 4; ++i) crowd.points(crowd.more(i), crowd.more(i + 1));
  crowd.points(crowd.more(4), 5);
  crowd.runs(8, {crowd.more(0)});
  EXPECT_EQ(crowd.suspected(), kManyAtOneSite);
}

// Who has the registry has not each entry at hand.
TEST(Suspicions, ACollectionIsNotAtHand) {
  Crowd crowd(kManyAtOneSite);
  crowd.runs(8, {crowd.registry()});
  EXPECT_EQ(crowd.suspected(), kManyAtOneSite);
}

TEST(Suspicions, OneOfThemThatWillBeWokenMayWakeOthers) {
  Crowd crowd(kManyAtOneSite + 1);
  crowd.points(0, 1);  // the first one's stack leads to the second one's channel
  crowd.runs(8, {0});
  EXPECT_EQ(crowd.suspected(), 0U);
}

TEST(Suspicions, APendingTimerHasWhatItRefersToAtHand) {
  Crowd crowd(kManyAtOneSite);
  crowd.root(5, RootKind::kTimer);
  EXPECT_EQ(crowd.suspected(), 0U);
}

TEST(Suspicions, SendersToOneChannelForLong) {
  auto send = [](Wait& wait) {
    wait.object = 3;
    wait.address = Address(0x100030);
    wait.operation = WaitOperation::kSend;
  };
  auto sends = [](Goroutine& goroutine) { goroutine.wait_kind = WaitKind::kChanSend; };
  EXPECT_EQ(Crowd(kManyAtOneSite).each_wait(send).each(sends).suspected(), kManyAtOneSite);
  auto untimed = [](Goroutine& goroutine) { goroutine.wait_ns = 0; };
  EXPECT_EQ(Crowd(kManyOfUnknownAge).each_wait(send).each(sends).each(untimed).suspected(), 0U);
}

Crowd senders(ObjectId count) {
  Crowd crowd(count);
  crowd.each_wait([](Wait& wait) { wait.operation = WaitOperation::kSend; });
  crowd.each([](Goroutine& goroutine) { goroutine.wait_kind = WaitKind::kChanSend; });
  return crowd;
}

TEST(Suspicions, SendersWhoseParentHasReturned) {
  EXPECT_EQ(senders(kManyWithoutParent).suspected(), kManyWithoutParent);
  EXPECT_EQ(senders(kManyWithoutParent - 1).suspected(), 0U);
  EXPECT_EQ(Crowd(kManyWithoutParent).suspected(), 0U);  // who receive
  auto untimed = [](Goroutine& goroutine) { goroutine.wait_ns = 0; };
  EXPECT_EQ(senders(kManyWithoutParentOfUnknownAge).each(untimed).suspected(),
            kManyWithoutParentOfUnknownAge);
  EXPECT_EQ(senders(kManyWithoutParentOfUnknownAge - 1).each(untimed).suspected(), 0U);
}

TEST(Suspicions, SendersWhoseParentLivesOrIsNotRecorded) {
  Crowd crowd = senders(kManyWithoutParent);
  crowd.runs(kGoneCreator, {});
  EXPECT_EQ(crowd.suspected(), 0U);
  auto unrecorded = [](Goroutine& goroutine) { goroutine.creator_goid = 0; };
  EXPECT_EQ(senders(kManyWithoutParent).each(unrecorded).suspected(), 0U);
}

TEST(Suspicions, SendersWhoseChannelIsAtHandOfAnother) {
  Crowd crowd = senders(kManyWithoutParent);
  crowd.runs(kLivingCreator, {4});
  EXPECT_EQ(crowd.suspected(), 0U);  // one fewer is too few
}

TEST(Suspicions, ALockForLong) {
  auto lock = [](Goroutine& goroutine) {
    goroutine.wait_kind = WaitKind::kMutexLock;
    goroutine.wait_ns = kLongLockWaitNs + kCountedTooLongNs;
  };
  EXPECT_EQ(Crowd(2).each(lock).suspected(), 2U);
  auto shortly = [](Goroutine& goroutine) {
    goroutine.wait_ns = kLongLockWaitNs + kCountedTooLongNs - 1;
  };
  EXPECT_EQ(Crowd(2).each(lock).each(shortly).suspected(), 0U);
  auto counter = [](Goroutine& goroutine) { goroutine.wait_kind = WaitKind::kWaitGroupWait; };
  EXPECT_EQ(Crowd(2).each(lock).each(counter).suspected(), 0U);
}

TEST(Suspicions, AStoppedTickerThatMayBeSetAgain) {
  Crowd crowd(2);
  crowd.picture().idle_timers = {{.object = crowd.registry(), .channel = 0, .ticks = true}};
  EXPECT_EQ(crowd.suspected(), 1U);
  crowd.picture().idle_timers.front().ticks = false;  // a timer for the whole program
  EXPECT_EQ(crowd.suspected(), 0U);
}

// In a select with a channel that nobody else has; then with one that a global variable has.
TEST(Suspicions, AStoppedTickerBesideOtherChannels) {
  for (bool is_in_global : {false, true}) {
    Crowd crowd(1);
    crowd.share(crowd.more(0), {});
    crowd.picture().idle_timers = {{.object = crowd.registry(), .channel = 0, .ticks = true}};
    if (is_in_global) crowd.root(crowd.more(0), RootKind::kGlobal);
    EXPECT_EQ(crowd.suspected(), is_in_global ? 0U : 1U);
  }
}

TEST(Suspicions, MainIsNoneOfThem) {
  Crowd crowd(1);
  crowd.each([](Goroutine& goroutine) {
    goroutine.goid = kMainGoroutine;
    goroutine.wait_kind = WaitKind::kMutexLock;
  });
  EXPECT_EQ(crowd.suspected(), 0U);
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
