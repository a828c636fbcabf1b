#include "cli/profile_dispatch.h"

#include <algorithm>
#include <string>

#include "cli/commands.h"
#include "cli/shared_options.h"
#include "frontends/profile/profile_target.h"

namespace goshawk::cli {

namespace profile = frontends::profile;
namespace inspect = frontends::inspect;

namespace {

constexpr std::string_view kOptions[] = {"--all", "--format", "--output", "--color",
                                         "--sample-type"};

Result<void> check_options(std::string_view command, const Arguments& arguments) {
  const std::string& file = arguments.positional();
  for (const Option& option : find_command(command)->options)
    if (arguments.has(option.long_name) &&
        std::ranges::find(kOptions, option.long_name) == std::end(kOptions))
      return fail(
          Usage{std::string(option.long_name) + " is not for profiles, and " + file + " is one",
                "of profiles it takes --all, --sample-type, --format, --output and --color"});
  std::string format = arguments.value("--format");
  if (!format.empty() && format != "text" && format != "json")
    return fail(Usage{"of a profile there is no --format " + format, "text and json are there"});
  return {};
}

}  // namespace

std::optional<int> run_on_profile(std::string_view command, const Arguments& arguments,
                                  profile::Question question) {
  if (!profile::is_profile_target(arguments.positional())) return std::nullopt;
  if (auto checked = check_options(command, arguments); !checked)
    return code_of(inspect::report_error(checked.error()));
  return code_of(profile::run_profile({.path = arguments.positional(),
                                       .question = question,
                                       .delivery = delivery_of(arguments),
                                       .all = arguments.has("--all"),
                                       .sample_type = arguments.value("--sample-type")}));
}

}  // namespace goshawk::cli
