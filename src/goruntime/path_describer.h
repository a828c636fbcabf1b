// Tells how objects are held (snapshot/holding_path.h) of a process or a core: each step by the
// static type of what holds it, by an interface's dynamic type, or by the function of a closure.
#pragma once

#include <cstdint>
#include <memory>

#include "goruntime/heap/heap.h"
#include "goruntime/program.h"
#include "snapshot/holding_path.h"
#include "target/target.h"

namespace goshawk::goruntime {

enum class PathWords : std::uint8_t {
  kFields,          // "main.deafBus.subscribers[...]"
  kFieldsAndTypes,  // "main.deafBus (main.bus).subscribers[...] (chan main.event)"
};

// Reads the target when it is asked, after the picture was taken and while the target goes on: what
// is no longer as the picture has it is left untold. All but `heap` must outlive it.
std::unique_ptr<snapshot::PathDescriber> make_path_describer(const target::Target& target,
                                                             const Program& program,
                                                             const Heap& heap,
                                                             const snapshot::Snapshot& picture,
                                                             PathWords words);

}  // namespace goshawk::goruntime
