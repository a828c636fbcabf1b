// Which pages of a process are in memory, asked of the kernel.
#pragma once

#include "base/result.h"
#include "target/memory_use.h"
#include "target/process_directory.h"

namespace goshawk::target {

// Denied where smaps or pagemap may not be read; Missing of a process that is gone. Of a stopped
// process; takes some 40 ms for each GB, for the kernel walks all of its page tables.
Result<MemoryUse> read_memory_use(const ProcessDirectory& directory);

// Whether the kernel tells of a twin which pages are in memory; else it must be asked of the
// process itself, while it is stopped.
bool can_read_memory_use_of_twin();
// Of the instant at which the twin was made, though the process runs on, but for files' pages and
// shared ones: those are counted a moment later. To be asked before anything else is read of the
// twin.
Result<MemoryUse> read_memory_use_of_twin(const ProcessDirectory& directory,
                                          const ProcessDirectory& twin);

}  // namespace goshawk::target
