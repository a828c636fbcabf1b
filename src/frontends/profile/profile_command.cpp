// What one profile says: read, summed up and shown.
#include "frontends/profile/profile_command.h"

#include <fmt/format.h>

#include "analyses/profile/sites.h"
#include "analyses/profile/stacks.h"
#include "frontends/profile/profile_file.h"
#include "report/profile_json.h"
#include "report/profile_report.h"
#include "report/profile_text.h"

namespace goshawk::frontends::profile {

using inspection::ExitCode;
using inspection::Format;
using pprof::ProfileKind;

namespace {

std::string name_of(const ProfileRequest& request) {
  return request.name.empty() ? name_of_file(request.path) : request.name;
}

Result<void> check_question(const ProfileRequest& request, ProfileKind kind) {
  bool fits = request.question == Question::kAnything ||
              (request.question == Question::kGoroutines && pprof::is_of_goroutines(kind)) ||
              (request.question == Question::kMemory && pprof::is_of_memory(kind));
  if (fits) return {};
  return fail(
      Usage{fmt::format("{} is a {} and says nothing of {}", name_of(request), pprof::name_of(kind),
                        request.question == Question::kMemory ? "memory" : "goroutines"),
            fmt::format("`goshawk {}` tells what it says", name_of(request))});
}

Result<report::ProfileReport> make_report(const ProfileRequest& request) {
  report::ProfileReport report{.name = name_of(request),
                               .profile = TRY(read_profile_file(request.path, request.name)),
                               .kind = ProfileKind::kOther,
                               .shown = {},
                               .sites = {},
                               .stacks = {}};
  report.kind = pprof::kind_of(report.profile);
  TRY_VOID(check_question(request, report.kind));
  report.shown = TRY(choose_values(report.name, report.profile, request.sample_type));
  report.sites = analyses::profile::sum_sites(report.profile, report.shown);
  if (pprof::is_of_goroutines(report.kind) || report.kind == ProfileKind::kThreads)
    report.stacks = analyses::profile::group_stacks(report.profile, report.shown);
  return report;
}

}  // namespace

ExitCode run_profile(const ProfileRequest& request) {
  auto report = make_report(request);
  if (!report) return inspection::report_error(report.error());
  return inspection::deliver(request.delivery, ExitCode::kFine,
                             [&](inspection::Destination& destination) {
                               if (request.delivery.format == Format::kJson)
                                 return report::render_profile_json(destination.output(), *report);
                               report::render_profile_text(destination.output(), *report,
                                                           destination.text_style(request.all));
                             });
}

ExitCode run_profile_in_short(const ProfileRequest& request) {
  auto report = make_report(request);
  if (!report) return inspection::report_error(report.error());
  return inspection::deliver(request.delivery, ExitCode::kFine,
                             [&](inspection::Destination& destination) {
                               report::render_profile_in_short(destination.output(), *report,
                                                               destination.text_style(request.all));
                             });
}

}  // namespace goshawk::frontends::profile
