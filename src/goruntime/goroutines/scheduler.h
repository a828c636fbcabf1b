// The scheduler's three: every g (goroutine), m (thread) and p (processor) of a stopped target, as
// the few fields that a picture needs. Follows runtime/runtime2.go, runtime/proc.go.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/facts/g.h"
#include "goruntime/facts/m.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/globals.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct G {
  Address address;
  AddressRange stack;
  Address m;
  Address sched_sp, sched_pc, sched_lr;
  Address syscall_sp, syscall_pc;  // null when not in a syscall
  Address lockedm, gopc, startpc, waiting, labels, ancestors, bubble;
  Address sched_ctxt, defer, panic;
  std::uint64_t goid = 0;
  std::uint64_t parent_goid = 0;
  std::int64_t waitsince_ns = 0;  // CLOCK_MONOTONIC of the collection that first saw it blocked
  snapshot::Status status = snapshot::Status::kIdle;
  bool scanning = false;  // _Gscan
  bool has_run = false;   // its saved context leads back to it
  bool select_done = false;
  std::uint8_t waitreason = 0;

  bool is_dead() const {  // kept for reuse
    return status == snapshot::Status::kDead || status == snapshot::Status::kDeadExtra ||
           status == snapshot::Status::kIdle;
  }
  bool is_waiting() const {
    return status == snapshot::Status::kWaiting || status == snapshot::Status::kLeaked;
  }
};

struct M {
  Address address;
  std::int64_t procid = 0;
  Address curg, p;
  AddressRange g0_stack, gsignal_stack;
  Address g0_sched_sp;  // where calls on its g0 stack begin
};

// What stands of the scheduler at one instant.
struct Scheduler {
  std::vector<G> gs;  // living ones, in allgs order
  std::uint64_t dead = 0;
  std::vector<M> ms;
  bool ms_complete = false;  // the chain from allm held
  std::vector<Address> ps;
  bool ps_complete = false;
};

// allgs and the gs' own layout are checked here: goid 1 comes first, sched.g points back.
Result<std::vector<G>> read_gs(const target::Memory& memory, const facts::GFact& fact,
                               const Globals& globals, std::uint64_t& dead);
// In steps: where they all are, to which others are only ever added; some of them, dead ones too;
// whether so many can be all.
Result<std::vector<Address>> read_allgs(const target::Memory& memory, const Globals& globals);
Result<void> read_some_gs(const target::Memory& memory, const facts::GFact& fact,
                          std::span<const Address> addresses, std::vector<G>& gs);
Result<void> check_gs(std::uint64_t living, bool has_main, std::uint64_t dead);
std::vector<M> read_ms(PageCache& cache, const facts::MFact& m_fact, const facts::GFact& g_fact,
                       const Globals& globals, bool& complete);
std::vector<Address> read_ps(PageCache& cache, const facts::MFact& m_fact, const Globals& globals,
                             bool& complete);

}  // namespace goshawk::goruntime
