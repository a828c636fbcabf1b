// The loop: find processes, sample each, look into what grows, say what there is to say, wait. One
// thread: a picture of one process keeps the samples of others away for a moment, which a trend
// does not mind.
//
// What is said of a process that cannot be watched: once, on standard error, and only where it was
// named by its id or is a Go program that may not be read. Others of a name or a cgroup are no Go
// programs, which is nobody's concern. An endpoint that does not answer is asked again with each
// sample. Where nothing of what was named can be watched at the beginning, there is no loop.
#include "frontends/watch/watch_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/interruptible_wait.h"
#include "frontends/watch/alert.h"
#include "frontends/watch/alert_command.h"
#include "frontends/watch/endpoints.h"
#include "frontends/watch/investigation.h"
#include "frontends/watch/metrics.h"
#include "frontends/watch/process_source.h"
#include "frontends/watch/screen.h"
#include "frontends/watch/told_growth.h"
#include "goruntime/census.h"
#include "report/measures.h"
#include "target/namespaces.h"
#include "target/process.h"

namespace goshawk::frontends::watch {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr double kSamplesBetweenPictures = 10;
constexpr std::int64_t kMostOfCommandNs = 60 * kSecondNs;
constexpr double kSummarySeconds = 3600;

// Goes on while the machine sleeps, and nobody sets it.
std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

double seconds_of(std::int64_t ns) { return static_cast<double>(ns) / kSecondNs; }

bool is_go_program(std::int64_t pid) {
  auto executable = target::open_executable_of(pid);
  return executable && goruntime::read_go_executable(*executable);
}

std::string summary_of(const WatchedProcess& process) {
  auto whole = [&](Quantity quantity) {
    return static_cast<std::uint64_t>(process.total(quantity).latest());
  };
  std::string text = fmt::format("{}: {}", process.title(),
                                 report::plural(whole(Quantity::kAllGoroutines), "goroutine"));
  auto add = [&](Quantity quantity, auto&& text_of) {
    if (process.total(quantity).is_known()) text += ", " + text_of(whole(quantity));
  };
  add(Quantity::kTimers, [](std::uint64_t count) { return report::plural(count, "timer"); });
  add(Quantity::kHeap, [](std::uint64_t bytes) { return "heap " + report::human_bytes(bytes); });
  add(Quantity::kResident,
      [](std::uint64_t bytes) { return "resident " + report::human_bytes(bytes); });
  return text;
}

class Watch {
 public:
  Watch(const WatchRequest& request, inspection::Accepted accepted)
      : request_(request),
        search_(request.wanted),
        unopened_(request.endpoints),
        told_(request.cooldown_ns),
        record_(request.keeping, [this](const std::string& text) { screen_.note(text); }),
        investigating_{std::move(accepted), request.max_pause_ns, request.takes_pictures} {}

  Result<int> run();

 private:
  struct State {
    LookedInto looked;
    double summarised_seconds = 0;
    bool is_away = false;  // it was said that its endpoint does not answer
  };

  Result<void> begin();
  void find_processes();
  void ask_unopened();
  void refuse(std::int64_t pid, const Error& error);
  void follow(std::unique_ptr<SampleSource> source);
  void sample_all(double now);
  // False: it has ended.
  bool sample(WatchedProcess& process, double now);
  void look_into(const WatchedProcess& process, State& state, double now);
  void tell(const Alert& alert, const std::string& report);
  void pass_on(const Alert& alert);
  void summarise(const WatchedProcess& process, State& state, double now);
  void draw(std::int64_t age_ns);
  bool is_over(std::int64_t age_ns) const;
  std::string describe_wanted() const;
  std::size_t count_named() const {
    return request_.wanted.pids.size() + request_.endpoints.size();
  }

