// Each check reads a few hundred bytes to a few ten thousand. What they rest on:
//
//   allgs     newproc1 appends to it; the first g ever made runs runtime.main as goroutine 1, one
//             of the next runs runtime.forcegchelper and never ends
//   mheap_    (*mheap).init numbers its 136 mcentrals
//   semtable  semaRoot.queue: a root without waiters has neither treap nor nwait; a waiter's
//   address
//             says which root it hangs on (semTable.rootFor)
//   allm      mcommoninit pushes each m; m0, the first, is never taken off and has id 0
//   allp      procresize numbers the ps and gives each an mcache, whose spans are never nil
//   sched     mReserveID counts ms in mnext, goids come from goidgen
//
// Follows runtime/proc.go, mheap.go, sema.go, mcache.go, mfinal.go, mcleanup.go.
#include "goruntime/symbols/globals_shape.h"

#include <algorithm>
#include <array>

#include "base/byte_view.h"
#include "goruntime/facts/semaphore.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kSpanClasses = 136;
constexpr std::uint64_t kSemaphoreRoots = facts::SemtableFact::kRoots;
constexpr std::uint64_t kMostGoroutines = 100'000'000;
constexpr std::uint64_t kMostThreads = 1'000'000;
constexpr std::uint64_t kMostProcessors = 1 << 20;
constexpr std::uint64_t kMostBlocks = 1 << 20;
constexpr std::uint64_t kMostStrideBytes = 4096;
constexpr std::uint64_t kHelperIsAmong = 64;
constexpr int kWholePs = 4;  // of all ps, so many are looked at closely

struct Slice {
  std::uint64_t data, length, capacity;
  bool is_plausible(std::uint64_t most) const {
    return data != 0 && data % 8 == 0 && length >= 1 && length <= capacity && capacity <= most;
  }
};

}  // namespace

template <typename T>
std::optional<T> GlobalShapes::read(Address address) const {
  auto value = memory_->read_value<T>(address);
  return value ? std::optional<T>(*value) : std::nullopt;
}

std::optional<Address> GlobalShapes::pointer(Address address) const {
  auto value = read<std::uint64_t>(address);
  return value ? std::optional(Address(*value)) : std::nullopt;
}

Result<GlobalShapes> GlobalShapes::bind(const LayoutSource& layout, const BuildFacts& build,
                                        const target::Memory& memory, FirstGoroutines first) {
  GlobalShapes shapes(memory);
  shapes.first_ = first;
  TRY_VOID(shapes.bind_goroutines(layout));
  TRY_VOID(shapes.bind_semaphores(layout, build));
  TRY_VOID(shapes.bind_heap(layout));
  TRY_VOID(shapes.bind_scheduler(layout));
  shapes.bind_queues(layout);
  return shapes;
}

Result<void> GlobalShapes::bind_goroutines(const LayoutSource& layout) {
  g_goid_ = TRY(layout.need_offset("runtime.g", "goid"));
  g_startpc_ = TRY(layout.need_offset("runtime.g", "startpc"));
  g_m_ = TRY(layout.need_offset("runtime.g", "m"));
  g_stack_lo_ = TRY(layout.need_offset("runtime.g", "stack.lo"));
  g_stack_hi_ = TRY(layout.need_offset("runtime.g", "stack.hi"));
  return {};
}

Result<void> GlobalShapes::bind_semaphores(const LayoutSource& layout, const BuildFacts& build) {
  auto table = TRY(facts::SemtableFact::bind(layout, build.version, build.arch));
  semtable_stride_ = table.stride_bytes;
  treap_ = table.treap;
  nwait_ = TRY(layout.need_offset("runtime.semaRoot", "nwait"));
  semroot_bytes_ = TRY(layout.need_size("runtime.semaRoot"));
  if (semtable_stride_ < semroot_bytes_ || semtable_stride_ > kMostStrideBytes)
    return fail(Missing{"the size of runtime.semTable", "finding who waits for a lock"});
  auto traceable =
      layout.field("runtime.sudog", "elem.vu");  // 1.26: a pair, of which this one stays
  sudog_elem_ = traceable ? traceable->offset : TRY(layout.need_offset("runtime.sudog", "elem"));
  return {};
}

Result<void> GlobalShapes::bind_heap(const LayoutSource& layout) {
  mheap_bytes_ = TRY(layout.need_size("runtime.mheap"));
  mheap_origin_ = layout.origin_of("runtime.mheap");
  Field central = TRY(layout.need("runtime.mheap", "central"));
  central_ = central.offset;
  central_stride_ = central.size_bytes / kSpanClasses;
  spanclass_ = TRY(layout.need_offset("runtime.mcentral", "spanclass"));
  if (central_stride_ <= spanclass_ || central_stride_ > kMostStrideBytes ||
      central.size_bytes % kSpanClasses != 0)
    return fail(Missing{"the shape of runtime.mheap.central", "finding the heap"});
  mcache_alloc_ = TRY(layout.need_offset("runtime.mcache", "alloc"));
  return {};
}

