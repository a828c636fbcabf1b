// The program runs as our child with everything that we were given; only GODEBUG is added to. At
// its end, before its memory is gone, its picture is read and judged: all that could finish has had
// its time by then, and what is still runnable, or can be woken, is no leak.
//
// Not told: leaks of a program that was killed by SIGKILL, whose memory somebody wants back.
#include "frontends/testrun/run_command.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/read_file.h"
#include "frontends/testrun/go_debug.h"
#include "goruntime/census.h"
#include "goruntime/exits.h"
#include "inspection/inspection.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/report_files.h"
#include "report/run_text.h"
#include "target/inherited_signals.h"
#include "target/process.h"
#include "target/started_process.h"

namespace goshawk::frontends::testrun {

using findings::Confidence;

namespace {

constexpr int kUnreadable = 3, kDenied = 4, kUsage = 2;  // the exit codes of all commands
constexpr int kNotExecutable = 126, kNotFound = 127;     // those of a shell
constexpr std::uint64_t kMostSuppressionBytes = 1 << 20;
constexpr std::uint64_t kMostBaselineBytes = 1 << 28;

void note(const std::string& text) {
  fmt::print(stderr, "goshawk: {}\n", report::escape_controls(text));
}

Result<inspection::Accepted> read_accepted(const RunRequest& request) {
  inspection::Accepted accepted;
  std::string path = request.suppressions;
  std::error_code error;
  if (path.empty() && !request.no_suppressions &&
      std::filesystem::is_regular_file(kSuppressionFile, error))
    path = kSuppressionFile;
  if (!path.empty()) {
    std::string text =
        TRY(read_file(path, kMostSuppressionBytes, "name another one, or --no-suppressions"));
    accepted.suppressions = TRY(findings::parse_suppressions(text, path));
  }
  if (!request.baseline.empty()) {
    std::string text = TRY(read_file(request.baseline, kMostBaselineBytes,
                                     "make one: goshawk leaks TARGET "
                                     "--format json -o FILE"));
    accepted.baseline = TRY(findings::parse_baseline(text, request.baseline));
  }
  return accepted;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> environment;
  for (char** one = environ; *one != nullptr; ++one) environment.emplace_back(*one);
  return environment;
}

bool is_go_program(std::int64_t pid) {
  auto executable = target::open_executable_of(pid);
  return executable && goruntime::read_go_executable(*executable);
}

// How a test binary is told to report its tests (testing.go chattyFlag).
enum class Verbosity { kQuiet, kVerbose, kMarked };

Verbosity verbosity_of(const std::vector<std::string>& command) {
  Verbosity verbosity = Verbosity::kQuiet;
  for (std::string_view word : command) {
    if (word.starts_with("--")) word.remove_prefix(1);
    if (word == "-test.v" || word == "-test.v=true") verbosity = Verbosity::kVerbose;
    if (word == "-test.v=test2json") verbosity = Verbosity::kMarked;
    if (word == "-test.v=false") verbosity = Verbosity::kQuiet;
  }
  return verbosity;
}

// None where it is no Go program, or cannot be read: why is told at its end.
std::vector<Address> find_exits(std::int64_t pid) {
  if (!is_go_program(pid)) return {};
  auto target = target::open_process(pid, {.way = target::Way::kCopy});
  auto exits = target ? goruntime::find_exits(**target) : fail(std::move(target).error());
  return exits ? *exits : std::vector<Address>();
}

std::optional<Confidence> fails_from(const RunRequest& request) {
  for (Confidence confidence : {Confidence::kProven, Confidence::kLikely, Confidence::kSuspected})
    if (request.fail_on == findings::to_text(confidence)) return confidence;
  return std::nullopt;
}

// Of the test binaries of one `go test` each has a report of its own.
std::vector<std::string> expand_names(std::vector<std::string> reports) {
  constexpr std::string_view kNumber = "%p";
  for (std::string& report : reports)
    for (std::size_t at = 0; (at = report.find(kNumber, at)) != std::string::npos;)
      report.replace(at, kNumber.size(), fmt::format("{}", ::getpid()));
  return reports;
}

class Examination {
 public:
  explicit Examination(const RunRequest& request) : request_(request) {}

  Result<void> prepare() {
    accepted_ = TRY(read_accepted(request_));
    files_ = TRY(report::parse_report_files(expand_names(request_.reports), ""));
    return {};
  }
  void look_at(const target::EndingProcess& ending);
  void report();

  bool failed() const { return failed_; }
  bool has_seen_go() const { return of_go_ > 0; }
  bool incomplete() const { return incomplete_; }

 private:
  void give_up(const std::string& name, const std::string& why);
  bool fails(const findings::Finding& finding) const;
  void summarise() const;
  void write_files();

