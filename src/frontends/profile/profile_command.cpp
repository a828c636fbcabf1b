// What one profile says: read, summed up and shown.
#include "frontends/profile/profile_command.h"

#include <fmt/format.h>

#include "analyses/profile/sites.h"
#include "analyses/profile/stacks.h"
#include "base/byte_stream.h"
#include "pprof/profile_reader.h"
#include "pprof/pruning.h"
#include "report/profile_json.h"
#include "report/profile_report.h"
#include "report/profile_text.h"

namespace goshawk::frontends::profile {

using inspection::ExitCode;
using inspection::Format;
using pprof::ProfileKind;

namespace {

Result<pprof::Profile> read(const std::string& path) {
  ByteStream stream = TRY(ByteStream::open(path, pprof::kMostProfileBytes));
  pprof::Profile profile = TRY(pprof::read_profile(stream));
  pprof::remove_sampling_frames(profile);
  return profile;
}

Result<void> check_question(const ProfileRequest& request, ProfileKind kind) {
  bool fits = request.question == Question::kAnything ||
              (request.question == Question::kGoroutines && pprof::is_of_goroutines(kind)) ||
              (request.question == Question::kMemory && pprof::is_of_memory(kind));
  if (fits) return {};
  return fail(
      Usage{fmt::format("{} is a {} and says nothing of {}", request.path, pprof::name_of(kind),
                        request.question == Question::kMemory ? "memory" : "goroutines"),
            fmt::format("`goshawk {}` tells what it says", request.path)});
}

Result<pprof::ShownValues> choose_values(const ProfileRequest& request,
                                         const pprof::Profile& profile) {
  if (request.sample_type.empty()) return pprof::shown_values(profile);
  if (auto found = pprof::find_values(profile, request.sample_type)) return *found;
  std::string types;
  for (std::size_t i = 0; i < profile.sample_types.size(); ++i)
    types += fmt::format("{}{}", i == 0 ? "" : ", ", profile.type_name(i));
  return fail(Usage{fmt::format("--sample-type: {} has no {}", request.path, request.sample_type),
                    "it has " + types});
}

Result<report::ProfileReport> make_report(const ProfileRequest& request) {
  report::ProfileReport report{.name = request.path == "-" ? "standard input" : request.path,
                               .profile = TRY(read(request.path)),
                               .kind = ProfileKind::kOther,
                               .shown = {},
                               .sites = {},
                               .stacks = {}};
  if (report.profile.sample_types.empty())
    return fail(
        Malformed{report.name, 0, "a profile without sample types: there is nothing in it"});
  report.kind = pprof::kind_of(report.profile);
  TRY_VOID(check_question(request, report.kind));
  report.shown = TRY(choose_values(request, report.profile));
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

}  // namespace goshawk::frontends::profile
