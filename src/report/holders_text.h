// Who holds the heap, on the screen of `goshawk heap`.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "findings/heap_holders.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// In prose: those that hold suspiciously much, what is in them; the largest of the others.
void render_suspects(Output& out, const findings::HeapHolders& holders, const TextStyle& style);
// Only those, in few lines; nothing where there are none. `target`: as the user named it;
// `proven_goids`: goroutines that the same screen says are leaked for certain.
void render_suspects_in_short(Output& out, const std::string& target,
                              const findings::HeapHolders& holders,
                              const std::set<std::uint64_t>& proven_goids, const TextStyle& style);
// The same of a process that nobody else can look at any more, below what is said of its
// goroutines; `name`: what that calls it.
void render_suspects_of_run(Output& out, const std::string& name,
                            const findings::HeapHolders& holders,
                            const std::set<std::uint64_t>& proven_goids, const TextStyle& style);

std::string holder_tree_title(const findings::HeapHolders& holders);
// Without the title.
void render_holder_tree(Output& out, const findings::HeapHolders& holders, const TextStyle& style);

}  // namespace goshawk::report
