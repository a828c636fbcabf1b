// runtime.m: a thread's descriptor.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct MFact {
  std::uint32_t g0 = 0, procid = 0, gsignal = 0, curg = 0, p = 0, id = 0;
  std::uint32_t alllink = 0;  // as the layout says; see alllink_candidates
  std::uint32_t p_id = 0;     // in runtime.p: a processor's number

  // Where alllink may be: a patch release of 1.23 and 1.24 moved it by the size of a slice.
  static constexpr std::uint32_t kAlllinkDrift[] = {0, 24};

  static Result<MFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
