// A picture of an open target, with what tells how things in it are held.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "goruntime/heap/heap.h"
#include "goruntime/program.h"
#include "goruntime/typing/object_types.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::inspection {

struct Captured {
  std::unique_ptr<goruntime::Program> program;
  snapshot::Snapshot picture;
  std::unique_ptr<goruntime::Heap> heap;  // null without references
  std::optional<goruntime::TypeEvidence> evidence;
};

// What is wanted of it beside the goroutines.
struct Extent {
  bool references = true;
  bool waits = true;          // what they wait on; a proof needs it
  bool descriptors = true;    // what those lead to that goroutines wait for
  bool memory = false;        // whose all of its memory is; with references only
  bool types = false;         // of the heap's objects; with references only
  bool allocations = false;   // what the program itself has counted of them
  bool no_stop = false;       // goroutines only, each at an instant of its own
  bool nothing_else = false;  // but allocations: no stop, no heap; Missing where there are none
};

// The target's error where that is why nothing could be read.
Result<Captured> capture(target::Target& target, const Source& source, const Extent& extent);

}  // namespace goshawk::inspection
