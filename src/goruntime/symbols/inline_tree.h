// The logical frames at one pc of a function: the calls that were inlined there, innermost first,
// and the function itself last.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/symbols/pclntab.h"

namespace goshawk::goruntime {

struct LogicalFrame {
  std::uint32_t name_offset = 0;
  std::uint8_t func_id = 0;
  bool inlined = false;
  Address pc;  // file and line of the frame are those of this pc
};

// `tree` is the function's FUNCDATA_InlTree, empty when it has none. At least one frame.
std::vector<LogicalFrame> expand_inlining(const Pclntab& pclntab, const FunctionRecord& function,
                                          ByteView tree, Address pc);

}  // namespace goshawk::goruntime
