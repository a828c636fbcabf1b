// A picture of an open target, with what tells how things in it are held.
#pragma once

#include <memory>

#include "base/result.h"
#include "goruntime/program.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::inspection {

struct Captured {
  std::unique_ptr<goruntime::Program> program;
  snapshot::Snapshot picture;
};

// The target's error where that is why nothing could be read. `descriptors`: what those lead to
// that goroutines wait for.
Result<Captured> capture(target::Target& target, const Source& source, bool references,
                         bool descriptors = true);

}  // namespace goshawk::inspection
