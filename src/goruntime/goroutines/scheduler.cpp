// gs are read in batches, many to a system call and several at once: a hundred thousand of them are
// 45 MB that are never held at once. Every count that comes from the target has a ceiling; every
// chain has an end.
#include "goruntime/goroutines/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/cycle_guard.h"
#include "base/in_parallel.h"
#include "goruntime/facts/g_status.h"
#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {

using snapshot::Status;

namespace {

constexpr std::uint64_t kMaxGoroutines = 50'000'000;
constexpr std::uint64_t kMaxThreads = 200'000;
constexpr std::uint64_t kMaxProcessors = 65'536;
constexpr std::size_t kBatch = 4096;
constexpr std::size_t kAtOnce = 8 * kBatch;
constexpr std::size_t kMostReserved = 1 << 22;
constexpr Status kNoStatus{0xff};

struct Slice {
  Address data;
  std::uint64_t length = 0;
};

Result<Slice> read_slice(const target::Memory& memory, Address header, std::uint64_t limit,
                         std::string_view name) {
  struct Header {
    std::uint64_t data, length, capacity;
  };
  Header words = TRY(memory.read_value<Header>(header));
  if (words.length > words.capacity || words.length > limit)
    return fail(Missing{fmt::format("runtime.{} is not a slice any more ({} of {})", name,
                                    words.length, words.capacity),
                        "nothing can be read of this process"});
  return Slice{Address(words.data), words.length};
}

G parse_g(const facts::GFact& fact, Address address, ByteView bytes) {
  auto word = [&](std::uint32_t offset) { return load<std::uint64_t>(bytes, offset).value_or(0); };
  auto pointer = [&](std::uint32_t offset) { return Address(word(offset)); };
  std::uint32_t status = load<std::uint32_t>(bytes, fact.atomicstatus).value_or(0);
  G g;
  g.address = address;
  g.stack = {pointer(fact.stack_lo), pointer(fact.stack_hi)};
  g.m = pointer(fact.m);
  g.sched_sp = pointer(fact.sched_sp);
  g.sched_pc = pointer(fact.sched_pc);
  g.sched_lr = pointer(fact.sched_lr);
  g.syscall_sp = pointer(fact.syscallsp);
  g.syscall_pc = pointer(fact.syscallpc);
  g.lockedm = pointer(fact.lockedm);
  g.gopc = pointer(fact.gopc);
  g.startpc = pointer(fact.startpc);
  g.sched_ctxt = pointer(fact.sched_ctxt);
  g.defer = pointer(fact.defer);
  g.panic = pointer(fact.panic);
  g.waiting = pointer(fact.waiting);
  g.labels = pointer(fact.labels);
  g.ancestors = pointer(fact.ancestors);
  if (fact.bubble) g.bubble = pointer(*fact.bubble);
  g.goid = word(fact.goid);
  if (fact.parent_goid) g.parent_goid = word(*fact.parent_goid);
  g.waitsince_ns = static_cast<std::int64_t>(word(fact.waitsince));
  auto known = facts::parse_g_status(status);
  g.status = known ? known->status : kNoStatus;
  g.scanning = known && known->scanning;
  g.has_run = word(fact.sched_g) == address.value();
  g.select_done = load<std::uint32_t>(bytes, fact.select_done).value_or(0) != 0;
  g.waitreason = load<std::uint8_t>(bytes, fact.waitreason).value_or(0);
  return g;
}

// A g that has run points back to itself from its saved context. The two bounds of a stack that is
// being given to it, or moved, are written one after the other.
bool is_consistent(const facts::GFact& fact, const G& g, ByteView bytes) {
  std::uint64_t self = load<std::uint64_t>(bytes, fact.sched_g).value_or(0);
  bool known_status = g.status != kNoStatus;
  bool in_motion = g.is_dead() || g.status == Status::kCopystack;
  bool stack_ok = in_motion || (g.stack.start <= g.stack.end &&
                                g.stack.size_bytes() <= (std::uint64_t{1} << 31));
  return known_status && stack_ok && (self == 0 || self == g.address.value());
}

// Into `gs`, of the same order.
Result<void> read_batch(const target::Memory& memory, const facts::GFact& fact,
                        std::span<const Address> addresses, std::span<G> gs) {
  std::vector<GatherRequest> requests;
  requests.reserve(addresses.size());
  for (std::uint32_t i = 0; i < addresses.size(); ++i)
    requests.push_back({addresses[i], fact.size_bytes, i});
  Result<void> result;
  gather(memory, requests, [&](std::uint32_t i, ByteView bytes) {
    G& g = gs[i];
    if (bytes.empty()) {
      result = fail(Fault{addresses[i], fact.size_bytes, "a g of runtime.allgs is not readable"});
      return;
    }
    g = parse_g(fact, addresses[i], bytes);
    if (is_consistent(fact, g, bytes)) return;
    result =
        fail(Missing{fmt::format("the g at {:#x} does not look like one (goid {}, status {})",
                                 addresses[i].value(), g.goid, static_cast<unsigned>(g.status)),
                     "the layout of runtime.g does not fit this binary, so nothing can be said of "
                     "its goroutines"});
  });
  return result;
}

}  // namespace

Result<std::vector<Address>> read_allgs(const target::Memory& memory, const Globals& globals) {
  Slice allgs = TRY(read_slice(memory, globals.allgs.address, kMaxGoroutines, "allgs"));
  return memory.read_array<Address>(allgs.data, allgs.length);
}

