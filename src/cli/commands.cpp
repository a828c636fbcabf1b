// All that Goshawk can be asked to do. A new command is one entry in a file of its like
// (goroutine_commands, memory_commands, machine_commands) and one function; help, the manual page
// (docs/goshawk.1) and the completions follow.
#include "cli/commands.h"

#include <algorithm>

#include "base/nearest_word.h"
#include "cli/completion.h"
#include "cli/endpoint_dispatch.h"
#include "cli/goroutine_commands.h"
#include "cli/help.h"
#include "cli/idle.h"
#include "cli/machine_commands.h"
#include "cli/manual.h"
#include "cli/memory_commands.h"
#include "cli/run_commands.h"
#include "cli/serve_commands.h"
#include "cli/shared_options.h"
#include "cli/watch_commands.h"
#include "frontends/inspect/delivery.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;

namespace {

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
  static const std::vector<Command> kCommands = {with_endpoint_options(leaks()),
                                                 baseline(),
                                                 with_endpoint_options(goroutines()),
                                                 with_endpoint_options(heap()),
                                                 diff(),
                                                 snapshot(),
                                                 exec(),
                                                 run_program(),
                                                 test(),
                                                 serve(),
                                                 watch(),
                                                 history(),
                                                 doctor(),
                                                 ps(),
                                                 explain(),
                                                 idle(),
                                                 completion(),
                                                 man(),
                                                 version(),
                                                 help()};
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
