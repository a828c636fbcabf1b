// --timings: where the time of a command went.
#pragma once

#include <span>

#include "base/result.h"
#include "base/stages.h"
#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {

// On standard error, as a table. Ends the stage that runs.
void print_timings(Stages& stages);

// For JSON: what is known before it is written; nothing unless asked for.
std::span<const StageTime> timings_for(const Delivery& delivery, const Stages& stages);

// Runs a command, which tells its stages; what became of it is told in the end.
template <typename Run>
ExitCode run_timed(const Delivery& delivery, Run&& run) {
  Stages stages;
  Result<ExitCode> code = run(stages);
  if (delivery.timings) print_timings(stages);
  return code ? *code : report_error(code.error());
}

}  // namespace goshawk::frontends::inspect
