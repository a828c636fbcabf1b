// Which goroutines stand between Lock and Unlock of what others wait for: Snapshot::lock_frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/goroutines/lock_calls.h"
#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/stacks/unwinder.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

class LockFrames {
 public:
  // semaphores: those that somebody waits for. All but them must outlive it.
  LockFrames(const target::Memory& memory, PageCache& cache, const Functions& functions,
             const std::string& arch, const Heap& heap, const std::vector<Address>& semaphores,
             std::vector<snapshot::LockFrame>& into);

  // A goroutine's frames, which are known well; stack: its bytes from that address on.
  void add(std::uint64_t goid, const WalkedStack& walked, Address from, ByteView stack);

 private:
  struct Waited {
    Address start, end;
    snapshot::ObjectId object = snapshot::kNone;
  };
  std::optional<snapshot::ObjectId> find_waited(std::uint64_t word) const;
  std::vector<snapshot::ObjectId> find_all_waited(ByteView words) const;
  bool leads_to_others(ByteView words, const HeldLocks& held);
  bool may_have_held(snapshot::ObjectId object, const HeldLocks& held);

  const target::Memory& memory_;
  PageCache& cache_;
  const Functions& functions_;
  const Heap& heap_;
  std::vector<snapshot::LockFrame>& into_;
  std::vector<Waited> waited_;  // by address
  std::string arch_;
  std::optional<LockCalls> calls_;  // once it is needed
};

}  // namespace goshawk::goruntime
