#include "cli/run_commands.h"

#include <charconv>

#include "base/duration.h"
#include "cli/shared_options.h"
#include "frontends/inspect/delivery.h"
#include "frontends/testrun/go_test_command.h"
#include "frontends/testrun/run_command.h"

namespace goshawk::cli {

namespace testrun = frontends::testrun;

namespace {

// Of several programs at once each writes its own.
Option report_of_a_run() {
  Option option = report_option();
  option.help =
      "write a report of this kind to FILE, which appears whole or not at all; %p in its name is a "
      "number that each program has another one of; may be given several times";
  return option;
}

std::vector<Option> run_options() {
  return {
      {.long_name = "--all", .help = "whole stacks"},
      {.long_name = "--fail-on",
       .value = "CONFIDENCE",
       .help = "a finding of this confidence or a higher one is a failure, with --baseline a new "
               "one; proven by default",
       .choices = {"proven", "likely", "suspected", "never"},
       .completion = Completion::kChoices},
      {.long_name = "--leak-exit-code",
       .value = "CODE",
       .help = "of a failure, where the program's own is 0: 1 by default; go test ends with 1 "
               "whatever its test binaries end with"},
      {.long_name = "--ancestors",
       .value = "N",
       .help = "have Go's runtime keep for each goroutine the last N that led to it, which tells "
               "the test that leaked it: 10 by default, 0 leaves the runtime as it is"},
      {.long_name = "--suppressions",
       .value = "FILE",
       .help = "leave out the leaks that FILE names, with their reasons; by default .goshawk.toml "
               "in the current directory, if it is there",
       .completion = Completion::kFile},
      {.long_name = "--no-suppressions", .help = "read no suppression file"},
      {.long_name = "--baseline",
       .value = "FILE",
       .help = "only what is new since FILE, which `goshawk baseline` or an earlier report in JSON "
               "made, is a failure",
       .completion = Completion::kFile},
      report_of_a_run(),
      {.long_name = "--best-effort",
       .help = "run what cannot be examined all the same, and say so"}};
}

// The whole of the text, within limits.
Result<std::uint32_t> parse_number(const Arguments& arguments, std::string_view option,
                                   std::uint32_t usual, std::uint32_t most) {
  std::string text = arguments.value(option);
  if (text.empty()) return usual;
  std::uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most)
    return fail(Usage{std::string(option) + " \"" + text + "\" is no number that it takes",
                      "give one from 0 to " + std::to_string(most)});
  return number;
}

// Each picture stops the program: it must have time between them.
Result<std::int64_t> parse_every(const std::string& text) {
  constexpr std::int64_t kLeast = 100'000'000, kMost = 7 * 86'400'000'000'000;
  std::int64_t every_ns = TRY(parse_duration("--every", text));
  if (every_ns < kLeast || every_ns > kMost)
    return fail(
        Usage{"--every: \"" + text + "\" is too short or too long", "give one from 100ms to 7d"});
  return every_ns;
}

Result<testrun::RunRequest> request_of(const Arguments& arguments) {
  constexpr std::uint32_t kMostAncestors = 1000;
  testrun::RunRequest request;
  request.command = arguments.other_line();
  if (arguments.has("--fail-on")) request.fail_on = arguments.value("--fail-on");
  request.leak_exit_code =
      static_cast<int>(TRY(parse_number(arguments, "--leak-exit-code", 1, 255)));
  request.ancestors =
      TRY(parse_number(arguments, "--ancestors", request.ancestors, kMostAncestors));
  request.best_effort = arguments.has("--best-effort");
  request.all = arguments.has("--all");
  request.suppressions = arguments.value("--suppressions");
  request.no_suppressions = arguments.has("--no-suppressions");
  request.baseline = arguments.value("--baseline");
  request.reports = arguments.values("--report");
  request.joins_in = arguments.value("--join-in");
  if (arguments.has("--every")) request.every_ns = TRY(parse_every(arguments.value("--every")));
  return request;
}

// Of a program that has such options of its own they are not.
std::vector<std::string> find_misplaced(const std::vector<std::string>& command,
                                        const std::vector<Option>& options) {
  std::vector<std::string> found;
  for (std::size_t i = 1; i < command.size(); ++i)
    for (const Option& option : options)
      if (command[i].substr(0, command[i].find('=')) == option.long_name)
        found.emplace_back(option.long_name);
  return found;
}

int run_as_asked(const Arguments& arguments, bool children) {
  testrun::reserve_standard_descriptors();
  auto request = request_of(arguments);
  if (!request) return static_cast<int>(frontends::inspect::report_error(request.error()));
  request->children = children;
  request->misplaced = find_misplaced(request->command, run_options());
  return testrun::run_program(*request);
}

int test_as_asked(const Arguments& arguments) {
  testrun::reserve_standard_descriptors();
  auto request = request_of(arguments);
  if (!request) return static_cast<int>(frontends::inspect::report_error(request.error()));
  return testrun::run_go_test(*request);
}

}  // namespace

