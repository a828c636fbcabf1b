// A semaphore's address and what is waited for give the lock around it; who waits for the mutex in
// an RWMutex (a writer behind another one) is told from who waits for a mutex alone by its frames.
//
// Somebody waits: so a Mutex is locked and counts waiters, an RWMutex has a writer, a WaitGroup
// counts above zero. Words that say otherwise (the lock was copied after its first use, is just
// being unlocked, or is something else) are not told.
#include "goruntime/goroutines/lock_words.h"

#include "goruntime/facts/sync_lock.h"

namespace goshawk::goruntime {

using facts::MutexWords;
using facts::RWMutexWords;
using facts::WaitGroupWords;
using snapshot::kNone;
using snapshot::Lock;
using snapshot::LockKind;
using snapshot::WaitKind;

std::uint32_t LockWords::number(const snapshot::Wait& wait, WaitKind kind,
                                snapshot::StackId stack) {
  if (wait.address.is_null()) return kNone;
  Lock lock;
  lock.object = wait.object;
  switch (kind) {
    case WaitKind::kMutexLock:
      lock.kind = is_in_rwmutex(stack) ? LockKind::kRWMutex : LockKind::kMutex;
      lock.address = wait.address - MutexWords::kSema;
      break;
    case WaitKind::kRWMutexRLock:
      lock.kind = LockKind::kRWMutex;
      lock.address = wait.address - RWMutexWords::kReaderSem;
      break;
    case WaitKind::kRWMutexLock:
      lock.kind = LockKind::kRWMutex;
      lock.address = wait.address - RWMutexWords::kWriterSem;
      break;
    case WaitKind::kWaitGroupWait:
      lock.kind = LockKind::kWaitGroup;
      lock.address = wait.address - WaitGroupWords::kSema;
      break;
    case WaitKind::kCondWait:
      lock.kind = LockKind::kCond;
      lock.address = wait.address - notify_list_.in_cond;
      break;
    default:
      return kNone;
  }
  auto [entry, is_new] =
      known_.try_emplace(lock.address, static_cast<std::uint32_t>(into_.locks.size()));
  if (is_new) {
    read(lock);
    into_.locks.push_back(lock);
  }
  return into_.locks[entry->second].kind == lock.kind ? entry->second : kNone;
}

// sync.(*RWMutex).Lock first takes the mutex that keeps writers apart.
bool LockWords::is_in_rwmutex(snapshot::StackId stack) const {
  for (snapshot::FrameId frame : into_.stacks[stack]) {
    std::string_view name = into_.strings[into_.stacks.frame(frame).function];
    if (name == "sync.(*RWMutex).Lock") return true;
    if (!name.starts_with("runtime.") && !name.starts_with("sync.") &&
        !name.starts_with("internal/"))
      break;
  }
  return false;
}

void LockWords::read(Lock& lock) {
  switch (lock.kind) {
    case LockKind::kMutex:
      return read_mutex(lock);
    case LockKind::kRWMutex:
      return read_rwmutex(lock);
    case LockKind::kWaitGroup:
      return read_wait_group(lock);
    case LockKind::kCond:
      return read_cond(lock);
  }
}

void LockWords::read_mutex(Lock& lock) {
  auto state = cache_.value<std::int32_t>(lock.address + MutexWords::kState);
  if (!state || *state < 0) return;
  lock.known = (*state & MutexWords::kLocked) != 0 && (*state >> MutexWords::kWaiterShift) > 0;
  if (lock.known) lock.state = *state;
}

void LockWords::read_rwmutex(Lock& lock) {
  auto readers = cache_.value<std::int32_t>(lock.address + RWMutexWords::kReaderCount);
  auto leaving = cache_.value<std::int32_t>(lock.address + RWMutexWords::kReaderWait);
  if (!readers || !leaving || *readers >= 0) return;
  std::int32_t count = *readers + RWMutexWords::kMaxReaders;
  lock.known = count >= 0 && *leaving >= 0 && *leaving <= count;
  if (!lock.known) return;
  lock.state = *readers;
  lock.more = *leaving;
}

void LockWords::read_wait_group(Lock& lock) {
  auto counter = cache_.value<std::int32_t>(lock.address + WaitGroupWords::kCounter);
  auto waiters = cache_.value<std::uint32_t>(lock.address + WaitGroupWords::kWaiters);
  if (!counter || !waiters) return;
  std::uint32_t waiting = *waiters & WaitGroupWords::kWaitersMask;
  lock.known = *counter > 0 && waiting > 0;
  if (!lock.known) return;
  lock.state = *counter;
  lock.more = static_cast<std::int32_t>(waiting);
}

void LockWords::read_cond(Lock& lock) {
  Address list = lock.address + notify_list_.in_cond;
  auto wait = cache_.value<std::uint32_t>(list + notify_list_.wait);
  auto notify = cache_.value<std::uint32_t>(list + notify_list_.notify);
  if (!wait || !notify) return;
  std::int32_t waiting = static_cast<std::int32_t>(*wait - *notify);
  lock.known = waiting > 0;
  if (lock.known) lock.more = waiting;
}

}  // namespace goshawk::goruntime
