// All that Goshawk can be asked to do. A new command is one entry here and one function; help, the
// manual page (docs/goshawk.1) and the completions follow.
#include "cli/commands.h"

#include <algorithm>

#include "base/nearest_word.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/idle.h"
#include "cli/manual.h"
#include "frontends/inspect/allocations_command.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/doctor_command.h"
#include "frontends/inspect/explain_command.h"
#include "frontends/inspect/goroutines_command.h"
#include "frontends/inspect/heap_command.h"
#include "frontends/inspect/leaks_command.h"
#include "frontends/inspect/ps_command.h"
#include "frontends/inspect/snapshot_command.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;

namespace {

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

Argument target_argument() {
  return {.name = "TARGET",
          .help =
              "the id of a running Go process (`goshawk ps` lists them), a core file or a "
              "snapshot",
          .completion = Completion::kGoProcess};
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

inspect::TargetArgument target_of(const Arguments& arguments) {
  return {.text = arguments.positional(),
          .executable = arguments.value("--exe"),
          .debug_directory = arguments.value("--debug-dir"),
          .runtime = arguments.value("--runtime")};
}

inspect::Delivery delivery_of(const Arguments& arguments) {
  inspect::Delivery delivery;
  std::string format = arguments.value("--format");
  if (format == "json") delivery.format = inspect::Format::kJson;
  if (format == "pprof") delivery.format = inspect::Format::kPprof;
  if (format == "folded") delivery.format = inspect::Format::kFolded;
  std::string color = arguments.value("--color");
  if (color == "always") delivery.color = inspect::ColorChoice::kAlways;
  if (color == "never") delivery.color = inspect::ColorChoice::kNever;
  delivery.path = arguments.value("--output");
  delivery.verbose = arguments.has("--verbose");
  return delivery;
}

inspect::AcceptedArgument accepted_of(const Arguments& arguments) {
  return {.suppressions = arguments.value("--suppressions"),
          .no_suppressions = arguments.has("--no-suppressions"),
          .baseline = arguments.value("--baseline")};
}

int code_of(inspect::ExitCode code) { return static_cast<int>(code); }

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
          "could not be decided. `goshawk TARGET` is the same command. Several pictures "
          "(--samples) also tell, as likely, what could run again but comes and never ends. "
          "Leaks that are known can be left out by a suppression file, in TOML: an entry is "
          "[[suppress]] with a reason, with "
          "what it fits (rule; top, any, created_by: functions, `*` for any text) and, unless it "
          "is for good, until: its last day.",
      .argument = target_argument(),
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
                    "could wake it, and who holds that"},
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
            .help = "tell what is new since FILE, an earlier report of `goshawk leaks --format "
                    "json`",
            .completion = Completion::kFile},
           executable_option(),
           debug_directory_option(),
           runtime_option(),
           format_option({"text", "json", "pprof"}),
           output_option(),
           color_option(),
           verbose_option()},
      .examples = {{"goshawk 4711", "the leaks of process 4711 on one screen"},
                   {"goshawk leaks 4711 --all", "every group with whole stacks and goroutine ids"},
                   {"goshawk leaks 4711 --goroutine 42", "why goroutine 42 is leaked, or is not"},
                   {"goshawk leaks 4711 --fail-on proven && echo clean",
                    "in a script: exit code 1 when a leak is proven"},
                   {"goshawk leaks 4711 --samples 3 --every 5s",
                    "three pictures: also what runs or waits for the network, and grows"},
                   {"goshawk leaks 4711 --baseline known.json --fail-on proven",
                    "exit code 1 only for a leak that an earlier report does not have"},
                   {"goshawk core.4711 --exe ./server", "of a core file"},
                   {"goshawk leaks 4711 --format json | jq '.findings[].rule'",
                    "for other programs"}},
      .run =
          [](const Arguments& arguments) {
            return code_of(inspect::run_leaks(
                {.target = target_of(arguments),
                 .delivery = delivery_of(arguments),
                 .all = arguments.has("--all"),
                 .rules = arguments.values("--rule"),
                 .schedule = {arguments.value("--every"), arguments.value("--samples")},
                 .fail_on = arguments.value("--fail-on"),
                 .accepted = accepted_of(arguments),
                 .goroutine = arguments.value("--goroutine")}));
          },
      .other_names = {"leak", "find", "check", "scan", "inspect", "analyze", "detect", "top"}};
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
      {.long_name = "--labels",
       .help = "as --all, with profiler labels behind each header, as Go 1.27 prints them"},
      executable_option(),
      debug_directory_option(),
      runtime_option(),
      format_option({"text", "json", "pprof"}),
      output_option(),
      color_option(),
      verbose_option()};
}

