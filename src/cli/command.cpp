// Typed words against the table, by CLI11. CLI11's own help and error texts are not used: those
// come from the table, and errors are Usage like everywhere else.
#include "cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace goshawk::cli {
namespace {

std::string see_help(const Command& command) {
  return fmt::format("see `goshawk {} --help`", command.name);
}

std::string names_of(const Option& option) {
  if (option.short_name.empty()) return std::string(option.long_name);
  return fmt::format("{},{}", option.short_name, option.long_name);
}

std::string join(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// Where CLI11 puts what it reads, until it is known to be right.
struct Reading {
  const Option* option;
  std::vector<std::string> values;
  bool given = false;
};

Result<void> check_choices(const Command& command, const Option& option,
                           const std::vector<std::string>& values) {
  if (option.choices.empty()) return {};
  for (const std::string& value : values)
    if (std::ranges::find(option.choices, value) == option.choices.end())
      return fail(Usage{fmt::format("{} does not know \"{}\"", option.long_name, value),
                        fmt::format("it takes {}; {}", join(option.choices), see_help(command))});
  return {};
}

Error explain_parse_error(const Command& command, const CLI::ParseError& error,
                          const std::vector<std::string>& extras) {
  if (!extras.empty() && extras.front().starts_with('-'))
    return Usage{fmt::format("there is no option {}", extras.front()), see_help(command)};
  if (!extras.empty())
    return Usage{fmt::format("\"{}\" is one argument too many", extras.front()), see_help(command)};
  return Usage{error.what(), see_help(command)};
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
  std::string_view argument = command.argument.name;
  if (argument.empty()) return text;
  text += command.argument.required ? fmt::format(" {}", argument) : fmt::format(" [{}]", argument);
  return text;
}

Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& typed) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<Reading> readings;
  readings.reserve(command.options.size());
  for (const Option& option : command.options) {
    Reading& reading = readings.emplace_back(&option);
    if (option.value.empty())
      app.add_flag(names_of(option), reading.given);
    else
      // One value each time it is typed; a vector would swallow the target after it.
      app.add_option_function<std::string>(
             names_of(option),
             [&reading](const std::string& value) { reading.values.push_back(value); })
          ->trigger_on_parse()
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  std::string positional;
  if (!command.argument.name.empty()) app.add_option("positional", positional);
  try {
    app.parse(std::vector<std::string>(typed.rbegin(), typed.rend()));
  } catch (const CLI::ParseError& error) {
    return fail(explain_parse_error(command, error, {}));
  }
  if (std::vector<std::string> extras = app.remaining(); !extras.empty())
    return fail(explain_parse_error(command, CLI::ExtrasError(extras), extras));
  Arguments arguments;
  for (const Reading& reading : readings) {
    if (reading.given) arguments.add(reading.option->long_name, "");
    TRY_VOID(check_choices(command, *reading.option, reading.values));
    for (const std::string& value : reading.values) arguments.add(reading.option->long_name, value);
  }
  arguments.set_positional(positional);
  if (positional.empty() && !command.argument.name.empty() && command.argument.required)
    return fail(Usage{fmt::format("{} is missing", command.argument.name), see_help(command)});
  return arguments;
}

}  // namespace goshawk::cli
