// The first word is a command, or a target for the default command; with --help anywhere before
// "--" the command explains itself instead of running.
#include "cli/invocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cli/commands.h"
#include "cli/help.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

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

// A word that looks like a command rather than like a process id, a path or a URL.
bool looks_like_command(const std::string& word) {
  return !word.empty() && std::isalpha(static_cast<unsigned char>(word.front())) != 0 &&
         std::ranges::all_of(word,
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// "goshawk log", where there is a file of that name.
bool is_file(const std::string& word) {
  std::error_code error;
  auto kind = std::filesystem::status(word, error).type();
  return kind == std::filesystem::file_type::regular || kind == std::filesystem::file_type::fifo;
}

// "goshawk leeks 4711", "goshawk stack 4711": nothing when the first word may be a target.
std::optional<Error> find_unknown_command(const std::vector<std::string>& typed) {
  const std::string& first = typed.front();
  if (!looks_like_command(first) || is_file(first)) return std::nullopt;
  const Command* nearest = find_nearest_command(first);
  if (nearest == nullptr && typed.size() == 1) return std::nullopt;  // a program's name, perhaps
  std::vector<std::string> rest(typed.begin() + 1, typed.end());
  std::string hint = "`goshawk help` lists them";
  if (nearest != nullptr) {
    rest.insert(rest.begin(), std::string(nearest->name));
    hint = fmt::format("did you mean `goshawk {}`?", join(rest));
  }
  if (std::string processes = frontends::inspect::suggest_processes(first); !processes.empty())
    hint = fmt::format("did you mean process {}? {}", processes, hint);
  return Usage{fmt::format("there is no command \"{}\"", first), hint};
}

// "goshawk 4711 leaks": the default command was given another one as an argument.
std::optional<Error> find_late_command(const std::vector<std::string>& typed) {
  auto positionals = find_positionals(*find_command(kDefaultCommand), typed);
  if (!positionals || positionals->size() < 2) return std::nullopt;
  auto late = std::ranges::find_if(
      *positionals, [](const std::string& word) { return find_command(word) != nullptr; });
  if (late == positionals->end()) return std::nullopt;
  std::vector<std::string> ordered = typed;
  ordered.erase(std::ranges::find(ordered, *late));
  return Usage{"the command comes first",
               fmt::format("write `goshawk {} {}`", *late, join(ordered))};
}

// "goshawk before.snapshot 4711"
std::optional<Error> find_two_targets(const std::vector<std::string>& typed) {
  auto positionals = find_positionals(*find_command(kDefaultCommand), typed);
  if (!positionals || positionals->size() != 2) return std::nullopt;
  return Usage{"leaks are looked for in one target, not in two",
               fmt::format("to see what grew: `goshawk diff {}`", join(*positionals))};
}

int run_command(const Command& command, const std::vector<std::string>& words, bool bare = false) {
  auto own = static_cast<std::ptrdiff_t>(count_own_words(command, words));
  if (asks_for_help({words.begin(), words.begin() + own}))
    return static_cast<int>(print(render_help(command)));
  auto arguments = parse_arguments(command, words);
  if (!arguments) return static_cast<int>(report_error(arguments.error()));
  if (bare) arguments->set_bare();
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
  for (auto find_mistake : {find_unknown_command, find_late_command, find_two_targets})
    if (auto mistake = find_mistake(typed)) return static_cast<int>(report_error(*mistake));
  return run_command(*find_command(kDefaultCommand), typed, true);
}

}  // namespace goshawk::cli
