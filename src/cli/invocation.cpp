// The first word is a command, or a target for the default command; with --help anywhere before
// "--" the command explains itself instead of running.
#include "cli/invocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/commands.h"
#include "cli/help.h"
#include "frontends/inspect/delivery.h"

namespace goshawk::cli {
namespace {

using frontends::inspect::ExitCode;
using frontends::inspect::print;
using frontends::inspect::report_error;

bool asks_for_help(const std::vector<std::string>& words) {
  auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& w) { return w == "--help" || w == "-h"; });
}

// A word that looks like a command rather than like a target, but is none.
bool is_mistyped_command(const std::string& word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](unsigned char c) { return std::isalpha(c) != 0; }) &&
         find_nearest_command(word) != nullptr;
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  if (asks_for_help(words)) return static_cast<int>(print(render_help(command)));
  auto arguments = parse_arguments(command, words);
  if (!arguments) return static_cast<int>(report_error(arguments.error()));
  return command.run(*arguments);
}

}  // namespace

int run(const std::vector<std::string>& typed) {
  if (typed.empty()) {
    fmt::print(stderr, "{}", render_overview(commands()));
    return static_cast<int>(ExitCode::kUsage);
  }
  const std::string& first = typed.front();
  if (first == "--help" || first == "-h") return run_help("");
  if (first == "--version" || first == "-V") return static_cast<int>(print(version_text()));
  if (const Command* command = find_command(first))
    return run_command(*command, {typed.begin() + 1, typed.end()});
  if (is_mistyped_command(first))
    return static_cast<int>(report_error(
        Usage{fmt::format("there is no command \"{}\"", first),
              fmt::format("did you mean `goshawk {}`?", find_nearest_command(first)->name)}));
  return run_command(*find_command(kDefaultCommand), typed);
}

}  // namespace goshawk::cli
