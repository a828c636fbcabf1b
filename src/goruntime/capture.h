// Takes the picture: stops the target at a quiet instant, reads what the request wants, lets it go.
#pragma once

#include "base/result.h"
#include "goruntime/program.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct CaptureRequest {
  bool references = true;  // heap and roots too; without them only goroutines
  bool labels = true;
  bool descriptors = true;  // what those lead to that goroutines wait for
  bool memory = false;      // whose all of its memory is; with references only
  bool thorough = false;    // checks too that nothing else needs
  int quiet_attempts = 40;  // stops tried before an instant that is not quiet is taken
};

// `program`: what the target was bound to. How the runtime's facts were found and checked is in the
// picture; `bindings`, which bind_program() began, has it also when there is none.
Result<snapshot::Snapshot> capture(target::Target& target, const Program& program,
                                   const CaptureRequest& request,
                                   std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
