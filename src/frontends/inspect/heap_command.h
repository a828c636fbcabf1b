// goshawk heap TARGET
#pragma once

#include <string>

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/schedule_argument.h"
#include "frontends/inspect/target_argument.h"
#include "report/heap_text.h"

namespace goshawk::frontends::inspect {

struct HeapRequest {
  TargetArgument target;
  Delivery delivery;
  bool all = false;  // every line
  report::HeapDetails details;
  // Of these at most one: an address or a type; of the last an id. All empty: the whole heap.
  std::string object, path, holds, goroutine;
  ScheduleArgument schedule = {};  // of several pictures
};

ExitCode run_heap(const HeapRequest& request);

}  // namespace goshawk::frontends::inspect
