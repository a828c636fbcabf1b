// Goroutines into the picture: their stacks walked, their waits found, their facts written down,
// and what each keeps alive collected.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "goruntime/facts/defer.h"
#include "goruntime/facts/g.h"
#include "goruntime/facts/wait_reason.h"
#include "goruntime/goroutines/coroutines.h"
#include "goruntime/goroutines/held_lock_reader.h"
#include "goruntime/goroutines/labels.h"
#include "goruntime/goroutines/lock_frames.h"
#include "goruntime/goroutines/lock_words.h"
#include "goruntime/goroutines/poll_waits.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/goroutines/stack_batch.h"
#include "goruntime/goroutines/stack_start.h"
#include "goruntime/goroutines/wait_queues.h"
#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/stacks/frame_resolver.h"
#include "goruntime/stacks/stack_slot.h"
#include "goruntime/stacks/unwinder.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct GoroutineFacts {
  facts::GFact g;
  facts::DeferFact defer;
  facts::WaitReasons wait_reasons;
  GoVersion version;
  std::optional<facts::PollDescFact> poll_desc = {};  // without it io_waits stays empty
};

class GoroutineReader {
 public:
  // heap is null when only the list is wanted. All must outlive the reader.
  GoroutineReader(const target::Target& target, const GoroutineFacts& facts, const Modules& modules,
                  const Functions& functions, PageCache& cache, WaitQueues& queues,
                  const Heap* heap, snapshot::Snapshot& into);

  // Before read(): what the words of stacks lead to is wanted too.
  void keep_stack_slots() { keeps_slots_ = heap_ != nullptr; }
  // Before read(): what goroutines wait on is not wanted, but for descriptors.
  void leave_out_waits() { wants_waits_ = false; }
  std::vector<StackSlot> release_stack_slots() { return std::move(stack_slots_); }

  // All of a target that stands still.
  void read(const Scheduler& scheduler, const std::vector<target::Thread>& threads,
            std::optional<std::int64_t> now_ns);
  // Or one by one, of stacks that were read from starts().
  void begin(const Scheduler& scheduler, const std::vector<target::Thread>& threads,
             std::optional<std::int64_t> now_ns);
  const StackStarts& starts() const { return starts_; }
  void add(const StackBatch& batch, std::size_t i);

  // Sudogs of goroutines that wait, whose references to g, c and elem are to be cut.
  const std::vector<Address>& waiting_sudogs() const { return sudogs_; }
  // Of Snapshot::io_waits, in their order.
  std::vector<PollIdentity> release_poll_identities() {
    return poll_waits_ ? poll_waits_->release_identities() : std::vector<PollIdentity>();
  }

 private:
  bool ends_collection(const G& g) const;
  void read_one(const G& g, const StackStart& start, ByteView stack);
  void read_extended_registers(const G& g);
  void doubt_extended_registers();
  void write_facts(const G& g, snapshot::Goroutine& goroutine);
  void write_waits(const G& g, const StackStart& start, ByteView stack,
                   snapshot::Goroutine& goroutine);
  void write_labels(const G& g, snapshot::Goroutine& goroutine);
  void write_ancestors(const G& g, snapshot::Goroutine& goroutine);
  void collect_outside_pointers(const G& g);
  void scan_descriptor(const G& g);
  void write_roots(const G& g, std::size_t first_sudog);
  void add_root(std::uint64_t word);
  void write_stack_slots(AddressRange stack);
  FoundWaits find_coroutine_wait(const G& g, const StackStart& start, ByteView stack);
  std::vector<std::uint64_t> words_of_cond_frames(const StackStart& start, ByteView stack) const;
  void doubt_wait_reason(snapshot::Goroutine& goroutine) const;
  snapshot::WaitKind refine_semaphore_kind(snapshot::StackId stack) const;
  snapshot::Place place_of(const G& g, Address address, snapshot::ObjectId& object) const;
  bool is_system(const snapshot::Goroutine& goroutine) const;

  const target::Target& target_;
  const GoroutineFacts& facts_;
  const Modules& modules_;
  const Functions& functions_;
  PageCache& cache_;
  WaitQueues& queues_;
  const Heap* heap_;
  snapshot::Snapshot& into_;

  Unwinder unwinder_;
  FrameResolver frames_;
  TypeReader types_;
  StackStarts starts_;
  LockWords lock_words_;
  std::optional<LockFrames> lock_frames_;  // these two with a heap only
  std::optional<HeldLockReader> held_locks_;
  std::optional<std::int64_t> now_ns_;
  std::optional<PollWaits> poll_waits_;
  std::vector<FunctionId> goparks_;  // one for each module
  std::unordered_map<Address, std::pair<std::uint32_t, std::uint32_t>> labels_;  // first, count
  std::vector<Address> sudogs_;
  std::vector<std::uint64_t> outside_;  // pointers into the stack from outside of its frames
  std::vector<snapshot::ObjectId> own_roots_;
  bool keeps_slots_ = false;
  bool wants_waits_ = true;
  std::vector<StackSlot> stack_slots_;
  WalkedStack walked_;
};

}  // namespace goshawk::goruntime