Result<void> GlobalShapes::bind_scheduler(const LayoutSource& layout) {
  m_g0_ = TRY(layout.need_offset("runtime.m", "g0"));
  m_id_ = TRY(layout.need_offset("runtime.m", "id"));
  m_alllink_ = TRY(layout.need_offset("runtime.m", "alllink"));
  p_id_ = TRY(layout.need_offset("runtime.p", "id"));
  p_mcache_ = TRY(layout.need_offset("runtime.p", "mcache"));
  sched_lock_ = TRY(layout.need_offset("runtime.schedt", "lock"));
  sched_goidgen_ = TRY(layout.need_offset("runtime.schedt", "goidgen"));
  sched_mnext_ = TRY(layout.need_offset("runtime.schedt", "mnext"));
  sched_maxmcount_ = TRY(layout.need_offset("runtime.schedt", "maxmcount"));
  sched_nmidle_ = TRY(layout.need_offset("runtime.schedt", "nmidle"));
  return {};
}

// Without these the two queues are not checked, and so not believed.
void GlobalShapes::bind_queues(const LayoutSource& layout) {
  auto offset = [&](std::string_view type, std::string_view name) -> std::optional<std::uint32_t> {
    auto field = layout.field(type, name);
    return field ? std::optional(field->offset) : std::nullopt;
  };
  std::string_view block =
      layout.size_of("runtime.finBlock") ? "runtime.finBlock" : "runtime.finblock";  // 1.25
  finblock_alllink_ = offset(block, "alllink");
  finblock_cnt_ = offset(block, "cnt");
  if (auto entries = layout.field(block, "fin"); entries && layout.size_of("runtime.finalizer"))
    finblock_most_ =
        entries->size_bytes / std::max<std::uint64_t>(1, *layout.size_of("runtime.finalizer"));
  cleanup_all_ = offset("runtime.cleanupQueue", "all");
  cleanup_alllink_ = offset("runtime.cleanupBlock", "alllink");
  cleanup_n_ = offset("runtime.cleanupBlock", "n");
  if (auto entries = layout.field("runtime.cleanupBlock", "cleanups"))
    cleanup_most_ = entries->size_bytes / 8;
}

bool GlobalShapes::is_allgs(Address address) const {
  auto slice = read<Slice>(address);
  if (!slice || !slice->is_plausible(kMostGoroutines)) return false;
  auto g = pointer(Address(slice->data));
  if (!g || g->is_null() || !g->is_aligned(8)) return false;
  if (read<std::uint64_t>(*g + g_goid_) == 1 && has_stack(*g) &&
      (first_.main.is_null() || pointer(*g + g_startpc_) == first_.main))
    return true;
  // In a library nobody runs main: goroutine 1 ends early, and its g serves others.
  for (std::uint64_t i = 0; i < std::min(slice->length, kHelperIsAmong); ++i)
    if (auto helper = pointer(Address(slice->data) + i * 8); helper && is_helper(*helper))
      return true;
  return false;
}

bool GlobalShapes::has_stack(Address g) const {
  auto lo = pointer(g + g_stack_lo_), hi = pointer(g + g_stack_hi_);
  return lo && hi && *lo < *hi;
}

// Its number is 2, unless the goroutine that made it had moved to another p.
bool GlobalShapes::is_helper(Address g) const {
  constexpr std::uint64_t kMostGoid = 10'000;
  if (first_.helper.is_null() || g.is_null() || !g.is_aligned(8)) return false;
  auto goid = read<std::uint64_t>(g + g_goid_);
  return goid && *goid > 1 && *goid <= kMostGoid && has_stack(g) &&
         pointer(g + g_startpc_) == first_.helper;
}

bool GlobalShapes::is_mheap(Address address) const {
  auto central = memory_->read_bytes(address + central_, central_stride_ * kSpanClasses);
  if (!central) return false;
  for (std::uint64_t i = 0; i < kSpanClasses; ++i)
    if (std::to_integer<std::uint64_t>((*central)[i * central_stride_ + spanclass_]) != i)
      return false;
  return true;
}

std::optional<std::uint32_t> GlobalShapes::semaphore_index(Address treap) const {
  auto elem = read<std::uint64_t>(treap + sudog_elem_);
  if (!elem || *elem == 0) return std::nullopt;
  return static_cast<std::uint32_t>((*elem >> 3) % kSemaphoreRoots);
}

std::optional<std::uint32_t> GlobalShapes::count_semaphores(Address address) const {
  auto table = memory_->read_bytes(address, semtable_stride_ * kSemaphoreRoots);
  if (!table) return std::nullopt;
  std::uint32_t waiting = 0;
  for (std::uint32_t i = 0; i < kSemaphoreRoots; ++i) {
    ByteView root = ByteView(*table).subspan(i * semtable_stride_, semtable_stride_);
    auto treap = load<std::uint64_t>(root, treap_).value_or(0);
    auto nwait = load<std::uint32_t>(root, nwait_).value_or(0);
    bool padded = std::ranges::all_of(root.subspan(semroot_bytes_),
                                      [](std::byte b) { return b == std::byte{0}; });
    if (!padded || nwait > kMostGoroutines) return std::nullopt;
    // nwait is counted before the waiter is queued, so either may be there alone for a moment.
    if (treap == 0) continue;
    if (nwait == 0 || treap % 8 != 0 || semaphore_index(Address(treap)) != i) return std::nullopt;
    ++waiting;
  }
  return waiting;
}

