// What a twin shows, and that nothing of it stays, whoever ends when. The processes watch
// themselves, as in process_stop_test.cpp.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "target/child_process_for_tests.h"
#include "target/keeper.h"
#include "target/memory_headroom.h"
#include "target/process.h"

#if defined(__x86_64__)

namespace goshawk::target {
namespace {

// Every wait: these processes mind none of their waits being ended, unless a test says so.
const std::vector<AddressRange> kAnywhere = {{Address(0), Address(~std::uint64_t{0})}};

void start_thread(const std::function<void()>& body) { std::thread(body).detach(); }

[[noreturn]] void rest() {
  while (true) ::pause();
}

std::vector<std::int64_t> list_children(std::int64_t pid) {
  std::vector<std::int64_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    auto number = parse_decimal(entry.path().filename().string());
    auto directory = number ? ProcessDirectory::open(*number) : std::nullopt;
    auto stat = directory ? parse_stat(directory->read_file("stat").value_or("")) : std::nullopt;
    if (stat && stat->parent_pid == pid) children.push_back(*number);
  }
  return children;
}

bool is_running(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  auto stat = directory ? parse_stat(directory->read_file("stat").value_or("")) : std::nullopt;
  return stat && stat->state != 'Z' && stat->state != 'X';
}

bool is_traced(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  auto status = directory ? directory->read_file("status").value_or("") : "";
  return find_status_field(status, "TracerPid") != "0";
}

bool wait_until_one_rests(const ChildProcess& child) {
  return wait_until(
      [&] { return child.status_of_threads("State").find("S (sleeping)") != std::string::npos; });
}

// A stopped process that is open as a target.
struct Held {
  std::unique_ptr<Target> target;
  std::unique_ptr<Stop> stop;
  GoneOn gone_on;
  bool no_twin() const { return gone_on.way != Way::kTwin; }
};

Result<Held> hold_once(std::int64_t pid, std::span<const AddressRange> resting = kAnywhere,
                       Way way = Way::kBest) {
  Held held;
  held.target = TRY(open_process(pid, {.way = way}));
  held.stop = TRY(held.target->stop());
  held.gone_on = TRY(held.stop->go_on(resting));
  return held;
}

// At an instant at which there can be a twin, if there is one.
Result<Held> hold(std::int64_t pid) {
  constexpr int kAttempts = 30;
  for (int attempt = 1;; ++attempt) {
    Held held = TRY(hold_once(pid));
    if (!held.no_twin() || !held.gone_on.passing || attempt == kAttempts) return held;
    held.stop.reset();
    std::this_thread::sleep_for(std::chrono::microseconds(attempt * 37 % 900));
  }
}

// At an address of its own: what is shared with the test changes under a twin too.
struct Private {
  std::uint64_t words[4096];
};

// Writes the same number in all words, and shows where they are.
[[noreturn]] void write_words(SharedState& state) {
  auto* own = new Private{};
  state.counters[1] = reinterpret_cast<std::uint64_t>(own);
  state.ready = true;
  for (std::uint64_t number = 1;; ++number) {
    for (std::uint64_t& word : own->words) {
      word = number;
      asm volatile("" ::: "memory");
    }
    ++state.counters[0];
  }
}

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

class CgroupFolders {
 public:
  CgroupFolders() : root_(testing::TempDir() + "cgroups_for_tests") {
    std::filesystem::remove_all(root_);
  }
  ~CgroupFolders() { std::filesystem::remove_all(root_); }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    std::ofstream(file.parent_path() / "cgroup.procs") << "";
  }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

TEST(MemoryHeadroom, IsTheLeastOfACgroupAndThoseAboveIt) {
  CgroupFolders folders;
  folders.write("/pod/box/memory.max", "max\n");
  folders.write("/pod/box/memory.current", "500\n");
  folders.write("/pod/memory.max", "10000\n");
  folders.write("/pod/memory.current", "7000\n");
  folders.write("/pod/memory.stat", "anon 4000\ninactive_file 1500\n");
  folders.write("/cgroup.controllers", "memory\n");
  Headroom headroom = read_cgroup_headroom("0::/pod/box\n", folders.root());
  EXPECT_TRUE(headroom.known);
  EXPECT_EQ(headroom.bytes, 4500u);
  EXPECT_EQ(read_cgroup_headroom("0::/pod/box\n", folders.root(), Reclaimable::kIsTaken).bytes,
            3000u);
}

TEST(MemoryHeadroom, WhereItIsSlowedDownIsALimitToo) {
  CgroupFolders folders;
  folders.write("/box/memory.max", "9000\n");
  folders.write("/box/memory.high", "6000\n");
  folders.write("/box/memory.current", "5000\n");
  folders.write("/cgroup.controllers", "memory\n");
  EXPECT_EQ(read_cgroup_headroom("0::/box\n", folders.root()).bytes, 1000u);
}

TEST(MemoryHeadroom, OfTheLegacyInterface) {
  CgroupFolders folders;
  folders.write("/memory/a/memory.limit_in_bytes", "10000\n");
  folders.write("/memory/a/memory.usage_in_bytes", "9000\n");
  folders.write("/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 200\n");
  folders.write("/memory/memory.limit_in_bytes", "9223372036854771712\n");
  Headroom headroom = read_cgroup_headroom("8:pids:/\n4:cpu,memory:/a\n0::/\n", folders.root());
  EXPECT_TRUE(headroom.known);
  EXPECT_EQ(headroom.bytes, 1200u);
}

TEST(MemoryHeadroom, WithoutALimitThereIsNone) {
  CgroupFolders folders;
  folders.write("/system/memory.max", "max\n");
  folders.write("/cgroup.controllers", "memory\n");
  Headroom headroom = read_cgroup_headroom("0::/system\n", folders.root());
  EXPECT_TRUE(headroom.known);
  EXPECT_EQ(headroom.bytes, std::nullopt);
}

TEST(MemoryHeadroom, WhatIsNotVisibleIsNotKnown) {
  CgroupFolders folders;
  folders.write("/cgroup.controllers", "memory\n");
  EXPECT_FALSE(read_cgroup_headroom("0::/../../pod\n", folders.root()).known);
  EXPECT_FALSE(read_cgroup_headroom("0::/elsewhere\n", folders.root()).known);
}

}  // namespace
}  // namespace goshawk::target

#endif
