// A picture is taken when SIGUSR1 asks us for one, every so often, and when the programs were asked
// to end (^C, SIGTERM) and do not: once they have had some seconds for it, and at once when they
// are asked again. They are never ended by us.
//
// What a picture before has told of a process is not told again by the next one.
#include "frontends/testrun/pictures.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "report/measures.h"
#include "target/process.h"

namespace goshawk::frontends::testrun {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);  // of container runtimes it is ten

const char* name_signal(int signal) {
  switch (signal) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "SIGQUIT";
  }
}

// "2 Go processes stood still for 12 ms at most: 41 goroutines checked, 1 proven leaked"
std::string describe_pictures(const std::vector<Examined>& processes) {
  if (processes.empty()) return "no Go process runs";
  std::int64_t pause_ns = 0;
  for (const Examined& process : processes)
    pause_ns = std::max(pause_ns, process.judged.picture.longest_pause_ns);
  return fmt::format(
      "{} stood still for {}{}: {}", report::plural(processes.size(), "Go process", "Go processes"),
      report::human_duration(pause_ns), processes.size() > 1 ? " at most" : "", tally(processes));
}

bool runs(target::RunningPrograms& programs, std::int64_t pid) {
  std::vector<std::int64_t> running = programs.list();
  return std::ranges::find(running, pid) != running.end();
}

bool asks_to_end(int signal) {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

}  // namespace

std::string numbered(const std::string& path, std::uint32_t number) {
  std::size_t name = path.rfind('/') + 1, dot = path.rfind('.');
  if (dot == std::string::npos || dot <= name) dot = path.size();
  return fmt::format("{}.{}{}", path.substr(0, dot), number, path.substr(dot));
}

void Pictures::watch(target::RunningPrograms& programs) {
  using Event = target::RunningPrograms::Event;
  if (every_.count() > 0) next_ = began_ + every_;
  while (true) {
    auto happened = programs.wait(next_due());
    if (happened.event == Event::kEnd) return;
    if (happened.event == Event::kTime)
      take_due(programs);
    else
      take_for_signal(programs, happened.signal);
  }
}

std::optional<Pictures::Clock::time_point> Pictures::next_due() const {
  if (next_ && patience_ends_) return std::min(*next_, *patience_ends_);
  return next_ ? next_ : patience_ends_;
}

// The program runs for as long between two of them, however long one takes.
void Pictures::take_due(target::RunningPrograms& programs) {
  if (patience_ends_ && *patience_ends_ <= Clock::now()) {
    patience_ends_.reset();
    take(programs, fmt::format("{} did not end it", name_signal(asked_to_end_)));
  } else {
    take(programs, "");
  }
  if (next_ && *next_ <= Clock::now()) next_ = Clock::now() + every_;
}

void Pictures::take_for_signal(target::RunningPrograms& programs, int signal) {
  if (signal == target::kForUs) return take(programs, "SIGUSR1");
  if (!asks_to_end(signal)) return;
  bool again = std::exchange(asked_to_end_, signal) != 0;
  if (!again) {
    patience_ends_ = Clock::now() + kPatience;
    return;
  }
  patience_ends_.reset();
  take(programs, fmt::format("{}, the second time", name_signal(signal)));
}

void Pictures::take(target::RunningPrograms& programs, const std::string& why) {
  std::chrono::duration<double> after = Clock::now() - began_;
  std::vector<Examined> processes;
  ++count_;
  for (std::int64_t pid : programs.list()) {
    if (!is_go_program(pid).value_or(false)) continue;
    auto target = target::open_traced_process(pid, [&programs, pid] { return programs.stop(pid); });
    auto examined = target ? examiner_.examine(*std::move(target)) : fail(target.error());
    if (examined) {
      failed_[pid] = examiner_.fails(*examined);
      processes.push_back(*std::move(examined));
    } else if (runs(programs, pid)) {  // else its end is looked at
      note(fmt::format("picture {}: not examined: {}", count_, describe(examined.error())));
    }
  }
  if (processes.empty() && why.empty())
    --count_;
  else
    show(why, after, processes);
}

void Pictures::show(const std::string& why, std::chrono::duration<double> after,
                    const std::vector<Examined>& processes) {
  note(fmt::format("picture {}, after {:.1f} s{}: {}", count_, after.count(),
                   why.empty() ? "" : " (" + why + ")", describe_pictures(processes)));
  auto out = report::FileOutput::to_descriptor(STDERR_FILENO, "the report");
  for (const Examined& process : processes) tell_new(*out, process);
  [[maybe_unused]] auto finished = out->finish();  // there is nobody left to be told
  std::vector<report::ReportFile> files = examiner_.files();
  for (report::ReportFile& file : files) file.path = numbered(file.path, count_);
  if (!examiner_.write_reports(files, processes)) incomplete_ = true;
}

void Pictures::tell_new(report::Output& out, const Examined& process) {
  std::int64_t pid = process.judged.target.pid;
  Examined fresh = process;
  auto removed = std::erase_if(fresh.judged.verdict.findings, [&](const findings::Finding& one) {
    auto [known, inserted] = told_.insert({{pid, one.fingerprint}, one.count});
    return !inserted && std::exchange(known->second, one.count) == one.count;
  });
  report::TextStyle style;
  style.all = whole_stacks_;
  tell(out, fresh, style);
  if (removed > 0)
    out.write(fmt::format("goshawk: {}: {} as told before\n", process.judged.name,
                          report::plural(removed, "finding")));
}

}  // namespace goshawk::frontends::testrun
