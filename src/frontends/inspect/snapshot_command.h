// goshawk snapshot TARGET -o FILE
#pragma once

#include <string>

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct SnapshotRequest {
  TargetArgument target;
  Delivery delivery;          // its path: where to, "-" for standard output
  bool with_strings = false;  // keep the labels of goroutines
  bool with_heap = false;     // what `goshawk heap` asks for by name
};

ExitCode run_snapshot(const SnapshotRequest& request);

}  // namespace goshawk::frontends::inspect
