// What each blocked goroutine waits on, from the runtime's wait queues: channels' recvq and sendq,
// the semaphore table, notifyLists. A wait counts as linked only when its sudog was met in the very
// queue that a waker would take it from. Follows runtime/chan.go, select.go, sema.go.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/facts/semaphore.h"
#include "goruntime/facts/sudog.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/globals.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

struct WaitFacts {
  facts::SudogFact sudog;
  facts::HchanFact hchan;
  facts::SemtableFact semtable;
  facts::NotifyListFact notify_list;
  static Result<WaitFacts> bind(const LayoutSource& layout, const GoVersion& version,
                                std::string_view arch);
};

// A wait with what the picture does not keep: the sudog, and the type of a channel's elements.
struct FoundWait {
  snapshot::Wait wait;
  Address sudog;
  Address element_type;  // abi.Type
  std::uint16_t element_bytes = 0;
};

struct FoundWaits {
  std::vector<FoundWait> waits;
  bool complete = false;
};

class WaitQueues {
 public:
  WaitQueues(PageCache& cache, const WaitFacts& facts, const Globals& globals,
             std::size_t goroutines);

  FoundWaits find_channel_waits(const G& g);
  FoundWaits find_semaphore_wait(const G& g);
  // `words`: the frames of sync.(*Cond).Wait and below, one of which names the Cond (before 1.26).
  // Not complete when no word, or more than one, leads to a list that this g is in.
  FoundWaits find_cond_wait(const G& g, std::span<const std::uint64_t> words);

  // Every semaphore that somebody waits for, with repeats.
  std::vector<Address> semaphores();
  const WaitFacts& facts() const { return facts_; }

  // What the goroutine keeps by a sudog of its own: the element and the channel.
  std::array<Address, 2> held_by(Address sudog);

 private:
  enum class Queue : std::uint8_t { kNone, kReceive, kSend };
  struct Semaphore {
    Address sudog;
    Address word;
  };

  void walk_semtable_once();
  void walk_semtable(Address table);
  void add_semaphore_waiters(Address first, std::size_t& left);
  Queue find_queue(Address channel, Address sudog);
  void walk_channel(Address channel, Address first, Queue queue);
  FoundWait describe_channel(Address channel, Address sudog);
  using Waiters = std::unordered_map<Address, Address>;  // g -> sudog
  const Waiters& walk_notify_list(Address list);
  bool collect_notify_list(Address list, Waiters& waiters);

  PageCache& cache_;
  const WaitFacts& facts_;
  const Globals& globals_;
  const std::size_t max_semaphores_;
  // By g. The whole table is walked once somebody asks: before 1.26 that is the only way to them.
  std::optional<std::unordered_map<Address, Semaphore>> semaphores_;
  std::unordered_map<Address, Queue> queue_of_;  // by sudog, channels walked so far
  std::unordered_set<Address> walked_channels_;
  std::unordered_map<Address, Waiters> notify_lists_;
};

}  // namespace goshawk::goruntime
