#include "cli/memory_commands.h"

#include <string>

#include "cli/dump_dispatch.h"
#include "cli/endpoint_dispatch.h"
#include "cli/profile_dispatch.h"
#include "cli/shared_options.h"
#include "frontends/inspect/allocations_command.h"
#include "frontends/inspect/diff_command.h"
#include "frontends/inspect/heap_command.h"
#include "frontends/inspect/snapshot_command.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;

namespace {

Option heap_format_option() {
  Option option = format_option({"text", "json", "pprof", "folded"});
  option.help =
      "how to show it; text by default; pprof and folded: for viewers of flame graphs, with who "
      "holds what as the stacks";
  return option;
}

Option sample_type_option() {
  return {.long_name = "--sample-type",
          .value = "TYPE",
          .help =
              "of a profile: which of its values, such as alloc_space; by default the one that "
              "`go tool pprof` shows"};
}

inspect::ExitCode run_allocations_of(const Arguments& arguments) {
  if (arguments.value("--format") == "folded")
    return inspect::report_error(Usage{"--format folded does not go with --allocations",
                                       "--format pprof has the stacks of allocations"});
  for (const char* other : {"--types", "--dominators", "--object", "--path", "--holds",
                            "--goroutine", "--samples", "--every"})
    if (arguments.has(other))
      return inspect::report_error(Usage{std::string(other) + " does not go with --allocations",
                                         "ask for one after the other"});
  return inspect::run_allocations({.target = target_of(arguments),
                                   .delivery = delivery_of(arguments),
                                   .all = arguments.has("--all")});
}

}  // namespace

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
          "object, each with what would be freed if it let go; of those that have very much also "
          "which lines of code allocated it. Then what is in use and not needed: arrays kept for a "
          "small part, maps far larger than their entries, channels with large buffers, forgotten "
          "timers, finalizers that do not run; what lies in sync.Pools, what weak pointers and "
          "handles of package unique lead to, what pending timers hold; then of which types the "
          "live heap is. With --samples, --dominators or --types that comes first, and the balance "
          "is one line below it. With --allocations it tells instead "
          "where the memory was allocated, by the samples that every Go program takes of its "
          "allocations unless it was built without a use for them; "
          "nothing stands still for that.",
      .argument = target_or_profile_argument(),
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
                  {.long_name = "--samples",
                   .value = "N",
                   .help = "take N pictures, and tell which maps, slices and types grow in all of "
                           "them; 3 when only --every is given. The last one is told, also if the "
                           "process ends before the next; the first one alone with exit code 3"},
                  {.long_name = "--every",
                   .value = "DURATION",
                   .help = "from one picture to the next: 30s, 5m. Longer than the program's "
                           "caches take to fill, if you can wait. Alone it means --samples 3"},
                  executable_option(),
                  debug_directory_option(),
                  runtime_option(),
                  way_option(),
                  max_pause_option(),
                  max_memory_option(),
                  sample_type_option(),
                  heap_format_option(),
                  output_option(),
                  color_option(),
                  verbose_option(),
                  timings_option()},
      .examples =
          {{"goshawk heap 4711", "one screen, the largest line first"},
           {"goshawk heap 4711 --dominators", "who holds what, and who below them"},
           {"goshawk heap 4711 --path main.session", "through whom the sessions are held"},
           {"goshawk heap 4711 --object 0xc000012340", "all of one object"},
           {"goshawk heap 4711 --samples 5 --every 1m", "what grows meanwhile, and where"},
           {"goshawk heap 4711 --format json | jq '.balance[] | [.name, .bytes]'",
            "for other programs"},
           {"goshawk heap 4711 --format pprof -o h.pb.gz; go tool pprof -http=: h.pb.gz",
            "a flame graph of who holds what"},
           {"goshawk heap 4711 --allocations --format pprof -o mem.pb.gz",
            "the memory profile that its endpoint would write, for `go tool pprof`"},
           {"goshawk heap heap.pb.gz", "which lines allocated what is in use, by a heap profile"},
           {"goshawk snapshot 4711 --with-heap -o shop.snapshot; goshawk heap shop.snapshot",
            "the same later, elsewhere"}},
      .run =
          [](const Arguments& arguments) {
            auto heap_of_file = [](const Arguments& file) {
              return run_on_profile("heap", file, frontends::profile::Question::kMemory);
            };
            if (auto code = run_on_endpoint(arguments, {"heap"}, heap_of_file)) return *code;
            if (auto code = heap_of_file(arguments)) return *code;
            if (auto code = refuse_heap_of_dump(arguments)) return *code;
            if (arguments.has("--sample-type"))
              return code_of(inspect::report_error(
                  Usage{"--sample-type is for profiles", "see `goshawk heap --help`"}));
            if (arguments.has("--allocations")) return code_of(run_allocations_of(arguments));
            return code_of(inspect::run_heap(
                {.target = target_of(arguments),
                 .delivery = delivery_of(arguments),
                 .all = arguments.has("--all"),
                 .details = {.dominators = arguments.has("--dominators"),
                             .types = arguments.has("--types")},
                 .object = arguments.value("--object"),
                 .path = arguments.value("--path"),
                 .holds = arguments.value("--holds"),
                 .goroutine = arguments.value("--goroutine"),
                 .schedule = {arguments.value("--every"), arguments.value("--samples")}}));
          },
      .other_names = {"memory", "mem", "rss", "balance"}};
}

