// Only reading a file tells whether there is a dump in it; then options that are for processes are
// refused, rather than passed over.
#include "frontends/profile/dump_command.h"

#include <fmt/format.h>

#include "inspection/dump_source.h"

namespace goshawk::frontends::profile {

using inspection::ExitCode;

std::optional<ExitCode> run_leaks_of_dump(const StackLeaksRequest& request) {
  auto file = inspection::read_if_dump(request.target, request.name);
  if (!file) return inspection::report_error(file.error());
  if (!*file) return std::nullopt;
  auto code =
      judge_and_report(request, "goroutine dump", [&](const inspection::Accepted& accepted) {
        return inspection::judge_dumps(**file, accepted);
      });
  return code ? *code : inspection::report_error(code.error());
}

std::optional<ExitCode> refuse_memory_of_dump(const std::string& target) {
  if (target == "-") return std::nullopt;
  auto file = inspection::read_if_dump(target);
  if (!file || !*file) return std::nullopt;
  return inspection::report_error(
      Usage{target + " is a goroutine dump: what goroutines do is in it, and nothing of memory",
            fmt::format(
                "`goshawk {}` tells what leaks; of memory `goshawk heap PID` does, of the running "
                "process, or of a heap profile (/debug/pprof/heap)",
                target)});
}

}  // namespace goshawk::frontends::profile
