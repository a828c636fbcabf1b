// Which functions call what makes a context, of those that may have made one that a goroutine waits
// for: by their code.
#pragma once

#include <functional>
#include <string>

#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/traceback_filter.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// The name of the type that the interface table at an address is of; empty: it is none.
using NameOfItab = std::function<std::string(Address)>;

// Fills picture.context_calls, and adds the places of the calls to picture.stacks. Wait::
// is_context_done, the goroutines and their stacks are there already.
void find_context_calls(const target::Memory& memory, const Functions& functions,
                        const TracebackFilter& filter, bool is_arm64,
                        const NameOfItab& name_of_itab, snapshot::Snapshot& picture);

// And then, of those to whom nobody nearer makes contexts, those who call who started them. Much
// code is searched: it is read of a process that runs again, for code does not change.
void find_context_calls_of_callers(const target::Memory& memory, const Functions& functions,
                                   const TracebackFilter& filter, bool is_arm64,
                                   const NameOfItab& name_of_itab, snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
