// What a piece of work is at, how far, and what each stage of it has cost: for those who wait for
// it, and for those who want to know where the time goes. Stages follow each other; threads that
// work for one of them together are in it together.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace goshawk {

struct StageTime {
  std::string name;
  std::uint32_t times = 0;  // it was begun: of several pictures more than once
  std::int64_t wall_ns = 0;
  std::int64_t cpu_ns = 0;       // of all threads of this process
  std::uint64_t bytes_read = 0;  // of the target's memory
};

class Stages {
 public:
  // Begins a stage; the one before it ends. `amount`: how much of advance() there is to be done, 0:
  // that is not known. One thread at a time begins and ends them.
  void begin(std::string_view name, std::uint64_t amount = 0);
  void end();

  // How much of a target has been read so far: what is more than was told before belongs to the
  // stage that runs. Less: it is another target.
  void note_bytes_read(std::uint64_t so_far);

  // Any thread.
  void advance(std::uint64_t amount) { done_.fetch_add(amount, std::memory_order_relaxed); }

  // Any thread: the stage that runs; no name: none does.
  struct Running {
    std::string name;
    std::uint64_t done = 0, amount = 0;
  };
  Running running() const;

  // In the order of their first beginnings; once they have ended.
  const std::vector<StageTime>& times() const { return times_; }

 private:
  StageTime& find(std::string_view name);

  mutable std::mutex mutex_;  // of name_ and amount_
  std::string name_;
  std::uint64_t amount_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
  std::chrono::steady_clock::time_point began_;
  std::int64_t cpu_at_begin_ns_ = 0;
  std::uint64_t read_in_stage_ = 0, read_so_far_ = 0;
  std::vector<StageTime> times_;
};

// Where nobody may want to know: null is no one.
inline void begin_stage(Stages* stages, std::string_view name, std::uint64_t amount = 0) {
  if (stages != nullptr) stages->begin(name, amount);
}

}  // namespace goshawk
