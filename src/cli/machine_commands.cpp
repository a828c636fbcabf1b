#include "cli/machine_commands.h"

#include "cli/shared_options.h"
#include "frontends/inspect/doctor_command.h"
#include "frontends/inspect/explain_command.h"
#include "frontends/inspect/ps_command.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;

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
                  way_option(),
                  format_option({"text", "json"}),
                  output_option(),
                  color_option()},
      .examples =
          {{"goshawk doctor 4711", "one screen: the verdict first"},
           {"goshawk doctor 4711 --all", "with every fact, how it was found and checked"},
           {"goshawk doctor 4711 --way track",
            "is what is read ahead of a stop the stopped process? compared with a twin"},
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
          "id inside), Go release, goroutines without the runtime's own, heap, age, and whether "
          "Goshawk may look into "
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

}  // namespace goshawk::cli
