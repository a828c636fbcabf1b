// The threads of a process in ptrace stops: seized, stopped, let go as they were. ptrace(2).
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "target/process_directory.h"
#include "target/process_stop.h"
#include "target/target.h"

namespace goshawk::target {

struct TracedThread {
  std::int64_t tid = 0;
  int signal = 0;         // it stopped on its way to this signal
  bool filtered = false;  // it runs under a seccomp filter, as far as was asked
};

// The threads that are ours, shared with the thread that waits for the tracing one.
class SeizedThreads {
 public:
  void add(std::int64_t tid) {
    std::lock_guard lock(mutex_);
    tids_.push_back(tid);
  }
  std::vector<std::int64_t> copy() const {
    std::lock_guard lock(mutex_);
    return tids_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> tids_;
};

// Of those that have ended, but the first one, whose exit is its parent's. Any thread of ours may
// call it.
void collect_exits(std::int64_t pid, const SeizedThreads& seized);

// All of it runs in one thread, the tracing one.
class Tracer {
 public:
  using Clock = std::chrono::steady_clock;

  // Both must outlive it.
  Tracer(const ProcessDirectory& directory, StopLimits limits, SeizedThreads& seized)
      : directory_(directory), limits_(limits), seized_(seized) {}

  Result<void> stop_all();
  // One thread only; false: it is gone.
  Result<bool> stop_one(std::int64_t tid);
  Result<std::vector<Thread>> read_registers() const;
  void let_go();

  std::vector<TracedThread>& stopped() { return stopped_; }
  Clock::time_point first_stop() const { return first_stop_; }

 private:
  Result<std::vector<std::int64_t>> seize_new();
  Result<bool> seize(std::int64_t tid);
  Result<void> interrupt_and_wait(const std::vector<std::int64_t>& tids);
  bool arrived(std::int64_t tid, bool patient);
  bool is_dead(std::int64_t tid) const;
  bool is_dying(std::int64_t tid) const;
  bool is_starved(std::int64_t tid) const;
  std::optional<ProcessStat> read_thread_stat(std::int64_t tid) const;
  bool all_are_stopped() const;
  Result<void> check_limits() const;
  bool has_paused_enough() const;
  Error explain_stuck(std::int64_t tid) const;
  void progress() { last_progress_ = Clock::now(); }

  const ProcessDirectory& directory_;
  StopLimits limits_;
  SeizedThreads& seized_;
  std::unordered_set<std::int64_t> known_;
  std::vector<TracedThread> stopped_;
  Clock::time_point began_ = Clock::now(), last_progress_ = began_, first_stop_ = began_;
};

}  // namespace goshawk::target
