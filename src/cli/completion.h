// Shell completions, made from the table of commands.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace goshawk::cli {

std::string render_bash_completion(const std::vector<Command>& commands);
std::string render_zsh_completion(const std::vector<Command>& commands);
std::string render_fish_completion(const std::vector<Command>& commands);

// The `completion` command.
int run_completion(const std::string& shell);

}  // namespace goshawk::cli
