// Only reading a file tells whether there is a dump in it; then options that are for processes are
// refused, rather than passed over.
#include "frontends/profile/dump_command.h"

#include <span>

#include "inspection/dump_source.h"
#include "inspection/report_choice.h"
#include "report/report_files.h"
#include "report/source_tree.h"

namespace goshawk::frontends::profile {

using inspection::Destination;
using inspection::DumpFile;
using inspection::ExitCode;

namespace {

Result<ExitCode> judge_and_show(const DumpLeaksRequest& request, const DumpFile& file) {
  if (!request.unfit.empty())
    return fail(
        Usage{request.unfit.front() + " is not for goroutine dumps, and " + file.name + " is one",
              "leave it out"});
  auto rules = TRY(inspection::parse_rules(request.rules));
  auto files = TRY(report::parse_report_files(request.reports, request.delivery.path));
  auto accepted = TRY(inspection::read_accepted(request.accepted));
  auto kind = inspection::report_kind_of(request.delivery.format);
  if (!kind)
    return fail(Usage{"of a goroutine dump's leaks there is no such --format",
                      "`goshawk goroutines " + file.name + " --format pprof` writes a profile"});
  report::Judged judged = inspection::judge_dumps(file, accepted);
  if (!rules.empty()) inspection::keep_rules(judged.verdict, rules);
  auto least = inspection::fails_from(request.fail_on);
  bool failed = least && inspection::has_new_finding_at_least(judged.verdict, *least);
  report::ReportOptions options{.style = {.palette = {}, .all = request.all},
                                .sources = report::SourceTree::around("."),
                                .fails_from = least};
  std::span<const report::Judged> all(&judged, 1);
  ExitCode code =
      inspection::deliver(request.delivery, failed ? ExitCode::kFindings : ExitCode::kFine,
                          [&](Destination& destination) {
                            options.style = destination.text_style(request.all);
                            report::render_report(destination.output(), *kind, all, options);
                          });
  TRY_VOID(report::write_report_files(files, all, options));
  return code;
}

}  // namespace

std::optional<ExitCode> run_leaks_of_dump(const DumpLeaksRequest& request) {
  auto file = inspection::read_if_dump(request.target);
  if (!file) return inspection::report_error(file.error());
  if (!*file) return std::nullopt;
  auto code = judge_and_show(request, **file);
  return code ? *code : inspection::report_error(code.error());
}

}  // namespace goshawk::frontends::profile
