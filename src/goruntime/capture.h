// Takes the picture: stops the target at a quiet instant, reads what the request wants, lets it go.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/stages.h"
#include "goruntime/heap/heap.h"
#include "goruntime/program.h"
#include "goruntime/typing/object_types.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct CaptureRequest {
  bool references = true;  // heap and roots too; without them only goroutines
  bool types = false;      // of the heap's objects
  bool waits = true;       // what goroutines wait on; without: of those that wait for IO only
  bool labels = true;
  bool descriptors = true;             // what those lead to that goroutines wait for
  bool allocations = false;            // what the program itself has counted of them
  bool memory = false;                 // whose all of its memory is; with references only
  bool thorough = false;               // checks too that nothing else needs
  int quiet_attempts = 40;             // stops tried before an instant that is not quiet is taken
  std::uint64_t max_memory_bytes = 0;  // of Goshawk itself; 0: what the machine has left
  Stages* stages = nullptr;            // told what is being done
};

struct Captured {
  snapshot::Snapshot picture;
  std::unique_ptr<Heap> heap;  // null without references; may be asked for types later
  std::optional<TypeEvidence>
      evidence;  // where types were wanted; nothing is concluded from it yet
};

// `program`: what the target was bound to. How the runtime's facts were found and checked is in the
// picture; `bindings`, which bind_program() began, has it also when there is none.
Result<Captured> capture(target::Target& target, const Program& program,
                         const CaptureRequest& request, std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
