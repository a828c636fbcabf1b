#include "target/started_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "target/child_process_for_tests.h"
#include "target/process.h"

namespace goshawk::target {
namespace {

struct Watched {
  Result<Ended> ended;
  std::vector<EndingProcess> seen;
};

Watched run(std::vector<std::string> command, bool children = false) {
  std::vector<EndingProcess> seen;
  StartRequest request{std::move(command), {"PATH=/usr/bin:/bin", "GREETING=hello"}, children};
  auto ended = run_to_end(request, [&](const EndingProcess& ending) { seen.push_back(ending); });
  return {std::move(ended), std::move(seen)};
}

TEST(StartedProcess, ItsExitCodeIsTold) {
  Watched done = run({"sh", "-c", "exit 7"});
  ASSERT_TRUE(done.ended);
  EXPECT_EQ(WEXITSTATUS(done.ended->wait_status), 7);
  ASSERT_EQ(done.seen.size(), 1U);
  EXPECT_EQ(WEXITSTATUS(done.seen[0].wait_status), 7);
  EXPECT_EQ(done.seen[0].threads.size(), 1U);
  EXPECT_EQ(done.seen[0].incomplete, "");
}

TEST(StartedProcess, ItHasTheEnvironmentThatItIsGiven) {
  Watched done = run({"sh", "-c", "test \"$GREETING\" = hello"});
  ASSERT_TRUE(done.ended);
  EXPECT_EQ(done.ended->wait_status, 0);
}

TEST(StartedProcess, ItsSignalIsTold) {
  Watched done = run({"sh", "-c", "kill -TERM $$"});
  ASSERT_TRUE(done.ended);
  ASSERT_TRUE(WIFSIGNALED(done.ended->wait_status));
  EXPECT_EQ(WTERMSIG(done.ended->wait_status), SIGTERM);
  EXPECT_EQ(done.seen.size(), 1U);
}

TEST(StartedProcess, WhatIsKilledIsNotHeldUp) {
  Watched done = run({"sh", "-c", "kill -KILL $$"});
  ASSERT_TRUE(done.ended);
  EXPECT_EQ(WTERMSIG(done.ended->wait_status), SIGKILL);
  ASSERT_EQ(done.seen.size(), 1U);
  EXPECT_TRUE(done.seen[0].threads.empty());
}

TEST(StartedProcess, WhatCannotBeExecutedIsSaid) {
  Watched absent = run({"/nowhere/at/all"});
  ASSERT_TRUE(absent.ended);
  EXPECT_EQ(absent.ended->not_started, ENOENT);
  EXPECT_TRUE(absent.seen.empty());
  Watched denied = run({"/etc/passwd"});
  ASSERT_TRUE(denied.ended);
  EXPECT_EQ(denied.ended->not_started, EACCES);
}

TEST(StartedProcess, ItsMemoryIsThereAtItsEnd) {
  std::string name;
  StartRequest request{{"sleep", "0"}, {"PATH=/usr/bin:/bin"}, false};
  auto ended = run_to_end(request, [&](const EndingProcess& ending) {
    auto target = open_ending_process(ending.pid, ending.threads);
    ASSERT_TRUE(target);
    name = (*target)->executable_path();
    auto stop = (*target)->stop();
    ASSERT_TRUE(stop);
    ASSERT_EQ((*stop)->threads().size(), 1U);
    Address sp = (*stop)->threads()[0].sp;
    EXPECT_TRUE((*target)->memory().read_value<std::uint64_t>(sp));
    EXPECT_FALSE((*target)->goes_on());
  });
  ASSERT_TRUE(ended);
  EXPECT_THAT(name, testing::HasSubstr("sleep"));
}

TEST(StartedProcess, ChildrenAreLetAloneUnlessTheyAreAskedFor) {
  std::vector<std::string> command = {"sh", "-c", "/bin/true; /bin/false; exit 5"};
  EXPECT_EQ(run(command).seen.size(), 1U);
  Watched all = run(command, true);
  ASSERT_TRUE(all.ended);
  EXPECT_EQ(WEXITSTATUS(all.ended->wait_status), 5);
  EXPECT_EQ(all.seen.size(), 3U);
}

TEST(StartedProcess, AChildThatRunsOnIsLetGo) {
  Watched done = run({"sh", "-c", "sleep 30 & echo $! > /dev/null; exit 0"}, true);
  ASSERT_TRUE(done.ended);
  EXPECT_EQ(done.ended->left, 1U);
}

TEST(StartedProcess, AnExecChangesWhatIsSeen) {
  Watched done = run({"sh", "-c", "exec sh -c 'exit 4'"});
  ASSERT_TRUE(done.ended);
  EXPECT_EQ(WEXITSTATUS(done.ended->wait_status), 4);
  EXPECT_EQ(done.seen.size(), 1U);
}

TEST(StartedProcess, ItCanBeLookedAtWhileItRuns) {
  std::vector<std::int64_t> programs;
  bool held = false, went_on = false;
  StartRequest request{{"sh", "-c", "while :; do :; done"}, {"PATH=/usr/bin:/bin"}, false};
  request.beside = [&](RunningPrograms& running) {
    wait_until([&] {
      programs = running.list();
      return !programs.empty();
    });
    std::int64_t pid = programs.empty() ? 0 : programs.front();
    auto directory = ProcessDirectory::open(pid);
    auto state = [&] { return parse_stat(directory->read_file("stat").value_or(""))->state; };
    auto stop = running.stop(pid);
    if (stop) {
      held = (*stop)->threads().size() == 1 && state() == 't';
      went_on = (*stop)->let_go().has_value() && state() == 'R';
    }
    ::kill(static_cast<pid_t>(pid), SIGTERM);
    while (running.wait(std::nullopt).event != RunningPrograms::Event::kEnd) {
    }
    EXPECT_FALSE(running.stop(pid));
  };
  auto ended = run_to_end(request, [](const EndingProcess&) {});
  ASSERT_TRUE(ended);
  EXPECT_EQ(WTERMSIG(ended->wait_status), SIGTERM);
  EXPECT_EQ(programs.size(), 1U);
  EXPECT_TRUE(held);
  EXPECT_TRUE(went_on);
}

TEST(StartedProcess, ASignalForUsIsNotForIt) {
  std::vector<int> signals;
  StartRequest request{{"sleep", "60"}, {"PATH=/usr/bin:/bin"}, false};
  request.beside = [&](RunningPrograms& running) {
    wait_until([&] { return !running.list().empty(); });
    for (int signal : {kForUs, SIGTERM}) {
      ::kill(::getpid(), signal);
      signals.push_back(running.wait(std::nullopt).signal);
    }
  };
  auto ended = run_to_end(request, [](const EndingProcess&) {});
  ASSERT_TRUE(ended);
  EXPECT_EQ(WTERMSIG(ended->wait_status), SIGTERM);
  EXPECT_THAT(signals, testing::ElementsAre(kForUs, SIGTERM));
}

// It is let go then: nobody waits for who holds it.
TEST(StartedProcess, WhatIsHeldWhenTheProgramEndsGoesOn) {
  std::unique_ptr<Stop> stop;
  StartRequest request{{"sh", "-c", "sleep 60 & wait"}, {"PATH=/usr/bin:/bin"}, true};
  std::int64_t shell = 0, sleeper = 0;
  request.beside = [&](RunningPrograms& running) {
    wait_until([&] { return running.list().size() == 2; });
    std::vector<std::int64_t> programs = running.list();
    ASSERT_EQ(programs.size(), 2U);
    shell = programs[0];
    sleeper = programs[1];
    auto held = running.stop(sleeper);
    ASSERT_TRUE(held);
    ::kill(static_cast<pid_t>(shell), SIGKILL);
    while (running.wait(std::nullopt).event != RunningPrograms::Event::kEnd) {
    }
    EXPECT_FALSE((*held)->let_go());
  };
  auto ended = run_to_end(request, [](const EndingProcess&) {});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->left, 1U);
  auto directory = ProcessDirectory::open(sleeper);
  ASSERT_TRUE(directory);
  EXPECT_TRUE(wait_until(
      [&] { return parse_stat(directory->read_file("stat").value_or(""))->state == 'S'; }));
  ::kill(static_cast<pid_t>(sleeper), SIGKILL);
}

TEST(StartedProcess, ItStaysStoppedUntilItIsContinued) {
  std::string file = testing::TempDir() + "/stopped." + std::to_string(::getpid());
  std::atomic<int> seen_stopped = 0;
  std::jthread waker([&] {
    std::int64_t pid = 0;
    bool known = wait_until([&] {
      std::ifstream(file) >> pid;
      return pid != 0;
    });
    auto child = known ? ProcessDirectory::open(pid) : std::nullopt;
    wait_until([&] {
      auto stat = parse_stat(child->read_file("stat").value_or(""));
      if (stat && (stat->state == 'T' || stat->state == 't')) ++seen_stopped;
      return seen_stopped > 20;
    });
    ::kill(static_cast<pid_t>(pid), SIGCONT);
  });
  Watched done = run({"sh", "-c", "echo $$ > " + file + "; kill -STOP $$; exit 4"});
  waker.join();
  ::unlink(file.c_str());
  ASSERT_TRUE(done.ended);
  EXPECT_EQ(WEXITSTATUS(done.ended->wait_status), 4);
  EXPECT_GT(seen_stopped, 20);
}

}  // namespace
}  // namespace goshawk::target
