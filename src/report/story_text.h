// The story of one goroutine as a screen.
#pragma once

#include "findings/story.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// The goroutine is in the snapshot.
void render_story_text(Output& out, const snapshot::Snapshot& snapshot,
                       const findings::Story& story, const TextStyle& style);

}  // namespace goshawk::report
