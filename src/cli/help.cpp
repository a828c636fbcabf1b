// Help on a terminal: what it does, how it is called, options, examples.
#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "frontends/inspect/delivery.h"

namespace goshawk::cli {
namespace {

constexpr std::size_t kColumns = 80;

std::string wrap(std::string_view text, std::size_t indent) {
  return report::wrap_text(text, indent, kColumns);
}

// "-o, --output FILE"
std::string option_text(const Option& option) {
  std::string text = option.short_name.empty() ? "    " : fmt::format("{}, ", option.short_name);
  text += option.long_name;
  if (!option.value.empty()) text += fmt::format(" {}", option.value);
  return text;
}

std::string option_help(const Option& option) {
  std::string text(option.help);
  if (!option.choices.empty() && option.long_name != "--color")
    text += fmt::format(" ({})", fmt::join(option.choices, ", "));
  return text;
}

std::string render_options(const Command& command) {
  std::size_t widest = std::string_view("-h, --help").size();
  for (const Option& option : command.options)
    widest = std::max(widest, option_text(option).size());
  std::string text = "\nOptions:\n";
  for (const Option& option : command.options)
    text += fmt::format("  {:{}}  {}\n", option_text(option), widest,
                        wrap(option_help(option), widest + 4));
  return text + fmt::format("  {:{}}  this text\n", "-h, --help", widest);
}

}  // namespace

std::string render_overview(const std::vector<Command>& commands) {
  std::string text =
      "Goshawk finds goroutines of a Go program that can never run again,\n"
      "and proves it.\n\n"
      "Usage:\n  goshawk TARGET\n  goshawk COMMAND [OPTIONS] [ARGUMENT]\n\n"
      "TARGET is the id of a running Go process, a core file, a snapshot, a pprof\n"
      "profile, a log with a goroutine dump in it, - for standard input; or an endpoint\n"
      "that serves profiles and dumps: host:port, or a URL.\n"
      "`goshawk TARGET` means `goshawk leaks TARGET`.\n\n"
      "Commands:\n";
  for (const Command& command : commands)
    text += fmt::format("  {:<11} {}\n", command.name, command.one_line);
  text +=
      "\nOptions:\n"
      "  -h, --help     this text; after a command: what it does, its options, examples\n"
      "  -V, --version  the version of Goshawk\n";
  text += "\nExamples:\n";
  text += "  goshawk ps                 which Go processes are there?\n";
  text += "  goshawk 4711               what leaks in process 4711?\n";
  text += "  goshawk goroutines 4711    what do all its goroutines do?\n";
  text += "\nExit codes:\n";
  for (const ExitStatus& status : exit_statuses())
    text += fmt::format("  {}  {}\n", status.code, wrap(status.meaning, 5));
  return text + "\nMore about a command, with examples: goshawk COMMAND --help\n";
}

std::string render_help(const Command& command) {
  std::string text = fmt::format("goshawk {}: {}\n\nUsage:\n  {}\n\n{}\n", command.name,
                                 command.one_line, synopsis(command), wrap(command.description, 0));
  for (const Argument* argument : {&command.argument, &command.second_argument})
    if (!argument->name.empty())
      text += fmt::format("{}{}: {}\n", argument == &command.argument ? "\n" : "", argument->name,
                          wrap(argument->help, argument->name.size() + 2));
  text += render_options(command);
  text += "\nExamples:\n";
  for (const Example& example : command.examples) {
    text += fmt::format("  {}\n", example.line);
    if (!example.what.empty()) text += fmt::format("      {}\n", wrap(example.what, 6));
  }
  return text;
}

const std::vector<ExitStatus>& exit_statuses() {
  static const std::vector<ExitStatus> kStatuses = {
      {0, "all went well, and there is nothing that 1 stands for"},
      {1,
       "with --fail-on: something was found; of watch: there was an alert; of tests and programs "
       "that were run under goshawk: a leak"},
      {2, "the command line makes no sense"},
      {3, "the target could not be read, or the result not written"},
      {4, "the system does not permit it"}};
  return kStatuses;
}

std::string version_text() { return "goshawk " GOSHAWK_VERSION "\n"; }

int run_help(const std::string& name) {
  using frontends::inspect::print;
  if (name.empty()) return static_cast<int>(print(render_overview(commands())));
  const Command* command = find_command(name);
  if (command != nullptr) return static_cast<int>(print(render_help(*command)));
  std::string hint = "`goshawk help` lists them";
  if (const Command* nearest = find_nearest_command(name))
    hint = fmt::format("did you mean {}? {}", nearest->name, hint);
  return static_cast<int>(frontends::inspect::report_error(
      Usage{fmt::format("there is no command \"{}\"", name), hint}));
}

}  // namespace goshawk::cli
