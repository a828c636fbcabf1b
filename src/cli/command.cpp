// Typed words against the table, by CLI11. CLI11's own help and error texts are not used: those
// come from the table, and errors are Usage like everywhere else.
#include "cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/nearest_word.h"

namespace goshawk::cli {

namespace {

std::string see_help(const Command& command) {
  return fmt::format("see `goshawk {} --help`", command.name);
}

std::string names_of(const Option& option) {
  if (option.short_name.empty()) return std::string(option.long_name);
  return fmt::format("{},{}", option.short_name, option.long_name);
}

// Where CLI11 puts what it reads, until it is known to be right.
struct Reading {
  const Option* option;
  std::vector<std::string> values;
  bool given = false;
};

// What was typed, in CLI11's order but not yet checked.
struct Words {
  std::vector<Reading> options;
  std::vector<std::string> positionals;
};

std::string what_it_takes(const Option& option) {
  if (!option.choices.empty()) return list_with_or(option.choices);
  return fmt::format("write {} {}", option.long_name, option.value);
}

// CLI11 takes known letters out of "-all" and leaves "-ll": the word as it was typed.
std::string_view find_typed(std::string_view left, const std::vector<std::string>& typed) {
  for (std::string_view word : typed)
    if (word.starts_with('-') && !word.starts_with("--") && word.ends_with(left.substr(1)))
      return word;
  return left;
}

Error explain_unknown_option(const Command& command, std::string_view left,
                             const std::vector<std::string>& typed) {
  std::string_view word = left.starts_with("--") ? left : find_typed(left, typed);
  std::string_view name = word.substr(0, word.find('='));
  std::vector<std::string_view> names = {"--help"};
  for (const Option& option : command.options) names.push_back(option.long_name);
  std::string hint = see_help(command);
  if (std::string_view nearest = find_nearest_word(name, names); !nearest.empty())
    hint = fmt::format("did you mean {}? {}", nearest, hint);
  return Usage{fmt::format("there is no option {}", name), hint};
}

// CLI11's text begins with the option's name, which may lack its dashes; the rest speaks of types.
Error explain_parse_error(const Command& command, const CLI::ParseError& error) {
  std::string_view text = error.what();
  std::string_view name = text.substr(0, text.find_first_of(": "));
  for (const Option& option : command.options) {
    if (option.long_name != name && option.long_name.substr(2) != name) continue;
    if (option.value.empty())
      return Usage{fmt::format("{} takes no value", option.long_name), see_help(command)};
    return Usage{fmt::format("{} needs a value: {}", option.long_name, what_it_takes(option)),
                 see_help(command)};
  }
  return Usage{std::string(text), see_help(command)};
}

void declare(CLI::App& app, Reading& reading) {
  if (reading.option->value.empty()) {
    app.add_flag(names_of(*reading.option), reading.given)->disable_flag_override();
    return;
  }
  // One value each time it is typed; a vector would swallow the target after it.
  app.add_option_function<std::string>(
         names_of(*reading.option),
         [&reading](const std::string& value) { reading.values.push_back(value); })
      ->trigger_on_parse()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

Result<Words> read_words(const Command& command, const std::vector<std::string>& typed) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  Words words;
  words.options.reserve(command.options.size());  // CLI11 keeps references
  for (const Option& option : command.options)
    declare(app, words.options.emplace_back(Reading{&option, {}}));
  try {
    app.parse(std::vector<std::string>(typed.rbegin(), typed.rend()));
  } catch (const CLI::ParseError& error) {
    return fail(explain_parse_error(command, error));
  }
  bool only_positionals = false;  // after "--"
  for (const std::string& word : app.remaining()) {
    if (!only_positionals && word == "--")
      only_positionals = true;
    else if (!only_positionals && word.size() > 1 && word.starts_with('-'))
      return fail(explain_unknown_option(command, word, typed));
    else
      words.positionals.push_back(word);
  }
  return words;
}

Result<void> check_choices(const Command& command, const Option& option,
                           const std::vector<std::string>& values) {
  if (option.choices.empty() || option.command_checks) return {};
  for (const std::string& value : values) {
    if (std::ranges::find(option.choices, value) != option.choices.end()) continue;
    std::string hint =
        fmt::format("it takes {}; {}", list_with_or(option.choices), see_help(command));
    if (std::string_view nearest = find_nearest_word(value, option.choices); !nearest.empty())
      hint = fmt::format("did you mean {}? {}", nearest, hint);
    return fail(Usage{fmt::format("{} does not know \"{}\"", option.long_name, value), hint});
  }
  return {};
}

// As many as the command takes; what may be left out is empty then.
Result<std::vector<std::string>> check_positionals(const Command& command,
                                                   std::vector<std::string> positionals) {
  if (command.argument.many && !positionals.empty()) return positionals;
  const Argument* const taken[] = {&command.argument, &command.second_argument};
  std::size_t most = command.argument.name.empty()          ? 0
                     : command.second_argument.name.empty() ? 1
                                                            : 2;
  bool has_more = command.second_argument.many && positionals.size() > most;
  if (has_more) return positionals;
  if (positionals.size() > most)
    return fail(Usage{fmt::format("\"{}\" is one argument too many", positionals[most]),
                      see_help(command)});
  positionals.resize(std::size(taken));
  for (std::size_t i = 0; i < most; ++i)
    if (positionals[i].empty() && taken[i]->required)
      return fail(Usage{fmt::format("{} is missing", taken[i]->name), see_help(command)});
  return positionals;
}

}  // namespace

std::string Arguments::value(std::string_view long_name) const {
  auto found = values_.find(std::string(long_name));
  return found == values_.end() ? std::string() : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view long_name) const {
  auto found = values_.find(std::string(long_name));
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::string synopsis(const Command& command) {
  std::string text = fmt::format("goshawk {}", command.name);
  if (!command.options.empty()) text += " [OPTIONS]";
  for (const Argument* argument : {&command.argument, &command.second_argument}) {
    if (argument->name.empty()) continue;
    std::string name = std::string(argument->name) + (argument->many ? "..." : "");
    text += argument->required ? " " + name : fmt::format(" [{}]", name);
  }
  if (!command.other_line.empty()) text += fmt::format(" {}", command.other_line);
  return text;
}

namespace {

const Option* find_typed_option(const Command& command, const std::string& word) {
  auto option = std::ranges::find_if(command.options, [&](const Option& one) {
    return word.substr(0, word.find('=')) == one.long_name ||
           (!one.short_name.empty() && word == one.short_name);
  });
  return option == command.options.end() ? nullptr : &*option;
}

}  // namespace

// "--name VALUE" and "-o VALUE" are two words. "--" ends ours, and is one of them.
std::size_t count_own_words(const Command& command, const std::vector<std::string>& typed) {
  if (command.other_line.empty()) return typed.size();
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const std::string& word = typed[i];
    if (word == "--") return i + 1;
    if (!word.starts_with('-') || word == "-") return i;
    const Option* option = find_typed_option(command, word);
    bool known = option != nullptr || word == "--help" || word == "-h";
    if (!known && command.other_line_has_options) return i;
    if (option != nullptr && !option->value.empty() && !word.contains('=')) ++i;
  }
  return typed.size();
}

Result<std::vector<std::string>> find_positionals(const Command& command,
                                                  const std::vector<std::string>& typed) {
  return TRY(read_words(command, typed)).positionals;
}

namespace {

// Those among another command line's words, which has options itself, but none of our names. Up to
// -args, behind which `go test` reads none either.
std::vector<std::string> take_own_words(const Command& command, std::vector<std::string>& other) {
  std::vector<std::string> own, rest;
  for (std::size_t i = 0; i < other.size(); ++i) {
    if (other[i] == "-args" || other[i] == "--args") {
      rest.insert(rest.end(), other.begin() + static_cast<std::ptrdiff_t>(i), other.end());
      break;
    }
    const Option* option = find_typed_option(command, other[i]);
    (option != nullptr ? own : rest).push_back(other[i]);
    bool takes_next = option != nullptr && !option->value.empty() && !other[i].contains('=');
    if (takes_next && i + 1 < other.size()) own.push_back(other[++i]);
  }
  other = std::move(rest);
  return own;
}

}  // namespace

Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& typed) {
  auto own = static_cast<std::ptrdiff_t>(count_own_words(command, typed));
  std::vector<std::string> ours(typed.begin(), typed.begin() + own);
  std::vector<std::string> other(typed.begin() + own, typed.end());
  if (command.other_line_has_options && (own == 0 || ours.back() != "--"))
    for (std::string& word : take_own_words(command, other)) ours.push_back(std::move(word));
  Words words = TRY(read_words(command, ours));
  Arguments arguments;
  arguments.set_other_line(std::move(other));
  if (!command.other_line.empty() && command.other_line_required && arguments.other_line().empty())
    return fail(Usage{fmt::format("{} is missing", command.other_line), see_help(command)});
  for (const Reading& reading : words.options) {
    const Option& option = *reading.option;
    if (reading.given) arguments.add(option.long_name, "");
    std::vector<std::string> values = reading.values;
    if (option.list) {
      values = split_list(fmt::format("{}", fmt::join(values, ",")));
      // Left out it would mean all of them: a script's empty variable must not.
      if (!reading.values.empty() && values.empty())
        return fail(Usage{fmt::format("{} has no value", option.long_name), see_help(command)});
    }
    TRY_VOID(check_choices(command, option, values));
    for (const std::string& value : values) arguments.add(option.long_name, value);
  }
  arguments.set_positionals(TRY(check_positionals(command, words.positionals)));
  return arguments;
}

}  // namespace goshawk::cli
