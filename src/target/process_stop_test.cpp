// What a stop does to a process and what it must not do to it. The processes watch themselves.
#include "target/process_stop.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>

#include <algorithm>
#include <random>
#include <semaphore>
#include <vector>

#include "target/child_process_for_tests.h"
#include "target/process.h"

namespace goshawk::target {
namespace {

constexpr std::uint64_t kMagic = 0x6f5348617751ULL << 16;  // no word of any program

Result<std::unique_ptr<ProcessStop>> stop(const ChildProcess& child, StopLimits limits = {}) {
  static std::optional<ProcessDirectory> directory;  // outlives the stop; one stop at a time
  directory = ProcessDirectory::open(child.pid());
  return stop_process(*directory, limits);
}

std::chrono::nanoseconds pause_of(const ProcessStop& stop) {
  return stop.went_on_at().value_or(std::chrono::steady_clock::now()) - stop.stopped_at();
}

void start_threads(int count, const std::function<void(int)>& body) {
  for (int i = 0; i < count; ++i) std::thread([=] { body(i); }).detach();
}

// In user mode mostly, and yet leaving the processor to others.
[[noreturn]] void advance(std::atomic<std::uint64_t>& counter) {
  while (true)
    if (++counter % 1000 == 0) ::usleep(100);
}

bool is_traced(const ChildProcess& child) {
  auto directory = ProcessDirectory::open(child.pid());
  auto status = directory ? directory->read_file("status").value_or("") : "";
  return find_status_field(status, "TracerPid") != "0";
}

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

SharedState* signalled = nullptr;

void note_signal(int, siginfo_t* info, void*) {
  std::uint64_t expected = signalled->counters[1]++;  // one sender, queued signals: in order
  if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != reinterpret_cast<void*>(expected))
    ++signalled->errors;
}

// Each stop may meet a thread on its way to a signal.
TEST(ProcessStop, SignalsArriveOnceAndAsTheyWereSent) {
  ChildProcess child([](SharedState& state) {
    signalled = &state;
    struct sigaction action{};
    action.sa_sigaction = note_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigaction(SIGRTMIN, &action, nullptr);
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

// The tracer is killed at any moment of stopping, holding and letting go.
TEST(ProcessStop, ATracerThatIsKilledLeavesTheProcessRunning) {
  ChildProcess child([](SharedState& state) {
    signalled = &state;
    struct sigaction action{};
    action.sa_sigaction = note_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigaction(SIGRTMIN, &action, nullptr);
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
    ASSERT_TRUE(child.wait_for_state('S'));
    EXPECT_EQ(ProcessDirectory::open(child.pid())->list_threads().size(), 1u);
    EXPECT_FALSE(is_traced(child));
    auto stat = parse_stat(*ProcessDirectory::open(child.pid())->read_file("stat"));
    EXPECT_EQ(stat->command, "sleep");
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
