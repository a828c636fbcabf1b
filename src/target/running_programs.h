// Programs that are watched (started_process.h), while they run, for another thread of ours: only
// the one that watches may trace, so that it is asked to.
#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace goshawk::target {

// Sent to us, it is no signal for the programs if somebody looks at them while they run.
inline constexpr int kForUs = SIGUSR1;

// What the watching thread does when it is asked. All of it runs in that thread.
class ProgramHolder {
 public:
  virtual ~ProgramHolder() = default;
  virtual std::vector<std::int64_t> list_programs() const = 0;
  virtual void begin_hold(std::int64_t pid) = 0;
  // Once all threads are held, what their registers hold; no value: not yet. An error: nothing of
  // it is held any more.
  virtual Result<std::optional<std::vector<Thread>>> look_at_held(std::int64_t pid) = 0;
  // False: it was not held until now; it has ended, or was killed.
  virtual bool end_hold(std::int64_t pid) = 0;
};

class RunningPrograms {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RunningPrograms(ProgramHolder& holder) : holder_(holder) {}

  // ---- of the one thread that asks ----

  enum class Event : std::uint8_t { kSignal, kTime, kEnd };
  struct Happened {
    Event event = Event::kEnd;
    int signal = 0;
  };
  // Until a signal comes that is for us, `until` has come, or the program has ended.
  Happened wait(std::optional<Clock::time_point> until);
  // Processes that execute a program of their own, as far as they are watched; by their numbers.
  std::vector<std::int64_t> list();
  // As Target::stop(), by who traces it already. It must end before the thread does that asks.
  Result<std::unique_ptr<Stop>> stop(std::int64_t pid);
  bool let_go(std::int64_t pid);  // what a stop's end does

  // ---- of the thread that watches ----

  void note_signal(int signal);
  // Does what is asked for. True: it is not done yet, and to be called again soon.
  bool serve();
  // The program has ended: nothing is done any more, and whoever waits is told.
  void close();

 private:
  bool ask(std::function<bool()> step);

  ProgramHolder& holder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int> signals_;
  std::function<bool()> step_;  // done in the watching thread, until it returns true
  bool closed_ = false;
};

}  // namespace goshawk::target
