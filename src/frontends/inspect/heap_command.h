// goshawk heap TARGET
#pragma once

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct HeapRequest {
  TargetArgument target;
  Delivery delivery;
  bool all = false;         // every line
  bool types = false;       // those of the live objects too
  bool dominators = false;  // the tree of holders
};

ExitCode run_heap(const HeapRequest& request);

}  // namespace goshawk::frontends::inspect
