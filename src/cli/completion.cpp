// Completions for three shells. Each is one script with everything in it; only process ids are
// asked for when they are wanted, by `goshawk ps -q`. A first word that is no command belongs to
// the default command, so its options and targets are offered there too.
//
// bash makes words of its own of "--format=json" and cannot complete within a list: both are undone
// by the script's first lines and by _goshawk_list.
#include "cli/completion.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/rule_argument.h"

namespace goshawk::cli {
namespace {

constexpr std::string_view kProcesses = "goshawk ps -q 2>/dev/null";
constexpr std::string_view kRuleFamily = "goroutine/";

std::string joined(const auto& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string command_names(const std::vector<Command>& commands, std::string_view separator = " ") {
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  return fmt::format("{}", fmt::join(names, separator));
}

std::string option_names(const Command& command) {
  std::vector<std::string_view> names;
  for (const Option& option : command.options) {
    names.push_back(option.long_name);
    if (!option.short_name.empty()) names.push_back(option.short_name);
  }
  names.emplace_back("--help");
  return joined(names);
}

std::string rule_names() { return joined(frontends::inspect::rule_names()); }

std::string rule_ids() {
  std::vector<std::string> ids;
  for (std::string_view name : frontends::inspect::rule_names())
    ids.push_back(fmt::format("{}{}", kRuleFamily, name));
  return joined(ids);
}

// The words for a value, as a shell word list; processes, files and rules are functions' business.
std::string fixed_words(Completion completion, const std::vector<std::string_view>& choices,
                        const std::vector<Command>& commands) {
  if (completion == Completion::kCommand) return command_names(commands);
  return completion == Completion::kChoices ? joined(choices) : std::string();
}

// For single quotes of zsh and fish.
std::string quote(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

// ---- bash ----

constexpr std::string_view kBashBeginning =
    R"(# bash completion for goshawk; made by `goshawk completion bash`

# The last part of a list with commas: what stands before it is kept.
_goshawk_list() {
  local typed=""
  [[ $word == *,* ]] && typed="${word%,*},"
  COMPREPLY=($(compgen -P "$typed" -W "$1" -- "${word##*,}"))
}

# Names of rules; their ids where one begins to type one.
_goshawk_rules() {
  _goshawk_list "$1"
  (( ${#COMPREPLY[@]} )) || _goshawk_list "$2"
}

_goshawk() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" name="leaks"
  # bash splits "--format=json" at "=".
  if [[ $word == "=" ]]; then
    word=""
  elif [[ $before == "=" ]]; then
    before="${COMP_WORDS[COMP_CWORD-2]}"
  fi
  COMPREPLY=()
)";

std::string bash_reply(Completion completion, const std::vector<std::string_view>& choices,
                       const std::vector<Command>& commands, bool list = false) {
  if (completion == Completion::kFile) return "COMPREPLY=($(compgen -f -- \"$word\"))";
  if (completion == Completion::kGoProcessOrFile)
    return fmt::format(
        "COMPREPLY=($(compgen -W \"$({})\" -- \"$word\") $(compgen -f -- \"$word\"))", kProcesses);
  if (completion == Completion::kRule)
    return fmt::format("_goshawk_rules \"{}\" \"{}\"", rule_names(), rule_ids());
  std::string words = completion == Completion::kGoProcess
                          ? fmt::format("$({})", kProcesses)
                          : fixed_words(completion, choices, commands);
  if (list) return fmt::format("_goshawk_list \"{}\"", words);
  return fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))", words);
}

std::string bash_command(const Command& command, const std::vector<Command>& commands) {
  std::string text = fmt::format("    {})\n      case \"$before\" in\n", command.name);
  for (const Option& option : command.options) {
    if (option.value.empty()) continue;
    std::string names = option.short_name.empty()
                            ? std::string(option.long_name)
                            : fmt::format("{}|{}", option.short_name, option.long_name);
    text += fmt::format("        {}) {}; return ;;\n", names,
                        bash_reply(option.completion, option.choices, commands, option.list));
  }
  text += "      esac\n";
  text += fmt::format(
      "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}$alone\" -- \"$word\"))\n",
      option_names(command));
  if (!command.argument.name.empty())
    text += fmt::format("      else {}\n", bash_reply(command.argument.completion,
                                                      command.argument.choices, commands));
  return text + "      fi ;;\n";
}

// ---- zsh ----

// Within an _arguments specification, colons and brackets must be escaped.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(Completion completion, const std::vector<std::string_view>& choices,
                       const std::vector<Command>& commands, bool list = false) {
  if (completion == Completion::kFile) return "_files";
  if (completion == Completion::kGoProcess) return "_goshawk_processes";
  if (completion == Completion::kGoProcessOrFile) return "_goshawk_targets";
  if (completion == Completion::kRule) return list ? "_sequence _goshawk_rules" : "_goshawk_rules";
  std::string words = fixed_words(completion, choices, commands);
  if (words.empty()) return " ";
  return list ? fmt::format("_values -s , value {}", words) : fmt::format("({})", words);
}

std::string zsh_option(const Option& option, const std::vector<Command>& commands) {
  std::string star = option.list || option.repeats ? "*" : "",
              rest = fmt::format("[{}]", zsh_text(option.help));
  std::string long_end, short_end;
  if (!option.value.empty()) {
    rest += fmt::format(":{}:{}", zsh_text(option.value),
                        zsh_values(option.completion, option.choices, commands, option.list));
    long_end = "=", short_end = "+";  // the value may be of the same word
  }
  std::string text = fmt::format(
      "        {} \\\n", quote(fmt::format("{}{}{}{}", star, option.long_name, long_end, rest)));
  if (!option.short_name.empty())
    text += fmt::format("        {} \\\n",
                        quote(fmt::format("{}{}{}{}", star, option.short_name, short_end, rest)));
  return text;
}

std::string zsh_command(const Command& command, const std::vector<Command>& commands) {
  std::string text = fmt::format("    {})\n      _arguments $alone \\\n", command.name);
  for (const Option& option : command.options) text += zsh_option(option, commands);
  text += "        '--help[this text]'";
  int position = 0;
  for (const Argument* argument : {&command.argument, &command.second_argument}) {
    if (argument->name.empty()) continue;
    text += fmt::format(
        " \\\n        {}",
        quote(fmt::format("{}:{}:{}", ++position, zsh_text(argument->name),
                          zsh_values(argument->completion, argument->choices, commands))));
  }
  return text + " ;;\n";
}

// ---- fish ----

constexpr std::string_view kFishBeginning =
    R"(# fish completion for goshawk; made by `goshawk completion fish`
function __goshawk_processes
    {0}
end

# Names of rules; their ids where one begins to type one.
function __goshawk_rules
    switch (commandline -ct | string replace -r '.*[=,]' '')
        case 'g*'
            printf '%s\n' {2}
        case '*'
            printf '%s\n' {1}
    end
end

complete -c goshawk -f
complete -c goshawk -n __fish_use_subcommand -a '(__goshawk_processes)'
complete -c goshawk -n __fish_use_subcommand -l version -s V -d 'the version of Goshawk'
complete -c goshawk -l help -s h -d 'what it does, its options, examples'
)";

std::string fish_values(Completion completion, const std::vector<std::string_view>& choices,
                        const std::vector<Command>& commands, bool list = false) {
  if (completion == Completion::kFile) return " -r -F";
  if (completion == Completion::kGoProcessOrFile) return " -F -a '(__goshawk_processes)'";
  std::string words = fixed_words(completion, choices, commands);
  if (completion == Completion::kRule) words = "(__goshawk_rules)";
  if (completion == Completion::kGoProcess) words = "(__goshawk_processes)";
  if (words.empty()) return " -x";
  if (list) words = fmt::format("(__fish_append , {})", words);
  return fmt::format(" -x -a {}", quote(words));
}

std::string fish_command(const Command& command, const std::vector<Command>& commands) {
  std::string text = fmt::format("complete -c goshawk -n __fish_use_subcommand -a {} -d {}\n",
                                 command.name, quote(command.one_line));
  std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.name);
  if (command.name == kDefaultCommand)
    condition += fmt::format("; or not __fish_seen_subcommand_from {}", command_names(commands));
  std::string when = fmt::format("complete -c goshawk -n '{}'", condition);
  if (!command.argument.name.empty() && command.name != kDefaultCommand)
    text +=
        when + fish_values(command.argument.completion, command.argument.choices, commands) + "\n";
  if (command.name == kDefaultCommand)
    text += fmt::format("complete -c goshawk -n '__fish_seen_subcommand_from {}'{}\n", command.name,
                        fish_values(command.argument.completion, {}, commands));
  for (const Option& option : command.options) {
    text += fmt::format("{} -l {}", when, option.long_name.substr(2));
    if (!option.short_name.empty()) text += fmt::format(" -s {}", option.short_name.substr(1));
    if (!option.value.empty())
      text += fish_values(option.completion, option.choices, commands, option.list);
    text += fmt::format(" -d {}\n", quote(option.help));
  }
  return text;
}

}  // namespace

