// Which goroutines never end, by their code, whatever happens: of test binaries, of those whose
// starter has ended.
#pragma once

#include "goruntime/symbols/functions.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace goshawk::goruntime {

bool is_test_binary(const Functions& functions);

// Fills picture.endless_stacks. The goroutines, their stacks and waits, and the pending timers are
// there already. Costs nothing where no such goroutine runs by itself.
void find_endless_stacks(const target::Memory& memory, const Functions& functions, bool is_arm64,
                         snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
