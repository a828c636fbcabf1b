// Three tables that say what is followed (process, series) and what was seen (sample), and one of
// alerts. A sample is the lowest of a minute, which is what trends are made of (analyses/trend): a
// minute is a row of three numbers for each series that is not what it was the minute before.
//
// The schema's number is the file's user_version. There is one so far; a later one brings the file
// up to itself when it opens it, and this one refuses files that are newer than itself.
//
// A broken file is evidence and stays, under another name; a new one is begun.
#include "history/history.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace goshawk::history {
namespace {

constexpr std::int64_t kSchema = 1;
constexpr std::int64_t kWholeSeconds = std::int64_t{2} * 86'400;  // minutes are kept for so long
constexpr std::int64_t kCoarseStep = 600;

const char* const kTables = R"(
CREATE TABLE process (id INTEGER PRIMARY KEY, boot TEXT NOT NULL, pid INTEGER NOT NULL,
  start_ticks INTEGER NOT NULL, program TEXT NOT NULL, executable TEXT NOT NULL,
  go_version TEXT NOT NULL, UNIQUE (boot, pid, start_ticks));
CREATE TABLE series (id INTEGER PRIMARY KEY, process INTEGER NOT NULL, quantity TEXT NOT NULL,
  function TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
  UNIQUE (process, quantity, function, file, line));
CREATE TABLE sample (series INTEGER NOT NULL, unix_seconds INTEGER NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (series, unix_seconds)) WITHOUT ROWID;
CREATE TABLE alert (id INTEGER PRIMARY KEY, unix_ns INTEGER NOT NULL, program TEXT NOT NULL,
  fingerprint TEXT NOT NULL, confidence TEXT NOT NULL, pid INTEGER NOT NULL, text TEXT NOT NULL,
  json TEXT NOT NULL);
CREATE INDEX alert_by_time ON alert (unix_ns);
)";

Result<std::int64_t> read_schema(const Database& database) {
  Statement version = TRY(database.prepare("PRAGMA user_version"));
  TRY(version.step());
  return version.integer(0);
}

Result<void> check_whole(const Database& database) {
  Statement check = TRY(database.prepare("PRAGMA quick_check(1)"));
  if (TRY(check.step()) && check.text(0) == "ok") return {};
  return fail(Malformed{database.path(), 0, check.text(0)});
}

Result<void> refuse_newer(const std::string& path, std::int64_t schema) {
  if (schema <= kSchema) return {};
  return fail(Usage{
      fmt::format("{} is of a newer goshawk (its form {}, known here: {})", path, schema, kSchema),
      "use that one, or name another file: --history FILE"});
}

Result<std::string> move_aside(const std::string& path) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string aside = fmt::format(
      "{}.broken-{}", path, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::error_code error;
  std::filesystem::rename(path, aside, error);
  if (error)
    return fail(
        Denied{fmt::format("{} is broken and cannot be moved aside ({})", path, error.message()),
               "remove it, or name another file: --history FILE"});
  for (const char* end : {"-wal", "-shm"}) std::filesystem::rename(path + end, aside + end, error);
  return aside;
}

}  // namespace

