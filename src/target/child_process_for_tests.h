// Processes that tests examine: written in the test as a function, run in a fork of it. The
// function gets memory that it shares with the test, for counters and for what it saw of itself.
#pragma once

#include <dirent.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <new>
#include <string>
#include <thread>

#include "target/process_directory.h"

namespace goshawk::target {

struct SharedState {
  std::atomic<bool> ready = false;
  std::atomic<bool> finish = false;
  std::atomic<std::uint64_t> counters[64] = {};
  std::atomic<std::uint64_t> errors = 0;
};

// Waits for what must come; a test that waits for ever is a test that failed, by its own limit.
template <typename Condition>
bool wait_until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
  auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

class ChildProcess {
 public:
  using Body = std::function<void(SharedState&)>;

  // `body` sets ready itself; its end is the process' end, with exit code 0.
  explicit ChildProcess(const Body& body)
      : state_(new(::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0)) SharedState) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body(*state_);
    ::_exit(0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (pid_ > 0) {
      ::kill(static_cast<pid_t>(pid_), SIGKILL);
      wait_for_exit();
    }
    ::munmap(state_, sizeof(SharedState));
  }

  std::int64_t pid() const { return pid_; }
  SharedState& state() { return *state_; }
  void send(int signal) const { ::kill(static_cast<pid_t>(pid_), signal); }
  bool wait_until_ready() {
    return wait_until([this] { return state_->ready.load(); });
  }
  // The wait status; the process is no more.
  int wait_for_exit() {
    int status = 0;
    ::waitpid(static_cast<pid_t>(std::exchange(pid_, 0)), &status, 0);
    return status;
  }
  bool counter_advances(std::size_t index = 0) {
    std::uint64_t before = state_->counters[index];
    return wait_until([&] { return state_->counters[index] != before; });
  }
  char state_letter() const {
    auto directory = ProcessDirectory::open(pid_);
    auto stat = directory ? parse_stat(directory->read_file("stat").value_or("")) : std::nullopt;
    return stat ? stat->state : '-';
  }
  bool wait_for_state(char letter) const {
    return wait_until([&] { return state_letter() == letter; });
  }
  // A line of status of each thread, one after the other.
  std::string status_of_threads(std::string_view field) const {
    auto directory = ProcessDirectory::open(pid_);
    std::string all;
    for (std::int64_t tid : directory->list_threads()) {
      auto status = directory->read_file(fmt::format("task/{}/status", tid).c_str()).value_or("");
      all += fmt::format("{} {}\n", tid, find_status_field(status, field));
    }
    return all;
  }

 private:
  SharedState* state_;
  std::int64_t pid_;
};

// Counts for ever in counters[0].
inline void count(SharedState& state) {
  state.ready = true;
  while (!state.finish)
    if (++state.counters[0] % 1000 == 0) ::usleep(100);
}

}  // namespace goshawk::target
