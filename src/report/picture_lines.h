// What was looked at, and what that cost it, as lines of a screen.
#pragma once

#include <cstdint>
#include <string>

#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// "core.4711, a core of process 4711"; "shop.log, a goroutine dump": of what is no process.
std::string describe_file(const snapshot::TargetFacts& target);

// "in process 4711, /srv/api, go1.27.4 amd64"
void render_target_line(Output& out, const snapshot::TargetFacts& target, const TextStyle& style);

// "The process stood still for 4.6 ms; 2.1 MB read"
void render_pause_line(Output& out, const snapshot::PictureFacts& picture, const TextStyle& style);

// "240 goroutines and 7 of the runtime's own": the program's first, as `goshawk goroutines` counts.
std::string goroutines_text(std::uint64_t all, std::uint64_t of_runtime);
std::string goroutines_text(const snapshot::Snapshot& picture);
std::uint64_t count_of_runtime(const snapshot::Snapshot& picture);

}  // namespace goshawk::report
