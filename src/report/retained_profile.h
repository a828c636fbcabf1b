// The tree of holders for viewers of flame graphs: a stack is who holds it, the holder of that, and
// so on, up to a variable or a goroutine's stack; its weight is the memory of what is held.
#pragma once

#include <cstdint>
#include <vector>

#include "findings/heap_holders.h"
#include "pprof/profile.h"
#include "report/output.h"

namespace goshawk::report {

// One line a stack, outermost first: "main.shop;map[int]*main.session;main.session 960000", as
// Brendan Gregg's flamegraph.pl and speedscope read it.
void render_folded(Output& out, const std::vector<findings::HeldPart>& parts);

// With the number of objects too.
pprof::Profile make_retained_profile(const std::vector<findings::HeldPart>& parts,
                                     std::int64_t time_ns);

}  // namespace goshawk::report
