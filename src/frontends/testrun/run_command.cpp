// The program runs as our child with everything that we were given; only GODEBUG is added to. At
// its end, before its memory is gone, its picture is read and judged: all that could finish has had
// its time by then, and what is still runnable, or can be woken, is no leak.
//
// Not told: leaks of a program that was killed by SIGKILL, whose memory somebody wants back, beyond
// what a picture of it had shown while it ran.
#include "frontends/testrun/run_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <set>

#include "frontends/testrun/examiner.h"
#include "frontends/testrun/go_debug.h"
#include "frontends/testrun/joined_reports.h"
#include "frontends/testrun/pictures.h"
#include "goruntime/exits.h"
#include "report/measures.h"
#include "report/run_suppressions.h"
#include "report/run_text.h"
#include "target/inherited_signals.h"
#include "target/process.h"
#include "target/started_process.h"

namespace goshawk::frontends::testrun {
namespace {

constexpr int kUnreadable = 3, kDenied = 4, kUsage = 2;  // the exit codes of all commands
constexpr int kNotExecutable = 126, kNotFound = 127;     // those of a shell

std::vector<std::string> own_environment() {
  std::vector<std::string> environment;
  for (char** one = environ; *one != nullptr; ++one) environment.emplace_back(*one);
  return environment;
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
target::Exits find_exits(std::int64_t pid) {
  if (!is_go_program(pid).value_or(false)) return {};
  return goruntime::find_exits(pid).value_or(target::Exits());
}

// All processes at their end.
class Examination {
 public:
  Examination(const RunRequest& request, const Examiner& examiner)
      : request_(request), examiner_(examiner) {}

  void look_at(const target::EndingProcess& ending);
  // `left`: processes that still run.
  void report(const Pictures& pictures, std::uint64_t left);
  // A child that is let alone has executed a program.
  void note_child(std::int64_t pid);

  bool failed() const { return failed_; }
  bool incomplete() const { return incomplete_; }

 private:
  void give_up(const std::string& name, const std::string& why);
  void tell_processes();
  void write_reports();
  void note_restless(const target::EndingProcess& ending);
  void tell_suppressions();
  void tell_what_was_not_examined(const Pictures& pictures, std::uint64_t left);

  const RunRequest& request_;
  const Examiner& examiner_;
  std::vector<Examined> processes_;
  std::set<std::int64_t> seen_;  // Go programs
  std::string executed_;         // what is no Go program, as it was called at its end
  std::uint64_t children_ = 0;   // Go programs that were let alone
  std::set<std::string> names_of_children_;
  bool failed_ = false, incomplete_ = false;
  std::vector<std::pair<std::int64_t, std::string>> killed_;  // Go programs, with their names
  // Of those seen, those that could not be held at their end, that ended elsewhere, and in which
  // something was on its way still.
  std::uint64_t unwatched_ = 0, elsewhere_ = 0, restless_ = 0;
};

// "sudo", or its number.
std::string name_process(std::int64_t pid) {
  std::error_code error;
  auto path = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), error);
  return error ? fmt::format("process {}", pid) : path.filename().string();
}

void Examination::give_up(const std::string& name, const std::string& why) {
  note(fmt::format("{} was not examined: {}", name, why));
  incomplete_ = true;
}

// A crash leaves much in motion, and is a failure of its own.
void Examination::note_restless(const target::EndingProcess& ending) {
  constexpr int kCrash = 2;
  if (ending.rested || !WIFEXITED(ending.wait_status)) return;
  if (!ending.watched)
    ++unwatched_;
  else if (!ending.came)
    ++elsewhere_;
  else if (WEXITSTATUS(ending.wait_status) != kCrash)
    ++restless_;
}

void Examination::look_at(const target::EndingProcess& ending) {
  auto is_go = is_go_program(ending.pid);
  if (is_go && !*is_go) {
    executed_ = name_process(ending.pid);
    return;
  }
  if (target::is_killed(ending.wait_status)) {
    killed_.emplace_back(ending.pid, name_process(ending.pid));
    return;
  }
  seen_.insert(ending.pid);
  if (!is_go) return give_up(name_process(ending.pid), describe(is_go.error()));
  note_restless(ending);
  auto target = target::open_ending_process(ending.pid, ending.threads);
  if (!target) return give_up(name_process(ending.pid), describe(target.error()));
  std::string name = executable_name(**target);
  if (!ending.incomplete.empty()) return give_up(name, ending.incomplete);
  auto examined = examiner_.examine(*std::move(target));
  if (!examined) return give_up(name, describe(examined.error()));
  failed_ = failed_ || examiner_.fails(*examined);
  processes_.push_back(*std::move(examined));
}

void Examination::note_child(std::int64_t pid) {
  if (!is_go_program(pid).value_or(false)) return;
  ++children_;
  std::string name = name_process(pid);
  if (!name.starts_with("process ")) names_of_children_.insert(std::move(name));  // it has ended
}

// One file is for all test binaries of a `go test`: what fits here nowhere may fit elsewhere.
void Examination::tell_suppressions() {
  if (!request_.joins_in.empty()) return;  // goshawk test tells, of all together
  std::vector<report::Judged> judged;
  for (const Examined& process : processes_) judged.push_back(process.judged);
  bool whole = request_.children || request_.suppressions.empty();
  for (const std::string& line : report::describe_idle_suppressions(judged, whole)) note(line);
}

void Examination::tell_processes() {
  report::TextStyle style;
  style.all = request_.all;
  Verbosity verbosity = verbosity_of(request_.command);
  bool as_tests = verbosity != Verbosity::kQuiet && !request_.children;
  auto out =
      report::FileOutput::to_descriptor(as_tests ? STDOUT_FILENO : STDERR_FILENO, "the report");
  for (const Examined& process : processes_)
    if (as_tests)
      report::render_run_as_tests(
          *out, process.judged,
          [&](const findings::Finding& finding) { return examiner_.fails(finding); },
          verbosity == Verbosity::kMarked, style);
    else
      tell(*out, process, style);
  [[maybe_unused]] auto finished = out->finish();  // there is nobody left to be told
}

void tell_restless(std::uint64_t count, std::string_view what) {
  if (count == 0) return;
  note(fmt::format("{} {}: what {} started last may be missed",
                   report::plural(count, "Go process", "Go processes"), what,
                   count == 1 ? "it" : "they"));
}

void Examination::tell_what_was_not_examined(const Pictures& pictures, std::uint64_t left) {
  if (seen_.empty() && killed_.empty() && pictures.last_seen().empty())
    note(fmt::format("{}{} is no Go program{}: nothing was examined", request_.command.front(),
                     executed_.empty() || request_.command.front().ends_with(executed_)
                         ? ""
                         : ", " + executed_ + " at its end,",
                     request_.children && left == 0 ? ", and started none" : ""));
  for (const auto& [pid, name] : killed_)
    note(fmt::format("{} was killed (SIGKILL, or for want of memory): it was not examined{}", name,
                     pictures.last_seen().contains(pid) ? ", but for the pictures before" : ""));
  tell_restless(unwatched_,
                "could not be held at the end (this machine has no breakpoints to give)");
  tell_restless(elsewhere_, "ended without Go's exit (exit in C, or the system call itself)");
  tell_restless(restless_, "ended while goroutines had not begun, or were being moved");
  if (children_ > 0)
    note(fmt::format(
        "{} that it started{} {} not examined: goshawk run does so, as in "
        "goshawk run -- go test ./...",
        report::plural(children_, "Go process", "Go processes"),
        names_of_children_.empty() ? "" : fmt::format(" ({})", fmt::join(names_of_children_, ", ")),
        children_ == 1 ? "was" : "were"));
  if (left > 0) note(fmt::format("{} that it started still run and were not examined", left));
}

void Examination::write_reports() {
  if (!examiner_.write_reports(examiner_.files(), processes_)) incomplete_ = true;
  if (request_.joins_in.empty()) return;
  std::vector<report::Judged> judged;
  for (const Examined& process : processes_) judged.push_back(process.judged);
  auto left = leave_for_join(request_.joins_in, std::move(judged));
  if (left) return;
  note(describe(left.error()));
  incomplete_ = true;
}

// What a process was last seen with counts: of one that was killed, a picture.
void Examination::report(const Pictures& pictures, std::uint64_t left) {
  tell_processes();
  tell_what_was_not_examined(pictures, left);
  if (request_.children && !processes_.empty())
    note(fmt::format("{} examined at the end: {}",
                     report::plural(processes_.size(), "Go process", "Go processes"),
                     tally(processes_)));
  tell_suppressions();
  write_reports();
  incomplete_ = incomplete_ || pictures.incomplete();
  for (const auto& [pid, failed] : pictures.last_seen())
    if (failed && !seen_.contains(pid)) failed_ = true;
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

// The program has refused them, or so it seems.
void tell_misplaced(const RunRequest& request) {
  if (request.misplaced.empty()) return;
  note(fmt::format("{} stands behind {}, which was given it: Goshawk's own options come first",
                   request.misplaced.front(), request.command.front()));
}

int conclude(const RunRequest& request, const target::Ended& ended,
             const Examination& examination) {
  if (WIFSIGNALED(ended.wait_status)) die_of(WTERMSIG(ended.wait_status));
  int code = WEXITSTATUS(ended.wait_status);
  if (code != 0) {
    tell_misplaced(request);
    return code;
  }
  if (examination.failed()) return request.leak_exit_code;
  return examination.incomplete() && !request.best_effort ? kUnreadable : 0;
}

}  // namespace

void reserve_standard_descriptors() {
  int descriptor = 0;
  do {
    descriptor = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

void remember_inherited_signals() { target::remember_inherited_signals(); }

int run_program(const RunRequest& request) {
  auto examiner = Examiner::prepare(request);
  if (!examiner) {
    note(describe(examiner.error()));
    return code_of(examiner.error());
  }
  Examination examination(request, *examiner);
  Pictures pictures(*examiner, request.every_ns, request.all);
  target::StartRequest start{.command = request.command,
                             .environment = own_environment(),
                             .children = request.children,
                             .find_exits = find_exits};
  if (request.ancestors > 0)
    start.environment = with_ancestors(std::move(start.environment), request.ancestors);
  if (!request.children) start.at_child = [&](std::int64_t pid) { examination.note_child(pid); };
  if (request.children)
    start.beside = [&](target::RunningPrograms& programs) { pictures.watch(programs); };
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
  for (const std::string& path : ended->without_privileges)
    note(
        fmt::format("{} is set-user-ID, and ran without the privileges that this gives: of what "
                    "is traced only root has them",
                    path));
  examination.report(pictures, ended->left);
  return conclude(request, *ended, examination);
}

}  // namespace goshawk::frontends::testrun
