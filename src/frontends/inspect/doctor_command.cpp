// A target that cannot be read is no failure of this command: the report on it is the result, on
// standard output, and the exit code tells scripts that it cannot be read.
#include "frontends/inspect/doctor_command.h"

#include "frontends/inspect/progress.h"
#include "inspection/diagnose.h"

namespace goshawk::frontends::inspect {
namespace {

Result<ExitCode> examine_and_show(const DoctorRequest& request) {
  inspection::Source source = TRY(parse_target(request.target));
  Stages stages;
  source.stages = &stages;
  report::Diagnosis diagnosis = TRY([&] {
    Progress progress(stages, "examining " + describe_source(source));
    return inspection::diagnose(source);
  }());
  ExitCode code = diagnosis.error ? exit_code_of(*diagnosis.error) : ExitCode::kFine;
  return deliver(request.delivery, code, [&](Destination& destination) {
    if (request.delivery.format == Format::kJson)
      report::render_diagnosis_json(destination.output(), diagnosis);
    else
      report::render_diagnosis_text(destination.output(), diagnosis,
                                    destination.text_style(request.all));
  });
}

}  // namespace

ExitCode run_doctor(const DoctorRequest& request) {
  auto code = examine_and_show(request);
  return code ? *code : report_error(code.error());
}

}  // namespace goshawk::frontends::inspect
