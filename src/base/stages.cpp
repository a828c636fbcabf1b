// Stages of one name are added up: a second picture has the same ones. A clock is asked at the
// beginning of a stage only, so that nothing is paid where the work is done.
#include "base/stages.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace goshawk {
namespace {

std::int64_t read_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace

void Stages::begin(std::string_view name, std::uint64_t amount) {
  end();
  began_ = std::chrono::steady_clock::now();
  cpu_at_begin_ns_ = read_cpu_ns();
  std::lock_guard lock(mutex_);
  name_ = name;
  amount_ = amount;
  done_ = 0;
}

void Stages::end() {
  if (name_.empty()) return;
  StageTime& stage = find(name_);
  ++stage.times;
  stage.wall_ns += std::chrono::nanoseconds(std::chrono::steady_clock::now() - began_).count();
  stage.cpu_ns += read_cpu_ns() - cpu_at_begin_ns_;
  stage.bytes_read += std::exchange(read_in_stage_, 0);
  std::lock_guard lock(mutex_);
  name_.clear();
  amount_ = 0;
}

void Stages::note_bytes_read(std::uint64_t so_far) {
  read_in_stage_ += so_far >= read_so_far_ ? so_far - read_so_far_ : so_far;
  read_so_far_ = so_far;
}

Stages::Running Stages::running() const {
  std::lock_guard lock(mutex_);
  return {name_, done_.load(std::memory_order_relaxed), amount_};
}

StageTime& Stages::find(std::string_view name) {
  auto found = std::ranges::find(times_, name, &StageTime::name);
  if (found != times_.end()) return *found;
  times_.push_back({.name = std::string(name)});
  return times_.back();
}

}  // namespace goshawk
