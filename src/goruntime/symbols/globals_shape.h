// What the runtime's variables look like in a target's memory: whether the bytes at an address can
// be the variable of that name. Used on every address that is found, however it was found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/modules.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// The entries of what the runtime's first two goroutines run: runtime.main and
// runtime.forcegchelper. Null where the name is not known (obfuscated binaries).
struct FirstGoroutines {
  Address main, helper;
};

// The target may run meanwhile, so a check that fails may succeed a moment later; one that succeeds
// has seen too much to be an accident, unless its comment says otherwise.
class GlobalShapes {
 public:
  static Result<GlobalShapes> bind(const LayoutSource& layout, const BuildFacts& build,
                                   const target::Memory& memory, FirstGoroutines first);

  bool is_allgs(
      Address address) const;  // a slice that begins with goroutine 1, or has the helper early
  bool is_mheap(Address address) const;     // central[i].mcentral.spanclass == i
  bool is_semtable(Address address) const;  // 251 roots; an empty table is all zeros: weak
  bool is_allm(Address address) const;      // a chain of ms that ends with m0
  bool is_allp(Address address) const;     // a slice of ps, each with its number and a whole mcache
  bool is_sched(Address address) const;    // counts that agree with each other and with the ms
  bool is_gcphase(Address address) const;  // weak
  bool is_mutex(Address address) const;    // weak
  bool is_bool(Address address) const;     // weak
  bool is_readable(Address address) const;          // weaker still
  bool is_finalizer_blocks(Address address) const;  // nil, or a chain of blocks
  bool is_cleanup_queue(Address address) const;     // the same

  // How many semaphore roots of the table at `address` have waiters; nullopt: it is none.
  std::optional<std::uint32_t> count_semaphores(Address address) const;

  std::uint64_t mheap_bytes() const { return mheap_bytes_; }
  const std::string& mheap_origin() const { return mheap_origin_; }
  std::uint64_t central_offset() const { return central_; }
  std::uint64_t central_stride() const { return central_stride_; }
  std::uint64_t semtable_stride() const { return semtable_stride_; }
  std::uint32_t sched_lock() const { return sched_lock_; }
  std::optional<std::uint32_t> cleanup_queue_all() const { return cleanup_all_; }
  // The root of the table that the sudog at `treap` hangs on.
  std::optional<std::uint32_t> semaphore_index(Address treap) const;

 private:
  explicit GlobalShapes(const target::Memory& memory) : memory_(&memory) {}
  Result<void> bind_goroutines(const LayoutSource& layout);
  Result<void> bind_semaphores(const LayoutSource& layout, const BuildFacts& build);
  Result<void> bind_heap(const LayoutSource& layout);
  Result<void> bind_scheduler(const LayoutSource& layout);
  void bind_queues(const LayoutSource& layout);

  template <typename T>
  std::optional<T> read(Address address) const;
  std::optional<Address> pointer(Address address) const;
  // Follows *list with this place of alllink; nullopt when it is no chain of ms down to m0.
  std::optional<std::int64_t> follow_ms(Address list,
                                        std::uint32_t alllink) const;  // the largest m.id
  std::optional<std::int64_t> largest_m_id() const { return largest_m_id_; }
  bool is_whole_p(Address p) const;
  bool has_stack(Address g) const;
  bool is_helper(Address g) const;
  bool is_chain(Address first, std::uint32_t alllink, std::uint32_t count,
                std::uint64_t most) const;

  const target::Memory* memory_;
  FirstGoroutines first_;
  std::uint32_t g_goid_ = 0, g_startpc_ = 0, g_m_ = 0, g_stack_lo_ = 0, g_stack_hi_ = 0;
  std::string mheap_origin_;
  std::uint64_t mheap_bytes_ = 0, central_ = 0, central_stride_ = 0, spanclass_ = 0;
  std::uint64_t semtable_stride_ = 0, semroot_bytes_ = 0, treap_ = 0, nwait_ = 0, sudog_elem_ = 0;
  std::uint32_t m_g0_ = 0, m_id_ = 0, m_alllink_ = 0;
  std::uint32_t p_id_ = 0, p_mcache_ = 0, mcache_alloc_ = 0;
  std::uint32_t sched_lock_ = 0, sched_goidgen_ = 0, sched_mnext_ = 0, sched_maxmcount_ = 0,
                sched_nmidle_ = 0;
  std::optional<std::uint32_t> finblock_alllink_, finblock_cnt_;
  std::uint64_t finblock_most_ = 0;
  std::optional<std::uint32_t> cleanup_all_, cleanup_alllink_, cleanup_n_;
  std::uint64_t cleanup_most_ = 0;
  mutable std::optional<std::int64_t> largest_m_id_;  // known once allm was found
};

}  // namespace goshawk::goruntime
