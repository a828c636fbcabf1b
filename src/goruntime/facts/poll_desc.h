// runtime.pollDesc: what goroutines wait on for the network, one for each descriptor.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct PollDescFact {
  std::uint32_t fd = 0;
  std::uint32_t rg = 0, wg = 0;  // who waits to read, to write: a g
  std::uint32_t rd = 0, wd = 0;  // their deadlines
  std::uint32_t self = 0;
  // Words that change when another descriptor gets this pollDesc.
  std::uint32_t rseq = 0, wseq = 0;    // and whenever a deadline is set
  std::optional<std::uint32_t> fdseq;  // only then

  static Result<PollDescFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
