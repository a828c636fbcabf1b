// The order of a picture, one stop, before which what it will ask for may be read ahead (a
// rehearsal, while the target runs):
//   1. stop; is the instant quiet? if not, let go and try again, a little later each time
//   2. which pages are in memory (when that is wanted); where there can be a twin: the target goes
//      on, and its twin is read from here on
//   3. gs, ms, ps: part of the question too
//   4. waits of semaphores, spans (only when references are wanted)
//   5. every goroutine: stack, waits, what it holds
//   6. references between objects, with the rows of gs, waiting sudogs and ps cut
//   7. roots
//   8. what tells types of objects (only when they are wanted)
//   9. let go
//   10. what the descriptors of network waits lead to, and what the program has counted of its
//      allocations, while the target runs
// Afterwards nothing of the target is read any more but what does not change: type descriptors.
#include "goruntime/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "base/low_priority.h"
#include "goruntime/allocations.h"
#include "goruntime/goroutines/contexts.h"
#include "goruntime/goroutines/goroutine_checks.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/goroutines/http_transports.h"
#include "goruntime/goroutines/idle_timers.h"
#include "goruntime/goroutines/interrupted.h"
#include "goruntime/goroutines/pending_timers.h"
#include "goruntime/goroutines/quiet_instant.h"
#include "goruntime/heap/heap_places.h"
#include "goruntime/heap/runtime_memory.h"
#include "goruntime/heap/specials.h"
#include "goruntime/memory_balance.h"
#include "goruntime/memory_forecast.h"
#include "goruntime/program.h"
#include "goruntime/roots.h"
#include "goruntime/target_facts.h"
#include "goruntime/typing/object_types.h"
#include "target/memory_use.h"
#include "target/reading_ahead.h"

namespace goshawk::goruntime {

using snapshot::RootKind;
using snapshot::Snapshot;

namespace {

// So little is copied in a stop rather than read ahead once more: two milliseconds.
constexpr std::uint64_t kFewBytes = 6 << 20;

// One stop, and the scheduler as it stood then.
struct Instant {
  std::unique_ptr<target::Stop> stop;
  std::vector<target::Thread> threads;  // as they were before a signal interrupted them
  Interruptions interruptions;
  std::unique_ptr<PageCache> cache;
  Scheduler scheduler;
  bool lists_whole = true;
  bool queueing_specials = false;
  std::optional<std::int64_t> now_ns;  // of the target's clock
  std::optional<target::MemoryUse> use;
};

// The element order[i] moves to i: cycle by cycle, without a second copy of a large array.
template <typename T>
void put_in_order(std::vector<T>& elements, std::vector<std::uint32_t>& order) {
  for (std::uint32_t first = 0; first < order.size(); ++first) {
    T held = std::move(elements[first]);
    std::uint32_t at = first;
    while (order[at] != first) {
      std::uint32_t from = order[at];
      elements[at] = std::move(elements[from]);
      order[at] = at;
      at = from;
    }
    elements[at] = std::move(held);
    order[at] = at;
  }
}

class Capture {
 public:
  Capture(target::Target& target, const CaptureRequest& request, const Program& program,
          std::vector<snapshot::Binding>& bindings)
      : target_(target), request_(request), program_(program), bindings_(bindings) {}

  Result<Captured> take();

 private:
  void read_ahead();
  void read_round(bool whole);
  bool has_much_to_read();
  Result<void> rehearse();
  Result<void> decode_ahead();
  Result<void> check_references(const Heap& heap, const RowOverrides& cuts);
  Result<Instant> find_instant();
  Result<Instant> stop_once(bool last);
  Result<bool> go_on(Instant& instant);
  void count_pause(const target::Stop& stop);
  void begin(std::string_view stage);
  Result<void> read(Instant& instant);
  Result<void> read_references(Instant& instant, const Heap& heap,
                               const std::vector<Address>& sudogs);
  std::optional<target::MemoryUse> read_memory_use();
  void find_sampled(const Heap& heap);
  void read_memory(const Instant& instant, const Heap& heap,
                   const std::vector<target::Mapping>& mappings);
  void keep_runtime_roots();
  RowOverrides cut_rows(const Instant& instant, const Heap& heap,
                        const std::vector<Address>& sudogs) const;
  std::vector<Address> find_bubbles(const Scheduler& scheduler) const;
  void sort_goroutines();

