// A command as data: parsing, --help, the manual page and the shell completions are all made from
// it, so they cannot disagree.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace goshawk::cli {

// What a shell offers for a value.
enum class Completion { kNothing, kFile, kGoProcess, kGoProcessOrFile, kRule, kCommand, kChoices };

struct Option {
  std::string_view long_name;        // "--format"
  std::string_view short_name = "";  // "-o"
  std::string_view value = "";       // "FILE"; empty: a flag
  std::string_view help;
  std::vector<std::string_view> choices = {};  // the only values, where there are any
  Completion completion = Completion::kNothing;
  bool list = false;            // may be repeated, and takes values with commas between them
  bool repeats = false;         // may be repeated, and each value is one
  bool command_checks = false;  // the command itself refuses what is no choice
};

struct Argument {
  std::string_view name;  // "TARGET"; empty: the command takes none
  std::string_view help = "";
  bool required = true;
  Completion completion = Completion::kNothing;
  std::vector<std::string_view> choices = {};
  bool many = false;  // one or more of it, and nothing behind them
};

struct Example {
  std::string_view line;  // as typed
  std::string_view what;
};

// What was typed after the command's name.
class Arguments {
 public:
  bool has(std::string_view long_name) const { return values_.contains(std::string(long_name)); }
  // The last one given, or empty.
  std::string value(std::string_view long_name) const;
  std::vector<std::string> values(std::string_view long_name) const;
  // As many as the command takes; what was left out is empty.
  const std::vector<std::string>& positionals() const { return positionals_; }
  const std::string& positional() const { return positionals_.at(0); }
  const std::string& second_positional() const { return positionals_.at(1); }
  const std::vector<std::string>& other_line() const { return other_line_; }

  void add(std::string_view long_name, std::string value) {
    values_[std::string(long_name)].push_back(std::move(value));
  }
  void set_positionals(std::vector<std::string> positionals) {
    positionals_ = std::move(positionals);
  }

  void set_other_line(std::vector<std::string> words) { other_line_ = std::move(words); }

  // What was fetched lies in a file: where, and what was typed for it.
  void set_fetched(std::string path, std::string name) {
    positionals_.at(0) = std::move(path);
    fetched_name_ = std::move(name);
  }
  const std::string& fetched_name() const { return fetched_name_; }  // empty: nothing was
  void remove(std::string_view long_name) { values_.erase(std::string(long_name)); }

  // Whether no command was named: a target alone.
  bool is_bare() const { return is_bare_; }
  void set_bare() { is_bare_ = true; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> positionals_ = {"", ""};
  std::vector<std::string> other_line_;
  std::string fetched_name_;
  bool is_bare_ = false;
};

struct Command {
  std::string_view name;
  std::string_view one_line;
  std::string_view description;
  Argument argument;
  Argument second_argument = {};  // only behind a first one
  std::vector<Option> options;
  std::vector<Example> examples;
  std::function<int(const Arguments&)> run;  // gives the exit code
  // What users of other tools call it: only for "did you mean".
  std::vector<std::string_view> other_names = {};
  // Another command line, from the first word on that is no option of ours: "PROGRAM [ARGS...]".
  // Empty: there is none, and no argument beside it where there is one.
  std::string_view other_line = {};
  bool other_line_required = true;
  bool other_line_has_options = false;  // it may begin with an option: the first that is not ours
};

// How many of the words typed are ours: all, but for those of another command line.
std::size_t count_own_words(const Command& command, const std::vector<std::string>& typed);

// "goshawk leaks [OPTIONS] TARGET"
std::string synopsis(const Command& command);

// The words that are no options and no values of any; Usage when an option is unknown or lacks its
// value.
Result<std::vector<std::string>> find_positionals(const Command& command,
                                                  const std::vector<std::string>& typed);

// Checks what was typed against the command: unknown options, missing values, choices.
Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& typed);

}  // namespace goshawk::cli
