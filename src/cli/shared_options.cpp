#include "cli/shared_options.h"

#include <string>
#include <utility>

namespace goshawk::cli {

namespace inspect = frontends::inspect;

Option output_option() {
  return {.long_name = "--output",
          .short_name = "-o",
          .value = "FILE",
          .help = "write to FILE, which appears whole or not at all",
          .completion = Completion::kFile};
}

Option format_option(std::vector<std::string_view> choices) {
  return {.long_name = "--format",
          .value = "FORMAT",
          .help = "how to show it; text by default",
          .choices = std::move(choices),
          .completion = Completion::kChoices};
}

Option report_option() {
  return {.long_name = "--report",
          .value = "KIND=FILE",
          .help =
              "beside the result, write a report of this kind to FILE, which appears whole or "
              "not at all; may be given several times",
          .choices = {"text", "json", "sarif", "junit", "github", "markdown"},
          .completion = Completion::kChoices,
          .repeats = true,
          .command_checks = true};
}

Option color_option() {
  return {.long_name = "--color",
          .value = "WHEN",
          .help = "colour: auto (on a terminal, unless NO_COLOR is set), always or never",
          .choices = {"auto", "always", "never"},
          .completion = Completion::kChoices};
}

Option verbose_option() {
  return {.long_name = "--verbose",
          .short_name = "-v",
          .help = "tell on standard error how the picture was taken and its facts were found"};
}

Option timings_option() {
  return {.long_name = "--timings",
          .help = "tell on standard error, and in JSON, where the time went: stage by stage"};
}

Argument target_argument() {
  return {.name = "TARGET",
          .help =
              "the id of a running Go process (`goshawk ps` lists them), a core file or a "
              "snapshot; of leaks and goroutines also a file with goroutine dumps in it, such as a "
              "log, or - for standard input",
          .completion = Completion::kGoProcess};
}

Argument target_or_profile_argument() {
  Argument argument = target_argument();
  argument.help =
      "the id of a running Go process (`goshawk ps` lists them), a core file, a snapshot, a "
      "pprof profile, of leaks also a log with goroutine dumps in it, or - for standard input; or "
      "an endpoint of net/http/pprof: host:port, or a URL";
  argument.completion = Completion::kGoProcessOrFile;
  return argument;
}

Option executable_option() {
  return {.long_name = "--exe",
          .value = "PATH",
          .help = "for a core: the executable that made it, if it is not where it was",
          .completion = Completion::kFile};
}

Option debug_directory_option() {
  return {.long_name = "--debug-dir",
          .value = "DIR",
          .help =
              "look for debug files, and for a core's executable, in DIR too: in .build-id, at "
              "the executable's path, right in it",
          .completion = Completion::kFile};
}

Option runtime_option() {
  return {.long_name = "--runtime",
          .value = "PATH|N",
          .help =
              "of a process with several Go libraries: the one to look at, by its file or its "
              "number",
          .completion = Completion::kFile};
}

Option way_option() {
  return {.long_name = "--way",
          .value = "WAY",
          .help =
              "how a process is read: ahead of its stop, while the kernel tells what it writes (of "
              "leaks only; the shortest stop), beside a copy-on-write twin of it (a stop of "
              "milliseconds for a small one), or while it is stopped; without this the first of a "
              "process of 64 MB or more, else the second, and the third where neither is to be had",
          .choices = {"track", "twin", "copy"}};
}

Option max_pause_option() {
  return {.long_name = "--max-pause",
          .value = "MS",
          .help =
              "of a process: let it stand still for MS milliseconds at most (also 20ms, 0.1s); "
              "what is predicted to take longer is refused before the stop, what does take "
              "longer is given up"};
}

Option max_memory_option() {
  return {.long_name = "--max-memory",
          .value = "SIZE",
          .help =
              "let goshawk itself take SIZE of memory at most (500MB, 2GB): what will want more "
              "is refused before the heap is read"};
}

inspect::TargetArgument target_of(const Arguments& arguments) {
  return {.name = arguments.fetched_name(),
          .text = arguments.positional(),
          .executable = arguments.value("--exe"),
          .debug_directory = arguments.value("--debug-dir"),
          .runtime = arguments.value("--runtime"),
          .way = arguments.value("--way"),
          .max_memory = arguments.value("--max-memory"),
          .max_pause = arguments.value("--max-pause")};
}

inspect::Delivery delivery_of(const Arguments& arguments) {
  inspect::Delivery delivery;
  std::string format = arguments.value("--format");
  if (format == "json") delivery.format = inspect::Format::kJson;
  if (format == "sarif") delivery.format = inspect::Format::kSarif;
  if (format == "junit") delivery.format = inspect::Format::kJunit;
  if (format == "github") delivery.format = inspect::Format::kGithub;
  if (format == "markdown") delivery.format = inspect::Format::kMarkdown;
  if (format == "toml") delivery.format = inspect::Format::kToml;
  if (format == "pprof") delivery.format = inspect::Format::kPprof;
  if (format == "folded") delivery.format = inspect::Format::kFolded;
  std::string color = arguments.value("--color");
  if (color == "always") delivery.color = inspect::ColorChoice::kAlways;
  if (color == "never") delivery.color = inspect::ColorChoice::kNever;
  delivery.path = arguments.value("--output");
  delivery.verbose = arguments.has("--verbose");
  delivery.timings = arguments.has("--timings");
  return delivery;
}

int code_of(inspect::ExitCode code) { return static_cast<int>(code); }

}  // namespace goshawk::cli