  target::Target& target_;
  const CaptureRequest& request_;
  const Program& program_;
  std::vector<snapshot::Binding>& bindings_;
  Snapshot snapshot_;
  std::vector<PollIdentity> polled_;  // of the picture's io_waits
  std::unique_ptr<Heap> heap_;
  std::optional<TypeEvidence> evidence_;
  std::vector<BucketOfObject> sampled_;
  std::vector<snapshot::ObjectId> with_finalizers_;
  std::vector<snapshot::References::Extra> cut_;  // what cut_rows took out, by source
  DecodedAhead decoded_;                          // by rehearsals
  DecodedAhead* ahead_ = nullptr;                 // of a rehearsal: those of the picture
  std::uint64_t contradicted_ = 0;                // objects, by a test of ours
};

// What was read so far belongs to the stage before.
void Capture::begin(std::string_view stage) {
  if (request_.stages == nullptr) return;
  request_.stages->note_bytes_read(target_.memory().bytes_read());
  request_.stages->begin(stage);
}

void Capture::count_pause(const target::Stop& stop) {
  ++snapshot_.picture.stops;
  snapshot_.picture.pause_ns += stop.pause_ns();
  snapshot_.picture.longest_pause_ns =
      std::max(snapshot_.picture.longest_pause_ns, stop.pause_ns());
}

// Where a thread may be made to make a twin: in waits of the runtime's own, which it leaves without
// cause as well (os_linux.go: futexsleep, usleep). Up to the instruction at which they wait.
std::vector<AddressRange> find_resting(std::span<const target::Thread> threads,
                                       const Functions& functions) {
  std::vector<AddressRange> resting;
  for (const target::Thread& thread : threads) {
    FunctionId function = functions.find(thread.pc);
    if (function == kNoFunction) continue;
    std::string_view name = functions.name(function);
    AddressRange code{functions.entry(function), thread.pc};
    if ((name == "runtime.futex" || name == "runtime.usleep") &&
        std::ranges::find(resting, code) == resting.end())
      resting.push_back(code);
  }
  return resting;
}

const char* name_way(target::Way way) {
  switch (way) {
    case target::Way::kTrack:
      return "track";
    case target::Way::kTwin:
      return "twin";
    default:
      return "copy";
  }
}

// The target goes on, or is still stopped where it cannot. False: a moment later it may.
Result<bool> Capture::go_on(Instant& instant) {
  if (auto now = target_.read_monotonic_ns()) instant.now_ns = *now;
  // Of the process itself: to the kernel a twin's pages are all shared, as its page of zeros is.
  begin("find resident pages");
  if (request_.memory && request_.references) instant.use = read_memory_use();
  begin("let it go on");
  target::GoneOn gone_on =
      TRY(instant.stop->go_on(find_resting(instant.stop->threads(), program_.functions)));
  snapshot_.picture.way = target_.kind() == "core" ? "core" : name_way(gone_on.way);
  snapshot_.picture.way_reason = gone_on.reason;
  return !gone_on.passing;
}

// An instant that will do; `last`: any will do.
Result<Instant> Capture::stop_once(bool last) {
  Instant instant;
  begin("stop the threads");
  instant.stop = TRY(target_.stop());
  instant.cache = std::make_unique<PageCache>(target_.memory());
  instant.threads = instant.stop->threads();
  instant.queueing_specials = is_queueing_specials(instant.threads, program_.functions);
  bool quiet = is_quiet(*instant.cache, program_) && !instant.queueing_specials;
  instant.lists_whole = are_lists_whole(*instant.cache, program_);
  if ((quiet || last) && (TRY(go_on(instant)) || last)) {
    begin("read the scheduler");
    instant.scheduler.gs =
        TRY(read_gs(target_.memory(), program_.g, program_.globals, instant.scheduler.dead));
    instant.scheduler.ms = read_ms(*instant.cache, program_.m, program_.g, program_.globals,
                                   instant.scheduler.ms_complete);
    instant.scheduler.ps =
        read_ps(*instant.cache, program_.m, program_.globals, instant.scheduler.ps_complete);
    instant.interruptions =
        resolve_interrupted(target_, program_.functions, instant.scheduler, instant.threads);
    instant.queueing_specials =
        is_queueing_specials(instant.threads, program_.functions) ||
        is_queueing_specials(instant.interruptions.elsewhere, program_.functions);
    snapshot_.picture.quiet = quiet && !instant.queueing_specials &&
                              are_stacks_quiet(instant.scheduler.gs) &&
                              instant.scheduler.ms_complete && instant.scheduler.ps_complete &&
                              instant.interruptions.count == 0;
    if (snapshot_.picture.quiet || last) return instant;
  }
  TRY_VOID(instant.stop->let_go());
  count_pause(*instant.stop);
  instant.stop.reset();
  return instant;
}

Result<Instant> Capture::find_instant() {
  auto wait = std::chrono::microseconds(500);
  for (int attempt = 1;; ++attempt) {
    bool last = !target_.goes_on() || attempt >= request_.quiet_attempts;
    Instant instant = TRY(stop_once(last));
    if (instant.stop != nullptr) return instant;
    std::this_thread::sleep_for(
        wait);  // the target runs meanwhile: a collection ends, a stack is copied
    if (has_much_to_read()) read_round(false);
    wait = std::min(wait * 2, std::chrono::microseconds(20'000));
  }
}

// ---- before the stop ----

// A rehearsal: what the picture will ask for is asked for, and kept. Of what it finds, which is of
// no single instant, nothing is believed but the references, where nothing changed since.
void Capture::read_ahead() {
  constexpr int kAttempts = 5, kRounds = 8;
  for (int attempt = 0; attempt < kAttempts && target_.wants_reading_ahead(); ++attempt) {
    auto stop = target_.stop();
    if (!stop) return;  // the next one will say why
    bool begun = (*stop)->begin_reading_ahead(find_resting((*stop)->threads(), program_.functions));
    auto let_go = (*stop)->let_go();
    count_pause(**stop);
    if (begun || !let_go) break;
    std::this_thread::sleep_for(std::chrono::microseconds(500 * (attempt + 1)));
  }
  for (int round = 1; round <= kRounds && target_.reading_ahead() != nullptr; ++round) {
    read_round(round == 1);
    // The second shows what is written again and again.
    if (round > 1 && !has_much_to_read()) return;
  }
}

bool Capture::has_much_to_read() {
  target::ReadingAhead* reading = target_.reading_ahead();
  return reading != nullptr && reading->count_changed_bytes() > kFewBytes;
}

// `whole`: as the picture will be taken; else the references only.
void Capture::read_round(bool whole) {
  target::ReadingAhead& reading = *target_.reading_ahead();
  if (auto begun = reading.begin_round(); !begun) return reading.give_up(describe(begun.error()));
  decoded_.changed = decoded_.changed.joined(reading.changed());
  // An instant at which the runtime was changing what was read shows nonsense, or nothing.
  CaptureRequest request{
      .references = true, .descriptors = false, .max_memory_bytes = request_.max_memory_bytes};
  std::vector<snapshot::Binding> bindings;
  Capture rehearsal(target_, request, program_, bindings);
  rehearsal.ahead_ = &decoded_;
  auto done = whole ? rehearsal.rehearse() : rehearsal.decode_ahead();
  if (!done) {
    if (decoded_.references.edges.capacity() == 0) decoded_ = {};  // they were taken
    return;
  }
  decoded_.heap.emplace(std::move(*rehearsal.heap_));
  decoded_.references = std::move(rehearsal.snapshot_.references);
  decoded_.changed = {};
  reading.expect(decoded_.heap->pages());
}

Result<void> Capture::rehearse() {
  Instant instant;
  instant.cache = std::make_unique<PageCache>(target_.memory());
  Scheduler& scheduler = instant.scheduler;
  scheduler.gs = TRY(read_gs(target_.memory(), program_.g, program_.globals, scheduler.dead));
  scheduler.ms =
      read_ms(*instant.cache, program_.m, program_.g, program_.globals, scheduler.ms_complete);
  scheduler.ps = read_ps(*instant.cache, program_.m, program_.globals, scheduler.ps_complete);
  if (auto now = target_.read_monotonic_ns()) instant.now_ns = *now;
  return read(instant);
}

Result<void> Capture::decode_ahead() {
  std::vector<target::Mapping> mappings = TRY(target_.read_mappings());
  heap_ =
      std::make_unique<Heap>(TRY(Heap::read(target_, mappings, program_.modules, program_.globals,
                                            *program_.layout, snapshot_.doubts, bindings_)));
  TRY_VOID(
      check_memory(predict_memory_bytes(heap_->objects(), 0, false), request_.max_memory_bytes));
  snapshot_.references =
      TRY(heap_->decode_references({}, snapshot_.doubts, nullptr, nullptr, ahead_));
  return {};
}

// ---- the picture ----

Result<Captured> Capture::take() {
  begin("read ahead");
  if (request_.references && !request_.types) read_ahead();
  auto found = find_instant();
  if (!found) {
    if (target::ReadingAhead* reading = target_.reading_ahead()) reading->give_up("");
    return fail(std::move(found).error());
  }
  Instant instant = *std::move(found);
  bool stands_still = snapshot_.picture.way == name_way(target::Way::kCopy);
  auto result = stands_still ? read(instant) : at_low_priority([&] { return read(instant); });
  begin("let go");
  auto let_go = instant.stop->let_go();
  count_pause(*instant.stop);
  TRY_VOID(result);
  TRY_VOID(let_go);
  if (contradicted_ > 0)
    return fail(Malformed{"what was decoded ahead", 0,
                          fmt::format("{} objects have other references", contradicted_)});
  begin("read what it has open");
  if (program_.poll_desc && request_.descriptors)
    name_descriptors(target_, *program_.poll_desc, polled_, snapshot_);
  for (std::string& shortcoming : target_.shortcomings())
    snapshot_.doubts.push_back({std::move(shortcoming), true});
  // What a picture as such needs is found: how these are is told by who reads them alone.
  std::vector<snapshot::Binding> of_records;
  if (request_.allocations) read_allocations(target_, program_, sampled_, snapshot_, of_records);
  write_target_facts(target_, program_, snapshot_);
  sort_goroutines();
  snapshot_.bindings = bindings_;
  snapshot_.picture.has_all_types = evidence_.has_value();
  return Captured{std::move(snapshot_), std::move(heap_), std::move(evidence_)};
}

Result<void> Capture::read(Instant& instant) {
  Scheduler& scheduler = instant.scheduler;
  PageCache& cache = *instant.cache;
  record_scheduler(scheduler, *program_.layout, program_.globals, program_.timer, cache, bindings_);
  WaitQueues queues(cache, program_.waits, program_.globals, scheduler.gs.size());
  std::unique_ptr<Heap>& heap = heap_;
  if (request_.references) {
    begin("read heap spans");
    std::vector<target::Mapping> mappings = TRY(target_.read_mappings());
    heap =
        std::make_unique<Heap>(TRY(Heap::read(target_, mappings, program_.modules, program_.globals,
                                              *program_.layout, snapshot_.doubts, bindings_)));
    TRY_VOID(
        check_memory(predict_memory_bytes(heap->objects(), scheduler.gs.size(), request_.types),
                     request_.max_memory_bytes));
    if (instant.use) read_memory(instant, *heap, mappings);
  }
  begin("read stacks");
  GoroutineFacts facts{program_.g, program_.defer,
                       TRY(facts::WaitReasons::bind(target_.memory(), program_.globals,
                                                    program_.modules.build.version)),
                       program_.modules.build.version, program_.poll_desc};
  GoroutineReader reader(target_, facts, program_.modules, program_.functions, cache, queues,
                         heap.get(), snapshot_);
  if (request_.types) reader.keep_stack_slots();
  TRY_VOID(reader.read(scheduler, instant.threads, instant.now_ns));
  polled_ = reader.release_poll_identities();
  record_goroutines(snapshot_, facts.wait_reasons, *program_.layout, bindings_);
  if (!heap) return {};
  // From here on only those on a thread or in a bubble are asked for.
  std::erase_if(scheduler.gs, [](const G& g) { return g.m.is_null() && g.bubble.is_null(); });
  scheduler.gs.shrink_to_fit();
  TRY_VOID(read_references(instant, *heap, reader.waiting_sudogs()));
  snapshot_.objects = heap->objects();
  snapshot_.picture.has_references = true;
  if (request_.types) {
    begin("read what tells types");
    evidence_ = read_type_evidence(target_, program_, *heap, snapshot_);
    evidence_->with_finalizers = std::move(with_finalizers_);
    evidence_->stack_slots = reader.release_stack_slots();
    if (request_.allocations) find_sampled(*heap);
    read_pending_timers(cache, program_.functions, *heap, program_.timer, instant.now_ns,
                        snapshot_);
  }
  return {};
}

// Which objects the program's own records of its allocations are of. Without it, where what is held
// was allocated is not told.
void Capture::find_sampled(const Heap& heap) {
  std::vector<snapshot::Doubt> doubts;
  auto specials = heap.read_specials(doubts, true);
  if (!specials || !doubts.empty()) {
    snapshot_.doubts.push_back(
        {"which objects were sampled when they were allocated could not be read", false});
    return;
  }
  for (const SpecialRecord& special : *specials)
    if (special.kind == SpecialRecord::Kind::kProfile)
      sampled_.push_back({special.object, special.target});
}

// A picture without it serves all other questions.
std::optional<target::MemoryUse> Capture::read_memory_use() {
  auto use = target_.read_memory_use();
  if (use) return *std::move(use);
  snapshot_.doubts.push_back(
      {"which pages are in memory could not be read: " + describe(use.error()), false});
  return std::nullopt;
}

void Capture::read_memory(const Instant& instant, const Heap& heap,
                          const std::vector<target::Mapping>& mappings) {
  auto places = heap.read_places();
  if (!places) {
    snapshot_.doubts.push_back(
        {"whose the pages in memory are could not be read: " + describe(places.error()), false});
    return;
  }
  auto runtime =
      find_runtime_memory(target_.memory(), mappings, program_.modules,
                          program_.globals.mheap.address, *program_.layout, *places, bindings_);
  snapshot_.memory = balance_memory(
      *instant.use, {*places, runtime, program_.modules, instant.scheduler, instant.threads},
      target_.kind() != "core");
}

// What a g refers to is its goroutine's; all else that was cut is the collector's business only.
void Capture::keep_runtime_roots() {
  std::vector<snapshot::ObjectId> descriptors;
  for (const snapshot::Goroutine& goroutine : snapshot_.goroutines)
    descriptors.push_back(goroutine.descriptor_object);
  std::ranges::sort(descriptors);
  for (const snapshot::References::Extra& edge : cut_)
    if (!std::ranges::binary_search(descriptors, edge.from))
      snapshot_.runtime_roots.push_back(edge.to);
}

// Of the struct at `of`, whose slot may begin with a header.
void cut_field(Address of, std::uint32_t field, const Heap& heap, RowOverrides& cuts) {
  auto object = heap.find(of);
  if (!object) return;
  std::uint64_t before = of - heap.objects().address(*object);
  cuts[*object].cut_offsets = {static_cast<std::uint32_t>(before) + field};
}

// A g is not what it points to until it lives; a waiting sudog's g, c and elem are the proof's
// business; a p leads to its timers only as far as they will fire.
RowOverrides Capture::cut_rows(const Instant& instant, const Heap& heap,
                               const std::vector<Address>& sudogs) const {
  RowOverrides cuts;
  for (const snapshot::Goroutine& goroutine : snapshot_.goroutines)
    if (goroutine.descriptor_object != snapshot::kNone)
      cuts[goroutine.descriptor_object].cut_all = true;
  const facts::SudogFact& fact = program_.waits.sudog;
  for (Address sudog : sudogs) {
    auto object = heap.find(sudog);
    if (!object || heap.objects().address(*object) != sudog) continue;
    std::vector<std::uint32_t>& offsets = cuts[*object].cut_offsets;
    offsets = {fact.g};
    for (std::uint32_t at = 0; at < fact.elem_bytes; at += 8)
      offsets.push_back(fact.elem_field + at);
    for (std::uint32_t at = 0; at < fact.c_bytes; at += 8) offsets.push_back(fact.c_field + at);
  }
  for (Address p : instant.scheduler.ps) cut_field(p, program_.timer.heap_in_p, heap, cuts);
  if (program_.timer.heap_in_bubble)
    for (Address bubble : find_bubbles(instant.scheduler))
      cut_field(bubble, *program_.timer.heap_in_bubble, heap, cuts);
  return cuts;
}

std::vector<Address> Capture::find_bubbles(const Scheduler& scheduler) const {
  std::vector<Address> bubbles;
  for (const G& g : scheduler.gs)
    if (!g.bubble.is_null()) bubbles.push_back(g.bubble);
  std::ranges::sort(bubbles);
  bubbles.erase(std::ranges::unique(bubbles).begin(), bubbles.end());
  return bubbles;
}

// Where there is something to compare with.
Result<void> Capture::check_references(const Heap& heap, const RowOverrides& cuts) {
  const target::Memory* witness = target_.reading_ahead()->witness();
  if (witness == nullptr) return {};
  std::uint64_t different = TRY(heap.count_contradictions(cuts, snapshot_.references, *witness));
  contradicted_ = different;
  return {};
}

Result<void> Capture::read_references(Instant& instant, const Heap& heap,
                                      const std::vector<Address>& sudogs) {
  std::vector<snapshot::Doubt>& doubts = snapshot_.doubts;
  if (request_.stages != nullptr) request_.stages->note_bytes_read(target_.memory().bytes_read());
  RowOverrides cuts = cut_rows(instant, heap, sudogs);
  bool is_read_ahead = snapshot_.picture.way == name_way(target::Way::kTrack);
  if (is_read_ahead) decoded_.changed = decoded_.changed.joined(target_.reading_ahead()->changed());
  snapshot_.references = TRY(heap.decode_references(cuts, doubts, &cut_, request_.stages,
                                                    is_read_ahead ? &decoded_ : ahead_));
  decoded_ = {};
  if (is_read_ahead) TRY_VOID(check_references(heap, cuts));
  begin("read roots");
  if (request_.memory) keep_runtime_roots();
  RootReader roots(target_.memory(), *instant.cache, heap, snapshot_);
  TypeReader types(*instant.cache, program_.modules);
  find_contexts(*instant.cache, types, heap, snapshot_);
  for (const snapshot::IoWait& kept : find_http_transports(*instant.cache, types, heap, snapshot_))
    if (program_.poll_desc)
      add_kept_descriptor(*instant.cache, *program_.poll_desc, kept, snapshot_, polled_);
  roots.read_globals(program_.modules);
  roots.read_timers(program_.timer, instant.scheduler.ps, find_bubbles(instant.scheduler));
  roots.read_threads(instant.threads, instant.scheduler, program_.functions,
                     TRY(target_.read_mappings()));
  find_idle_timers(*instant.cache, program_.functions, heap, program_.timer, snapshot_);
  std::vector<SpecialRecord> specials = TRY(heap.read_specials(doubts));
  roots.add_specials(specials, snapshot_.references.extra);
  for (const SpecialRecord& special : specials)
    if (special.kind == SpecialRecord::Kind::kFinalizer) with_finalizers_.push_back(special.object);
  std::ranges::sort(snapshot_.references.extra);
  // Which of the two queues it is in, the source tells.
  for (const QueuedPointer& queued : TRY(heap.read_queued_pointers(doubts)))
    roots.add(queued.pointer, RootKind::kQueued, queued.finalizer);

  if (!instant.lists_whole)
    doubts.push_back({"the runtime was changing its list of spans or goroutines", true});
  if (instant.queueing_specials)
    doubts.push_back({"the runtime was putting finalizers into their queue", true});
  if (!instant.interruptions.all_resolved)
    doubts.push_back({"what a thread did before a signal cannot be told", true});
  if (!are_modules_whole(*instant.cache, program_.modules))
    doubts.push_back({"the program was loading a plugin", true});
  if (!instant.scheduler.ms_complete)
    doubts.push_back({"the runtime's threads could not be told (runtime.allm)", true});
  if (!std::ranges::all_of(instant.scheduler.ps,
                           [&](Address p) { return program_.timer.fits(*instant.cache, p); }))
    doubts.push_back({"the runtime's timers are not where they were expected (runtime.p)", true});
  if (!instant.scheduler.ps_complete)
    doubts.push_back({"the runtime's timers could not be told (runtime.allp)", true});
  return {};
}

// By goid; rows of roots move with their goroutines, and what each g refers to joins them.
void Capture::sort_goroutines() {
  std::vector<std::uint32_t> order(snapshot_.goroutines.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return snapshot_.goroutines[i].goid; });
  std::vector<std::uint32_t> rows{0};
  std::vector<snapshot::ObjectId> roots;
  rows.reserve(order.size() + 1);
  roots.reserve(snapshot_.goroutine_roots.size() + cut_.size());
  for (std::uint32_t i : order) {
    roots.insert(roots.end(), snapshot_.goroutine_roots.begin() + snapshot_.goroutine_root_rows[i],
                 snapshot_.goroutine_roots.begin() + snapshot_.goroutine_root_rows[i + 1]);
    auto own = std::ranges::equal_range(cut_, snapshot_.goroutines[i].descriptor_object, {},
                                        &snapshot::References::Extra::from);
    for (const snapshot::References::Extra& held : own) roots.push_back(held.to);
    rows.push_back(static_cast<std::uint32_t>(roots.size()));
  }
  put_in_order(snapshot_.goroutines, order);
  std::ranges::sort(snapshot_.io_waits, {}, &snapshot::IoWait::goid);
  snapshot_.goroutine_root_rows = std::move(rows);
  snapshot_.goroutine_roots = std::move(roots);
}

}  // namespace

Result<Captured> capture(target::Target& target, const Program& program,
                         const CaptureRequest& request, std::vector<snapshot::Binding>& bindings) {
  if (request.thorough) record_table(*program.layout, program.modules.build, bindings);
  return Capture(target, request, program, bindings).take();
}

}  // namespace goshawk::goruntime
