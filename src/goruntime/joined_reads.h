// Pieces of the target's memory that lie close together, whatever their order, read together.
#pragma once

#include <span>

#include "target/memory.h"

namespace goshawk::goruntime {

// As memory.read_pieces(), for very many small pieces: descriptors, stacks.
void read_joined(const target::Memory& memory, std::span<target::Memory::Piece> pieces);

}  // namespace goshawk::goruntime
