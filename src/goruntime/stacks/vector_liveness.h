// Could a vector register be the only place of a pointer at an instruction? Mostly not, though such
// registers keep for long what was once copied through them.
#pragma once

#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class VectorLiveness {
 public:
  VectorLiveness(const Functions& functions, const target::Memory& memory)
      : functions_(functions), memory_(memory) {}

  bool may_hold_pointer(Address pc) const;

 private:
  const Functions& functions_;
  const target::Memory& memory_;
};

}  // namespace goshawk::goruntime
