// What a stop does to a process and what it must not do to it. The processes watch themselves.
#include "target/process_stop.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "target/process_stops_for_tests.h"

namespace goshawk::target {
namespace {

constexpr std::uint64_t kMagic = 0x6f5348617751ULL << 16;  // no word of any program

TEST(ProcessStop, EndsByItselfAtTheLimitOfThePause) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  auto stopped = stop(child, {.pause = std::chrono::milliseconds(50)});
  ASSERT_TRUE(stopped) << describe(stopped.error());
  EXPECT_TRUE(child.counter_advances(0));  // nobody let it go
  auto twin = (*stopped)->go_on_beside_twin({});
  EXPECT_FALSE(twin);
  (*stopped)->let_go();
  EXPECT_TRUE((*stopped)->was_given_up());
  EXPECT_GE(pause_of(**stopped), std::chrono::milliseconds(50));
  EXPECT_FALSE(is_traced(child));
}

TEST(ProcessStop, LetGoInTimeItIsNotGivenUp) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  for (StopLimits limits : {StopLimits{}, StopLimits{.pause = std::chrono::minutes(1)}}) {
    auto stopped = stop(child, limits);
    ASSERT_TRUE(stopped) << describe(stopped.error());
    (*stopped)->let_go();
    EXPECT_FALSE((*stopped)->was_given_up());
  }
}

