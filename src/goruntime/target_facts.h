// What a picture says of its target beside what it holds.
#pragma once

#include "goruntime/program.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

// Its target, way and bytes read, and as doubts what a reader must know of the program.
void write_target_facts(const target::Target& target, const Program& program,
                        snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
