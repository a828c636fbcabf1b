// gs are read in batches, many to a system call: a hundred thousand of them are 45 MB that are
// never held at once. Every count that comes from the target has a ceiling; every chain has an end.
#include "goruntime/goroutines/scheduler.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/cycle_guard.h"
#include "goruntime/facts/g_status.h"

namespace goshawk::goruntime {

using snapshot::Status;

namespace {

constexpr std::uint64_t kMaxGoroutines = 50'000'000;
constexpr std::uint64_t kMaxThreads = 200'000;
constexpr std::uint64_t kMaxProcessors = 65'536;
constexpr std::size_t kBatch = 4096;
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

bool is_dead(Status status) {
  return status == Status::kDead || status == Status::kDeadExtra || status == Status::kIdle;
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
  bool in_motion = is_dead(g.status) || g.status == Status::kCopystack;
  bool stack_ok = in_motion || (g.stack.start <= g.stack.end &&
                                g.stack.size_bytes() <= (std::uint64_t{1} << 31));
  return known_status && stack_ok && (self == 0 || self == g.address.value());
}

Result<void> read_batch(const target::Memory& memory, const facts::GFact& fact,
                        std::span<const std::uint64_t> addresses, std::vector<G>& gs,
                        std::uint64_t& dead) {
  std::vector<std::byte> bytes(addresses.size() * fact.size_bytes);
  std::vector<target::Memory::Piece> pieces;
  pieces.reserve(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i)
    pieces.push_back(
        {Address(addresses[i]), bytes.data() + i * fact.size_bytes, fact.size_bytes, false});
  memory.read_pieces(pieces);
  for (const target::Memory::Piece& piece : pieces) {
    if (!piece.ok)
      return fail(Fault{piece.address, piece.size_bytes, "a g of runtime.allgs is not readable"});
    ByteView view(piece.into, piece.size_bytes);
    G g = parse_g(fact, piece.address, view);
    if (!is_consistent(fact, g, view))
      return fail(
          Missing{fmt::format("the g at {:#x} does not look like one (goid {}, status {})",
                              piece.address.value(), g.goid, static_cast<unsigned>(g.status)),
                  "the layout of runtime.g does not fit this binary, so nothing can be said of its "
                  "goroutines"});
    if (is_dead(g.status))
      ++dead;
    else
      gs.push_back(g);
  }
  return {};
}

}  // namespace

Result<std::vector<G>> read_gs(const target::Memory& memory, const facts::GFact& fact,
                               const Globals& globals, std::uint64_t& dead) {
  Slice allgs = TRY(read_slice(memory, globals.allgs.address, kMaxGoroutines, "allgs"));
  std::vector<G> gs;
  gs.reserve(std::min<std::uint64_t>(allgs.length, kBatch));  // the length may be a lie
  dead = 0;
  for (std::uint64_t from = 0; from < allgs.length; from += kBatch) {
    std::uint64_t count = std::min<std::uint64_t>(kBatch, allgs.length - from);
    auto addresses = TRY(memory.read_array<std::uint64_t>(allgs.data + from * 8, count));
    TRY_VOID(read_batch(memory, fact, addresses, gs, dead));
  }
  bool has_main = std::ranges::any_of(gs, [](const G& g) { return g.goid == 1; });
  if (gs.empty() && dead == 0)
    return fail(Missing{"runtime.allgs is empty",
                        "the program has not started yet, or is ending; try again"});
  if (!has_main && dead == 0)
    return fail(
        Missing{"no goroutine has id 1", "the layout of runtime.g does not fit this binary"});
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
