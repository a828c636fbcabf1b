// One goroutine costs one walk of its stack and a few cached reads. Rules of safety:
//  - a stack that is being copied or scanned, or whose thread stands on another one, is taken word
//    by word, unless it called systemstack and so stands where it will go on: what is below that
//    call is taken as where a thread was interrupted;
//  - a worker of the collector that ends a collection holds nothing on its stack: what it looked at
//    is no reference of the program's, none of whose code it runs (its thread's registers and
//    system stack count: it may sweep, and have a finalizer in hand);
//  - whatever could not be read leaves the goroutine with a doubt, which keeps it from any verdict;
//  - the waits of a goroutine (channel, element, sudog) count as its own roots once it is live,
//  since
//    the sudogs' references are cut from the heap's graph.
#include "goruntime/goroutines/goroutine_reader.h"

#include <algorithm>

#include "base/cycle_guard.h"
#include "goruntime/goroutines/system_goroutine.h"
#include "goruntime/read_ahead.h"

namespace goshawk::goruntime {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Place;
using snapshot::Status;
using snapshot::WaitKind;
using snapshot::WaitOperation;

namespace {

constexpr std::uint64_t kMaxDefers = 1 << 20;

bool is_semaphore_kind(WaitKind kind) {
  switch (kind) {
    case WaitKind::kMutexLock:
    case WaitKind::kRWMutexRLock:
    case WaitKind::kRWMutexLock:
    case WaitKind::kWaitGroupWait:
    case WaitKind::kSemacquire:
      return true;
    default:
      return false;
  }
}

// Who calls gopark with these reasons; empty: not told by that.
std::string_view channel_function(WaitKind kind) {
  switch (kind) {
    case WaitKind::kNilChanReceive:
    case WaitKind::kChanReceive:
      return "runtime.chanrecv";
    case WaitKind::kNilChanSend:
    case WaitKind::kChanSend:
      return "runtime.chansend";
    case WaitKind::kSelect:
      return "runtime.selectgo";
    case WaitKind::kSelectNoCases:
      return "runtime.block";
    default:
      return {};
  }
}

bool is_channel_kind(WaitKind kind) {
  return kind == WaitKind::kSelect || kind == WaitKind::kChanReceive || kind == WaitKind::kChanSend;
}

}  // namespace

GoroutineReader::GoroutineReader(const target::Target& target, const GoroutineFacts& facts,
                                 const Modules& modules, const Functions& functions,
                                 PageCache& cache, WaitQueues& queues, const Heap* heap,
                                 snapshot::Snapshot& into)
    : target_(target),
      facts_(facts),
      modules_(modules),
      functions_(functions),
      cache_(cache),
      queues_(queues),
      heap_(heap),
      into_(into),
      unwinder_(functions, target.memory()),
      frames_(functions, facts.version, into),
      types_(cache, modules),
      starts_(target, functions),
      lock_words_(cache, queues.facts().notify_list, into) {
  if (heap != nullptr) {
    std::vector<Address> semaphores = queues.semaphores();
    lock_frames_.emplace(target.memory(), cache, functions, modules.build.arch, *heap, semaphores,
                         into.lock_frames);
    held_locks_.emplace(target.memory(), cache, functions, modules.build.arch, semaphores, into);
  }
  goparks_ = functions.find_all_by_name("runtime.gopark");
  if (goparks_.empty())
    into.doubts.push_back(
        {"the runtime's functions have no names (garble -tiny removes them): "
         "what makes a goroutine wait cannot be told for certain",
         true});
}

void GoroutineReader::begin(const Scheduler& scheduler, const std::vector<target::Thread>& threads,
                            std::optional<std::int64_t> now_ns) {
  now_ns_ = now_ns;
  if (facts_.poll_desc) poll_waits_.emplace(cache_, *facts_.poll_desc, now_ns, into_);
  starts_.match(scheduler, threads);
  into_.dead_descriptors = scheduler.dead;
  into_.goroutines.reserve(scheduler.gs.size());
  into_.goroutine_root_rows.push_back(0);
}

void GoroutineReader::read(const Scheduler& scheduler, const std::vector<target::Thread>& threads,
                           std::optional<std::int64_t> now_ns) {
  begin(scheduler, threads, now_ns);
  std::span<const G> left(scheduler.gs);
  read_ahead<StackBatch>(
      [&] { return !left.empty(); },
      [&](StackBatch& batch) { left = left.subspan(batch.read(target_.memory(), starts_, left)); },
      [&](const StackBatch& batch) {
        for (std::size_t i = 0; i < batch.gs().size(); ++i) add(batch, i);
      });
}

// A mark worker (runtime/mgc.go gcBgMarkStartWorkers, by whatever wrapper its go statement has)
// that has found nothing more to mark. Not one that just starts: whoever starts it waits for it,
// since 1.23 on a channel that nobody else has.
bool GoroutineReader::ends_collection(const G& g) const {
  FunctionId function = functions_.find(g.startpc);
  if (function == kNoFunction || !functions_.name(function).starts_with("runtime.gcBgMark"))
    return false;
  return std::ranges::any_of(walked_.functions, [&](FunctionId on_stack) {
    return functions_.name(on_stack) == "runtime.gcMarkDone";
  });
}

void GoroutineReader::add(const StackBatch& batch, std::size_t i) {
  read_one(batch.gs()[i], batch.start(i), batch.bytes(i));
  if (batch.is_whole(i)) return;
  into_.goroutines.back().doubt = into_.strings.intern("its stack could not be read");
  into_.doubts.push_back({"a goroutine's stack could not be read", true});
}

void GoroutineReader::read_one(const G& g, const StackStart& start, ByteView stack) {
  into_.goroutines.emplace_back();
  Goroutine& goroutine = into_.goroutines.back();
  collect_outside_pointers(g);
  // A register, or a word of the system stack, may be all that leads to a variable in a caller's
  // frame whose address was taken.
  if (heap_ != nullptr && start.thread != nullptr) {
    outside_.insert(outside_.end(), start.thread->registers.begin(), start.thread->registers.end());
    for (std::span<const std::uint64_t> words :
         {std::span(start.thread->vector_words), std::span(start.system_stack)})
      std::ranges::copy_if(words, std::back_inserter(outside_),
                           [&](std::uint64_t word) { return g.stack.contains(Address(word)); });
  }
  StackWalk walk{.stack = g.stack,
                 .bytes_from = start.from,
                 .bytes = stack,
                 .pc = start.pc,
                 .sp = start.sp,
                 .lr = start.lr,
                 .interrupted = start.interrupted,
                 .want_pointers = heap_ != nullptr,
                 .want_slots = keeps_slots_ && !start.interrupted && start.thread == nullptr,
                 .also_live = outside_,
                 .conservative = start.conservative};
  walked_.clear();
  if (start.walkable) unwinder_.walk(walk, walked_);
  if (heap_ != nullptr && (!start.walkable || !walked_.complete || start.conservative)) {
    // Frames end where nothing can be told any more; words do not.
    walked_.exact = false;
    for (std::uint64_t offset = 0; offset + 8 <= stack.size(); offset += 8)
      if (auto word = load_unchecked<std::uint64_t>(stack.data() + offset); word != 0)
        walked_.pointers.push_back(word);
  }
  bool frames_tell = start.walkable && walked_.complete && !start.conservative;
  if (heap_ != nullptr && (walked_.needs_extended_registers || !frames_tell))
    read_extended_registers(g);
  if (ends_collection(g)) walked_.pointers.clear();
  if (frames_tell && walked_.exact) write_stack_slots(g.stack);
  std::size_t first_sudog = sudogs_.size();
  goroutine.stack = frames_.resolve_stack(walked_);
  write_facts(g, goroutine);
  write_waits(g, start, stack, goroutine);
  if (poll_waits_ && goroutine.wait_kind == WaitKind::kIo && frames_tell)
    poll_waits_->add(g, walked_, start.from, stack);
  if (lock_frames_ && frames_tell && walked_.exact)
    lock_frames_->add(goroutine.goid, walked_, start.from, stack);
  if (held_locks_ && frames_tell) held_locks_->add(goroutine, walked_, start.from, stack);
  write_labels(g, goroutine);
  write_ancestors(g, goroutine);
  write_roots(g, first_sudog);
}

// runtime/preempt_xreg.go: asyncPreempt leaves them with the p, xRegSave moves them to the g, and
// xRegRestore back.
void GoroutineReader::read_extended_registers(const G& g) {
  const auto& where = facts_.g.extended_registers;
  if (!where) {  // up to 1.25 they are on the stack
    if (walked_.needs_extended_registers) doubt_extended_registers();
    return;
  }
  std::vector<Address> places;
  auto add_state = [&](Address field) {
    if (Address state = cache_.pointer(field); !state.is_null())
      places.push_back(state + where->regs);
  };
  add_state(g.address + where->state);
  const M* m = starts_.find_m(g.m);
  if (g.status == Status::kRunning && m != nullptr && !m->p.is_null()) {
    places.push_back(m->p + where->in_p);
    add_state(m->p + where->in_p + where->regs_bytes);
  }
  if (places.empty() && walked_.needs_extended_registers) doubt_extended_registers();
  for (Address place : places) {
    auto bytes = target_.memory().read_bytes(place, where->regs_bytes);
    if (!bytes) return doubt_extended_registers();
    for (std::size_t at = 0; fits(*bytes, at, 8); at += 8)
      if (auto word = load_unchecked<std::uint64_t>(bytes->data() + at); word != 0)
        walked_.pointers.push_back(word);
  }
}

void GoroutineReader::doubt_extended_registers() {
  into_.doubts.push_back({"a preempted goroutine's vector registers could not be read", true});
}

void GoroutineReader::write_facts(const G& g, Goroutine& goroutine) {
  goroutine.goid = g.goid;
  goroutine.creator_goid = g.parent_goid;
  goroutine.descriptor = g.address;
  if (heap_ != nullptr) goroutine.descriptor_object = heap_->find(g.address).value_or(kNone);
  goroutine.descriptor_bytes = facts_.g.size_bytes;
  goroutine.status = g.status;
  goroutine.scanning = g.scanning;
  goroutine.select_done = g.select_done;
  goroutine.locked_to_thread = !g.lockedm.is_null();
  goroutine.in_cgo_callback = walked_.in_cgo_callback;
  goroutine.stack_complete = walked_.complete;
  goroutine.stack_exact = walked_.exact;
  goroutine.stack_bytes = g.stack.size_bytes();
  // The runtime starts main itself: no go statement, and no "created by" in its dumps.
  if (g.goid != 1) goroutine.created_by = frames_.resolve_creation(g.gopc);
  goroutine.started_at = frames_.resolve_entry(g.startpc);
  if (g.is_waiting()) goroutine.wait_kind = facts_.wait_reasons.kind(g.waitreason);
  goroutine.parked =
      g.is_waiting() && g.m.is_null() && !walked_.pcs.empty() &&
      (goroutine.wait_kind == WaitKind::kCoroutine
           ? is_coroutine_switch(functions_.name(walked_.functions.front()))
           : std::ranges::find(goparks_, walked_.functions.front()) != goparks_.end());
  if (g.is_waiting()) {
    doubt_wait_reason(goroutine);
    goroutine.wait_reason = into_.strings.intern(facts_.wait_reasons.text(g.waitreason));
    if (goroutine.wait_kind == WaitKind::kSemacquire)
      goroutine.wait_kind = refine_semaphore_kind(goroutine.stack);
  }
  // The collector stamps what it finds blocked; the clock may have been read a moment before.
  if (now_ns_ && g.waitsince_ns > 0 && (g.is_waiting() || g.status == Status::kSyscall))
    goroutine.wait_ns = std::max<std::int64_t>(1, *now_ns_ - g.waitsince_ns);
  goroutine.system = is_system(goroutine);
}

// runtime/traceback.go isSystemGoroutine; the finalizer and cleanup goroutines are users' while
// they run a user's function.
bool GoroutineReader::is_system(const Goroutine& goroutine) const {
  auto name_of = [&](snapshot::FrameId frame) {
    return into_.strings[into_.stacks.frame(frame).function];
  };
  if (goroutine.started_at == kNone) return false;
  Entry entry = classify_entry(name_of(goroutine.started_at));
  if (entry != Entry::kCallsBack) return entry == Entry::kRuntime;
  return std::ranges::all_of(into_.stacks[goroutine.stack], [&](snapshot::FrameId frame) {
    return name_of(frame).starts_with("runtime.");
  });
}

// Packages that link to runtime.gopark by name (gVisor's sync.Gopark) park with a wait reason of
// their choice and wake by a g that they keep as a number: what the reason says holds only where
// the runtime's own function called gopark. Semaphores and condition variables are looked up in
// their own lists instead.
void GoroutineReader::doubt_wait_reason(Goroutine& goroutine) const {
  std::string_view wanted = channel_function(goroutine.wait_kind);
  if (wanted.empty() || !goroutine.parked) return;
  auto name_of = [&](snapshot::FrameId frame) {
    return into_.strings[into_.stacks.frame(frame).function];
  };
  auto stack = into_.stacks[goroutine.stack];
  auto caller = std::ranges::find_if(stack, [&](snapshot::FrameId frame) {
    return name_of(frame) != "runtime.gopark" && name_of(frame) != "runtime.goparkunlock";
  });
  if (caller == stack.end())
    goroutine.parked = false;
  else if (name_of(*caller) != wanted)
    goroutine.wait_kind = WaitKind::kRuntime;
}

// Before 1.20 every semaphore wait says `semacquire`; WaitGroup's until 1.24. The frames know
// better.
WaitKind GoroutineReader::refine_semaphore_kind(snapshot::StackId stack) const {
  for (snapshot::FrameId frame : into_.stacks[stack]) {
    std::string_view name = into_.strings[into_.stacks.frame(frame).function];
    if (name.starts_with("sync.(*Mutex)") || name.starts_with("internal/sync.(*Mutex)"))
      return WaitKind::kMutexLock;
    if (name == "sync.(*RWMutex).RLock") return WaitKind::kRWMutexRLock;
    if (name == "sync.(*RWMutex).Lock") return WaitKind::kRWMutexLock;
    if (name == "sync.(*WaitGroup).Wait") return WaitKind::kWaitGroupWait;
    if (!name.starts_with("runtime.") && !name.starts_with("sync.") &&
        !name.starts_with("internal/"))
      break;
  }
  return WaitKind::kSemacquire;
}

Place GoroutineReader::place_of(const G& g, Address address, snapshot::ObjectId& object) const {
  for (const Moduledata& module : modules_.all)
    for (const AddressRange& range : {module.noptrdata, module.data, module.bss, module.noptrbss})
      if (range.contains(address)) return Place::kImage;
  if (g.stack.contains(address)) return Place::kOwnStack;
  if (heap_ == nullptr) return Place::kElsewhere;
  if (auto found = heap_->find(address)) {
    object = *found;
    return Place::kHeap;
  }
  return heap_->in_stack_span(address) ? Place::kOtherStack : Place::kElsewhere;
}

// The words of the frames below and of sync.(*Cond).Wait, and of the slots where it was passed its
// receiver (the start of its caller's frame). Where names do not tell which that is, more words:
// each is asked whether it leads to the list that the goroutine is in.
std::vector<std::uint64_t> GoroutineReader::words_of_cond_frames(const StackStart& start,
                                                                 ByteView stack) const {
  constexpr std::uint64_t kReceiverSlots = 32, kMaxFrameBytes = 4096;
  std::vector<std::uint64_t> words;
  for (std::size_t i = 0; i < walked_.extents.size() && i < 8; ++i) {
    FunctionId function = walked_.functions[i];
    Address from = walked_.extents[i].sp;
    Address to = from + std::min(walked_.extents[i].fp + kReceiverSlots - from, kMaxFrameBytes);
    for (Address at = from; at < to; at = at + 8)
      if (auto word = load<std::uint64_t>(stack, at - start.from); word && start.from <= at)
        words.push_back(*word);
    if (!functions_.are_obfuscated() && !functions_.name(function).starts_with("runtime.") &&
        !functions_.name(function).starts_with("sync.runtime_"))
      break;
  }
  return words;
}

// At the start it is in g.coroarg; later frames have it, or have had it.
FoundWaits GoroutineReader::find_coroutine_wait(const G& g, const StackStart& start,
                                                ByteView stack) {
  constexpr std::uint64_t kMostStackBytes = 4096;
  FoundWaits found{.waits = {}, .complete = true};
  if (heap_ == nullptr) return found;
  std::vector<std::uint64_t> words = walked_.pointers;
  for (std::uint64_t at = 0; at + 8 <= facts_.g.size_bytes; at += 8)
    words.push_back(cache_.pointer(g.address + at).value());
  Address from = std::max(start.sp, start.from);
  for (std::uint64_t at = 0; at < kMostStackBytes; at += 8)
    if (auto word = load<std::uint64_t>(stack, from + at - start.from)) words.push_back(*word);
  auto coroutine = find_coroutine(cache_, functions_, *heap_, g.address, words);
  if (!coroutine) return found;
  FoundWait wait;
  wait.wait = {.address = coroutine->coro,
               .operation = WaitOperation::kCoroutine,
               .linked = true,
               .element_type = frames_.resolve_name(coroutine->sequence)};
  found.waits.push_back(wait);
  return found;
}

void GoroutineReader::write_waits(const G& g, const StackStart& start, ByteView stack,
                                  Goroutine& goroutine) {
  goroutine.first_wait = static_cast<std::uint32_t>(into_.waits.size());
  if (!g.is_waiting() || !wants_waits_) return;
  FoundWaits found;
  if (is_channel_kind(goroutine.wait_kind))
    found = queues_.find_channel_waits(g);
  else if (is_semaphore_kind(goroutine.wait_kind))
    found = queues_.find_semaphore_wait(g);
  else if (goroutine.wait_kind == WaitKind::kCondWait)
    found = queues_.find_cond_wait(g, words_of_cond_frames(start, stack));
  else if (goroutine.wait_kind == WaitKind::kCoroutine)
    found = find_coroutine_wait(g, start, stack);
  else
    found.complete = true;
  goroutine.waits_complete = found.complete;

  for (FoundWait& one : found.waits) {
    snapshot::Wait& wait = one.wait;
    wait.place = place_of(g, wait.address, wait.object);
    if (goroutine.wait_kind == WaitKind::kSelect)
      wait.operation = wait.operation == WaitOperation::kSend ? WaitOperation::kSelectSend
                                                              : WaitOperation::kSelectReceive;
    if (!one.element_type.is_null()) {
      wait.element_type = into_.strings.intern(types_.name(one.element_type));
    }
    if (wait.linked) wait.lock = lock_words_.number(wait, goroutine.wait_kind, goroutine.stack);
    if (!one.sudog.is_null()) sudogs_.push_back(one.sudog);
    into_.waits.push_back(wait);
  }
  goroutine.wait_count = static_cast<std::uint32_t>(found.waits.size());
}

void GoroutineReader::write_labels(const G& g, Goroutine& goroutine) {
  if (g.labels.is_null()) return;
  auto [known, is_new] = labels_.try_emplace(g.labels);
  if (is_new) {
    known->second.first = static_cast<std::uint32_t>(into_.labels.size());
    for (const auto& [key, value] : read_labels(cache_, facts_.version, g.labels))
      into_.labels.push_back({into_.strings.intern(key), into_.strings.intern(value)});
    known->second.second = static_cast<std::uint32_t>(into_.labels.size()) - known->second.first;
  }
  goroutine.first_label = known->second.first;
  goroutine.label_count = known->second.second;
}

// runtime.ancestorInfo {pcs []uintptr, goid, gopc}: 40 bytes in every release.
void GoroutineReader::write_ancestors(const G& g, Goroutine& goroutine) {
  constexpr std::uint64_t kInfoBytes = 40, kMaxAncestors = 1000;
  constexpr std::uint64_t kMaxPcs = 100;  // runtime/proc.go saveAncestors
  if (g.ancestors.is_null()) return;
  Address data = cache_.pointer(g.ancestors);
  std::uint64_t count =
      std::min(cache_.value<std::uint64_t>(g.ancestors + 8).value_or(0), kMaxAncestors);
  goroutine.first_ancestor = static_cast<std::uint32_t>(into_.ancestors.size());
  for (std::uint64_t i = 0; i < count; ++i) {
    Address info = data + i * kInfoBytes;
    Address pcs = cache_.pointer(info);
    std::uint64_t pc_count = std::min(cache_.value<std::uint64_t>(info + 8).value_or(0), kMaxPcs);
    std::vector<Address> addresses;
    for (std::uint64_t k = 0; k < pc_count; ++k) addresses.push_back(cache_.pointer(pcs + k * 8));
    into_.ancestors.push_back({cache_.value<std::uint64_t>(info + 24).value_or(0),
                               frames_.resolve_creation(cache_.pointer(info + 32)),
                               frames_.resolve_pcs(addresses)});
  }
  goroutine.ancestor_count = static_cast<std::uint32_t>(count);
}

// runtime/mgcmark.go scanstack: the saved context register, the functions of defer records (the
// record may lie on the stack, its closure too) and the panic.
void GoroutineReader::collect_outside_pointers(const G& g) {
  outside_.clear();
  if (heap_ == nullptr) return;
  for (Address pointer : {g.sched_ctxt, g.panic})
    if (!pointer.is_null()) outside_.push_back(pointer.value());
  Address record = g.defer;
  std::uint64_t left = kMaxDefers;
  CycleGuard guard;
  for (; !record.is_null() && left > 0 && !guard.returns(record);
       record = cache_.pointer(record + facts_.defer.link), --left) {
    outside_.push_back(record.value());
    if (Address fn = cache_.pointer(record + facts_.defer.fn); !fn.is_null())
      outside_.push_back(fn.value());
  }
  if (!record.is_null())
    into_.doubts.push_back({"a goroutine's chain of deferred calls has no end", true});
}

void GoroutineReader::add_root(std::uint64_t word) {
  if (word == 0) return;
  if (auto object = heap_->find(Address(word))) own_roots_.push_back(*object);
}

// Of what leads to the beginning of an object, or behind its header, or into the stack.
void GoroutineReader::write_stack_slots(AddressRange stack) {
  constexpr std::uint64_t kLongestHeader = 8;
  constexpr std::size_t kMostSlots = 1 << 21;
  for (const WalkedStack::Slot& slot : walked_.slots) {
    if (stack_slots_.size() >= kMostSlots) return;
    Address value(slot.value);
    StackSlot kept{.at = slot.at,
                   .points_to = stack.contains(value) ? value : Address(),
                   .place = slot.place,
                   .pc = walked_.source_pc(slot.position),
                   .in_object = slot.in_object};
    if (kept.points_to.is_null()) {
      auto object = heap_->find(value);
      std::uint64_t into = object ? value - heap_->objects().address(*object) : 0;
      if (!object || into > kLongestHeader) continue;
      kept.object = *object;
      kept.into = static_cast<std::uint8_t>(into);
    }
    stack_slots_.push_back(kept);
  }
}

// A g outside of the heap has no row of references: every word counts, but for its stack's bounds
// (one of them is the next span's first byte).
void GoroutineReader::scan_descriptor(const G& g) {
  std::vector<std::uint64_t> words(facts_.g.size_bytes / 8);
  if (!target_.memory().read(g.address, std::as_writable_bytes(std::span(words))))
    into_.doubts.push_back({"a goroutine's descriptor could not be read", true});
  for (std::uint64_t word : words)
    if (word != g.stack.start.value() && word != g.stack.end.value()) add_root(word);
}

// What its g refers to is added by the capture, from the g's own row of references.
void GoroutineReader::write_roots(const G& g, std::size_t first_sudog) {
  if (heap_ != nullptr) {
    own_roots_.clear();
    for (std::uint64_t word : walked_.pointers) add_root(word);
    for (std::uint64_t word : outside_) add_root(word);
    for (Address sudog : std::span(sudogs_).subspan(first_sudog)) {
      add_root(sudog.value());
      for (Address held : queues_.held_by(sudog)) add_root(held.value());
    }
    if (into_.goroutines.back().descriptor_object == kNone) scan_descriptor(g);
    std::ranges::sort(own_roots_);
    own_roots_.erase(std::ranges::unique(own_roots_).begin(), own_roots_.end());
    into_.goroutine_roots.insert(into_.goroutine_roots.end(), own_roots_.begin(), own_roots_.end());
  }
  into_.goroutine_root_rows.push_back(static_cast<std::uint32_t>(into_.goroutine_roots.size()));
}

}  // namespace goshawk::goruntime
