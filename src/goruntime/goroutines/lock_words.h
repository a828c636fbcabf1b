// What the words of a lock say that a goroutine waits for.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "goruntime/facts/semaphore.h"
#include "goruntime/page_cache.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

class LockWords {
 public:
  LockWords(PageCache& cache, const facts::NotifyListFact& notify_list, snapshot::Snapshot& into)
      : cache_(cache), notify_list_(notify_list), into_(into) {}

  // The lock of this wait, read once, by its number in Snapshot::locks; kNone: it is none of
  // package sync's. `stack` is that of the goroutine that waits.
  std::uint32_t number(const snapshot::Wait& wait, snapshot::WaitKind kind,
                       snapshot::StackId stack);

 private:
  bool is_in_rwmutex(snapshot::StackId stack) const;
  void read(snapshot::Lock& lock);
  void read_mutex(snapshot::Lock& lock);
  void read_rwmutex(snapshot::Lock& lock);
  void read_wait_group(snapshot::Lock& lock);
  void read_cond(snapshot::Lock& lock);

  PageCache& cache_;
  const facts::NotifyListFact& notify_list_;
  snapshot::Snapshot& into_;
  std::unordered_map<Address, std::uint32_t> known_;
};

}  // namespace goshawk::goruntime