TEST(ProcessStop, HoldsEveryThreadStillAndLetsThemGoOn) {
  constexpr int kThreads = 40;
  ChildProcess child([](SharedState& state) {
    start_threads(kThreads, [&](int i) { advance(state.counters[i + 1]); });
    count(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  for (int i = 0; i <= kThreads; ++i) ASSERT_TRUE(child.counter_advances(i));
  auto sum = [&] {
    std::uint64_t all = 0;
    for (auto& counter : child.state().counters) all += counter;
    return all;
  };
  auto stopped = stop(child);
  ASSERT_TRUE(stopped) << describe(stopped.error());
  EXPECT_EQ((*stopped)->threads().size(), kThreads + 1u);
  std::uint64_t before = sum();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(sum(), before);
  EXPECT_GE(pause_of(**stopped), std::chrono::milliseconds(20));
  (*stopped)->let_go();
  (*stopped)->let_go();
  auto pause = pause_of(**stopped);
  for (int i = 0; i <= kThreads; ++i) EXPECT_TRUE(child.counter_advances(i));
  EXPECT_EQ(pause_of(**stopped), pause);
  EXPECT_FALSE(is_traced(child));
}

#if defined(__x86_64__)

// Registers hold known words while the loop runs; it counts how often one was not what it put in.
void spin_with_known_registers(SharedState& state) {
  state.ready = true;
  while (!state.finish) {
    std::uint64_t rbx = kMagic + 1, r12 = kMagic + 2, r13 = kMagic + 3, r14 = kMagic + 4, xmm = 0,
                  high = 0;
    asm volatile(
        "mov %[in], %%r15\n movq %%r15, %%xmm7\n pinsrq $1, %%r15, %%xmm7\n mov $200000, %%rcx\n"
        "1: dec %%rcx\n jnz 1b\n"
        "movq %%xmm7, %[xmm]\n pextrq $1, %%xmm7, %[high]\n"
        : "+b"(rbx), "+r"(r12), "+r"(r13), "+r"(r14), [xmm] "=&r"(xmm), [high] "=&r"(high)
        : [in] "r"(kMagic + 5)
        : "rcx", "r15", "xmm7", "cc");
    if (rbx != kMagic + 1 || r12 != kMagic + 2 || r13 != kMagic + 3 || r14 != kMagic + 4 ||
        xmm != kMagic + 5 || high != kMagic + 5)
      ++state.errors;
    ++state.counters[0];
  }
}

__attribute__((target("sse4.1"))) void spin(SharedState& state) {
  spin_with_known_registers(state);
}

TEST(ProcessStop, ShowsRegistersAndChangesNone) {
  ChildProcess child([](SharedState& state) { spin(state); });
  ASSERT_TRUE(child.wait_until_ready());
  int general = 0, vector = 0;
  for (int round = 0; round < 300; ++round) {
    auto stopped = stop(child);
    ASSERT_TRUE(stopped) << describe(stopped.error());
    const Thread& thread = (*stopped)->threads().at(0);
    general += std::ranges::count(thread.registers, kMagic + 1) != 0;
    vector += std::ranges::count(thread.vector_words, kMagic + 5) >= 2;
  }
  EXPECT_GT(general, 100);
  EXPECT_GT(vector, 100);
  EXPECT_TRUE(child.counter_advances());
  EXPECT_EQ(child.state().errors, 0u);
}

#endif

TEST(ProcessStop, KnowsAThreadsStack) {
  ChildProcess child([](SharedState& state) {
    // Not a local's address: the sanitizer may keep locals elsewhere.
    state.counters[1] = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
    state.counters[2] = static_cast<std::uint64_t>(pthread_self());
    state.ready = true;
    while (true) ::pause();
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('S'));
  auto stopped = stop(child);
  ASSERT_TRUE(stopped);
  const Thread& thread = (*stopped)->threads().at(0);
  EXPECT_EQ(thread.tid, child.pid());
  EXPECT_LT(thread.sp, Address(child.state().counters[1]));
  EXPECT_LT(Address(child.state().counters[1]) - thread.sp, 64u << 10);
#if defined(__x86_64__)
  EXPECT_EQ(thread.tls, Address(child.state().counters[2]));
#endif
}

TEST(ProcessStop, AStoppedProcessIsReadableAndStaysStopped) {
  ChildProcess child([](SharedState& state) {
    start_threads(5, [&](int i) { advance(state.counters[i + 1]); });
    count(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  child.send(SIGSTOP);
  ASSERT_TRUE(child.wait_for_state('T'));
  for (int round = 0; round < 20; ++round) {
    auto stopped = stop(child);
    ASSERT_TRUE(stopped) << describe(stopped.error());
    EXPECT_EQ((*stopped)->threads().size(), 6u);
    stopped->reset();
    ASSERT_TRUE(child.wait_for_state('T'));
    std::uint64_t before = child.state().counters[0];
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ASSERT_EQ(child.state().counters[0], before);
  }
  child.send(SIGCONT);
  EXPECT_TRUE(child.counter_advances(0) && child.counter_advances(5));
}

TEST(ProcessStop, AContinueThatComesMeanwhileIsNotLost) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  child.send(SIGSTOP);
  ASSERT_TRUE(child.wait_for_state('T'));
  auto stopped = stop(child);
  ASSERT_TRUE(stopped);
  child.send(SIGCONT);
  stopped->reset();
  EXPECT_TRUE(child.counter_advances());
}

TEST(ProcessStop, AJobControlStopThatComesMeanwhileHolds) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  auto stopped = stop(child);
  ASSERT_TRUE(stopped);
  child.send(SIGSTOP);
  stopped->reset();
  EXPECT_TRUE(child.wait_for_state('T'));
  child.send(SIGCONT);
  EXPECT_TRUE(child.counter_advances());
}

TEST(ProcessStop, LeavesSignalMasksAndPendingSignals) {
  ChildProcess child([](SharedState& state) {
    sigset_t set;
    ::sigemptyset(&set);
    for (int signal : {SIGUSR1, SIGTERM, SIGRTMIN + 3}) ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    start_threads(4, [&](int i) {
      sigset_t own;
      ::sigemptyset(&own);
      ::sigaddset(&own, SIGRTMIN + 5 + i);
      ::pthread_sigmask(SIG_BLOCK, &own, nullptr);
      ++state.counters[1];
      while (true) ::pause();
    });
    while (state.counters[1] < 4) ::usleep(100);
    count(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  child.send(SIGUSR1);
  auto all = [&] {
    std::string text;
    for (const char* field : {"SigBlk", "SigPnd", "ShdPnd", "SigIgn", "SigCgt"})
      text += std::string(field) + "\n" + child.status_of_threads(field);
    return text;
  };
  std::string before = all();
  for (int round = 0; round < 100; ++round) ASSERT_TRUE(stop(child));
  EXPECT_EQ(all(), before);
}

// Calls that the kernel restarts by itself return as if nothing had been.
TEST(ProcessStop, RestartableSystemCallsGoOnExactly) {
  ChildProcess child([](SharedState& state) {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(1);
    start_threads(1, [&state, end = ends[0]](int) {
      char byte;
      ssize_t n = ::read(end, &byte, 1);  // nothing is ever written
      state.errors += 1 + static_cast<std::uint64_t>(n == 1);
    });
    start_threads(1, [&state](int) {
      static int word = 0;  // nobody wakes it
      long result =
          ::syscall(SYS_futex, &word, 128 /* FUTEX_WAIT_PRIVATE */, 0, nullptr, nullptr, 0);
      state.errors += 1 + static_cast<std::uint64_t>(result == 0);
    });
    state.ready = true;
    while (!state.finish) {
      timespec wish{0, 100'000'000}, start{}, end{};
      ::clock_gettime(CLOCK_MONOTONIC, &start);
      if (::nanosleep(&wish, nullptr) != 0) ++state.errors;
      ::clock_gettime(CLOCK_MONOTONIC, &end);
      if ((end.tv_sec - start.tv_sec) * 1'000'000'000 + end.tv_nsec - start.tv_nsec < wish.tv_nsec)
        ++state.errors;
      ++state.counters[0];
    }
  });
  ASSERT_TRUE(child.wait_until_ready());
  for (int round = 0; round < 200; ++round) {
    ASSERT_TRUE(stop(child));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_TRUE(child.counter_advances());
  EXPECT_GE(child.state().counters[0], 2u);
  EXPECT_EQ(child.state().errors, 0u);
}

// Each stop may meet a thread on its way to a signal.
TEST(ProcessStop, SignalsArriveOnceAndAsTheyWereSent) {
  ChildProcess child([](SharedState& state) {
    count_signals(state);
    count(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  std::uint64_t sent = 0;
  std::atomic<bool> done = false;
  std::thread sender([&] {
    while (!done) {
      sigval value{.sival_ptr = reinterpret_cast<void*>(sent)};
      if (::sigqueue(static_cast<pid_t>(child.pid()), SIGRTMIN, value) == 0) ++sent;
      if (sent % 4 == 0) ::usleep(50);
    }
  });
  for (int round = 0; round < 500; ++round) ASSERT_TRUE(stop(child));
  done = true;
  sender.join();
  EXPECT_TRUE(wait_until([&] { return child.state().counters[1] == sent; }))
      << child.state().counters[1] << " of " << sent;
  EXPECT_EQ(child.state().errors, 0u);
}

TEST(ProcessStop, ThreadsThatComeAndGoAreAllHeld) {
  ChildProcess child([](SharedState& state) {
    start_threads(4, [&](int) {
      while (true) {
        std::thread([&] {
          for (int i = 0; i < 200; ++i) ++state.counters[0];
        }).join();
      }
    });
    count(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  for (int round = 0; round < 1000; ++round) {
    auto stopped = stop(child);
    ASSERT_TRUE(stopped) << describe(stopped.error());
    std::uint64_t before = child.state().counters[0];
    std::this_thread::sleep_for(std::chrono::microseconds(round % 10 == 0 ? 500 : 20));
    ASSERT_EQ(child.state().counters[0], before) << "a thread was not held";
  }
  EXPECT_TRUE(child.counter_advances());
  EXPECT_FALSE(is_traced(child));
}

TEST(ProcessStop, ManyThreadsAreStoppedQuickly) {
  constexpr int kThreads = 2000;
  ChildProcess child([](SharedState& state) {
    pthread_attr_t small;
    ::pthread_attr_init(&small);
    ::pthread_attr_setstacksize(&small, 64 << 10);
    for (int i = 0; i < kThreads; ++i) {
      pthread_t thread;
      if (::pthread_create(
              &thread, &small,
              [](void*) -> void* {
                while (true) ::pause();
              },
              nullptr) != 0)
        ::_exit(1);
    }
    state.ready = true;
    while (true) ::pause();
  });
  ASSERT_TRUE(child.wait_until_ready());
  for (int round = 0; round < 3; ++round) {
    auto stopped = stop(child);
    ASSERT_TRUE(stopped) << describe(stopped.error());
    EXPECT_EQ((*stopped)->threads().size(), kThreads + 1u);
    EXPECT_LT(pause_of(**stopped), std::chrono::seconds(5));
  }
}

TEST(ProcessStop, MayEndInAnotherThread) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  for (int round = 0; round < 20; ++round) {
    Result<std::unique_ptr<ProcessStop>> stopped = fail(Missing{});
    std::thread([&] { stopped = stop(child); }).join();  // the one that asked is gone
    ASSERT_TRUE(stopped) << describe(stopped.error());
    std::uint64_t before = child.state().counters[0];
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(child.state().counters[0], before);
    std::thread([&] { stopped->reset(); }).join();
    EXPECT_TRUE(child.counter_advances());
  }
}

}  // namespace
}  // namespace goshawk::target
