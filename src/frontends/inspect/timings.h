// --timings: where the time of a command went.
#pragma once

#include <span>

#include "base/result.h"
#include "base/stages.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/memory_guard.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

// On standard error, as a table. Ends the stage that runs.
void print_timings(Stages& stages);

// For JSON: what is known before it is written; nothing unless asked for.
std::span<const StageTime> timings_for(const Delivery& delivery, const Stages& stages);

// Runs a command, which tells its stages, within its limit of memory; what became of it is told in
// the end.
template <typename Run>
ExitCode run_timed(const Delivery& delivery, const TargetArgument& target, Run&& run) {
  auto max_memory_bytes = parse_max_memory(target.max_memory);
  if (!max_memory_bytes) return report_error(max_memory_bytes.error());
  MemoryGuard guard(*max_memory_bytes);
  Stages stages;
  Result<ExitCode> code = run(stages);
  if (delivery.timings) print_timings(stages);
  return code ? *code : report_error(code.error());
}

}  // namespace goshawk::frontends::inspect
