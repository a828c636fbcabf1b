// Options that several commands take, and what the commands make of them.
#pragma once

#include <string_view>
#include <vector>

#include "cli/command.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::cli {

Option output_option();
Option format_option(std::vector<std::string_view> choices);
Option report_option();
Option color_option();
Option verbose_option();
Option timings_option();
Argument target_argument();
Argument target_or_profile_argument();
Option executable_option();
Option debug_directory_option();
Option runtime_option();
Option way_option();
Option max_pause_option();
Option max_memory_option();

frontends::inspect::TargetArgument target_of(const Arguments& arguments);
frontends::inspect::Delivery delivery_of(const Arguments& arguments);
int code_of(frontends::inspect::ExitCode code);

}  // namespace goshawk::cli
