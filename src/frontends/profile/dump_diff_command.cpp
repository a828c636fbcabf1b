// One file after another is read and let go again: only its groups of goroutines are kept.
#include "frontends/profile/dump_diff_command.h"

#include <utility>

#include "inspection/dump_series.h"
#include "report/stack_series_json.h"
#include "report/stack_series_text.h"

namespace goshawk::frontends::profile {

using inspection::Destination;
using inspection::DumpFile;
using inspection::ExitCode;

namespace {

Result<ExitCode> compare_and_show(const DumpDiffRequest& request, DumpFile first) {
  if (!request.unfit.empty())
    return fail(
        Usage{request.unfit.front() + " is not for goroutine dumps, and " + first.name + " is one",
              "leave it out"});
  inspection::DumpSeries dumps;
  dumps.add(std::exchange(first, {}));
  for (std::size_t i = 1; i < request.targets.size(); ++i) {
    auto next = TRY(inspection::read_if_dump(request.targets[i]));
    if (!next)
      return fail(Usage{request.targets[i] + " has no goroutine dump in it, and " +
                            request.targets.front() + " has",
                        "compare dumps with dumps, and pictures (snapshots, cores, processes) with "
                        "pictures"});
    dumps.add(*next);
  }
  findings::StackSeries series = dumps.finish();
  return inspection::deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == inspection::Format::kJson)
      return report::render_stack_series_json(destination.output(), series, request.all);
    report::render_stack_series_text(destination.output(), series, "dump",
                                     destination.text_style(request.all));
  });
}

}  // namespace

std::optional<ExitCode> run_diff_of_dumps(const DumpDiffRequest& request) {
  auto first = inspection::read_if_dump(request.targets.front());
  if (!first) return inspection::report_error(first.error());
  if (!*first) return std::nullopt;
  auto code = compare_and_show(request, std::move(**first));
  return code ? *code : inspection::report_error(code.error());
}

}  // namespace goshawk::frontends::profile
