// Which goroutines hold the very locks that others wait for, by the code of their functions:
// Snapshot::held_locks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/goroutines/lock_calls.h"
#include "goruntime/goroutines/lock_flow.h"
#include "goruntime/page_cache.h"
#include "goruntime/stacks/unwinder.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

class HeldLockReader {
 public:
  // semaphores: those that somebody waits for. All but them must outlive it.
  HeldLockReader(const target::Memory& memory, PageCache& cache, const Functions& functions,
                 const std::string& arch, const std::vector<Address>& semaphores,
                 snapshot::Snapshot& into);

  // A goroutine's frames, which are known well; stack: its bytes from that address on.
  void add(const snapshot::Goroutine& goroutine, const WalkedStack& walked, Address from,
           ByteView stack);

 private:
  // A frame whose function locks or unlocks.
  struct Place {
    std::size_t frame = 0;
    LocksAtPlace locks = {};
  };
  struct Places {
    std::vector<Place> places;  // innermost first
    bool lock_seen = true;      // the wait for a lock is a call that the code was seen to make
  };
  // One goroutine's stack.
  struct Stack {
    const WalkedStack& walked;
    Address from;  // of its bytes
    ByteView bytes;
  };
  // What a frame has unlocked, for itself or for an outer one.
  struct Given {
    LockUse use = LockUse::kMutex;
    std::optional<Address> lock = {};  // none: any
  };
  const Places& places_of(snapshot::StackId stack, const WalkedStack& walked);
  bool is_seen_to_lock(const WalkedStack& walked, const Places& places) const;
  std::optional<Address> find(const AddressRecipe& recipe, const Place& place, const Stack& stack);
  std::vector<Given> given_in(const Place& place, const Stack& stack);
  bool may_be_unlocked(const LockAtPlace& lock, const Place& place,
                       std::span<const Place> inner_places, const Stack& stack);
  bool may_unlock(const std::vector<AddressRecipe>& called, LockUse use, const Place& place,
                  const Stack& stack);
  std::string_view package_of(const Place& place, const Stack& stack) const;
  bool is_waited_for(Address lock) const;
  snapshot::FrameId frame_of(const snapshot::Goroutine& goroutine, Address pc) const;

  const target::Memory& memory_;
  PageCache& cache_;
  const Functions& functions_;
  std::string arch_;
  snapshot::Snapshot& into_;
  std::unordered_set<Address> semaphores_;
  std::optional<LockCalls> calls_;  // these two once they are needed
  std::optional<LockFlow> flow_;
  std::unordered_map<snapshot::StackId, Places> places_;
};

}  // namespace goshawk::goruntime
