// What a watcher keeps in the history, and what it takes up again from it. What cannot be kept
// keeps nobody from watching: it is said once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "frontends/watch/alert.h"
#include "frontends/watch/told_growth.h"
#include "frontends/watch/watched_process.h"
#include "history/history.h"

namespace goshawk::frontends::watch {

struct Keeping {
  std::string path;  // empty: nothing is kept
  std::int64_t keep_seconds = std::int64_t{30} * 86'400;
};

// Of the minute that began at these seconds of Unix time.
struct MinuteOf {
  std::int64_t unix_seconds = 0;
  std::unordered_map<const GrowingNumber*, double> lowest;
};

// Where it is unless the user names another file; empty: nowhere.
std::string usual_history_path();

class Record {
 public:
  using Note = std::function<void(const std::string&)>;

  // `note` is told what goes wrong, and that it is well again.
  Record(Keeping keeping, Note note);

  // The alerts that there were, so that none is given twice.
  void recall(ToldAlerts& told, std::int64_t cooldown_ns);
  // What was sampled of this very process before. `now`: the time of its samples, in seconds.
  void begin(WatchedProcess& process, double now);
  void add_sample(const WatchedProcess& process, double now);
  void end(const WatchedProcess& process);
  void add_alert(const Alert& alert);

 private:
  struct Kept {
    history::ProcessId id = 0;
    MinuteOf minute;
    std::unordered_map<const GrowingNumber*, history::Point> written;  // the latest
  };

  void write_minute(Kept& kept, const WatchedProcess& process);
  void prune(double now);
  // False, and it is said, where it failed.
  bool is_well(const Result<void>& done);
  void open();

  Keeping keeping_;
  Note note_;
  std::optional<history::History> history_;
  std::unordered_map<const WatchedProcess*, Kept> kept_;
  bool failing_ = false;
  std::optional<double> clock_offset_;  // of Unix time to that of samples
  double agreed_since_ = 0;
};

}  // namespace goshawk::frontends::watch
