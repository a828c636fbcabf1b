// A stop that does not end as it was meant to: who stops is killed, the process ends, executes,
// forks, or does not stop.
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "target/process_stops_for_tests.h"

namespace goshawk::target {
namespace {

// The tracer is killed at any moment of stopping, holding and letting go.
TEST(ProcessStop, ATracerThatIsKilledLeavesTheProcessRunning) {
  ChildProcess child([](SharedState& state) {
    count_signals(state);
    sigset_t queued;
    ::sigemptyset(&queued);
    ::sigaddset(&queued, SIGRTMIN);
    ::pthread_sigmask(SIG_BLOCK, &queued, nullptr);  // one thread takes them all, in order
    start_threads(8, [&](int i) { advance(state.counters[i + 2]); });
    ::pthread_sigmask(SIG_UNBLOCK, &queued, nullptr);
    count(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  std::mt19937 random(20);
  std::uint64_t sent = 0;
  for (int round = 0; round < 300; ++round) {
    ChildProcess tracer([&](SharedState& state) {
      state.ready = true;
      while (true) {
        auto stopped = stop(child);
        if (!stopped) ::_exit(3);
        if (state.counters[0]++ % 2 == 0) ::usleep(200);
      }
    });
    ASSERT_TRUE(tracer.wait_until_ready());
    auto kill_at = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 3000);
    while (std::chrono::steady_clock::now() < kill_at) {
      sigval value{.sival_ptr = reinterpret_cast<void*>(sent)};
      if (::sigqueue(static_cast<pid_t>(child.pid()), SIGRTMIN, value) == 0) ++sent;
      ::usleep(30);
    }
    tracer.send(SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(tracer.wait_for_exit()));
    ASSERT_TRUE(child.counter_advances(0));
  }
  for (std::size_t i = 2; i < 10; ++i) EXPECT_TRUE(child.counter_advances(i));
  EXPECT_FALSE(is_traced(child));
  EXPECT_TRUE(
      wait_until([&] { return child.state().counters[1] == sent; }, std::chrono::seconds(10)))
      << child.state().counters[1] << " of " << sent << " signals";
  EXPECT_EQ(child.state().errors, 0u);
}

// A thread that waits for its vfork child sleeps uninterruptibly.
TEST(ProcessStop, GivesUpOnAThreadThatDoesNotStopAndNamesIt) {
  ChildProcess child([](SharedState& state) {
    start_threads(3, [&](int i) { advance(state.counters[i + 2]); });
    std::thread([&] {
      state.counters[1] = static_cast<std::uint64_t>(::gettid());
      if (::vfork() == 0) {
        state.ready = true;
        while (!state.finish) ::syscall(SYS_sched_yield);
        ::_exit(0);
      }
      advance(state.counters[10]);
    }).detach();
    advance(state.counters[0]);
  });
  ASSERT_TRUE(child.wait_until_ready());
  auto stopped = stop(child, {.without_progress = std::chrono::milliseconds(200)});
  ASSERT_FALSE(stopped);
  std::string text = describe(stopped.error());
  EXPECT_NE(text.find(fmt::format("thread {} of process {} did not stop",
                                  child.state().counters[1].load(), child.pid())),
            std::string::npos)
      << text;
  EXPECT_FALSE(is_traced(child));
  for (std::size_t i : {0, 2, 3, 4}) EXPECT_TRUE(child.counter_advances(i));
  child.state().finish = true;
  EXPECT_TRUE(child.counter_advances(10));  // no interrupt was left behind that would hold it now
  EXPECT_TRUE(stop(child));
}

TEST(ProcessStop, NamesTheOtherTracer) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  ChildProcess other([&](SharedState& state) {
    ::prctl(PR_SET_NAME, "a debugger");
    if (::ptrace(PTRACE_SEIZE, static_cast<pid_t>(child.pid()), nullptr, nullptr) == 0)
      state.ready = true;
    while (true) ::pause();
  });
  ASSERT_TRUE(other.wait_until_ready());
  auto stopped = stop(child);
  ASSERT_FALSE(stopped);
  ASSERT_NE(std::get_if<Denied>(&stopped.error()), nullptr);
  std::string text = describe(stopped.error());
  EXPECT_NE(text.find(fmt::format("already traced by process {} (a debugger)", other.pid())),
            std::string::npos)
      << text;
  EXPECT_TRUE(child.counter_advances());
}

TEST(ProcessStop, AProcessThatIsKilledWhileHeldIsLetGo) {
  for (int round = 0; round < 50; ++round) {
    ChildProcess child([](SharedState& state) {
      start_threads(5, [&](int i) { advance(state.counters[i + 1]); });
      count(state);
    });
    ASSERT_TRUE(child.wait_until_ready());
    auto stopped = stop(child);
    ASSERT_TRUE(stopped);
    child.send(SIGKILL);
    if (round % 2 == 0) ::usleep(500);
    (*stopped)->let_go();
    int status = child.wait_for_exit();  // its exit is still its parent's
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
}

TEST(ProcessStop, AProcessThatExitsMeanwhileIsNoHarm) {
  for (int round = 0; round < 60; ++round) {
    ChildProcess child([](SharedState& state) {
      start_threads(5, [&](int i) { advance(state.counters[i + 1]); });
      state.ready = true;
      while (!state.finish) {
      }
      ::_exit(7);
    });
    ASSERT_TRUE(child.wait_until_ready());
    child.state().finish = true;
    for (int i = 0; i < 50; ++i) {
      auto stopped = stop(child);
      if (stopped) continue;
      EXPECT_NE(describe(stopped.error()).find("exited while being read"), std::string::npos)
          << describe(stopped.error());
      break;
    }
    int status = child.wait_for_exit();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
  }
}

// An exec waits for the other threads to end, holding the lock that SEIZE wants: no deadlock.
TEST(ProcessStop, AProcessThatExecutesAnotherProgramGoesOn) {
  for (int round = 0; round < 30; ++round) {
    ChildProcess child([](SharedState& state) {
      start_threads(10, [&](int i) { advance(state.counters[i + 1]); });
      auto exec = [&] {
        state.ready = true;
        while (!state.finish) {
        }
        ::execl("/bin/sleep", "sleep", "1000", nullptr);
      };
      if (::getpid() % 2 == 0) std::thread(exec).join();
      exec();
    });
    ASSERT_TRUE(child.wait_until_ready());
    child.state().finish = true;
    for (int i = 0; i < 20; ++i) {
      auto start = std::chrono::steady_clock::now();
      auto stopped = stop(child);
      EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    }
    auto directory = ProcessDirectory::open(child.pid());
    EXPECT_TRUE(wait_until([&] {
      auto stat = parse_stat(directory->read_file("stat").value_or(""));
      return stat && stat->command == "sleep";
    }));
    ASSERT_TRUE(child.wait_for_state('S'));
    EXPECT_EQ(directory->list_threads().size(), 1u);
    EXPECT_FALSE(is_traced(child));
  }
}

TEST(ProcessStop, AProcessThatForksIsHeldAndItsChildrenAreNotTouched) {
  ChildProcess child([](SharedState& state) {
    state.ready = true;
    while (!state.finish) {
      pid_t forked = ::fork();
      if (forked == 0) ::_exit(static_cast<int>(state.counters[0] % 100));
      int status = 0;
      if (::waitpid(forked, &status, 0) != forked || !WIFEXITED(status)) ++state.errors;
      ++state.counters[0];
    }
  });
  ASSERT_TRUE(child.wait_until_ready());
  for (int round = 0; round < 300; ++round) ASSERT_TRUE(stop(child));
  EXPECT_TRUE(child.counter_advances());
  EXPECT_EQ(child.state().errors, 0u);
}

TEST(ProcessStop, AFirstThreadThatHasEndedHoldsNothingUp) {
  ChildProcess child([](SharedState& state) {
    start_threads(3, [&](int i) { advance(state.counters[i]); });
    state.ready = true;
    ::syscall(SYS_exit, 0);
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('Z'));
  auto stopped = stop(child);
  ASSERT_TRUE(stopped) << describe(stopped.error());
  EXPECT_EQ((*stopped)->threads().size(), 3u);
  stopped->reset();
  EXPECT_TRUE(child.counter_advances(2));
}

}  // namespace
}  // namespace goshawk::target