  const WatchRequest& request_;
  ProcessSearch search_;
  std::vector<WatchedEndpoint> unopened_;
  std::unordered_set<std::int64_t> told_unwatchable_;
  std::unordered_set<std::string> told_away_;  // of unopened_, by their names
  std::optional<Error> first_error_;           // of what was named
  ToldAlerts told_;
  Screen screen_;
  Record record_;
  Investigating investigating_;
  std::unique_ptr<MetricsPage> metrics_;
  std::vector<std::unique_ptr<WatchedProcess>> processes_;
  std::unordered_map<const WatchedProcess*, State> states_;
  std::uint64_t alerts_ = 0;
};

std::string Watch::describe_wanted() const {
  if (!request_.wanted.name.empty()) return "called " + request_.wanted.name;
  return "in cgroup " + request_.wanted.cgroup;
}

void Watch::follow(std::unique_ptr<SampleSource> source) {
  auto process = std::make_unique<WatchedProcess>(std::move(source), seconds_of(request_.every_ns));
  const std::string& version = process->process().go_version;
  screen_.say(fmt::format("{}: watched from now on{}", process->title(),
                          version.empty() ? "" : " (" + version + ")"));
  record_.begin(*process, seconds_of(now_ns()));
  processes_.push_back(std::move(process));
}

void Watch::ask_unopened() {
  std::vector<WatchedEndpoint> still;
  std::vector<OpenedEndpoint> opened = open_endpoints(unopened_);
  if (InterruptibleWait::is_pending()) return;  // some were given up
  for (std::size_t i = 0; i < opened.size(); ++i) {
    const std::string& name = unopened_[i].name;
    if (opened[i].source) {
      follow(*std::move(opened[i].source));
      for (const std::string& line : opened[i].told)
        screen_.note(fmt::format("{}: {}", name, line));
      continue;
    }
    if (!first_error_) first_error_ = opened[i].source.error();
    if (count_named() > 1 && told_away_.insert(name).second)
      screen_.note(fmt::format("{}: cannot be watched yet, and is asked again: {}", name,
                               describe(opened[i].source.error())));
    still.push_back(unopened_[i]);
  }
  unopened_ = std::move(still);
}

void Watch::refuse(std::int64_t pid, const Error& error) {
  bool is_named = !search_.goes_on();
  if (is_named && !first_error_) first_error_ = error;
  search_.put_off(pid);
  bool is_told = is_named ? count_named() > 1 : is_go_program(pid);
  if (is_told && told_unwatchable_.insert(pid).second)
    screen_.note(fmt::format("process {}: {}", pid, describe(error)));
}

void Watch::find_processes() {
  if (!unopened_.empty()) ask_unopened();
  for (std::int64_t pid : search_.find_new()) {
    auto source = ProcessSource::open(pid);
    if (source)
      follow(*std::move(source));
    else
      refuse(pid, source.error());
  }
}

// An error: of what was named, nothing can be watched.
Result<void> Watch::begin() {
  find_processes();
  if (!processes_.empty() || InterruptibleWait::is_pending()) return {};
  if (first_error_) return fail(*first_error_);
  screen_.say(fmt::format("no Go process {} is there yet: waiting", describe_wanted()));
  return {};
}

bool Watch::sample(WatchedProcess& process, double now) {
  State& state = states_[&process];
  SampleOutcome outcome = process.sample(now);
  if (outcome == SampleOutcome::kEnded) return false;
  bool is_away = outcome == SampleOutcome::kMissed && process.is_endpoint();
  if (is_away && !state.is_away)
    screen_.say(fmt::format("{}: does not answer: {}", process.title(), process.why_missed()));
  if (!is_away && state.is_away) screen_.say(process.title() + ": answers again");
  state.is_away = is_away;
  if (outcome == SampleOutcome::kRestarted) {
    screen_.say(process.title() + ": was started anew; what it was before does not count any more");
    state.looked = {};
  }
  if (outcome != SampleOutcome::kMissed) record_.add_sample(process, now);
  return true;
}

void Watch::sample_all(double now) {
  fetch_ahead(processes_);
  if (InterruptibleWait::is_pending()) return;  // what was given up says nothing of anybody
  std::vector<std::unique_ptr<WatchedProcess>> living;
  for (auto& process : processes_) {
    if (sample(*process, now)) {
      living.push_back(std::move(process));
      continue;
    }
    screen_.say(process->title() + ": has ended");
    search_.forget(process->process().pid);
    record_.end(*process);
    states_.erase(process.get());
  }
  processes_ = std::move(living);
  for (const auto& process : processes_) {
    State& state = states_[process.get()];
    summarise(*process, state, now);
    look_into(*process, state, now);
  }
}

// The first time, then each hour; each time if that is wanted.
void Watch::summarise(const WatchedProcess& process, State& state, double now) {
  bool due = process.samples() == 1 || request_.verbose ||
             (!screen_.is_live() && now - state.summarised_seconds >= kSummarySeconds);
  if (!due || process.samples() == 0) return;
  state.summarised_seconds = now;
  screen_.say(summary_of(process));
}

void Watch::look_into(const WatchedProcess& process, State& state, double now) {
  std::vector<const GrowingNumber*> growing = process.list_growing();
  for (const GrowingNumber* number : state.looked.take_ended(growing))
    screen_.say(fmt::format("{}: {} {} not grow any more", process.title(),
                            describe_subject(number->quantity(), number->site()),
                            is_memory(number->quantity()) ? "does" : "do"));
  std::vector<const GrowingNumber*> news = state.looked.list_news(growing);
  double rest = kSamplesBetweenPictures * seconds_of(request_.every_ns);
  if (news.empty() || now - state.looked.latest_seconds() < rest) return;
  Investigation investigation = investigate(process, news, investigating_, now);
  for (const GrowingNumber* number : news) state.looked.note(*number, now);
  for (const Alert& alert : investigation.alerts) tell(alert, investigation.report);
}

void Watch::tell(const Alert& alert, const std::string& report) {
  std::string line = fmt::format("{}: {}: {}", title_of(alert.process), describe_growth(alert),
                                 describe_certainty(alert));
  if (alert.confidence > request_.alert_on) return screen_.say(line);
  if (told_.was_told(alert)) return screen_.say(line + " (there was an alert of this already)");
  ++alerts_;
  told_.note(alert.process.name, alert.fingerprint, alert.unix_ns);
  record_.add_alert(alert);
  if (metrics_) metrics_->count(alert);
  screen_.warn("ALERT  " + line + "; fingerprint " + alert.fingerprint);
  screen_.show(report);
  pass_on(alert);
}

void Watch::pass_on(const Alert& alert) {
  if (!request_.command.empty()) {
    std::string json = render_payload(alert, Shape::kJson);
    screen_.make_room();
    if (auto ran = run_alert_command(request_.command, json, kMostOfCommandNs); !ran)
      screen_.note("--exec: " + describe(ran.error()));
  }
  if (!request_.webhook) return;
  if (auto sent = send_alert(*request_.webhook, alert); !sent)
    screen_.note("--webhook: " + describe(sent.error()));
}

void Watch::draw(std::int64_t age_ns) {
  if (!screen_.is_live()) return;
  screen_.draw(processes_, fmt::format("{} watched every {}, for {}; Ctrl-C ends it",
                                       report::plural(processes_.size(), "process", "processes"),
                                       report::human_duration(request_.every_ns),
                                       report::human_duration(age_ns)));
}

bool Watch::is_over(std::int64_t age_ns) const {
  if (!screen_.is_usable() || (request_.until_alert && alerts_ > 0)) return true;
  if (processes_.empty() && unopened_.empty() && !search_.goes_on()) return true;
  return request_.for_ns > 0 && age_ns >= request_.for_ns;
}

Result<int> Watch::run() {
  InterruptibleWait wait;
  record_.recall(told_, request_.cooldown_ns);
  if (!request_.metrics.empty()) {
    metrics_ = TRY(MetricsPage::start(request_.metrics));
    screen_.say("metrics: " + metrics_->url());
  }
  std::int64_t began = now_ns(), due = began;
  TRY_VOID(begin());
  for (;;) {
    sample_all(seconds_of(now_ns()));
    if (metrics_) metrics_->show(processes_);
    std::int64_t now = now_ns();
    draw(now - began);
    if (is_over(now - began)) break;
    // Samples that were missed meanwhile are not made up for.
    due = std::max(due + request_.every_ns, now);
    if (request_.for_ns > 0) due = std::min(due, began + request_.for_ns);
    if (!wait.wait(due - now)) break;
    find_processes();
  }
  for (const auto& process : processes_) record_.end(*process);
  return alerts_ > 0 ? 1 : 0;
}

}  // namespace

Result<int> run_watch(const WatchRequest& request) {
  TRY_VOID(target::check_proc());
  inspection::Accepted accepted = TRY(inspection::read_accepted(request.accepted));
  return Watch(request, std::move(accepted)).run();
}

}  // namespace goshawk::frontends::watch
