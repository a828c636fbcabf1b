// runtime.g, runtime.gobuf, runtime.stack (runtime/runtime2.go).
//
//   release  change
//   1.19     atomicstatus is a plain uint32, goid an int64
//   1.20     atomicstatus is an atomic.Uint32 (same bytes)
//   1.21     parentGoid; the tracer's fields leave
//   1.23     syscallbp moves all that follows by 8
//   1.24     syncGroup, the synctest bubble; 1.25 calls it bubble
//   1.25     gobuf loses ret
//   1.26     xRegs: asyncPreempt keeps vector registers here, before on the goroutine's stack
//
// Told by the presence of names. Checked against the target by scheduler.cpp: allgs[0] has goid 1,
// g.sched.g points back to its g.
#include "goruntime/facts/g.h"

#include "goruntime/facts/g_status.h"

namespace goshawk::goruntime::facts {
namespace {

constexpr std::string_view kG = "runtime.g";

std::optional<std::uint32_t> find_offset(const LayoutSource& layout, std::string_view name) {
  auto field = layout.field(kG, name);
  if (!field) return std::nullopt;
  return field->offset;
}

std::optional<GFact::ExtendedRegisters> find_extended_registers(const LayoutSource& layout) {
  auto in_g = layout.field(kG, "xRegs");
  auto state = layout.field("runtime.xRegPerG", "state");
  auto regs = layout.field("runtime.xRegState", "regs");
  auto in_p = layout.field("runtime.p", "xRegs");
  constexpr std::uint64_t kMostBytes = 1 << 16;
  if (!in_g || !state || !regs || !in_p || regs->size_bytes > kMostBytes ||
      in_p->size_bytes != regs->size_bytes + 8)
    return std::nullopt;
  return GFact::ExtendedRegisters{in_g->offset + state->offset, regs->offset, regs->size_bytes,
                                  in_p->offset};
}

}  // namespace

Result<GFact> GFact::bind(const LayoutSource& layout) {
  TRY_VOID(check_g_statuses(layout));
  GFact fact;
  fact.size_bytes = static_cast<std::uint32_t>(TRY(layout.need_size(kG)));
  std::uint32_t stack = TRY(layout.need_offset(kG, "stack"));
  fact.stack_lo = stack + TRY(layout.need_offset("runtime.stack", "lo"));
  fact.stack_hi = stack + TRY(layout.need_offset("runtime.stack", "hi"));
  fact.m = TRY(layout.need_offset(kG, "m"));
  std::uint32_t sched = TRY(layout.need_offset(kG, "sched"));
  fact.sched_sp = sched + TRY(layout.need_offset("runtime.gobuf", "sp"));
  fact.sched_pc = sched + TRY(layout.need_offset("runtime.gobuf", "pc"));
  fact.sched_g = sched + TRY(layout.need_offset("runtime.gobuf", "g"));
  fact.sched_lr = sched + TRY(layout.need_offset("runtime.gobuf", "lr"));
  fact.sched_ctxt = sched + TRY(layout.need_offset("runtime.gobuf", "ctxt"));
  fact.defer = TRY(layout.need_offset(kG, "_defer"));
  fact.panic = TRY(layout.need_offset(kG, "_panic"));
  fact.syscallsp = TRY(layout.need_offset(kG, "syscallsp"));
  fact.syscallpc = TRY(layout.need_offset(kG, "syscallpc"));
  fact.atomicstatus = TRY(layout.need_offset(kG, "atomicstatus"));
  fact.goid = TRY(layout.need_offset(kG, "goid"));
  fact.waitsince = TRY(layout.need_offset(kG, "waitsince"));
  fact.waitreason = TRY(layout.need_offset(kG, "waitreason"));
  fact.lockedm = TRY(layout.need_offset(kG, "lockedm"));
  fact.gopc = TRY(layout.need_offset(kG, "gopc"));
  fact.ancestors = TRY(layout.need_offset(kG, "ancestors"));
  fact.startpc = TRY(layout.need_offset(kG, "startpc"));
  fact.waiting = TRY(layout.need_offset(kG, "waiting"));
  fact.labels = TRY(layout.need_offset(kG, "labels"));
  fact.select_done = TRY(layout.need_offset(kG, "selectDone"));
  fact.parent_goid = find_offset(layout, "parentGoid");
  fact.bubble = find_offset(layout, "bubble");
  if (!fact.bubble) fact.bubble = find_offset(layout, "syncGroup");
  fact.extended_registers = find_extended_registers(layout);
  return fact;
}

}  // namespace goshawk::goruntime::facts
