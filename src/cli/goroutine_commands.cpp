#include "cli/goroutine_commands.h"

#include "cli/dump_dispatch.h"
#include "cli/endpoint_dispatch.h"
#include "cli/profile_dispatch.h"
#include "cli/shared_options.h"
#include "frontends/inspect/baseline_command.h"
#include "frontends/inspect/goroutines_command.h"
#include "frontends/inspect/leaks_command.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;
using frontends::profile::Question;

namespace {

inspect::AcceptedArgument accepted_of(const Arguments& arguments) {
  return {.suppressions = arguments.value("--suppressions"),
          .no_suppressions = arguments.has("--no-suppressions"),
          .baseline = arguments.value("--baseline")};
}

std::vector<Option> goroutine_options() {
  return {
      {.long_name = "--all",
       .short_name = "-a",
       .help =
           "one by one, in the text of the runtime's own dump (debug=2), which other tools read"},
      {.long_name = "--state",
       .value = "STATE",
       .help = "only in these states, with commas between them",
       .choices = inspect::state_names(),
       .completion = Completion::kChoices,
       .list = true,
       .command_checks = true},
      {.long_name = "--function",
       .value = "REGEX",
       .help = "only with a function on the stack, or a creator, that matches: a Go regular "
               "expression"},
      {.long_name = "--wait-reason",
       .value = "TEXT",
       .help = "only those whose wait reason has TEXT in it, such as \"chan receive\""},
      {.long_name = "--min-age",
       .value = "DURATION",
       .help = "only those known to wait at least so long: 90s, 1.5m, 1h30m, 2d"},
      {.long_name = "--max-age",
       .value = "DURATION",
       .help = "only those not known to wait longer"},
      {.long_name = "--goid",
       .value = "IDS",
       .help = "only these, one by one: ids and ranges, such as 18,42,100-199",
       .list = true},
      {.long_name = "--system", .help = "the runtime's own goroutines too"},
      {.long_name = "--no-stop",
       .help = "the process runs on meanwhile: each goroutine is told as it was when it was read, "
               "of those that run only the function that they began in"},
      {.long_name = "--labels",
       .help = "as --all, with profiler labels behind each header, as Go 1.27 prints them"},
      executable_option(),
      debug_directory_option(),
      runtime_option(),
      way_option(),
      max_pause_option(),
      max_memory_option(),
      format_option({"text", "json", "pprof"}),
      output_option(),
      color_option(),
      verbose_option(),
      timings_option()};
}

// Of a whole endpoint: what a leak shows in. Never goroutineleak unless asked.
std::vector<std::string_view> profiles_of_leaks(const Arguments& arguments) {
  std::vector<std::string_view> profiles = {"goroutine"};
  if (arguments.has("--goroutineleak")) profiles.emplace_back("goroutineleak");
  if (arguments.is_bare())
    for (std::string_view one : {"heap", "allocs", "block", "mutex", "threadcreate"})
      profiles.push_back(one);
  return profiles;
}

std::optional<int> leaks_of_file(const Arguments& arguments) {
  if (arguments.is_bare())
    if (auto code = run_on_profile("leaks", arguments, Question::kAnything)) return code;
  return run_leaks_on_stacks(arguments);
}

int list_goroutines(const Arguments& arguments) {
  if (auto code = run_on_profile("goroutines", arguments, Question::kGoroutines)) return *code;
  return code_of(inspect::run_goroutines({.target = target_of(arguments),
                                          .delivery = delivery_of(arguments),
                                          .all = arguments.has("--all"),
                                          .labels = arguments.has("--labels"),
                                          .system = arguments.has("--system"),
                                          .no_stop = arguments.has("--no-stop"),
                                          .states = arguments.values("--state"),
                                          .function = arguments.value("--function"),
                                          .wait_reason = arguments.value("--wait-reason"),
                                          .min_age = arguments.value("--min-age"),
                                          .max_age = arguments.value("--max-age"),
                                          .goids = arguments.values("--goid")}));
}

}  // namespace

