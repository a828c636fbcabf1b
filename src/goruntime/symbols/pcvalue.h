// The compressed tables that give a value for each pc of a function: stack pointer delta, line,
// file, stack map index, inline tree index.
#pragma once

#include <cstdint>

#include "base/byte_view.h"

namespace goshawk::goruntime {

inline constexpr std::int32_t kNoPcvalue = -1;

// The value at `pc_offset` bytes behind the function's entry; -1 when the table is absent
// (offset 0), ends before it, or is broken.
std::int32_t find_pcvalue(ByteView pctab, std::uint32_t offset, std::uint64_t pc_offset,
                          std::uint32_t pc_quantum);

}  // namespace goshawk::goruntime
