// Which vector registers arm64 code still reads, told from its encoding.
#pragma once

#include "base/byte_view.h"

namespace goshawk::binary {

// may_read_vector_registers (disassembly.h) for arm64.
bool may_read_arm64_vector_registers(ByteView code);

}  // namespace goshawk::binary
