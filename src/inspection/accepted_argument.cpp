// Files are read whole before the target is touched: a mistake in them costs it nothing, and never
// ends as findings that were not wanted or as leaks that nobody is told of.
#include "inspection/accepted_argument.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/read_file.h"

namespace goshawk::inspection {
namespace {

constexpr std::uint64_t kMostSuppressionBytes = 1 << 20;
constexpr std::uint64_t kMostBaselineBytes = 1 << 28;  // a group takes 2 to 20 KB

// Empty: none. A link that leads nowhere was meant to lead somewhere.
Result<std::string> find_suppression_file(const AcceptedArgument& argument) {
  if (argument.no_suppressions && !argument.suppressions.empty())
    return fail(Usage{"--suppressions and --no-suppressions contradict each other",
                      "leave one of them out"});
  if (argument.no_suppressions || !argument.suppressions.empty()) return argument.suppressions;
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(kSuppressionFile, error))) return "";
  // Nobody named it: a pipe that lies there would be waited for for ever.
  std::filesystem::file_status leads_to = std::filesystem::status(kSuppressionFile, error);
  if (std::filesystem::exists(leads_to) && !std::filesystem::is_regular_file(leads_to))
    return fail(Usage{fmt::format("{} is no regular file", kSuppressionFile),
                      "name another suppression file, or none: --no-suppressions"});
  return std::string(kSuppressionFile);
}

}  // namespace

Result<Accepted> read_accepted(const AcceptedArgument& argument) {
  Accepted accepted;
  if (std::string path = TRY(find_suppression_file(argument)); !path.empty()) {
    std::string text = TRY(read_file(path, kMostSuppressionBytes,
                                     "name another suppression file, or none: --no-suppressions"));
    accepted.suppressions = TRY(findings::parse_suppressions(text, path));
  }
  if (!argument.baseline.empty()) {
    std::string text = TRY(read_file(argument.baseline, kMostBaselineBytes,
                                     "make one: goshawk baseline TARGET -o FILE"));
    accepted.baseline = TRY(findings::parse_baseline(text, argument.baseline));
  }
  return accepted;
}

}  // namespace goshawk::inspection
