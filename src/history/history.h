// What was sampled of processes and which alerts there were, over the ends of watchers, of the
// processes and of the machine: one SQLite file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "history/database.h"

namespace goshawk::history {

// What makes a process that process, also when its number is given to another one.
struct ProcessKey {
  std::string boot;  // /proc/sys/kernel/random/boot_id
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;
};

struct SeriesKey {
  std::string quantity;  // "goroutines", "heap" ...
  std::string function = {}, file = {};
  std::uint32_t line = 0;
};

struct Value {
  SeriesKey series;
  double value = 0;
};

struct AlertRecord {
  std::int64_t unix_ns = 0;
  std::string program, fingerprint, confidence, text, json;
  std::int64_t pid = 0;
};

// A series of one process in the file, with what a table says of it.
struct SeriesSummary {
  std::int64_t id = 0;
  std::string program;
  std::int64_t pid = 0;
  SeriesKey series;
  std::int64_t first_unix = 0, last_unix = 0;  // seconds
  double first = 0, last = 0, least = 0, most = 0;
};

struct Point {
  std::int64_t unix_seconds = 0;
  double value = 0;
};

using ProcessId = std::int64_t;  // in the file

class History {
 public:
  // Makes file and folder. A file that is broken is moved aside, and `moved_aside` says where to.
  // Usage for one that a newer Goshawk has made.
  static Result<History> open(const std::string& path, std::string& moved_aside);
  // One that is there, to be asked only.
  static Result<History> open_for_reading(const std::string& path);

  Result<ProcessId> add_process(const ProcessKey& key, const std::string& program,
                                const std::string& executable, const std::string& go_version);
  // Of one minute; what is there of that minute is replaced. All of it or nothing.
  Result<void> add_values(ProcessId process, std::int64_t unix_seconds,
                          const std::vector<Value>& values);
  Result<void> add_alert(const AlertRecord& alert);

  // What was sampled of this process since then, oldest first.
  Result<void> replay(const ProcessKey& key, std::int64_t since_unix,
                      const std::function<void(const SeriesKey&, Point)>& each) const;
  Result<std::vector<AlertRecord>> list_alerts(std::int64_t since_unix) const;  // newest first
  Result<std::vector<SeriesSummary>> list_series(std::int64_t since_unix) const;
  Result<std::vector<Point>> read_points(std::int64_t series, std::int64_t since_unix) const;

  // What is older than `keep_seconds` goes; what is older than two days is kept in steps of ten
  // minutes, the lowest of each.
  Result<void> prune(std::int64_t now_unix, std::int64_t keep_seconds);

 private:
  explicit History(Database database) : database_(std::move(database)) {}
  static Result<History> open_whole(const std::string& path);
  Result<std::int64_t> find_series(ProcessId process, const SeriesKey& key);

  Database database_;
};

// Where it is unless the user names another file: $XDG_STATE_HOME/goshawk/history.db, or that below
// ~/.local/state; empty where there is no home.
std::string usual_path();

// Of this run of the machine; empty where it is not told.
std::string read_boot_id();

}  // namespace goshawk::history
