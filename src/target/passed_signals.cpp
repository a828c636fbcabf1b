// Which of the two is told first is not known, nor whether the other comes at all: a signal of ours
// waits for it a moment, and one of the program's is remembered a while longer.
#include "target/passed_signals.h"

#include <algorithm>
#include <iterator>

namespace goshawk::target {
namespace {

constexpr auto kBetween = std::chrono::milliseconds(20);
constexpr auto kRemembered = std::chrono::milliseconds(200);

}  // namespace

bool PassedSignals::is_one(int signal) {
  return std::ranges::find(kPassedSignals, signal) != std::end(kPassedSignals);
}

void PassedSignals::received(int signal, pid_t sender, Clock::time_point now) {
  received_.push_back({signal, sender, now});
}

void PassedSignals::seen(int signal, pid_t sender, Clock::time_point now) {
  seen_.push_back({signal, sender, now});
}

std::vector<int> PassedSignals::take_due(Clock::time_point now) {
  std::vector<int> due;
  std::erase_if(received_, [&](const One& one) {
    auto same = std::ranges::find_if(seen_, [&](const One& other) {
      return other.signal == one.signal && other.sender == one.sender;
    });
    if (same != seen_.end()) {
      seen_.erase(same);
      return true;
    }
    if (now - one.at < kBetween) return false;
    due.push_back(one.signal);
    return true;
  });
  std::erase_if(seen_, [&](const One& one) { return now - one.at > kRemembered; });
  return due;
}

}  // namespace goshawk::target