Command leaks() {
  return {
      .name = "leaks",
      .one_line = "which goroutines can never run again, and why",
      .description =
          "Stops the process for an instant, reads what a proof needs, lets it go on, and then "
          "proves which goroutines nobody can ever wake: nothing that still runs can reach what "
          "they wait for. They are shown in groups, the surest and costliest first: their stacks, "
          "and the heap that would be freed if the group were gone. With them stands what was "
          "checked and what "
          "could not be decided. Of a goroutine dump (of SIGQUIT, of a panic, of "
          "/debug/pprof/goroutine?debug=2, anywhere in a log) it tells what stacks, numbers and "
          "times make suspected, and of several in one file what grows; of a profile of "
          "goroutines what of that it has. `goshawk TARGET` "
          "is the same command. Several pictures "
          "(--samples) also tell, as likely, what could run again but comes and never ends. "
          "Leaks that are known can be left out by a suppression file, in TOML: an entry is "
          "[[suppress]] with a reason, with "
          "what it fits (rule; top, any, created_by: functions, `*` for any text) and, unless it "
          "is for good, until: its last day.",
      .argument = target_or_profile_argument(),
      .options =
          {{.long_name = "--all",
            .short_name = "-a",
            .help = "every group, every frame and all goroutine ids"},
           {.long_name = "--rule",
            .value = "RULE",
            .help = "only findings of these rules, with commas between them",
            .completion = Completion::kRule,
            .list = true},
           {.long_name = "--goroutine",
            .value = "ID",
            .help = "the whole story of this one, alive or leaked: what it waits on, what "
                    "could wake it, and who holds that; with --samples also whether its kind "
                    "grows"},
           {.long_name = "--samples",
            .value = "N",
            .help = "of a process: take N pictures, 2 to 1000, and tell what grows too; 3 are "
                    "enough to show it"},
           {.long_name = "--every",
            .value = "DURATION",
            .help = "from one of these pictures to the next: 5s by default; longer than what "
                    "the program does in one piece. Alone it means --samples 3"},
           {.long_name = "--fail-on",
            .value = "CONFIDENCE",
            .help = "exit with 1 when there is a finding of this confidence or a higher one, "
                    "with --baseline a new one; never by default",
            .choices = {"proven", "likely", "suspected", "never"},
            .completion = Completion::kChoices},
           {.long_name = "--suppressions",
            .value = "FILE",
            .help = "leave out the leaks that FILE names, with their reasons; "
                    "by default .goshawk.toml in the current directory, if it is there",
            .completion = Completion::kFile},
           {.long_name = "--no-suppressions", .help = "read no suppression file"},
           {.long_name = "--baseline",
            .value = "FILE",
            .help = "tell what is new since FILE: what `goshawk baseline` wrote, or an earlier "
                    "report in JSON",
            .completion = Completion::kFile},
           {.long_name = "--goroutineleak",
            .help = "of an endpoint: fetch that profile too; the program runs a collection for it, "
                    "which can bring it down where it has weak pointers"},
           executable_option(),
           debug_directory_option(),
           runtime_option(),
           way_option(),
           max_pause_option(),
           max_memory_option(),
           format_option({"text", "json", "sarif", "junit", "github", "markdown", "pprof"}),
           report_option(),
           output_option(),
           color_option(),
           verbose_option(),
           timings_option()},
      .examples = {{"goshawk 4711", "the leaks of process 4711 on one screen"},
                   {"goshawk leaks 4711 --all", "every group with whole stacks and goroutine ids"},
                   {"goshawk leaks 4711 --goroutine 42", "why goroutine 42 is leaked, or is not"},
                   {"goshawk leaks 4711 --fail-on proven && echo clean",
                    "in a script: exit code 1 when a leak is proven"},
                   {"goshawk leaks 4711 --samples 3 --every 5s",
                    "three pictures: also what runs or waits for the network, and grows"},
                   {"goshawk leaks 4711 --baseline known.json --fail-on proven",
                    "exit code 1 only for a leak that an earlier report does not have"},
                   {"goshawk leaks 4711 --report sarif=leaks.sarif --report junit=leaks.xml",
                    "the text, and two reports for other programs"},
                   {"goshawk core.4711 --exe ./server", "of a core file"},
                   {"goshawk localhost:6060", "all that an endpoint of net/http/pprof serves"},
                   {"goshawk goroutine.pb.gz", "what a profile says, of goroutines or of memory"},
                   {"curl -s http://web1:6060/debug/pprof/goroutine | goshawk -",
                    "the same from an endpoint"},
                   {"goshawk shop.log", "of the last dump of each process in a log"},
                   {"kubectl logs shop-7d9f | goshawk -", "the same through a pipe"},
                   {"goshawk leaks 4711 --format json | jq '.findings[].rule'",
                    "for other programs"}},
      .run =
          [](const Arguments& arguments) {
            if (auto code = run_on_endpoint(arguments, profiles_of_leaks(arguments), leaks_of_file))
              return *code;
            if (auto code = leaks_of_file(arguments)) return *code;
            return code_of(inspect::run_leaks(
                {.target = target_of(arguments),
                 .delivery = delivery_of(arguments),
                 .all = arguments.has("--all"),
                 .rules = arguments.values("--rule"),
                 .schedule = {arguments.value("--every"), arguments.value("--samples")},
                 .fail_on = arguments.value("--fail-on"),
                 .accepted = accepted_of(arguments),
                 .reports = arguments.values("--report"),
                 .goroutine = arguments.value("--goroutine"),
                 .heap_suspects = arguments.is_bare()}));
          },
      .other_names = {"leak", "find", "check", "scan", "inspect", "analyze", "detect", "top"}};
}

