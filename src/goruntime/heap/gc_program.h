// GC programs: the compressed pointer masks of large types up to Go 1.23.
// Follows runtime/mbitmap.go runGCProg and cmd/internal/gcprog.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_view.h"

namespace goshawk::goruntime {

// The mask of `words` words as 64-bit words of bits. Nothing when the program is malformed, ends
// too early, or describes more than that: the result never grows beyond what was asked for.
std::optional<std::vector<std::uint64_t>> expand_gc_program(ByteView program, std::uint64_t words);

}  // namespace goshawk::goruntime
