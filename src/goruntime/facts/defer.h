// runtime._defer and runtime._panic as far as the collector looks into them (runtime/mgcmark.go
// scanstack).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct DeferFact {
  std::uint32_t fn = 0, link = 0;
  static Result<DeferFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
