// What goroutines' stacks tell of leaks, with the rules that dumps are judged by; what else a
// profile says `goshawk FILE` tells.
#include "frontends/profile/profile_leaks_command.h"

#include <fmt/format.h>

#include "frontends/profile/profile_file.h"
#include "frontends/profile/profile_target.h"
#include "inspection/profile_judgement.h"
#include "pprof/profile_kind.h"

namespace goshawk::frontends::profile {

using inspection::ExitCode;

namespace {

Result<ExitCode> read_and_judge(const StackLeaksRequest& request) {
  pprof::Profile profile = TRY(read_profile_file(request.target, request.name));
  pprof::ProfileKind kind = pprof::kind_of(profile);
  if (!pprof::is_of_goroutines(kind))
    return fail(Usage{fmt::format("{} is a {} and says nothing of goroutines", shown_name(request),
                                  pprof::name_of(kind)),
                      fmt::format("`goshawk {}` tells what it says", shown_name(request))});
  return judge_and_report(request, "profile", [&](const inspection::Accepted& accepted) {
    return inspection::judge_profile(shown_name(request), profile, accepted);
  });
}

}  // namespace

std::optional<ExitCode> run_leaks_of_profile(const StackLeaksRequest& request) {
  if (!is_profile_target(request.target)) return std::nullopt;
  auto code = read_and_judge(request);
  return code ? *code : inspection::report_error(code.error());
}

}  // namespace goshawk::frontends::profile