Command goroutines() {
  return {
      .name = "goroutines",
      .one_line = "every goroutine: what it does, where, and for how long",
      .description =
          "Lists the goroutines of a process, those with the same stack together. Ages are as "
          "Go counts them: from the collection before the one that first saw a goroutine wait, so "
          "up to one too long; one without an age began to wait later, or there was none yet.",
      .argument = target_argument(),
      .options = goroutine_options(),
      .examples = {{"goshawk goroutines 4711", "grouped by stack, the largest group first"},
                   {"goshawk goroutines 4711 --all > dump.txt",
                    "the text of the runtime's own dump"},
                   {"goshawk goroutines 4711 --wait-reason 'chan send' --min-age 10m",
                    "who has waited to send for ten minutes"},
                   {"goshawk goroutines 4711 --function 'database/sql'", "who is in that package"},
                   {"goshawk goroutines 4711 --format pprof -o g.pb && go tool pprof -top g.pb",
                    "with Go's own tools"}},
      .run =
          [](const Arguments& arguments) {
            return code_of(inspect::run_goroutines({.target = target_of(arguments),
                                                    .delivery = delivery_of(arguments),
                                                    .all = arguments.has("--all"),
                                                    .labels = arguments.has("--labels"),
                                                    .system = arguments.has("--system"),
                                                    .states = arguments.values("--state"),
                                                    .function = arguments.value("--function"),
                                                    .wait_reason = arguments.value("--wait-reason"),
                                                    .min_age = arguments.value("--min-age"),
                                                    .max_age = arguments.value("--max-age"),
                                                    .goids = arguments.values("--goid")}));
          },
      .other_names = {"stack", "stacks", "dump", "bt", "backtrace", "traceback", "trace", "threads",
                      "list"}};
}

Option heap_format_option() {
  Option option = format_option({"text", "json", "pprof", "folded"});
  option.help =
      "how to show it; text by default; pprof and folded: for viewers of flame graphs, with who "
      "holds what as the stacks";
  return option;
}

inspect::ExitCode run_allocations_of(const Arguments& arguments) {
  if (arguments.value("--format") == "folded")
    return inspect::report_error(Usage{"--format folded does not go with --allocations",
                                       "--format pprof has the stacks of allocations"});
  for (const char* other :
       {"--types", "--dominators", "--object", "--path", "--holds", "--goroutine"})
    if (arguments.has(other))
      return inspect::report_error(Usage{std::string(other) + " does not go with --allocations",
                                         "ask for one after the other"});
  return inspect::run_allocations({.target = target_of(arguments),
                                   .delivery = delivery_of(arguments),
                                   .all = arguments.has("--all")});
}

Command heap() {
  return {
      .name = "heap",
      .one_line = "where the memory is, who holds the heap, and what is in it",
      .description =
          "Draws up the balance of a process' memory: live objects, garbage that is not collected "
          "yet, free heap memory that was not given back, stacks, the runtime's own tables, the "
          "program's code and variables, C's memory, files. Each page that the kernel counts as "
          "resident is in one line, so that the lines add up to its RSS. What is live is what the "
          "collector would keep, leaked goroutines and what they hold with it. Of a core file the "
          "pages count that hold anything but zeros; a snapshot answers for the process as it was. "
          "Below it stands who holds the live heap: a variable, the stacks of goroutines, an "
          "object, each with what would be freed if it let go; then of which types it is. With "
          "--allocations it tells instead where the memory was allocated, by the samples that "
          "every Go program takes of its allocations unless it was built without a use for them; "
          "nothing stands still for that.",
      .argument = target_argument(),
      .options = {{.long_name = "--all",
                   .short_name = "-a",
                   .help = "every line, those below half a percent too"},
                  {.long_name = "--types",
                   .help = "more of the types of the live objects; of a stripped program as far "
                           "as they can be known"},
                  {.long_name = "--dominators",
                   .help = "the tree of holders: who retains what, and who below them"},
                  {.long_name = "--object",
                   .value = "WHAT",
                   .help = "only this object, by its address (0xc000012340), or all objects of a "
                           "type (main.session): who holds it, field by field from a variable or "
                           "stack, who refers to it, what would be freed without it"},
                  {.long_name = "--path",
                   .value = "WHAT",
                   .help = "of the same, only how it is held"},
                  {.long_name = "--holds",
                   .value = "WHAT",
                   .help = "of the same, only what would be freed without it, by type"},
                  {.long_name = "--goroutine",
                   .value = "ID",
                   .help = "only what this goroutine's stack alone holds, by type"},
                  {.long_name = "--allocations",
                   .help = "instead, by the records of the program's own runtime: which lines of "
                           "code allocated what is in use"},
                  executable_option(),
                  debug_directory_option(),
                  runtime_option(),
                  heap_format_option(),
                  output_option(),
                  color_option(),
                  verbose_option()},
      .examples =
          {{"goshawk heap 4711", "one screen, the largest line first"},
           {"goshawk heap 4711 --dominators", "who holds what, and who below them"},
           {"goshawk heap 4711 --path main.session", "through whom the sessions are held"},
           {"goshawk heap 4711 --object 0xc000012340", "all of one object"},
           {"goshawk heap 4711 --format json | jq '.balance[] | [.name, .bytes]'",
            "for other programs"},
           {"goshawk heap 4711 --format pprof -o h.pb.gz; go tool pprof -http=: h.pb.gz",
            "a flame graph of who holds what"},
           {"goshawk heap 4711 --allocations --format pprof -o mem.pb.gz",
            "the memory profile that its endpoint would write, for `go tool pprof`"},
           {"goshawk snapshot 4711 --with-heap -o shop.snapshot; goshawk heap shop.snapshot",
            "the same later, elsewhere"}},
      .run =
          [](const Arguments& arguments) {
            if (arguments.has("--allocations")) return code_of(run_allocations_of(arguments));
            return code_of(
                inspect::run_heap({.target = target_of(arguments),
                                   .delivery = delivery_of(arguments),
                                   .all = arguments.has("--all"),
                                   .details = {.dominators = arguments.has("--dominators"),
                                               .types = arguments.has("--types")},
                                   .object = arguments.value("--object"),
                                   .path = arguments.value("--path"),
                                   .holds = arguments.value("--holds"),
                                   .goroutine = arguments.value("--goroutine")}));
          },
      .other_names = {"memory", "mem", "rss", "balance"}};
}

