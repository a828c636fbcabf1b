// Completions for three shells. Each is one script with everything in it; only process ids are
// asked for when they are wanted, by `goshawk ps`.
#include "cli/completion.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/explain_command.h"

namespace goshawk::cli {
namespace {

constexpr std::string_view kProcesses = "goshawk ps 2>/dev/null | awk '$1 ~ /^[0-9]+$/ {print $1}'";

std::string joined(const auto& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string command_names(const std::vector<Command>& commands) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  return joined(names);
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

// The words for a value, as a shell word list; processes and files are the shell's business.
std::string fixed_words(Completion completion, const std::vector<std::string_view>& choices,
                        const std::vector<Command>& commands) {
  switch (completion) {
    case Completion::kRule:
      return joined(frontends::inspect::rule_names());
    case Completion::kCommand:
      return command_names(commands);
    case Completion::kChoices:
      return joined(choices);
    default:
      return "";
  }
}

std::string bash_reply(Completion completion, const std::vector<std::string_view>& choices,
                       const std::vector<Command>& commands) {
  if (completion == Completion::kFile) return "COMPREPLY=($(compgen -f -- \"$word\"))";
  if (completion == Completion::kGoProcess)
    return fmt::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$word\"))", kProcesses);
  return fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))",
                     fixed_words(completion, choices, commands));
}

std::string bash_command(const Command& command, const std::vector<Command>& commands) {
  std::string text = fmt::format("    {})\n      case \"$before\" in\n", command.name);
  for (const Option& option : command.options) {
    if (option.value.empty()) continue;
    std::string names = option.short_name.empty()
                            ? std::string(option.long_name)
                            : fmt::format("{}|{}", option.short_name, option.long_name);
    text += fmt::format("        {}) {}; return ;;\n", names,
                        bash_reply(option.completion, option.choices, commands));
  }
  text += "      esac\n";
  text += fmt::format(
      "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))\n",
      option_names(command));
  if (!command.argument.name.empty())
    text += fmt::format("      else {}\n", bash_reply(command.argument.completion,
                                                      command.argument.choices, commands));
  return text + "      fi ;;\n";
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
                       const std::vector<Command>& commands) {
  if (completion == Completion::kFile) return "_files";
  if (completion == Completion::kGoProcess) return "_goshawk_processes";
  std::string words = fixed_words(completion, choices, commands);
  return words.empty() ? std::string(" ") : fmt::format("({})", words);
}

std::string zsh_option(const Option& option, const std::vector<Command>& commands) {
  std::string rest = fmt::format("[{}]", zsh_text(option.help));
  if (!option.value.empty())
    rest += fmt::format(":{}:{}", zsh_text(option.value),
                        zsh_values(option.completion, option.choices, commands));
  std::string star = option.repeatable ? "*" : "";
  std::string text =
      fmt::format("        {} \\\n", quote(star + std::string(option.long_name) + rest));
  if (!option.short_name.empty())
    text += fmt::format("        {} \\\n", quote(star + std::string(option.short_name) + rest));
  return text;
}

std::string zsh_command(const Command& command, const std::vector<Command>& commands) {
  std::string text = fmt::format("    {})\n      _arguments \\\n", command.name);
  for (const Option& option : command.options) text += zsh_option(option, commands);
  text += "        '--help[this text]'";
  if (!command.argument.name.empty()) {
    const Argument& argument = command.argument;
    text += fmt::format(
        " \\\n        {}",
        quote(fmt::format("1:{}:{}", zsh_text(argument.name),
                          zsh_values(argument.completion, argument.choices, commands))));
  }
  return text + " ;;\n";
}

std::string fish_values(Completion completion, const std::vector<std::string_view>& choices,
                        const std::vector<Command>& commands) {
  if (completion == Completion::kFile) return " -r -F";
  if (completion == Completion::kGoProcess)
    return fmt::format(" -x -a {}", quote(fmt::format("({})", kProcesses)));
  std::string words = fixed_words(completion, choices, commands);
  return words.empty() ? std::string(" -x") : fmt::format(" -x -a {}", quote(words));
}

std::string fish_command(const Command& command, const std::vector<Command>& commands) {
  std::string text = fmt::format("complete -c goshawk -n __fish_use_subcommand -a {} -d {}\n",
                                 command.name, quote(command.one_line));
  std::string when =
      fmt::format("complete -c goshawk -n '__fish_seen_subcommand_from {}'", command.name);
  if (!command.argument.name.empty())
    text +=
        when + fish_values(command.argument.completion, command.argument.choices, commands) + "\n";
  for (const Option& option : command.options) {
    text += fmt::format("{} -l {}", when, option.long_name.substr(2));
    if (!option.short_name.empty()) text += fmt::format(" -s {}", option.short_name.substr(1));
    if (!option.value.empty()) text += fish_values(option.completion, option.choices, commands);
    text += fmt::format(" -d {}\n", quote(option.help));
  }
  return text;
}

}  // namespace

std::string render_bash_completion(const std::vector<Command>& commands) {
  std::string text =
      "# bash completion for goshawk; made by `goshawk completion bash`\n"
      "_goshawk() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  COMPREPLY=()\n"
      "  if (( COMP_CWORD == 1 )); then\n";
  text += fmt::format("    COMPREPLY=($(compgen -W \"{} $({})\" -- \"$word\"))\n    return\n  fi\n",
                      command_names(commands), kProcesses);
  text += "  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& command : commands) text += bash_command(command, commands);
  return text + "  esac\n}\ncomplete -F _goshawk goshawk\n";
}

std::string render_zsh_completion(const std::vector<Command>& commands) {
  std::string text =
      "#compdef goshawk\n"
      "# zsh completion for goshawk; made by `goshawk completion zsh`\n"
      "_goshawk_processes() {\n";
  text += fmt::format("  local -a processes=(${{(f)\"$({})\"}})\n", kProcesses);
  text +=
      "  compadd -a processes\n}\n_goshawk() {\n  if (( CURRENT == 2 )); then\n    local -a "
      "names=(\n";
  for (const Command& command : commands)
    text += fmt::format("      {}\n",
                        quote(fmt::format("{}:{}", command.name, zsh_text(command.one_line))));
  text +=
      "    )\n    _describe command names\n    _goshawk_processes\n    return\n  fi\n"
      "  local name=\"$words[2]\"\n  shift words\n  (( CURRENT-- ))\n  case \"$name\" in\n";
  for (const Command& command : commands) text += zsh_command(command, commands);
  return text +
         "  esac\n}\nif [[ $funcstack[1] == _goshawk ]]; then _goshawk \"$@\"\n"
         "else compdef _goshawk goshawk\nfi\n";
}

std::string render_fish_completion(const std::vector<Command>& commands) {
  std::string text =
      "# fish completion for goshawk; made by `goshawk completion fish`\n"
      "complete -c goshawk -f\n";
  text += fmt::format("complete -c goshawk -n __fish_use_subcommand -a {}\n",
                      quote(fmt::format("({})", kProcesses)));
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
