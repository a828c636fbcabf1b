// How many pictures, and how far apart: --every and --samples.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "inspection/several_pictures.h"

namespace goshawk::frontends::inspect {

// What was typed; empty: not given.
struct ScheduleArgument {
  std::string every = {};
  std::string samples = {};
};

// Nothing when neither was given: one picture. One alone has the other follow.
Result<std::optional<inspection::Schedule>> parse_schedule(const ScheduleArgument& argument,
                                                           const inspection::Source& source);

}  // namespace goshawk::frontends::inspect
