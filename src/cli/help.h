// --help, made from the table of commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace goshawk::cli {

struct ExitStatus {
  int code;
  std::string_view meaning;
};
const std::vector<ExitStatus>& exit_statuses();

std::string render_overview(const std::vector<Command>& commands);
std::string render_help(const Command& command);
std::string version_text();

// The `help` command: of one command, or the overview.
int run_help(const std::string& command);

}  // namespace goshawk::cli