Command snapshot() {
  return {
      .name = "snapshot",
      .one_line = "save a picture of a process, to look at it elsewhere or later",
      .description =
          "Takes the picture that `goshawk leaks` takes and saves it. FILE is a target like a "
          "process: every command answers from it as it would have answered then. It holds "
          "addresses, sizes, states and the names in the executable, but none of the program's "
          "own strings; of network waits it has the internet addresses. It can be read "
          "by its owner alone, and appears whole or not at all.",
      .argument = target_argument(),
      .options = {output_option(),
                  {.long_name = "--with-strings",
                   .help = "keep the program's own strings too: the profiler labels of goroutines, "
                           "the paths of sockets and files that are waited for"},
                  {.long_name = "--with-heap",
                   .help = "keep who holds what and the types of all objects, for `goshawk heap`: "
                           "a longer stop"},
                  executable_option(),
                  debug_directory_option(),
                  runtime_option(),
                  verbose_option()},
      .examples = {{"goshawk snapshot 4711 -o shop.snapshot", "save it"},
                   {"goshawk shop.snapshot", "its leaks, on any machine"},
                   {"ssh web1 sudo goshawk snapshot 4711 -o - > web1.snapshot",
                    "from another machine, through a pipe"}},
      .run =
          [](const Arguments& arguments) {
            return code_of(inspect::run_snapshot({.target = target_of(arguments),
                                                  .delivery = delivery_of(arguments),
                                                  .with_strings = arguments.has("--with-strings"),
                                                  .with_heap = arguments.has("--with-heap")}));
          },
      .other_names = {"save", "record", "capture", "picture", "snap"}};
}

Command doctor() {
  return {
      .name = "doctor",
      .one_line = "what works on this program and machine, what does not, and why",
      .description =
          "Tells what the target is and how it was built, whether it may be looked into (and the "
          "line that grants it: for a shell, a container, a Kubernetes manifest), how every fact "
          "about the Go runtime was found in it and what came of the check on it, and which "
          "features work. A process is stopped for an instant, as by `goshawk leaks`, and the exit "
          "code is the one that `goshawk leaks` would end with. Of a target that cannot be read, "
          "all that can be found out is still told.",
      .argument = target_argument(),
      .options = {{.long_name = "--all",
                   .short_name = "-a",
                   .help = "every condition and every fact, those in order too"},
                  executable_option(),
                  debug_directory_option(),
                  runtime_option(),
                  format_option({"text", "json"}),
                  output_option(),
                  color_option()},
      .examples =
          {{"goshawk doctor 4711", "one screen: the verdict first"},
           {"goshawk doctor 4711 --all", "with every fact, how it was found and checked"},
           {"goshawk doctor core.4711 --exe ./server", "of a core file"},
           {"goshawk doctor 4711 --format json | jq '.features[] | select(.state == \"off\")'",
            "for other programs"}},
      .run =
          [](const Arguments& arguments) {
            return code_of(inspect::run_doctor({.target = target_of(arguments),
                                                .delivery = delivery_of(arguments),
                                                .all = arguments.has("--all")}));
          },
      .other_names = {"diagnose", "check-target", "selfcheck", "self-check", "support", "env"}};
}

