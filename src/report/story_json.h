// The story of one goroutine for other programs (docs/schema/story.json).
#pragma once

#include <span>

#include "base/stages.h"
#include "findings/story.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// The goroutine is in the snapshot.
void render_story_json(Output& out, const snapshot::Snapshot& snapshot,
                       const findings::Story& story, std::span<const StageTime> timings = {});

}  // namespace goshawk::report