Result<History> History::open_whole(const std::string& path) {
  Database database = TRY(Database::open(path, true));
  TRY_VOID(database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
  TRY_VOID(check_whole(database));
  Transaction transaction = TRY(Transaction::begin(database));  // two may make it at once
  std::int64_t schema = TRY(read_schema(database));
  TRY_VOID(refuse_newer(path, schema));
  if (schema == 0)
    TRY_VOID(database.run(fmt::format("{}PRAGMA user_version = {}", kTables, kSchema)));
  TRY_VOID(transaction.commit());
  return History(std::move(database));
}

Result<History> History::open(const std::string& path, std::string& moved_aside) {
  std::error_code error;
  if (auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, error);
  auto history = open_whole(path);
  if (history || !std::holds_alternative<Malformed>(history.error())) return history;
  moved_aside = TRY(move_aside(path));
  return open_whole(path);
}

Result<History> History::open_for_reading(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return fail(Missing{"there is no history in " + path,
                        "`goshawk watch` keeps one; another file: --history FILE"});
  Database database = TRY(Database::open(path, false));
  std::int64_t schema = TRY(read_schema(database));
  TRY_VOID(refuse_newer(path, schema));
  if (schema == 0) return fail(Malformed{path, 0, "it is no history of goshawk watch"});
  return History(std::move(database));
}

Result<ProcessId> History::add_process(const ProcessKey& key, const std::string& program,
                                       const std::string& executable,
                                       const std::string& go_version) {
  auto ticks = static_cast<std::int64_t>(key.start_ticks);
  Statement add = TRY(database_.prepare(
      "INSERT INTO process (boot, pid, start_ticks, program, executable, go_version) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET program = excluded.program"));
  TRY_VOID(add.bind(key.boot, key.pid, ticks, program, executable, go_version).run());
  Statement find = TRY(
      database_.prepare("SELECT id FROM process WHERE boot = ? AND pid = ? AND start_ticks = ?"));
  TRY(find.bind(key.boot, key.pid, ticks).step());
  return find.integer(0);
}

Result<std::int64_t> History::find_series(ProcessId process, const SeriesKey& key) {
  Statement find = TRY(database_.prepare(
      "SELECT id FROM series WHERE process = ? AND quantity = ? AND function = ? AND file = ? "
      "AND line = ?"));
  std::int64_t line = key.line;
  if (TRY(find.bind(process, key.quantity, key.function, key.file, line).step()))
    return find.integer(0);
  Statement add = TRY(database_.prepare(
      "INSERT INTO series (process, quantity, function, file, line) VALUES (?, ?, ?, ?, ?)"));
  TRY_VOID(add.bind(process, key.quantity, key.function, key.file, line).run());
  return database_.last_row();
}

Result<void> History::add_values(ProcessId process, std::int64_t unix_seconds,
                                 const std::vector<Value>& values) {
  Transaction transaction = TRY(Transaction::begin(database_));
  Statement add = TRY(database_.prepare(
      "INSERT OR REPLACE INTO sample (series, unix_seconds, value) VALUES (?, ?, ?)"));
  for (const Value& value : values) {
    std::int64_t series = TRY(find_series(process, value.series));
    TRY_VOID(add.bind(series, unix_seconds, value.value).run());
  }
  return transaction.commit();
}

Result<void> History::add_alert(const AlertRecord& alert) {
  Statement add = TRY(database_.prepare(
      "INSERT INTO alert (unix_ns, program, fingerprint, confidence, pid, text, json) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  return add
      .bind(alert.unix_ns, alert.program, alert.fingerprint, alert.confidence, alert.pid,
            alert.text, alert.json)
      .run();
}

Result<void> History::replay(const ProcessKey& key, std::int64_t since_unix,
                             const std::function<void(const SeriesKey&, Point)>& each) const {
  Statement rows = TRY(database_.prepare(
      "SELECT quantity, function, file, line, unix_seconds, value FROM process "
      "JOIN series ON series.process = process.id JOIN sample ON sample.series = series.id "
      "WHERE boot = ? AND pid = ? AND start_ticks = ? AND unix_seconds >= ? "
      "ORDER BY unix_seconds"));
  rows.bind(key.boot, key.pid, static_cast<std::int64_t>(key.start_ticks), since_unix);
  while (TRY(rows.step()))
    each({rows.text(0), rows.text(1), rows.text(2), static_cast<std::uint32_t>(rows.integer(3))},
         {rows.integer(4), rows.real(5)});
  return {};
}

Result<std::vector<AlertRecord>> History::list_alerts(std::int64_t since_unix) const {
  Statement rows = TRY(database_.prepare(
      "SELECT unix_ns, program, fingerprint, confidence, text, json, pid FROM alert "
      "WHERE unix_ns >= ? ORDER BY unix_ns DESC"));
  rows.bind(since_unix * 1'000'000'000);
  std::vector<AlertRecord> alerts;
  while (TRY(rows.step()))
    alerts.push_back({.unix_ns = rows.integer(0),
                      .program = rows.text(1),
                      .fingerprint = rows.text(2),
                      .confidence = rows.text(3),
                      .text = rows.text(4),
                      .json = rows.text(5),
                      .pid = rows.integer(6)});
  return alerts;
}

Result<std::vector<SeriesSummary>> History::list_series(std::int64_t since_unix) const {
  Statement rows = TRY(database_.prepare(
      "SELECT series.id, program, pid, quantity, function, file, line, min(unix_seconds), "
      "max(unix_seconds), min(value), max(value), "
      "(SELECT value FROM sample AS s WHERE s.series = series.id AND s.unix_seconds >= ?1 "
      " ORDER BY s.unix_seconds LIMIT 1), "
      "(SELECT value FROM sample AS s WHERE s.series = series.id "
      " ORDER BY s.unix_seconds DESC LIMIT 1) "
      "FROM series JOIN process ON series.process = process.id "
      "JOIN sample ON sample.series = series.id WHERE unix_seconds >= ?1 GROUP BY series.id"));
  rows.bind(since_unix);
  std::vector<SeriesSummary> list;
  while (TRY(rows.step()))
    list.push_back({.id = rows.integer(0),
                    .program = rows.text(1),
                    .pid = rows.integer(2),
                    .series = {rows.text(3), rows.text(4), rows.text(5),
                               static_cast<std::uint32_t>(rows.integer(6))},
                    .first_unix = rows.integer(7),
                    .last_unix = rows.integer(8),
                    .first = rows.real(11),
                    .last = rows.real(12),
                    .least = rows.real(9),
                    .most = rows.real(10)});
  return list;
}

Result<std::vector<Point>> History::read_points(std::int64_t series,
                                                std::int64_t since_unix) const {
  Statement rows = TRY(database_.prepare(
      "SELECT unix_seconds, value FROM sample WHERE series = ? AND unix_seconds >= ? "
      "ORDER BY unix_seconds"));
  rows.bind(series, since_unix);
  std::vector<Point> points;
  while (TRY(rows.step())) points.push_back({rows.integer(0), rows.real(1)});
  return points;
}

Result<void> History::prune(std::int64_t now_unix, std::int64_t keep_seconds) {
  Transaction transaction = TRY(Transaction::begin(database_));
  std::int64_t oldest = now_unix - keep_seconds;
  Statement samples = TRY(database_.prepare("DELETE FROM sample WHERE unix_seconds < ?"));
  TRY_VOID(samples.bind(oldest).run());
  Statement alerts = TRY(database_.prepare("DELETE FROM alert WHERE unix_ns < ?"));
  TRY_VOID(alerts.bind(oldest * 1'000'000'000).run());
  std::int64_t whole = (now_unix - kWholeSeconds) / kCoarseStep * kCoarseStep;
  Statement lowest = TRY(database_.prepare(
      "INSERT OR REPLACE INTO sample SELECT series, unix_seconds / ?1 * ?1, min(value) FROM sample "
      "WHERE unix_seconds < ?2 GROUP BY series, unix_seconds / ?1 "
      "HAVING max(unix_seconds % ?1) > 0"));
  TRY_VOID(lowest.bind(kCoarseStep, whole).run());
  Statement others = TRY(
      database_.prepare("DELETE FROM sample WHERE unix_seconds < ?2 AND unix_seconds % ?1 != 0"));
  TRY_VOID(others.bind(kCoarseStep, whole).run());
  TRY_VOID(database_.run(
      "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM sample WHERE series = series.id);"
      "DELETE FROM process WHERE NOT EXISTS (SELECT 1 FROM series WHERE process = process.id)"));
  return transaction.commit();
}

std::string usual_path() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::string(state) + "/goshawk/history.db";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return "";
  return std::string(home) + "/.local/state/goshawk/history.db";
}

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace goshawk::history
