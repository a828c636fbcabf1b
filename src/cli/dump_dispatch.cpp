#include "cli/dump_dispatch.h"

#include "cli/shared_options.h"
#include "frontends/profile/dump_command.h"
#include "frontends/profile/dump_diff_command.h"
#include "frontends/profile/profile_leaks_command.h"

namespace goshawk::cli {

namespace profile = frontends::profile;

namespace {

// Options of these commands that have no meaning for a dump.
constexpr std::string_view kOfProcesses[] = {"--goroutine", "--samples",   "--every",
                                             "--exe",       "--debug-dir", "--runtime",
                                             "--way",       "--max-pause", "--max-memory"};

std::vector<std::string> find_unfit(const Arguments& arguments) {
  std::vector<std::string> unfit;
  for (std::string_view option : kOfProcesses)
    if (arguments.has(option)) unfit.emplace_back(option);
  return unfit;
}

}  // namespace

std::optional<int> run_leaks_on_stacks(const Arguments& arguments) {
  const profile::StackLeaksRequest request{
      .target = arguments.positional(),
      .name = arguments.fetched_name(),
      .delivery = delivery_of(arguments),
      .all = arguments.has("--all"),
      .rules = arguments.values("--rule"),
      .fail_on = arguments.value("--fail-on"),
      .accepted = {.suppressions = arguments.value("--suppressions"),
                   .no_suppressions = arguments.has("--no-suppressions"),
                   .baseline = arguments.value("--baseline")},
      .reports = arguments.values("--report"),
      .unfit = find_unfit(arguments)};
  auto code = profile::run_leaks_of_profile(request);
  if (!code) code = profile::run_leaks_of_dump(request);
  if (!code) return std::nullopt;
  return code_of(*code);
}

std::optional<int> run_diff_on_dumps(const Arguments& arguments) {
  auto code = profile::run_diff_of_dumps({.targets = arguments.positionals(),
                                          .delivery = delivery_of(arguments),
                                          .all = arguments.has("--all"),
                                          .unfit = find_unfit(arguments)});
  if (!code) return std::nullopt;
  return code_of(*code);
}

std::optional<int> refuse_heap_of_dump(const Arguments& arguments) {
  auto code = profile::refuse_memory_of_dump(arguments.positional());
  if (!code) return std::nullopt;
  return code_of(*code);
}

}  // namespace goshawk::cli
