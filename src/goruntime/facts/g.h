// runtime.g: where its fields are.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct GFact {
  std::uint32_t size_bytes = 0;
  std::uint32_t stack_lo = 0, stack_hi = 0;
  std::uint32_t m = 0;
  std::uint32_t sched_sp = 0, sched_pc = 0, sched_g = 0, sched_lr = 0;
  std::uint32_t syscallsp = 0, syscallpc = 0;
  std::uint32_t atomicstatus = 0, goid = 0, waitsince = 0, waitreason = 0;
  std::uint32_t lockedm = 0, gopc = 0, ancestors = 0, startpc = 0, waiting = 0, labels = 0,
                select_done = 0;
  std::uint32_t sched_ctxt = 0, defer = 0, panic = 0;
  std::optional<std::uint32_t> parent_goid;  // 1.21+
  std::optional<std::uint32_t> bubble;       // synctest, 1.24+
  // 1.26+: the vector registers of a preempted goroutine. In a g a *xRegState; on the way there and
  // back in its p: the registers themselves, then another *xRegState.
  struct ExtendedRegisters {
    std::uint32_t state = 0, regs = 0, regs_bytes = 0;
    std::uint32_t in_p = 0;
  };
  std::optional<ExtendedRegisters> extended_registers;

  static Result<GFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
