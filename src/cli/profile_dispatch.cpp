#include "cli/profile_dispatch.h"

#include <algorithm>
#include <string>

#include "cli/commands.h"
#include "cli/shared_options.h"
#include "frontends/profile/growth_command.h"
#include "frontends/profile/profile_target.h"

namespace goshawk::cli {

namespace profile = frontends::profile;
namespace inspect = frontends::inspect;

namespace {

constexpr std::string_view kOptions[] = {"--all",   "--format",      "--output",
                                         "--color", "--sample-type", "--limit"};

Result<void> check_options(std::string_view command, const Arguments& arguments) {
  const std::string& file =
      arguments.fetched_name().empty() ? arguments.positional() : arguments.fetched_name();
  for (const Option& option : find_command(command)->options)
    if (arguments.has(option.long_name) &&
        std::ranges::find(kOptions, option.long_name) == std::end(kOptions))
      return fail(
          Usage{std::string(option.long_name) + " is not for profiles, and " + file + " is one",
                "leave it out"});
  std::string format = arguments.value("--format");
  if (!format.empty() && format != "text" && format != "json")
    return fail(Usage{"of a profile there is no --format " + format, "text and json are there"});
  return {};
}

Result<void> check_growth(const Arguments& arguments) {
  for (const std::string& target : arguments.positionals())
    if (!profile::is_profile_target(target))
      return fail(Usage{target + " is no profile, and others are",
                        "profiles are compared with profiles, pictures with pictures"});
  return check_options("diff", arguments);
}

}  // namespace

std::optional<int> run_on_profile(std::string_view command, const Arguments& arguments,
                                  profile::Question question) {
  if (!profile::is_profile_target(arguments.positional())) return std::nullopt;
  if (auto checked = check_options(command, arguments); !checked)
    return code_of(inspect::report_error(checked.error()));
  return code_of(profile::run_profile({.path = arguments.positional(),
                                       .name = arguments.fetched_name(),
                                       .question = question,
                                       .delivery = delivery_of(arguments),
                                       .all = arguments.has("--all"),
                                       .sample_type = arguments.value("--sample-type")}));
}

std::optional<int> run_growth_of_profiles(const Arguments& arguments) {
  if (std::ranges::none_of(arguments.positionals(), profile::is_profile_target))
    return std::nullopt;
  if (auto checked = check_growth(arguments); !checked)
    return code_of(inspect::report_error(checked.error()));
  return code_of(profile::run_growth({.paths = arguments.positionals(),
                                      .delivery = delivery_of(arguments),
                                      .all = arguments.has("--all"),
                                      .sample_type = arguments.value("--sample-type"),
                                      .limit = arguments.value("--limit")}));
}

}  // namespace goshawk::cli
