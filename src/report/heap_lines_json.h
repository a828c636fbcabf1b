// What the heap holds in ways of Go's own, in the JSON of `goshawk heap`.
#pragma once

#include <string_view>
#include <vector>

#include "findings/heap_lines.h"
#include "report/json_writer.h"

namespace goshawk::report {

// The member `name`: which lines of code allocated something.
void write_allocated_in(JsonWriter& json, std::string_view name,
                        const std::vector<findings::AllocatedIn>& lines);

// Members of the object that is begun; null where a saved picture has not kept them.
void write_heap_lines(JsonWriter& json, const findings::HeapLines* lines);

}  // namespace goshawk::report