bool GlobalShapes::is_semtable(Address address) const {
  return count_semaphores(address).has_value();
}

std::optional<std::int64_t> GlobalShapes::follow_ms(Address list, std::uint32_t alllink) const {
  auto m = pointer(list);
  std::int64_t largest = 0, id = -1;
  for (std::uint64_t count = 0; m && !m->is_null(); ++count) {
    auto g0 = pointer(*m + m_g0_);
    if (count >= kMostThreads || !m->is_aligned(8) || !g0 || g0->is_null()) return std::nullopt;
    if (pointer(*g0 + g_m_) != m) return std::nullopt;
    id = read<std::int64_t>(*m + m_id_).value_or(-1);
    if (id < 0) return std::nullopt;
    largest = std::max(largest, id);
    m = pointer(*m + alllink);
  }
  return m && id == 0 ? std::optional(largest) : std::nullopt;
}

bool GlobalShapes::is_allm(Address address) const {
  // m.alllink moved by three words inside 1.23 and 1.24, and may do so again in a patch that no
  // table knows.
  for (int drift : {0, 24, -24}) {
    auto largest = follow_ms(address, m_alllink_ + static_cast<std::uint32_t>(drift));
    if (!largest) continue;
    largest_m_id_ = largest;
    return true;
  }
  return false;
}

bool GlobalShapes::is_whole_p(Address p) const {
  auto mcache = pointer(p + p_mcache_);
  if (!mcache || mcache->is_null() || !mcache->is_aligned(8)) return false;
  auto spans = read<std::array<std::uint64_t, kSpanClasses>>(*mcache + mcache_alloc_);
  return spans &&
         std::ranges::all_of(*spans, [](std::uint64_t span) { return span != 0 && span % 8 == 0; });
}

bool GlobalShapes::is_allp(Address address) const {
  auto slice = read<Slice>(address);
  if (!slice || !slice->is_plausible(kMostProcessors)) return false;
  for (std::uint64_t i = 0; i < slice->length; ++i) {
    auto p = pointer(Address(slice->data) + i * 8);
    if (!p || p->is_null() || !p->is_aligned(8)) return false;
    if (read<std::int32_t>(*p + p_id_) != static_cast<std::int32_t>(i)) return false;
    if (i < kWholePs && !is_whole_p(*p)) return false;
  }
  return true;
}

bool GlobalShapes::is_sched(Address address) const {
  auto mnext = read<std::int64_t>(address + sched_mnext_);
  auto most = read<std::int32_t>(address + sched_maxmcount_);
  auto idle = read<std::int32_t>(address + sched_nmidle_);
  auto goidgen = read<std::uint64_t>(address + sched_goidgen_);
  if (!mnext || !most || !idle || !goidgen) return false;
  if (*mnext < 1 || static_cast<std::uint64_t>(*mnext) > kMostThreads || *most < 1) return false;
  if (*idle < 0 || *idle > *mnext || *goidgen < 1 || *goidgen >> 48 != 0) return false;
  return !largest_m_id_ || *mnext > *largest_m_id_;
}

bool GlobalShapes::is_gcphase(Address address) const {
  auto phase = read<std::uint32_t>(address);
  return phase && *phase <= 2;
}

bool GlobalShapes::is_mutex(Address address) const {
  // Held or free, with or without the waiting m in its upper bits (1.24): nothing but its place
  // speaks for it.
  return read<std::uint64_t>(address).has_value();
}

bool GlobalShapes::is_bool(Address address) const {
  auto value = read<std::uint8_t>(address);
  return value && *value <= 1;
}

bool GlobalShapes::is_readable(Address address) const {
  return read<std::uint8_t>(address).has_value();
}

bool GlobalShapes::is_chain(Address first, std::uint32_t alllink, std::uint32_t count,
                            std::uint64_t most) const {
  auto block = pointer(first);
  for (std::uint64_t i = 0; block && !block->is_null(); ++i) {
    auto entries = read<std::uint32_t>(*block + count);
    if (i >= kMostBlocks || !block->is_aligned(8) || !entries || *entries > most) return false;
    block = pointer(*block + alllink);
  }
  return block.has_value();
}

bool GlobalShapes::is_finalizer_blocks(Address address) const {
  return finblock_alllink_ && finblock_cnt_ &&
         is_chain(address, *finblock_alllink_, *finblock_cnt_, finblock_most_);
}

bool GlobalShapes::is_cleanup_queue(Address address) const {
  return cleanup_all_ && cleanup_alllink_ && cleanup_n_ &&
         is_chain(address + *cleanup_all_, *cleanup_alllink_, *cleanup_n_, cleanup_most_);
}

}  // namespace goshawk::goruntime