Command diff() {
  return {
      .name = "diff",
      .one_line = "what grew between two pictures of a program, and what was freed",
      .description =
          "Compares two pictures: two snapshots of a process, an older snapshot and the process "
          "as it is now, a core. Tells what grew and what shrank, by type, by who holds it, by "
          "goroutines (with how many of them are leaked), by the stacks that allocated it, the "
          "most first. What changes by less than half a percent of the live heap is left to "
          "--all. A snapshot has types and holders only if it was saved with --with-heap; what one "
          "of the two lacks is said, and the rest is compared. What global variables hold counts "
          "as theirs, whatever goroutines are just using it; what is left and main's stack holds "
          "as main's. Or compares pprof profiles of one kind, two or more: what grew, site by "
          "site, how fast, and how sure that is: likely where it grew steadily in each interval "
          "between three or more, suspected where it is only more than chance. Of goroutine dumps, "
          "two or more, it tells which sites grow.",
      .argument = {.name = "A",
                   .help = "the earlier picture: a snapshot, a core file, or the id of a running "
                           "Go process; or the first profile",
                   .completion = Completion::kGoProcessOrFile},
      .second_argument = {.name = "B",
                          .help = "the later one, likewise; of profiles and of goroutine dumps as "
                                  "many as there are, one later than the other",
                          .completion = Completion::kGoProcessOrFile,
                          .many = true},
      .options = {{.long_name = "--all", .short_name = "-a", .help = "every change, however small"},
                  {.long_name = "--limit",
                   .value = "SIZE",
                   .help = "of heap profiles: tell when this much will be in use (500MB, 2GB)"},
                  sample_type_option(),
                  executable_option(),
                  debug_directory_option(),
                  runtime_option(),
                  way_option(),
                  max_pause_option(),
                  max_memory_option(),
                  format_option({"text", "json"}),
                  output_option(),
                  color_option(),
                  verbose_option(),
                  timings_option()},
      .examples = {{"goshawk snapshot 4711 --with-heap -o before.snapshot",
                    "first a picture to compare with"},
                   {"goshawk diff before.snapshot 4711", "an hour later: what grew since"},
                   {"goshawk diff before.snapshot after.snapshot --all",
                    "two saved ones, on any machine: every change"},
                   {"goshawk diff before.snapshot core.4711 --exe ./server",
                    "what had grown when it crashed"},
                   {"goshawk diff heap1.pb.gz heap2.pb.gz heap3.pb.gz --limit 2GB",
                    "what grows by three heap profiles, and how long it can"},
                   {"goshawk diff morning.txt noon.txt evening.txt",
                    "of goroutine dumps: which sites grow, how fast and how steadily"},
                   {"goshawk diff before.snapshot 4711 --format json | jq '.types[:3]'",
                    "for other programs"}},
      .run =
          [](const Arguments& arguments) {
            if (auto code = run_growth_of_profiles(arguments)) return *code;
            for (const char* other : {"--limit", "--sample-type"})
              if (arguments.has(other))
                return code_of(inspect::report_error(
                    Usage{std::string(other) + " is for profiles", "see `goshawk diff --help`"}));
            if (auto code = run_diff_on_dumps(arguments)) return *code;
            if (arguments.positionals().size() > 2)
              return code_of(inspect::report_error(
                  Usage{"\"" + arguments.positionals()[2] + "\" is one argument too many",
                        "two pictures are compared; of profiles and of dumps any number"}));
            return code_of(inspect::run_diff({.before = target_of(arguments),
                                              .after = arguments.second_positional(),
                                              .delivery = delivery_of(arguments),
                                              .all = arguments.has("--all")}));
          },
      .other_names = {"compare", "delta", "growth", "cmp", "difference"}};
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
                  way_option(),
                  max_pause_option(),
                  max_memory_option(),
                  verbose_option(),
                  timings_option()},
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

}  // namespace goshawk::cli
