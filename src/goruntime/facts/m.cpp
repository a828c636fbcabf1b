// runtime.m (runtime/runtime2.go).
//
//   release          change
//   1.23.5           g0StackAccurate, a byte where there was padding
//   1.23.12, 1.24.6  golang/go#74414 (backports) inserts allpSnapshot, a slice, before ncgocall:
//                    alllink + 24
//   1.25             gobuf loses ret, so morebuf is 8 shorter and all that follows moves
//
// g0, procid, gsignal, curg, p and id stand before the drift. alllink is believed only when the
// chain from allm holds for it (m.g0.m == m for each), see scheduler.cpp.
#include "goruntime/facts/m.h"

namespace goshawk::goruntime::facts {

Result<MFact> MFact::bind(const LayoutSource& layout) {
  MFact fact;
  fact.g0 = TRY(layout.need_offset("runtime.m", "g0"));
  fact.procid = TRY(layout.need_offset("runtime.m", "procid"));
  fact.gsignal = TRY(layout.need_offset("runtime.m", "gsignal"));
  fact.curg = TRY(layout.need_offset("runtime.m", "curg"));
  fact.p = TRY(layout.need_offset("runtime.m", "p"));
  fact.id = TRY(layout.need_offset("runtime.m", "id"));
  fact.alllink = TRY(layout.need_offset("runtime.m", "alllink"));
  fact.p_id = TRY(layout.need_offset("runtime.p", "id"));
  return fact;
}

}  // namespace goshawk::goruntime::facts
