// What was already said, so that nothing is said twice: of each number that grows when it was last
// looked into, of each fingerprint when there was an alert.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "frontends/watch/alert.h"
#include "frontends/watch/watched_process.h"

namespace goshawk::frontends::watch {

// Of one process.
class LookedInto {
 public:
  // Those that grow and were not looked into yet, or are surer or twice as many since then.
  std::vector<const GrowingNumber*> list_news(
      const std::vector<const GrowingNumber*>& growing) const;
  void note(const GrowingNumber& number, double now_seconds);
  // Those that were looked into and do not grow any more, once.
  std::vector<const GrowingNumber*> take_ended(const std::vector<const GrowingNumber*>& growing);
  double latest_seconds() const { return latest_seconds_; }  // far in the past: never

 private:
  struct Look {
    analyses::trend::Grade grade = analyses::trend::Grade::kRising;
    double level = 0;
  };
  std::unordered_map<const GrowingNumber*, Look> looks_;
  double latest_seconds_ = -1e18;
};

class ToldAlerts {
 public:
  explicit ToldAlerts(std::int64_t cooldown_ns) : cooldown_ns_(cooldown_ns) {}

  // Whether there was one of this kind a short while ago. A clock that was set back does not keep
  // an alert away for longer than the cooldown.
  bool was_told(const Alert& alert) const;
  void note(const std::string& program, const std::string& fingerprint, std::int64_t unix_ns);

 private:
  std::int64_t cooldown_ns_;
  std::map<std::pair<std::string, std::string>, std::int64_t> told_;  // by program and fingerprint
};

}  // namespace goshawk::frontends::watch