Command ps() {
  return {
      .name = "ps",
      .one_line = "the Go processes of this machine",
      .description =
          "Lists the Go processes that can be found: process id (of one in a container also its "
          "id inside), Go release, goroutines, heap, age, and whether Goshawk may look into "
          "them. Nothing is stopped for it. What could not even be told to be one is said on "
          "standard error.",
      .argument = {},
      .options = {{.long_name = "--quiet", .short_name = "-q", .help = "only the process ids"},
                  format_option({"text", "json"}),
                  output_option(),
                  color_option()},
      .examples = {{"goshawk ps", "all of them"},
                   {"sudo goshawk ps", "those of other users too"},
                   {"for pid in $(goshawk ps -q); do goshawk $pid; done", "into each of them"},
                   {"goshawk ps --format json", "for other programs"}},
      .run =
          [](const Arguments& arguments) {
            return code_of(inspect::run_ps(
                {.delivery = delivery_of(arguments), .quiet = arguments.has("--quiet")}));
          },
      .other_names = {"processes", "pids", "targets"}};
}

Command explain() {
  return {.name = "explain",
          .one_line = "what a rule means: wrong code, right code, why",
          .description =
              "Teaches a pattern of leaks: why it leaks, code that does it, the same code mended, "
              "since which Go release it matters, and how sure Goshawk can be. Without RULE, lists "
              "the rules.",
          .argument = {.name = "RULE",
                       .help = "such as blocked-send or goroutine/blocked-send, in any case",
                       .required = false,
                       .completion = Completion::kRule},
          .options = {format_option({"text", "json"}), output_option(), color_option()},
          .examples = {{"goshawk explain", "the list of rules"},
                       {"goshawk explain abandoned-result", "the handler that timed out"}},
          .run =
              [](const Arguments& arguments) {
                return code_of(inspect::run_explain(
                    {.rule = arguments.positional(), .delivery = delivery_of(arguments)}));
              },
          .other_names = {"rule", "rules", "why"}};
}

Command idle() {
  return {.name = "idle",
          .one_line = "keep a container there for those who enter it",
          .description =
              "Does nothing until it is told to end (SIGTERM, SIGINT): the main process of a "
              "container with Goshawk in it, where `kubectl exec` or `podman exec` runs the other "
              "commands. It stops no process and looks at none.",
          .argument = {},
          .options = {},
          .examples = {{"podman run -d --name hawk --pid=container:shop goshawk idle",
                        "a container beside the one that is called shop"},
                       {"podman exec hawk goshawk ps", "what is to be seen from there"}},
          .run = [](const Arguments&) { return run_idle(); }};
}

Command completion() {
  return {.name = "completion",
          .one_line = "a completion script for a shell",
          .description = "Prints a script that completes commands, options and targets.",
          .argument = {.name = "SHELL",
                       .help = "bash, zsh or fish",
                       .completion = Completion::kChoices,
                       .choices = {"bash", "zsh", "fish"}},
          .options = {},
          .examples = {{"source <(goshawk completion bash)", "for this shell"},
                       {"goshawk completion zsh > ~/.zfunc/_goshawk",
                        "for good, with ~/.zfunc in fpath"},
                       {"goshawk completion fish > ~/.config/fish/completions/goshawk.fish",
                        "for good"}},
          .run = [](const Arguments& arguments) { return run_completion(arguments.positional()); }};
}

Command man() {
  return {
      .name = "man",
      .one_line = "the manual page",
      .description = "Prints the manual page in the form that man reads.",
      .argument = {},
      .options = {},
      .examples = {{"goshawk man | man -l -", "read it"}},
      .run = [](const Arguments&) { return code_of(inspect::print(render_manual(commands()))); }};
}

Command version() {
  return {.name = "version",
          .one_line = "the version of Goshawk",
          .description = "Prints the version.",
          .argument = {},
          .options = {},
          .examples = {{"goshawk version", ""}},
          .run = [](const Arguments&) { return code_of(inspect::print(version_text())); }};
}

Command help() {
  return {.name = "help",
          .one_line = "help for a command",
          .description = "Prints what a command does, its options and examples.",
          .argument = {.name = "COMMAND",
                       .help = "such as leaks",
                       .required = false,
                       .completion = Completion::kCommand},
          .options = {},
          .examples = {{"goshawk help leaks", "the same as `goshawk leaks --help`"}},
          .run = [](const Arguments& arguments) { return run_help(arguments.positional()); }};
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands = {leaks(),      goroutines(), heap(),    snapshot(),
                                                 doctor(),     ps(),         explain(), idle(),
                                                 completion(), man(),        version(), help()};
  return kCommands;
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands())
    if (command.name == name) return &command;
  return nullptr;
}

const Command* find_nearest_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    if (std::ranges::find(command.other_names, name) != command.other_names.end()) return &command;
    names.push_back(command.name);
  }
  return find_command(find_nearest_word(name, names));
}

}  // namespace goshawk::cli
