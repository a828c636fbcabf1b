// What was looked at, and what that cost it, as lines of a screen.
#pragma once

#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// "in process 4711, /srv/api, go1.27.4 amd64"
void render_target_line(Output& out, const snapshot::TargetFacts& target, const TextStyle& style);

// "The process stood still for 4.6 ms; 2.1 MB read"
void render_pause_line(Output& out, const snapshot::PictureFacts& picture, const TextStyle& style);

}  // namespace goshawk::report
