#include "frontends/profile/stack_leaks.h"

#include <fmt/format.h>

#include <span>

#include "inspection/report_choice.h"
#include "report/report_files.h"
#include "report/source_tree.h"

namespace goshawk::frontends::profile {

using inspection::Destination;
using inspection::ExitCode;

Result<ExitCode> judge_and_report(
    const StackLeaksRequest& request, std::string_view noun,
    const std::function<report::Judged(const inspection::Accepted&)>& judge) {
  if (!request.unfit.empty())
    return fail(Usage{fmt::format("{} is not for {}s, and {} is one", request.unfit.front(), noun,
                                  shown_name(request)),
                      "leave it out"});
  auto rules = TRY(inspection::parse_rules(request.rules));
  auto files = TRY(report::parse_report_files(request.reports, request.delivery.path));
  auto accepted = TRY(inspection::read_accepted(request.accepted));
  auto kind = inspection::report_kind_of(request.delivery.format);
  if (!kind)
    return fail(Usage{fmt::format("of a {}'s leaks there is no such --format", noun),
                      "text, json, sarif, junit, github and markdown are there"});
  report::Judged judged = judge(accepted);
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

}  // namespace goshawk::frontends::profile