  const RunRequest& request_;
  inspection::Accepted accepted_;
  std::vector<report::ReportFile> files_;
  std::vector<report::Judged> processes_;
  bool failed_ = false, incomplete_ = false;
  std::uint64_t ended_ = 0, of_go_ = 0;  // processes that were seen at their end
};

void Examination::give_up(const std::string& name, const std::string& why) {
  note(fmt::format("{} was not examined: {}", name, why));
  incomplete_ = true;
}

bool Examination::fails(const findings::Finding& finding) const {
  auto least = fails_from(request_);
  return least && finding.known != true && finding.confidence <= *least;
}

void Examination::look_at(const target::EndingProcess& ending) {
  ++ended_;
  if (!is_go_program(ending.pid)) return;
  ++of_go_;
  auto target = target::open_ending_process(ending.pid, ending.threads);
  std::string name = fmt::format("process {}", ending.pid);
  if (!target) return give_up(name, describe(target.error()));
  std::string path = (*target)->executable_path();
  name = path.substr(path.rfind('/') + 1);
  if (!ending.incomplete.empty()) return give_up(name, ending.incomplete);
  auto inspection = inspection::inspect(
      *std::move(target), {.name = name, .pid = ending.pid, .executable = {}}, accepted_);
  if (!inspection) return give_up(name, describe(inspection.error()));
  failed_ = failed_ ||
            std::ranges::any_of(inspection->verdict.findings,
                                [&](const findings::Finding& finding) { return fails(finding); });
  report::Judged judged = report::make_judged(inspection->picture, std::move(inspection->verdict));
  judged.name = name;
  processes_.push_back(std::move(judged));
}

void Examination::summarise() const {
  std::uint64_t goroutines = 0, leaked = 0;
  for (const report::Judged& process : processes_) {
    goroutines += process.verdict.checked.goroutines;
    leaked += process.verdict.checked.leaked;
  }
  note(fmt::format("{} examined at the end: {} checked, {} proven leaked",
                   report::plural(processes_.size(), "Go process", "Go processes"),
                   report::plural(goroutines, "goroutine"), report::human_count(leaked)));
}

void Examination::write_files() {
  report::ReportOptions options{.style = {.palette = {}, .all = request_.all},
                                .sources = report::SourceTree::around("."),
                                .fails_from = fails_from(request_),
                                .of_a_run = true};
  auto written = report::write_report_files(files_, processes_, options);
  if (written) return;
  note(describe(written.error()));
  incomplete_ = true;
}

void Examination::report() {
  report::TextStyle style;
  style.all = request_.all;
  Verbosity verbosity = verbosity_of(request_.command);
  bool as_tests = verbosity != Verbosity::kQuiet && !request_.children;
  auto out =
      report::FileOutput::to_descriptor(as_tests ? STDOUT_FILENO : STDERR_FILENO, "the report");
  for (const report::Judged& process : processes_)
    if (as_tests)
      report::render_run_as_tests(
          *out, process, [&](const findings::Finding& finding) { return fails(finding); },
          verbosity == Verbosity::kMarked, style);
    else
      report::render_run_text(*out, process, style);
  if (ended_ > 0 && of_go_ == 0)
    note(fmt::format("{} is no Go program{}: nothing was examined", request_.command.front(),
                     request_.children ? ", and started none" : ""));
  if (ended_ == 0)
    note(fmt::format("{} was killed: it was not examined", request_.command.front()));
  if (request_.children && !processes_.empty()) summarise();
  [[maybe_unused]] auto finished = out->finish();  // there is nobody left to be told
  write_files();
}

// As the program did, but without a core of ours.
[[noreturn]] void die_of(int signal) {
  rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  std::signal(signal, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

int explain_not_started(const std::string& program, int error) {
  note(fmt::format("{}: {}", program, std::strerror(error)));
  return error == ENOENT ? kNotFound : kNotExecutable;
}

// In our place: nobody looks at it.
int become(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  target::restore_inherited_signals();
  ::execvp(words[0], words.data());
  return explain_not_started(command.front(), errno);
}

int code_of(const Error& error) {
  if (std::holds_alternative<Usage>(error)) return kUsage;
  return std::holds_alternative<Denied>(error) ? kDenied : kUnreadable;
}

int conclude(const RunRequest& request, const target::Ended& ended,
             const Examination& examination) {
  if (WIFSIGNALED(ended.wait_status)) die_of(WTERMSIG(ended.wait_status));
  int code = WEXITSTATUS(ended.wait_status);
  if (code != 0) return code;
  if (examination.failed()) return request.leak_exit_code;
  return examination.incomplete() && !request.best_effort ? kUnreadable : 0;
}

}  // namespace

void remember_inherited_signals() { target::remember_inherited_signals(); }

int run_program(const RunRequest& request) {
  Examination examination(request);
  if (auto prepared = examination.prepare(); !prepared) {
    note(describe(prepared.error()));
    return code_of(prepared.error());
  }
  target::StartRequest start{.command = request.command,
                             .environment = own_environment(),
                             .children = request.children,
                             .find_exits = find_exits};
  if (request.ancestors > 0)
    start.environment = with_ancestors(std::move(start.environment), request.ancestors);
  auto ended = target::run_to_end(
      start, [&](const target::EndingProcess& ending) { examination.look_at(ending); });
  if (!ended) {
    note(describe(ended.error()));
    if (!request.best_effort || !std::holds_alternative<Denied>(ended.error()))
      return code_of(ended.error());
    note("it runs unexamined");
    return become(request.command);
  }
  if (ended->not_started != 0)
    return explain_not_started(request.command.front(), ended->not_started);
  examination.report();
  if (examination.has_seen_go() && !ended->rested && WIFEXITED(ended->wait_status) &&
      !request.children)
    note(
        "it could not be held at its end (no hardware breakpoints?): what it started last may be "
        "missed");
  if (ended->left > 0)
    note(fmt::format("{} that it started still run and were not examined", ended->left));
  return conclude(request, *ended, examination);
}

}  // namespace goshawk::frontends::testrun