std::vector<Option> options_of_exec() {
  std::vector<Option> options = run_options();
  options.push_back({.long_name = "--join-in",
                     .value = "FOLDER",
                     .help = "leave what was found in FOLDER too: goshawk test, which makes one "
                             "report of all test binaries, gives this option"});
  return options;
}

std::vector<Option> options_of_test() {
  std::vector<Option> options = run_options();
  for (Option& option : options)
    if (option.long_name == "--report")
      option.help =
          "write a report of this kind to FILE, of all packages together; with %p in its name, "
          "which is another number for each test binary, one of each; may be given several times";
  return options;
}

Command exec() {
  return {.name = "exec",
          .one_line = "run a test binary, and tell what it leaked",
          .description =
              "Runs the program as it would run without Goshawk: its input and output, its "
              "arguments, its signals and its exit code stay what they are. When it ends, before "
              "its memory is gone, its goroutines are looked at, and those that can never run "
              "again are told, with the test that started them. The exit code is the program's, "
              "or where that is 0 and something leaked, 1. `go test -exec 'goshawk exec'` does "
              "this with each package's tests.",
          .argument = {},
          .options = options_of_exec(),
          .examples = {{"go test -exec 'goshawk exec' ./...", "the tests of all packages"},
                       {"go test -exec 'goshawk exec --fail-on likely' -race ./...",
                        "stricter, and with the race detector"},
                       {"go test -c && goshawk exec ./shop.test -test.run TestOrder",
                        "a test binary that was built before"}},
          .run = [](const Arguments& arguments) { return run_as_asked(arguments, false); },
          .other_line = "PROGRAM [ARGS...]"};
}

std::vector<Option> options_of_run() {
  std::vector<Option> options = run_options();
  Option every{.long_name = "--every",
               .value = "DURATION",
               .help = "also a picture of each Go process so often, while it runs: 30s, 5m"};
  options.insert(options.begin() + 1, every);
  return options;
}

Command run_program() {
  return {
      .name = "run",
      .one_line = "run any program, and tell what it leaked when it ends",
      .description =
          "As exec, for any command line: each Go process among those that it starts is "
          "looked at when it ends, also for what holds much of its heap. What runs on when the "
          "command has ended is let go, and counted. "
          "SIGUSR1 sent to goshawk takes a picture of what runs now, --every takes one again and "
          "again, and so does what should have ended the program and did not (^C, SIGTERM): after "
          "five seconds, or when it comes the second time. A picture goes to standard error and, "
          "with --report sarif=leaks.sarif, to leaks.1.sarif and so on; leaks.sarif is of the end. "
          "The program stands still while a picture is read, and goes on. Other signals are the "
          "program's: ^C reaches it as always, and what it leaked is told when it ends of it. The "
          "exit code is by what each process was last seen with.",
      .argument = {},
      .options = options_of_run(),
      .examples = {{"goshawk run -- ./server -addr :8080", "until it ends by itself, or by ^C"},
                   {"goshawk run --every 30s -- ./server", "and while it runs"},
                   {"kill -USR1 $(pgrep -x goshawk)", "now"},
                   {"goshawk run -- make integration-test", "every Go process of a whole suite"}},
      .run = [](const Arguments& arguments) { return run_as_asked(arguments, true); },
      .other_line = "PROGRAM [ARGS...]"};
}

Command test() {
  return {
      .name = "test",
      .one_line = "go test, with each leak a failure of the test that made it",
      .description =
          "Runs `go test -exec 'goshawk exec' ...`: what is no option of Goshawk's own is given "
          "to go test, and all that follows -args or --. A leak fails the package's tests; with -v "
          "or -json it "
          "is a failed subtest, such as TestFetch/goshawk. With -exec Go keeps no results of "
          "tests: each run runs them all.",
      .argument = {},
      .options = options_of_test(),
      .examples = {{"goshawk test ./...", "the tests of all packages"},
                   {"goshawk test --fail-on likely -race -count 2 ./...",
                    "stricter; what go test knows, behind"},
                   {"goshawk test -json ./... | tee tests.json", "for other programs"},
                   {"goshawk test --report sarif=leaks.sarif ./...", "one report of all"}},
      .run = [](const Arguments& arguments) { return test_as_asked(arguments); },
      .other_line = "[GO TEST ARGS...]",
      .other_line_required = false,
      .other_line_has_options = true};
}

}  // namespace goshawk::cli