std::string render_bash_completion(const std::vector<Command>& commands) {
  std::string text(kBashBeginning);
  text += fmt::format(
      "  local alone=\"\"\n"
      "  if (( COMP_CWORD == 1 )); then\n"
      "    alone=\" --version\"\n"
      "    if [[ $word != -* ]]; then\n"
      "      COMPREPLY=($(compgen -W \"{} $({})\" -- \"$word\"))\n"
      "      return\n"
      "    fi\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n"
      "    {}) name=\"${{COMP_WORDS[1]}}\" ;;\n"
      "  esac\n"
      "  case \"$name\" in\n",
      command_names(commands), kProcesses, command_names(commands, "|"));
  for (const Command& command : commands) text += bash_command(command, commands);
  return text + "  esac\n}\ncomplete -F _goshawk goshawk\n";
}

std::string render_zsh_completion(const std::vector<Command>& commands) {
  std::string text = fmt::format(
      "#compdef goshawk\n"
      "# zsh completion for goshawk; made by `goshawk completion zsh`\n"
      "_goshawk_processes() {{\n"
      "  local -a processes=(${{(f)\"$({})\"}})\n"
      "  compadd \"$@\" -a processes\n}}\n"
      "_goshawk_targets() {{\n  _goshawk_processes\n  _files\n}}\n"
      "# Names of rules; their ids where one begins to type one.\n"
      "_goshawk_rules() {{\n"
      "  compadd \"$@\" - {} || compadd \"$@\" - {}\n}}\n",
      kProcesses, rule_names(), rule_ids());
  text += "_goshawk() {\n  local -a names=(\n";
  for (const Command& command : commands)
    text += fmt::format("    {}\n",
                        quote(fmt::format("{}:{}", command.name, zsh_text(command.one_line))));
  text += fmt::format(
      "  )\n"
      "  local -a alone\n"
      "  local name={}\n"
      "  if (( CURRENT == 2 )); then\n"
      "    alone=('--version[the version of Goshawk]')\n"
      "    if [[ $words[2] != -* ]]; then\n"
      "      _describe command names\n      _goshawk_processes\n      return\n"
      "    fi\n"
      "  fi\n"
      "  case \"$words[2]\" in\n"
      "    {}) name=\"$words[2]\"; shift words; (( CURRENT-- )) ;;\n"
      "  esac\n"
      "  case \"$name\" in\n",
      kDefaultCommand, command_names(commands, "|"));
  for (const Command& command : commands) text += zsh_command(command, commands);
  return text +
         "  esac\n}\nif [[ $funcstack[1] == _goshawk ]]; then _goshawk \"$@\"\n"
         "else compdef _goshawk goshawk\nfi\n";
}

std::string render_fish_completion(const std::vector<Command>& commands) {
  std::string text = fmt::format(kFishBeginning, kProcesses, rule_names(), rule_ids());
  for (const Command& command : commands) text += fish_command(command, commands);
  return text;
}

int run_completion(const std::string& shell) {
  using frontends::inspect::print;
  if (shell == "bash") return static_cast<int>(print(render_bash_completion(commands())));
  if (shell == "zsh") return static_cast<int>(print(render_zsh_completion(commands())));
  if (shell == "fish") return static_cast<int>(print(render_fish_completion(commands())));
  return static_cast<int>(frontends::inspect::report_error(
      Usage{fmt::format("there is no completion for \"{}\"", shell),
            "there is one for bash, zsh and fish"}));
}

}  // namespace goshawk::cli
