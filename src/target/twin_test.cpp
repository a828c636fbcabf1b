// What a twin shows, when there is none, and that the process is as it was. The processes watch
// themselves, as in process_stop_test.cpp.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "target/twins_for_tests.h"

#if defined(__x86_64__)

namespace goshawk::target {
namespace {

TEST(Twin, ShowsTheInstantOfTheStopWhileTheProcessGoesOn) {
  ChildProcess child([](SharedState& state) {
    start_thread(rest);
    write_words(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  Address words(child.state().counters[1]);
  for (int round = 0; round < 50; ++round) {
    auto held = hold(child.pid());
    ASSERT_TRUE(held) << describe(held.error());
    ASSERT_FALSE(held->no_twin()) << held->gone_on.reason;
    auto first = held->target->memory().read_array<std::uint64_t>(words, 4096);
    ASSERT_TRUE(first);
    ASSERT_TRUE(child.counter_advances());
    auto second = held->target->memory().read_array<std::uint64_t>(words, 4096);
    ASSERT_TRUE(second);
    EXPECT_EQ(*first, *second);
    // One instant: a word and those before it differ by one step at most.
    for (std::size_t i = 1; i < first->size(); ++i)
      ASSERT_TRUE(first->at(i) == first->at(i - 1) || first->at(i) + 1 == first->at(i - 1));
    std::int64_t pause = held->stop->pause_ns();
    ASSERT_TRUE(held->stop->let_go());
    EXPECT_EQ(held->stop->pause_ns(), pause);
    auto after = held->target->memory().read_value<std::uint64_t>(words);
    ASSERT_TRUE(after);
    EXPECT_GT(*after, first->at(0));
  }
  EXPECT_TRUE(list_children(child.pid()).empty());
  EXPECT_FALSE(is_traced(child.pid()));
}

// The threads that make and collect twins wait in calls of their own, and are to know nothing.
TEST(Twin, CallsSignalsMasksAndRegistersAreAsBefore) {
  ChildProcess child([](SharedState& state) {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(1);
    start_thread([&state, end = ends[0]] {
      char byte;
      ssize_t n = ::read(end, &byte, 1);  // nothing is ever written
      state.errors += 1 + static_cast<std::uint64_t>(n == 1);
    });
    start_thread([&state] {
      static int word = 0;  // nobody wakes it
      long result = ::syscall(SYS_futex, &word, 128, 0, nullptr, nullptr, 0);
      state.errors += 1 + static_cast<std::uint64_t>(result == 0);
    });
    state.ready = true;
    while (!state.finish) {
      timespec wish{0, 50'000'000}, start{}, end{};
      ::clock_gettime(CLOCK_MONOTONIC, &start);
      if (::nanosleep(&wish, nullptr) != 0) ++state.errors;
      ::clock_gettime(CLOCK_MONOTONIC, &end);
      if ((end.tv_sec - start.tv_sec) * 1'000'000'000 + end.tv_nsec - start.tv_nsec < wish.tv_nsec)
        ++state.errors;
      ++state.counters[0];
    }
  });
  ASSERT_TRUE(child.wait_until_ready());
  ASSERT_TRUE(child.counter_advances());
  auto all = [&] {
    std::string text;
    for (const char* field : {"SigBlk", "SigPnd", "ShdPnd", "SigIgn", "SigCgt"})
      text += std::string(field) + "\n" + child.status_of_threads(field);
    return text;
  };
  std::string before = all();
  int made = 0;
  for (int round = 0; round < 150; ++round) {
    auto held = hold(child.pid());
    ASSERT_TRUE(held) << describe(held.error());
    made += held->no_twin() ? 0 : 1;
    ASSERT_TRUE(held->stop->let_go());
  }
  EXPECT_GE(made, 140);
  EXPECT_EQ(all(), before);
  EXPECT_TRUE(child.counter_advances());
  EXPECT_EQ(child.state().errors, 0u);
  EXPECT_TRUE(list_children(child.pid()).empty());
}

// A process in a job control stop: one of its threads runs for a moment, in the kernel only.
TEST(Twin, AStoppedProcessStaysStopped) {
  ChildProcess child([](SharedState& state) {
    start_thread(rest);
    write_words(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  child.send(SIGSTOP);
  ASSERT_TRUE(child.wait_for_state('T'));
  std::uint64_t before = child.state().counters[0];
  for (int round = 0; round < 20; ++round) {
    auto held = hold(child.pid());
    ASSERT_TRUE(held) << describe(held.error());
    ASSERT_FALSE(held->no_twin()) << held->gone_on.reason;
    held->stop.reset();
    held->target.reset();
    ASSERT_TRUE(list_children(child.pid()).empty());
    ASSERT_TRUE(child.wait_for_state('T'));
    ASSERT_EQ(child.state().counters[0], before);
  }
  child.send(SIGCONT);
  EXPECT_TRUE(child.counter_advances());
}

SharedState* signalled = nullptr;

void note_signal(int, siginfo_t* info, void*) {
  std::uint64_t expected = signalled->counters[1]++;  // one sender, queued signals: in order
  if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != reinterpret_cast<void*>(expected))
    ++signalled->errors;
}

// To a process whose only threads take signals in their waits: some twins are not made for it.
TEST(Twin, SignalsArriveOnceAndAsTheyWereSent) {
  ChildProcess child([](SharedState& state) {
    signalled = &state;
    struct sigaction action{};
    action.sa_sigaction = note_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigaction(SIGRTMIN, &action, nullptr);
    state.ready = true;
    while (true) ::usleep(1000);
  });
  ASSERT_TRUE(child.wait_until_ready());
  std::uint64_t sent = 0;
  std::atomic<bool> done = false;
  std::thread sender([&] {
    while (!done) {
      sigval value{.sival_ptr = reinterpret_cast<void*>(sent)};
      if (::sigqueue(static_cast<pid_t>(child.pid()), SIGRTMIN, value) == 0) ++sent;
      ::usleep(sent % 16 == 0 ? 30000 : 50);
    }
  });
  int made = 0;
  for (int round = 0; round < 300; ++round) {
    auto held = hold_once(child.pid());
    ASSERT_TRUE(held) << describe(held.error());
    made += held->no_twin() ? 0 : 1;
  }
  done = true;
  sender.join();
  EXPECT_GT(made, 0);
  EXPECT_TRUE(wait_until([&] { return child.state().counters[1] == sent; }))
      << child.state().counters[1] << " of " << sent;
  EXPECT_EQ(child.state().errors, 0u);
  EXPECT_TRUE(list_children(child.pid()).empty());
}

TEST(Twin, WithoutAThreadThatRestsThereIsNoneAndAllIsStillStopped) {
  ChildProcess child([](SharedState& state) { write_words(state); });
  ASSERT_TRUE(child.wait_until_ready());
  auto held = hold_once(child.pid());
  ASSERT_TRUE(held) << describe(held.error());
  ASSERT_TRUE(held->no_twin());
  EXPECT_EQ(held->gone_on.reason, "no thread of it rested at that instant");
  EXPECT_TRUE(held->gone_on.passing);
  std::uint64_t before = child.state().counters[0];
  ::usleep(10'000);
  EXPECT_EQ(child.state().counters[0], before);
  EXPECT_TRUE(held->target->memory().read_value<std::uint64_t>(Address(child.state().counters[1])));
  ASSERT_TRUE(held->stop->let_go());
  EXPECT_TRUE(child.counter_advances());
}

TEST(Twin, OnlyWaitsInTheCodeThatRestsAreUsed) {
  ChildProcess child([](SharedState& state) {
    state.ready = true;
    rest();
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('S'));
  std::vector<AddressRange> elsewhere = {{Address(4096), Address(8192)}};
  auto held = hold_once(child.pid(), elsewhere);
  ASSERT_TRUE(held) << describe(held.error());
  EXPECT_TRUE(held->no_twin());
}

TEST(Twin, NoneWhereACopyIsWanted) {
  ChildProcess child([](SharedState& state) {
    state.ready = true;
    rest();
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('S'));
  auto held = hold_once(child.pid(), kAnywhere, Way::kCopy);
  ASSERT_TRUE(held) << describe(held.error());
  ASSERT_TRUE(held->no_twin());
  EXPECT_EQ(held->gone_on.reason, "");
}

// A twin has the same table of files, not one of its own.
TEST(Twin, FilesThatAreClosedMeanwhileAreClosed) {
  int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::string path = testing::TempDir() + "twin_lock";
  ChildProcess child([&](SharedState& state) {
    ::close(listener);
    int peer = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(peer, reinterpret_cast<sockaddr*>(&address), size) != 0) ::_exit(1);
    int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
    struct flock lock{
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    if (::flock(file, LOCK_EX) != 0 || ::fcntl(file, F_SETLK, &lock) != 0) ::_exit(2);
    state.ready = true;
    while (!state.finish) ::usleep(1000);
    ::close(peer);
    ::close(file);
    rest();
  });
  int connection = ::accept(listener, nullptr, nullptr);
  ASSERT_TRUE(child.wait_until_ready());
  auto held = hold(child.pid());
  ASSERT_TRUE(held) << describe(held.error());
  ASSERT_FALSE(held->no_twin()) << held->gone_on.reason;
  int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  EXPECT_NE(::flock(file, LOCK_EX | LOCK_NB), 0);
  child.state().finish = true;
  timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char byte;
  EXPECT_EQ(::recv(connection, &byte, 1, 0), 0) << "no end of the connection beside the twin";
  EXPECT_TRUE(
      wait_until([&] { return ::flock(file, LOCK_EX | LOCK_NB) == 0; }, std::chrono::seconds(10)));
  struct flock lock{.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
  EXPECT_EQ(::fcntl(file, F_SETLK, &lock), 0);
  for (int one : {file, connection, listener}) ::close(one);
}

// Locks of a process are its own still when its twin has come and gone.
TEST(Twin, LocksStayWhenItEnds) {
  std::string path = testing::TempDir() + "twin_lock_stays";
  ChildProcess child([&](SharedState& state) {
    int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
    struct flock lock{
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    if (::fcntl(file, F_SETLK, &lock) != 0) ::_exit(2);
    state.ready = true;
    rest();
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('S'));
  {
    auto held = hold(child.pid());
    ASSERT_TRUE(held && !held->no_twin());
  }
  ASSERT_TRUE(list_children(child.pid()).empty());
  int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  struct flock lock{.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
  EXPECT_NE(::fcntl(file, F_SETLK, &lock), 0);
  ::close(file);
}

// A filter that kills whoever makes a process: with the right to suspend it there is a twin,
// without it the reason is told, and the process lives in both cases.
TEST(Twin, AFilterOfTheProcessIsNotTried) {
  ChildProcess child([](SharedState& state) {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),  // the call's number
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog program{.len = 4, .filter = code};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(1);
    state.ready = true;
    while (true) {
      ::usleep(1000);
      ++state.counters[0];
    }
  });
  ASSERT_TRUE(child.wait_until_ready());
  for (int round = 0; round < 20; ++round) {
    auto held = hold(child.pid());
    ASSERT_TRUE(held) << describe(held.error());
    if (held->no_twin() && !held->gone_on.passing) {
      EXPECT_EQ(held->gone_on.reason,
                "it runs under a seccomp filter, which may be suspended with CAP_SYS_ADMIN only");
    }
    ASSERT_TRUE(held->stop->let_go());
    ASSERT_TRUE(child.counter_advances());
  }
  auto status = child.status_of_threads("Seccomp");
  EXPECT_EQ(status, fmt::format("{} 2\n", child.pid()));
}

}  // namespace
}  // namespace goshawk::target

#endif
