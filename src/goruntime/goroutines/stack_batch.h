// The stacks of some goroutines, read together: the used part of each.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/byte_view.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/goroutines/stack_start.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class StackBatch {
 public:
  // Of as many from the front of `gs` as are a batch, at least one of any; how many that is. Keeps
  // its buffers from batch to batch. `gs` outlive their batch.
  std::size_t read(const target::Memory& memory, const StackStarts& starts, std::span<const G> gs);

  std::span<const G> gs() const { return gs_; }
  const StackStart& start(std::size_t i) const { return starts_[i]; }
  bool is_whole(std::size_t i) const { return pieces_[i].ok && starts_[i].readable; }
  // From start(i).from on; zeros where it is not whole.
  ByteView bytes(std::size_t i) const { return {pieces_[i].into, pieces_[i].size_bytes}; }

 private:
  std::span<const G> gs_;
  std::vector<StackStart> starts_;
  std::vector<target::Memory::Piece> pieces_;
  std::vector<std::byte> bytes_;
};

}  // namespace goshawk::goruntime
