// What stands in the way of reading ahead, and who ends when: a filter of the process, another
// program in its place, the keeper killed at each moment of its work. The process goes on,
// untracked, with no file more than it had.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "target/keeper.h"
#include "target/reading_ahead.h"
#include "target/twins_for_tests.h"
#include "target/write_tracking.h"

#if defined(__x86_64__)

namespace goshawk::target {
namespace {

// GOSHAWK_TEST_FAULTS: how many times as many rounds.
int rounds(int usual) {
  const char* times = std::getenv("GOSHAWK_TEST_FAULTS");
  return usual * (times == nullptr ? 1 : std::max(1, std::atoi(times)));
}

bool has_tracked_memory(std::int64_t pid) {
  std::ifstream smaps("/proc/" + std::to_string(pid) + "/smaps");
  for (std::string line; std::getline(smaps, line);)
    if (line.starts_with("VmFlags:") && line.find(" uw") != std::string::npos) return true;
  return false;
}

std::size_t count_userfaultfds(std::int64_t pid) {
  std::size_t count = 0;
  std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::error_code gone;
    std::string leads_to = std::filesystem::read_symlink(file, gone).string();
    if (leads_to.find("userfaultfd") != std::string::npos) ++count;
  }
  return count;
}

[[noreturn]] void write_and_rest(SharedState& state) {
  start_thread(rest);
  write_words(state);
}

// At an instant at which a thread rests.
bool begin(Target& target) {
  return wait_until([&] {
    auto stop = target.stop();
    return stop && (*stop)->begin_reading_ahead(kAnywhere);
  });
}

// Kills whoever makes such a call.
void forbid(std::uint32_t call) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),  // the call's number
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{.len = 4, .filter = code};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(1);
}

// With the right to suspend it it is read ahead, without it the reason is told; the process lives.
TEST(TrackedMemoryEnds, AFilterThatForbidsItIsNotTried) {
  ChildProcess child([](SharedState& state) {
    forbid(SYS_userfaultfd);
    write_and_rest(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  auto target = open_process(child.pid(), {.way = Way::kTrack});
  ASSERT_TRUE(target) << describe(target.error());
  for (int round = 0; round < 20 && (*target)->wants_reading_ahead(); ++round) {
    auto stop = (*target)->stop();
    ASSERT_TRUE(stop) << describe(stop.error());
    if (!(*stop)->begin_reading_ahead(kAnywhere)) continue;
    stop->reset();
    ASSERT_TRUE((*target)->reading_ahead()->begin_round());
    break;
  }
  if (!(*target)->wants_reading_ahead()) {
    auto stop = (*target)->stop();
    ASSERT_TRUE(stop) << describe(stop.error());
    auto gone_on = (*stop)->go_on(kAnywhere);
    ASSERT_FALSE(gone_on);
    EXPECT_NE(describe(gone_on.error()).find("it runs under a seccomp filter"), std::string::npos)
        << describe(gone_on.error());
  }
  target->reset();
  EXPECT_TRUE(child.counter_advances());
  EXPECT_NE(child.status_of_threads("Seccomp").find(" 2\n"), std::string::npos);
  EXPECT_EQ(count_userfaultfds(child.pid()), 0U);
}

// Before the stop, in it, or while its picture is read: what is told then is an error, never of
// another program's memory.
TEST(TrackedMemoryEnds, AnotherProgramInItsPlaceIsNotTakenForIt) {
  for (int round = 0; round < rounds(12); ++round) {
    ChildProcess child([](SharedState& state) {
      start_thread(rest);
      start_thread([&] {
        while (!state.finish) ::usleep(50);
        ::execl("/bin/sleep", "sleep", "100", nullptr);
      });
      write_words(state);
    });
    ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
    auto target = open_process(child.pid(), {.way = Way::kTrack});
    ASSERT_TRUE(target && begin(**target));
    Address words(child.state().counters[1]);
    ASSERT_TRUE((*target)->reading_ahead()->begin_round());
    ASSERT_TRUE((*target)->memory().read_value<std::uint64_t>(words));
    auto directory = ProcessDirectory::open(child.pid());
    auto executes_another = [&] {
      child.state().finish = true;
      return wait_until([&] {
        auto stat = parse_stat(directory->read_file("stat").value_or(""));
        return stat && stat->command == "sleep";
      });
    };
    bool before = round % 2 == 0;
    if (before) {
      ASSERT_TRUE(executes_another());
    }
    auto stop = (*target)->stop();
    if (before) {
      ASSERT_FALSE(stop);
      EXPECT_NE(describe(stop.error()).find("process"), std::string::npos);
    } else {
      ASSERT_TRUE(stop) << describe(stop.error());
      auto gone_on = (*stop)->go_on(kAnywhere);
      ASSERT_TRUE(gone_on) << describe(gone_on.error());
      ASSERT_TRUE(executes_another());
      auto late = (*target)->memory().read_array<std::uint64_t>(words, 4096);
      auto let_go = (*stop)->let_go();
      EXPECT_TRUE(gone_on->way != Way::kTrack || !late || !let_go);
    }
    target->reset();
    EXPECT_FALSE(has_tracked_memory(child.pid()));
    EXPECT_EQ(count_userfaultfds(child.pid()), 0U);
    EXPECT_FALSE(is_traced(child.pid()));
    EXPECT_TRUE(is_running(child.pid()));
  }
}

// While it stops, has the call made, hands the descriptor over, lets go. Between the two calls a
// descriptor may stay (docs/limits.md), which tracks nothing: at most one for each keeper killed
// so.
TEST(TrackedMemoryEnds, TheKeeperIsKilledAndTheProcessGoesOn) {
  ChildProcess child([](SharedState& state) {
    start_thread([&] {
      while (true) {
        ::usleep(100);
        ++state.counters[2];
      }
    });
    write_and_rest(state);
  });
  ASSERT_TRUE(child.wait_until_ready() && wait_until_one_rests(child));
  std::mt19937 random(13);
  auto directory = ProcessDirectory::open(child.pid());
  int lent = 0;
  std::size_t killed = static_cast<std::size_t>(rounds(40));
  for (std::size_t round = 0; round < killed; ++round) {
    auto kept = stop_by_keeper(*directory);
    ASSERT_TRUE(kept) << describe(kept.error());
    std::thread killer([pid = kept->keeper->pid(), after = random() % 1200] {
      ::usleep(static_cast<useconds_t>(after));
      ::kill(static_cast<pid_t>(pid), SIGKILL);
    });
    auto descriptor = kept->stop->borrow_userfaultfd(kAnywhere);
    if (descriptor) {
      ++lent;
      auto tracking = WriteTracking::begin(*directory, *std::move(descriptor));
      ASSERT_TRUE(tracking) << describe(tracking.error());
      tracking->cover(parse_mappings(directory->read_file("maps").value_or("")));
    }
    killer.join();
    kept = fail(Missing{});
    ASSERT_TRUE(child.counter_advances(0));
    ASSERT_TRUE(child.counter_advances(2));
  }
  std::size_t left = count_userfaultfds(child.pid());
  EXPECT_LE(left, killed - static_cast<std::size_t>(lent));
  EXPECT_FALSE(has_tracked_memory(child.pid()));
  EXPECT_TRUE(wait_until([&] { return !is_traced(child.pid()); }));
  EXPECT_TRUE(list_children(child.pid()).empty());
  std::cout << lent << " lent, " << left << " left behind by keepers that were killed\n";
}

}  // namespace
}  // namespace goshawk::target

#endif
