// The screen of `goshawk heap --object`, `--path`, `--holds` and `--goroutine`.
#pragma once

#include "findings/retention.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

enum class RetentionPart : std::uint8_t { kWhole, kPaths, kHolds };

void render_retention_text(Output& out, const snapshot::Snapshot& snapshot,
                           const findings::Retention& retention, RetentionPart part,
                           const TextStyle& style);

}  // namespace goshawk::report
