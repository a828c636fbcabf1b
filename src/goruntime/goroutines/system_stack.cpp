// systemstack saves the goroutine's place in g.sched, with a pc in systemstack_switch, then moves
// to g0.sched.sp and calls: the return address right below g0.sched.sp is its mark. All else that
// runs Go code there (mcall, morestack) writes both anew. What does not (calls of the vDSO, of C
// and of a sanitizer's runtime) may leave both as an earlier systemstack and an earlier asmcgocall
// left them: so a thread in foreign code, or in code that switches stacks itself, is not believed,
// and no program in which the race detector calls back into Go on that stack (racecallbackthunk).
// On arm64 the return address is where the called function's frame ends, which is not looked for.
#include "goruntime/goroutines/system_stack.h"

#include "goruntime/symbols/function_tables.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostBytes = 64 << 10;

}  // namespace

SystemStackCalls::SystemStackCalls(const target::Target& target, const Functions& functions)
    : target_(target),
      functions_(functions),
      usable_(target.machine() == binary::Machine::kX86_64 &&
              !functions.find_by_name("runtime.racecall")) {}

bool SystemStackCalls::is_in(Address pc, std::string_view name) const {
  FunctionId function = functions_.find(pc);
  return function != kNoFunction && functions_.name(function) == name;
}

std::vector<std::uint64_t> SystemStackCalls::words_since(const G& g, const M& m,
                                                         const target::Thread& thread) const {
  FunctionId now = functions_.find(thread.pc);
  if (!usable_ || now == kNoFunction || functions_.writes_sp(now)) return {};
  if (!is_in(g.sched_pc, "runtime.systemstack_switch") || !g.stack.contains(g.sched_sp)) return {};
  Address sp(thread.sp.value() & ~std::uint64_t{7});
  if (!m.g0_stack.contains(sp) || !m.g0_stack.contains(m.g0_sched_sp) || sp >= m.g0_sched_sp ||
      m.g0_sched_sp - sp > kMostBytes)
    return {};
  auto words = target_.memory().read_array<std::uint64_t>(sp, (m.g0_sched_sp - sp) / 8);
  if (!words || !is_in(Address(words->back()), "runtime.systemstack")) return {};
  return *std::move(words);
}

}  // namespace goshawk::goruntime
