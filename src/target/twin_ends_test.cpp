// Whoever ends when (the twin, its keeper, who examines, the process): nothing stays, and the
// process goes on.
#include <unistd.h>

#include <csignal>
#include <random>

#include "target/keeper.h"
#include "target/twins_for_tests.h"

#if defined(__x86_64__)

namespace goshawk::target {
namespace {

// Somebody, or the kernel for want of memory, kills the twin: nothing half read is taken for whole,
// and the next stop is one without it.
TEST(Twin, OneThatEndsTooSoonIsNoticedAndGivenUp) {
  ChildProcess child([](SharedState& state) {
    start_thread(rest);
    write_words(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  auto held = hold(child.pid());
  ASSERT_TRUE(held && !held->no_twin());
  EXPECT_FALSE(held->target->give_up_way());
  std::vector<std::int64_t> twins = list_children(child.pid());
  ASSERT_EQ(twins.size(), 1u);
  EXPECT_EQ(::kill(static_cast<pid_t>(twins[0]), SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return !is_running(twins[0]); }));
  auto read = held->target->memory().read_value<std::uint64_t>(Address(child.state().counters[1]));
  ASSERT_FALSE(read);
  EXPECT_NE(describe(read.error()).find("the twin of process"), std::string::npos);
  auto let_go = held->stop->let_go();
  ASSERT_FALSE(let_go);
  EXPECT_NE(describe(let_go.error()).find("which has ended"), std::string::npos);
  EXPECT_TRUE(held->target->give_up_way());
  EXPECT_FALSE(held->target->give_up_way());
  auto again = held->target->stop();
  ASSERT_TRUE(again);
  auto gone_on = (*again)->go_on(kAnywhere);
  ASSERT_TRUE(gone_on && gone_on->way == Way::kCopy);
  EXPECT_EQ(gone_on->reason, "a twin of it had to be given up, for memory ran short");
  EXPECT_TRUE((*again)->let_go());
  EXPECT_TRUE(wait_until([&] { return list_children(child.pid()).empty(); }));
}

TEST(Twin, IsTheFirstToBeKilledWhenMemoryRunsOut) {
  ChildProcess child([](SharedState& state) {
    state.ready = true;
    rest();
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('S'));
  auto held = hold(child.pid());
  ASSERT_TRUE(held && !held->no_twin());
  std::vector<std::int64_t> twins = list_children(child.pid());
  ASSERT_EQ(twins.size(), 1u);
  auto score = [](std::int64_t pid) {
    return ProcessDirectory::open(pid)->read_file("oom_score_adj").value_or("");
  };
  EXPECT_EQ(score(twins[0]), "1000\n");
  EXPECT_EQ(score(child.pid()), score(::getpid()));
}

// Whoever examines is killed at any moment of it: stopping, making the twin, reading, collecting.
TEST(Twin, WhoExaminesIsKilledAndNothingStays) {
  ChildProcess child([](SharedState& state) {
    start_thread(rest);
    start_thread([&] {
      while (true) {
        ::usleep(100);
        ++state.counters[2];
      }
    });
    write_words(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    ChildProcess examiner([&](SharedState& state) {
      state.ready = true;
      while (true) {
        auto held = hold(child.pid());
        if (!held) ::_exit(3);
        state.counters[0] += held->no_twin() ? 0 : 1;
        if (random() % 2 == 0) ::usleep(500);
      }
    });
    ASSERT_TRUE(examiner.wait_until_ready());
    ::usleep(static_cast<useconds_t>(random() % 8000));
    examiner.send(SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(examiner.wait_for_exit()));
    ASSERT_TRUE(child.counter_advances(0));
    ASSERT_TRUE(child.counter_advances(2));
  }
  EXPECT_TRUE(wait_until([&] { return list_children(child.pid()).empty(); }));
  EXPECT_TRUE(wait_until([&] { return !is_traced(child.pid()); }));
}

// Even the keeper: then the twin dies with it, and what is left is a dead child.
TEST(Twin, TheKeeperIsKilledAndTheProcessGoesOn) {
  ChildProcess child([](SharedState& state) {
    start_thread(rest);
    start_thread([&] {
      while (true) {
        ::usleep(100);
        ++state.counters[2];
      }
    });
    write_words(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  std::mt19937 random(9);
  auto directory = ProcessDirectory::open(child.pid());
  for (int round = 0; round < 200; ++round) {
    auto kept = stop_by_keeper(*directory);
    ASSERT_TRUE(kept) << describe(kept.error());
    std::thread killer([pid = kept->keeper->pid(), after = random() % 3000] {
      ::usleep(static_cast<useconds_t>(after));
      ::kill(static_cast<pid_t>(pid), SIGKILL);
    });
    auto twin = kept->stop->go_on_beside_twin(kAnywhere);
    killer.join();
    kept = fail(Missing{});
    ASSERT_TRUE(child.counter_advances(0));
    ASSERT_TRUE(child.counter_advances(2));
  }
  for (std::int64_t one : list_children(child.pid()))
    EXPECT_TRUE(wait_until([&] { return !is_running(one); })) << one;
  EXPECT_FALSE(is_traced(child.pid()));
  EXPECT_EQ(child.state().errors, 0u);
}

TEST(Twin, AProcessThatIsKilledMeanwhileTakesItAlong) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    ChildProcess child([](SharedState& state) {
      start_thread(rest);
      write_words(state);
    });
    ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
    auto directory = ProcessDirectory::open(child.pid());
    auto kept = stop_by_keeper(*directory);
    ASSERT_TRUE(kept) << describe(kept.error());
    std::thread killer([&, after = random() % 1500] {
      ::usleep(static_cast<useconds_t>(after));
      child.send(SIGKILL);
    });
    auto twin = kept->stop->go_on_beside_twin(kAnywhere);
    killer.join();
    if (!twin) kept->stop->let_go();
    int status = child.wait_for_exit();  // its exit is still its parent's
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    // At once, though we do not let go: its files would stay open.
    if (twin) {
      EXPECT_TRUE(wait_until([&] { return !is_running(twin->pid); }, std::chrono::seconds(5)));
    }
  }
}

TEST(Twin, AProcessThatExecutesAnotherProgramIsLeftNoChild) {
  ChildProcess child([](SharedState& state) {
    start_thread(rest);
    state.ready = true;
    while (!state.finish) ::usleep(1000);
    ::execl("/bin/sleep", "sleep", "100", nullptr);
    ::_exit(1);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  auto directory = ProcessDirectory::open(child.pid());
  Result<KeptStop> kept = fail(Missing{});
  Result<Twin> twin = fail(Missing{});
  ASSERT_TRUE(wait_until([&] {  // for an instant at which it rests
    kept = stop_by_keeper(*directory);
    if (kept) twin = kept->stop->go_on_beside_twin(kAnywhere);
    return twin.has_value();
  }));
  child.state().finish = true;
  EXPECT_TRUE(wait_until([&] { return !is_running(twin->pid); }, std::chrono::seconds(10)));
  EXPECT_TRUE(
      wait_until([&] { return list_children(child.pid()).empty(); }, std::chrono::seconds(10)));
  EXPECT_TRUE(is_running(child.pid()));
}

}  // namespace
}  // namespace goshawk::target

#endif
