// The picture that debug.WriteHeapDump took of its own process: every object with its references,
// what goroutines' frames refer to, globals. No types, no names of variables, no lines of code, and
// not what goroutines wait for: nothing is proven by it.
#pragma once

#include <string>

#include "snapshot/heap_dump_records.h"
#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

// The file is hostile: whatever it holds, the picture that is given can be analysed safely.
Result<Snapshot> load_heap_dump(const std::string& path);
Result<Snapshot> picture_of_heap_dump(ByteView file, const std::string& name);

}  // namespace goshawk::snapshot
