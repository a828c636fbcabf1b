// `goshawk FILE` of a profile as JSON (docs/schema/profile.json).
#pragma once

#include "report/output.h"
#include "report/profile_report.h"

namespace goshawk::report {

void render_profile_json(Output& out, const ProfileReport& report);

}  // namespace goshawk::report
