// A question is a step that the watching thread takes again and again until it is done. That thread
// sleeps in sigwaitinfo: a SIGCHLD of ours wakes it.
#include "target/running_programs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cassert>
#include <csignal>
#include <utility>

namespace goshawk::target {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(1000);  // with threads that do not come

class WatchedStop : public Stop {
 public:
  using Clock = RunningPrograms::Clock;

  WatchedStop(RunningPrograms& programs, std::int64_t pid, std::vector<Thread> threads,
              Clock::time_point began)
      : programs_(programs), pid_(pid), threads_(std::move(threads)), began_(began) {}
  ~WatchedStop() override { [[maybe_unused]] auto nobody_to_tell = let_go(); }

  const std::vector<Thread>& threads() const override { return threads_; }
  Result<void> let_go() override {
    if (ended_) return {};
    bool intact = programs_.let_go(pid_);
    ended_ = Clock::now();
    if (intact) return {};
    return fail(Missing{fmt::format("process {} has ended while it was read", pid_), ""});
  }
  std::int64_t pause_ns() const override {
    return std::chrono::nanoseconds(ended_.value_or(Clock::now()) - began_).count();
  }

 private:
  RunningPrograms& programs_;
  std::int64_t pid_;
  std::vector<Thread> threads_;
  Clock::time_point began_;
  std::optional<Clock::time_point> ended_;
};

}  // namespace

RunningPrograms::Happened RunningPrograms::wait(std::optional<Clock::time_point> until) {
  std::unique_lock lock(mutex_);
  auto happened = [&] { return closed_ || !signals_.empty(); };
  if (!until)
    changed_.wait(lock, happened);
  else if (!changed_.wait_until(lock, *until, happened))
    return {.event = Event::kTime};
  if (closed_) return {.event = Event::kEnd};
  int signal = signals_.front();
  signals_.pop_front();
  return {.event = Event::kSignal, .signal = signal};
}

std::vector<std::int64_t> RunningPrograms::list() {
  std::vector<std::int64_t> programs;
  ask([&] {
    programs = holder_.list_programs();
    return true;
  });
  return programs;
}

Result<std::unique_ptr<Stop>> RunningPrograms::stop(std::int64_t pid) {
  auto began = Clock::now();
  bool begun = false;
  Result<std::optional<std::vector<Thread>>> held = std::nullopt;
  bool asked = ask([&] {
    if (!std::exchange(begun, true)) holder_.begin_hold(pid);
    held = holder_.look_at_held(pid);
    if (held && !*held && Clock::now() - began > kPatience) {
      holder_.end_hold(pid);
      held = fail(Missing{fmt::format("a thread of process {} did not stop within a second", pid),
                          "all of it goes on; try again"});
    }
    return !held || *held;
  });
  if (!asked) return fail(Missing{"the program, which has ended", ""});
  std::optional<std::vector<Thread>> threads = TRY(std::move(held));
  return std::make_unique<WatchedStop>(*this, pid, *std::move(threads), began);
}

bool RunningPrograms::let_go(std::int64_t pid) {
  bool intact = false;
  ask([&] {
    intact = holder_.end_hold(pid);
    return true;
  });
  return intact;
}

bool RunningPrograms::ask(std::function<bool()> step) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  assert(!step_);
  step_ = std::move(step);
  ::kill(::getpid(), SIGCHLD);
  changed_.wait(lock, [&] { return !step_ || closed_; });
  return !std::exchange(step_, nullptr);
}

void RunningPrograms::note_signal(int signal) {
  std::lock_guard lock(mutex_);
  signals_.push_back(signal);
  changed_.notify_all();
}

bool RunningPrograms::serve() {
  std::lock_guard lock(mutex_);
  if (!step_) return false;
  if (!step_()) return true;
  step_ = nullptr;
  changed_.notify_all();
  return false;
}

void RunningPrograms::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace goshawk::target