Result<void> read_some_gs(const target::Memory& memory, const facts::GFact& fact,
                          std::span<const Address> addresses, std::vector<G>& into) {
  into.resize(addresses.size());
  std::vector<Result<void>> results((addresses.size() + kBatch - 1) / kBatch);
  in_parallel(results.size(), [&](std::size_t batch) {
    std::size_t from = batch * kBatch, count = std::min(kBatch, addresses.size() - from);
    results[batch] =
        read_batch(memory, fact, addresses.subspan(from, count), std::span(into).subspan(from));
  });
  for (Result<void>& result : results) TRY_VOID(std::move(result));
  return {};
}

Result<void> check_gs(std::uint64_t living, bool has_main, std::uint64_t dead) {
  if (dead > 0 || has_main) return {};
  if (living == 0)
    return fail(Missing{"runtime.allgs is empty",
                        "the program has not started yet, or is ending; try again"});
  return fail(Missing{"no goroutine has id 1", "the layout of runtime.g does not fit this binary"});
}

Result<std::vector<G>> read_gs(const target::Memory& memory, const facts::GFact& fact,
                               const Globals& globals, std::uint64_t& dead) {
  std::vector<Address> allgs = TRY(read_allgs(memory, globals));
  std::vector<G> gs, some;
  gs.reserve(std::min(allgs.size(), kMostReserved));  // the others may be dead ones
  dead = 0;
  for (std::span<const Address> left(allgs); !left.empty(); left = left.subspan(some.size())) {
    TRY_VOID(read_some_gs(memory, fact, left.first(std::min(left.size(), kAtOnce)), some));
    std::ranges::copy_if(some, std::back_inserter(gs), [](const G& g) { return !g.is_dead(); });
    dead += static_cast<std::uint64_t>(std::ranges::count_if(some, &G::is_dead));
  }
  bool has_main = std::ranges::find(gs, 1U, &G::goid) != gs.end();
  TRY_VOID(check_gs(gs.size(), has_main, dead));
  return gs;
}

namespace {

// On allm already and not made whole yet: it has no thread and no stack (runtime/proc.go allocm).
bool is_newborn(PageCache& cache, const facts::MFact& fact, Address m) {
  return cache.value<std::uint64_t>(m + fact.procid) == 0 &&
         cache.value<std::uint64_t>(m + fact.curg) == 0;
}

// Follows allm; empty when the chain does not hold with this alllink.
std::vector<M> follow_ms(PageCache& cache, const facts::MFact& fact, const facts::GFact& g_fact,
                         Address first, std::uint32_t alllink) {
  std::vector<M> ms;
  auto stack_of = [&](Address g) {
    return AddressRange{cache.pointer(g + g_fact.stack_lo), cache.pointer(g + g_fact.stack_hi)};
  };
  std::uint64_t steps = 0;
  CycleGuard guard;
  for (Address at = first; !at.is_null(); at = cache.pointer(at + alllink)) {
    if (++steps > kMaxThreads || guard.returns(at)) return {};
    Address g0 = cache.pointer(at + fact.g0);
    Address gsignal = cache.pointer(at + fact.gsignal);
    Address owner = g0.is_null() ? Address{} : cache.pointer(g0 + g_fact.m);
    if (owner.is_null() && is_newborn(cache, fact, at)) continue;
    if (owner != at) return {};
    M m;
    m.address = at;
    m.procid = static_cast<std::int64_t>(cache.value<std::uint64_t>(at + fact.procid).value_or(0));
    m.curg = cache.pointer(at + fact.curg);
    m.p = cache.pointer(at + fact.p);
    m.g0_stack = stack_of(g0);
    m.g0_sched_sp = cache.pointer(g0 + g_fact.sched_sp);
    if (!gsignal.is_null()) m.gsignal_stack = stack_of(gsignal);
    ms.push_back(m);
  }
  return ms;
}

}  // namespace

std::vector<M> read_ms(PageCache& cache, const facts::MFact& m_fact, const facts::GFact& g_fact,
                       const Globals& globals, bool& complete) {
  complete = false;
  if (!globals.allm) return {};
  Address first = cache.pointer(globals.allm->address);
  std::vector<M> best;
  for (std::uint32_t drift : facts::MFact::kAlllinkDrift) {
    std::vector<M> ms = follow_ms(cache, m_fact, g_fact, first, m_fact.alllink + drift);
    if (ms.size() > best.size()) best = std::move(ms);
  }
  // The first m of a program is m0, with id 0: a chain that ends elsewhere was cut short.
  complete =
      !best.empty() && cache.value<std::uint64_t>(best.back().address + m_fact.id).value_or(1) == 0;
  return best;
}

std::vector<Address> read_ps(PageCache& cache, const facts::MFact& m_fact, const Globals& globals,
                             bool& complete) {
  complete = false;
  std::vector<Address> ps;
  if (!globals.allp) return ps;
  Address data = cache.pointer(globals.allp->address);
  std::uint64_t length = cache.value<std::uint64_t>(globals.allp->address + 8).value_or(0);
  if (length == 0 || length > kMaxProcessors) return ps;
  for (std::uint64_t i = 0; i < length; ++i) {
    Address p = cache.pointer(data + i * 8);
    if (p.is_null() ||
        cache.value<std::int32_t>(p + m_fact.p_id).value_or(-1) != static_cast<std::int32_t>(i))
      return ps;
    ps.push_back(p);
  }
  complete = true;
  return ps;
}

}  // namespace goshawk::goruntime
