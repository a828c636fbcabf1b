// runtime.pollDesc (runtime/netpoll.go).
//
//   release  change
//   1.14     self, the place of which is taken as an interface by the deadlines' timers: so the
//            program describes the type for reflection, stripped or not
//   1.21     fdseq
//   throughout: rg and wg are 0, pdReady (1), pdWait (2) or a g; a deadline is a nanotime, 0 (none)
//   or -1 (passed)
//
// Told by the presence of fdseq. Checked wherever one is used: it leads to itself, and to the
// goroutine that is asked about.
#include "goruntime/facts/poll_desc.h"

namespace goshawk::goruntime::facts {

Result<PollDescFact> PollDescFact::bind(const LayoutSource& layout) {
  constexpr std::string_view kPollDesc = "runtime.pollDesc";
  PollDescFact fact;
  fact.fd = TRY(layout.need_offset(kPollDesc, "fd"));
  fact.rg = TRY(layout.need_offset(kPollDesc, "rg"));
  fact.wg = TRY(layout.need_offset(kPollDesc, "wg"));
  fact.rd = TRY(layout.need_offset(kPollDesc, "rd"));
  fact.wd = TRY(layout.need_offset(kPollDesc, "wd"));
  fact.self = TRY(layout.need_offset(kPollDesc, "self"));
  fact.rseq = TRY(layout.need_offset(kPollDesc, "rseq"));
  fact.wseq = TRY(layout.need_offset(kPollDesc, "wseq"));
  if (auto fdseq = layout.field(kPollDesc, "fdseq")) fact.fdseq = fdseq->offset;
  return fact;
}

}  // namespace goshawk::goruntime::facts
