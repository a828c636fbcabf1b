// `go` splits -exec at blanks, but for what stands in quotes (cmd/internal/quoted): our own path
// and those of files are quoted, and absolute, since each test binary runs in the folder of its
// package.
#include "frontends/testrun/go_test_command.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "base/result.h"
#include "frontends/testrun/examiner.h"
#include "frontends/testrun/joined_reports.h"
#include "target/inherited_signals.h"

namespace goshawk::frontends::testrun {
namespace {

constexpr int kUsage = 2, kUnreadable = 3, kNotFound = 127;

Result<std::string> quote(const std::string& word) {
  if (word.find_first_of(" \t\n\r'\"") == std::string::npos && !word.empty()) return word;
  for (char mark : {'\'', '"'})
    if (word.find(mark) == std::string::npos) return mark + word + mark;
  return fail(Usage{"go test cannot be given " + word + ", which has both kinds of quotes",
                    "give it another name"});
}

// "/usr/bin/goshawk exec --fail-on likely". `folder`: for what is joined; "": nothing is.
Result<std::string> exec_line(const RunRequest& request, const std::string& folder) {
  std::error_code error;
  std::string self = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (error) return fail(Missing{"where goshawk itself is: " + error.message(), "mount /proc"});
  std::vector<std::string> words = {self,
                                    "exec",
                                    "--fail-on",
                                    request.fail_on,
                                    "--leak-exit-code",
                                    fmt::format("{}", request.leak_exit_code),
                                    "--ancestors",
                                    fmt::format("{}", request.ancestors)};
  auto add_file = [&](const char* option, const std::string& path) {
    if (path.empty()) return;
    words.emplace_back(option);
    words.push_back(std::filesystem::absolute(path, error).string());
  };
  std::string suppressions = request.suppressions;
  if (suppressions.empty() && !request.no_suppressions &&
      std::filesystem::is_regular_file(kSuppressionFile, error))
    suppressions = kSuppressionFile;
  add_file("--suppressions", suppressions);
  add_file("--baseline", request.baseline);
  add_file("--join-in", folder);
  for (const std::string& report : request.reports) {
    if (!is_of_each(report)) continue;
    std::size_t file = report.find('=') + 1;  // 0: no file, which exec explains
    words.emplace_back("--report");
    words.push_back(report.substr(0, file) +
                    std::filesystem::absolute(report.substr(file), error).string());
  }
  if (request.no_suppressions) words.emplace_back("--no-suppressions");
  if (request.best_effort) words.emplace_back("--best-effort");
  if (request.all) words.emplace_back("--all");
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + TRY(quote(word));
  return line;
}

bool sets_exec(const std::vector<std::string>& words) {
  auto end = std::ranges::find(words, "-args");
  return std::any_of(words.begin(), end, [](std::string_view word) {
    if (word.starts_with("--")) word.remove_prefix(1);
    return word == "-exec" || word.starts_with("-exec=");
  });
}

volatile pid_t go_process = 0;

// The terminal's reach its whole group, go too; what is sent to us alone is passed on.
void pass_on(int signal, siginfo_t* info, void*) {
  if (info->si_code <= 0 && go_process > 0) ::kill(go_process, signal);
}

constexpr int kPassedOn[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

// We wait for what it makes of signals.
int run_and_wait(std::vector<std::string> words) {
  struct sigaction ours{}, inherited[std::size(kPassedOn)];
  ours.sa_sigaction = pass_on;
  ours.sa_flags = SA_SIGINFO | SA_RESTART;
  for (std::size_t i = 0; i < std::size(kPassedOn); ++i)
    ::sigaction(kPassedOn[i], &ours, &inherited[i]);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    for (std::size_t i = 0; i < std::size(kPassedOn); ++i)
      ::sigaction(kPassedOn[i], &inherited[i], nullptr);
    target::restore_inherited_signals();
    ::execvp(arguments[0], arguments.data());
    fmt::print(stderr, "goshawk: {}: {}\n", words.front(), std::strerror(errno));
    ::_exit(kNotFound);
  }
  if (child < 0) {
    fmt::print(stderr, "goshawk: no process can be started: {}\n", std::strerror(errno));
    return kNotFound;
  }
  go_process = child;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int run_go_test(const RunRequest& request) {
  if (sets_exec(request.command)) {
    note(
        "goshawk test sets -exec itself: write go test -exec 'goshawk exec PROGRAM' for a program "
        "of yours between the two");
    return kUsage;
  }
  auto joined = JoinedReports::begin(request);
  auto line = joined ? exec_line(request, joined->folder()) : fail(joined.error());
  if (!line) {
    note(describe(line.error()));
    return kUsage;
  }
  std::vector<std::string> words = {"go", "test", "-exec", *line};
  words.insert(words.end(), request.command.begin(), request.command.end());
  auto began = std::chrono::steady_clock::now();
  int code = run_and_wait(std::move(words));
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (code != kNotFound)
    fmt::print(
        stderr,
        "goshawk: -exec switches off Go's cache of test results: building and running all of "
        "them took {:.1f} s\n",
        took.count());
  auto written = joined->finish(request);
  if (written) return code;
  note(describe(written.error()));
  return code == 0 ? kUnreadable : code;
}

}  // namespace goshawk::frontends::testrun