Command baseline() {
  return {
      .name = "baseline",
      .one_line = "what is known: a file after which only new leaks count",
      .description =
          "Writes the findings of reports and targets, each once, as a file for `goshawk leaks "
          "--baseline`: fingerprints, with rule and functions for people, ordered, one a line, to "
          "lie in a repository. Reports are those of `goshawk leaks --format json`; a baseline "
          "counts as one, so that what is new can be added to it. What a suppression file leaves "
          "out of a target is not in it.",
      .argument = {.name = "TARGET",
                   .help = "what `goshawk leaks` takes, a report in JSON or a baseline; several "
                           "are put together",
                   .completion = Completion::kGoProcessOrFile,
                   .many = true},
      .options = {{.long_name = "--suppressions",
                   .value = "FILE",
                   .help = "leave out the leaks that FILE names; by default .goshawk.toml in the "
                           "current directory, if it is there",
                   .completion = Completion::kFile},
                  {.long_name = "--no-suppressions", .help = "read no suppression file"},
                  executable_option(),
                  debug_directory_option(),
                  runtime_option(),
                  way_option(),
                  {.long_name = "--format",
                   .value = "FORMAT",
                   .help = "json: a baseline, by default; toml: a draft of entries for "
                           ".goshawk.toml, whose reasons are yours to write",
                   .choices = {"json", "toml"},
                   .completion = Completion::kChoices},
                  output_option()},
      .examples = {{"goshawk baseline 4711 -o known.json", "what process 4711 leaks is known now"},
                   {"goshawk baseline known.json report.json -o known.json",
                    "what is new in a report too"},
                   {"goshawk leaks 4712 --baseline known.json --fail-on proven",
                    "exit code 1 only for what is not in it"},
                   {"goshawk baseline report.json --format toml >> .goshawk.toml",
                    "one entry for each finding, each to be given its reason"}},
      .run =
          [](const Arguments& arguments) {
            return code_of(inspect::run_baseline({.sources = arguments.positionals(),
                                                  .target = target_of(arguments),
                                                  .accepted = accepted_of(arguments),
                                                  .delivery = delivery_of(arguments)}));
          },
      .other_names = {"known", "accept", "ignore", "snapshot-findings"}};
}

Command goroutines() {
  return {
      .name = "goroutines",
      .one_line = "every goroutine: what it does, where, and for how long",
      .description =
          "Lists the goroutines of a process, those with the same stack together. Ages are as "
          "Go counts them: from the collection before the one that first saw a goroutine wait, so "
          "up to one too long; one without an age began to wait later, or there was none yet.",
      .argument = {.name = "TARGET",
                   .help = "the id of a running Go process (`goshawk ps` lists them), a core "
                           "file, a snapshot, a goroutine dump, or an endpoint of "
                           "net/http/pprof: host:port, or the URL of its dump",
                   .completion = Completion::kGoProcessOrFile},
      .options = goroutine_options(),
      .examples = {{"goshawk goroutines 4711", "grouped by stack, the largest group first"},
                   {"goshawk goroutines 4711 --all > dump.txt",
                    "the text of the runtime's own dump"},
                   {"goshawk goroutines 4711 --wait-reason 'chan send' --min-age 10m",
                    "who has waited to send for ten minutes"},
                   {"goshawk goroutines 4711 --function 'database/sql'", "who is in that package"},
                   {"goshawk goroutines 4711 --no-stop", "without holding the process still"},
                   {"goshawk goroutines shop.log --all > dump.txt",
                    "the last dump in a log, without what the log has put before its lines"},
                   {"goshawk goroutines 4711 --format pprof -o g.pb && go tool pprof -top g.pb",
                    "with Go's own tools"}},
      .run =
          [](const Arguments& arguments) {
            auto code = run_on_endpoint(arguments, {"goroutine"}, list_goroutines);
            return code ? *code : list_goroutines(arguments);
          },
      .other_names = {"stack", "stacks", "dump", "bt", "backtrace", "traceback", "trace", "threads",
                      "list"}};
}

}  // namespace goshawk::cli
