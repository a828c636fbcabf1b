// runtime._defer, runtime._panic (runtime/runtime2.go, runtime/panic.go).
//
//   release  change
//   1.13     stack-allocated records; 1.14 open-coded ones, which have no record until a panic
//   1.22     _panic no longer hangs on _defer; the record shrinks from 72 to 48 bytes
//
// All by name.
#include "goruntime/facts/defer.h"

namespace goshawk::goruntime::facts {

Result<DeferFact> DeferFact::bind(const LayoutSource& layout) {
  DeferFact fact;
  fact.fn = TRY(layout.need_offset("runtime._defer", "fn"));
  fact.link = TRY(layout.need_offset("runtime._defer", "link"));
  return fact;
}

}  // namespace goshawk::goruntime::facts
