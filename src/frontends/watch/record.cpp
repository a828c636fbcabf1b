// Of each minute the lowest sample of each number is written, where it is another one than before
// or ten minutes have passed. Trends are made of the lowest values anyway (analyses/trend), so that
// what is replayed says the same as if nobody had been away.
//
// Samples are told apart by a clock that nobody sets, the history has Unix time. Where the two do
// not agree for an hour (somebody sets the clock), nothing is pruned: a clock that is years ahead
// would have all of it removed.
#include "frontends/watch/record.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace goshawk::frontends::watch {
namespace {

constexpr std::int64_t kMinuteSeconds = 60, kRepeatSeconds = 600;
constexpr double kPruneEverySeconds = 3600, kMostDisagreementSeconds = 60;
constexpr std::int64_t kReplaySeconds =
    std::int64_t{2} * 86'400;  // as long as trends remember a day

std::int64_t unix_now() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

// Of an endpoint its URL stands for the process: whether it is the same one, kAllocated tells.
history::ProcessKey key_of(const WatchedProcess& process) {
  const ProcessName& name = process.process();
  if (process.is_endpoint()) return {.boot = name.url};
  return {history::read_boot_id(), name.pid, process.start_ticks()};
}

history::SeriesKey key_of(const GrowingNumber& number) {
  const findings::CodePlace& site = number.site();
  return {std::string(name_of(number.quantity())), site.function, site.file, site.line};
}

}  // namespace

std::string usual_history_path() { return history::usual_path(); }

Record::Record(Keeping keeping, Note note) : keeping_(std::move(keeping)), note_(std::move(note)) {
  open();
}

void Record::open() {
  history_.reset();
  kept_.clear();
  if (keeping_.path.empty()) return;
  std::string moved_aside;
  auto opened = history::History::open(keeping_.path, moved_aside);
  if (!moved_aside.empty())
    note_(fmt::format("{} was broken: it is {} now, and a new history begins", keeping_.path,
                      moved_aside));
  if (opened)
    history_.emplace(*std::move(opened));
  else
    is_well(fail(opened.error()));
}

bool Record::is_well(const Result<void>& done) {
  if (!done && !failing_)
    note_(fmt::format("no history is kept for now: {}", describe(done.error())));
  if (done && failing_) note_("the history is kept again");
  failing_ = !done;
  return done.has_value();
}

void Record::recall(ToldAlerts& told, std::int64_t cooldown_ns) {
  if (!history_) return;
  auto alerts = history_->list_alerts(unix_now() - cooldown_ns / 1'000'000'000);
  if (!alerts) return;
  for (auto alert = alerts->rbegin(); alert != alerts->rend(); ++alert)
    told.note(alert->program, alert->fingerprint, alert->unix_ns);
}

void Record::begin(WatchedProcess& process, double now) {
  if (!history_) return;
  std::int64_t unix_seconds = unix_now();
  auto replayed = history_->replay(
      key_of(process), unix_seconds - kReplaySeconds,
      [&](const history::SeriesKey& key, const history::Point& point) {
        auto quantity = find_quantity(key.quantity);
        if (!quantity || point.unix_seconds > unix_seconds) return;
        process.replay({*quantity, {.function = key.function, .file = key.file, .line = key.line}},
                       now - static_cast<double>(unix_seconds - point.unix_seconds), point.value);
      });
  if (!replayed) is_well(replayed);
}

void Record::add_sample(const WatchedProcess& process, double now) {
  if (!history_) return;
  Kept& kept = kept_[&process];
  std::int64_t minute = unix_now() / kMinuteSeconds * kMinuteSeconds;
  if (!kept.minute.lowest.empty() && kept.minute.unix_seconds != minute) {
    write_minute(kept, process);
    prune(now);
    if (!history_) return;
  }
  MinuteOf& current = kept_[&process].minute;
  current.unix_seconds = minute;
  for (const auto& number : process.numbers()) {
    if (!number->is_known()) continue;
    auto [lowest, is_new] = current.lowest.try_emplace(number.get(), number->latest());
    if (!is_new) lowest->second = std::min(lowest->second, number->latest());
  }
}

void Record::write_minute(Kept& kept, const WatchedProcess& process) {
  if (kept.id == 0) {
    const ProcessName& name = process.process();
    auto added =
        history_->add_process(key_of(process), name.name, name.executable, name.go_version);
    if (!added) return static_cast<void>(is_well(fail(added.error())));
    kept.id = *added;
  }
  MinuteOf minute = std::exchange(kept.minute, {});
  std::vector<history::Value> values;
  for (const auto& [number, lowest] : minute.lowest) {
    auto [written, is_new] = kept.written.try_emplace(number);
    history::Point& point = written->second;
    if (!is_new && point.value == lowest &&
        minute.unix_seconds - point.unix_seconds < kRepeatSeconds)
      continue;
    point = {minute.unix_seconds, lowest};
    values.push_back({key_of(*number), lowest});
  }
  auto done = history_->add_values(kept.id, minute.unix_seconds, values);
  if (!is_well(done) && std::holds_alternative<Malformed>(done.error())) open();
}

void Record::end(const WatchedProcess& process) {
  auto kept = kept_.find(&process);
  if (history_ && kept != kept_.end() && !kept->second.minute.lowest.empty())
    write_minute(kept->second, process);
  kept_.erase(&process);
}

void Record::prune(double now) {
  double offset = static_cast<double>(unix_now()) - now;
  if (!clock_offset_ || std::abs(offset - *clock_offset_) > kMostDisagreementSeconds) {
    clock_offset_ = offset;
    agreed_since_ = now;
  }
  if (!history_ || now - agreed_since_ < kPruneEverySeconds) return;
  agreed_since_ = now;
  is_well(history_->prune(unix_now(), keeping_.keep_seconds));
}

void Record::add_alert(const Alert& alert) {
  if (!history_) return;
  report::StringOutput json;
  write_alert_json(json, alert);
  is_well(history_->add_alert({.unix_ns = alert.unix_ns,
                               .program = alert.process.name,
                               .fingerprint = alert.fingerprint,
                               .confidence = std::string(findings::to_text(alert.confidence)),
                               .text = describe_growth(alert) + ": " + describe_certainty(alert),
                               .json = json.text(),
                               .pid = alert.process.pid}));
}

}  // namespace goshawk::frontends::watch
