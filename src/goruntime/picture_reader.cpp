// Rows of gs, of waiting sudogs and of ps are cut: who points to a goroutine or a waiter from there
// does not keep it alive. What was cut is kept apart, for what a goroutine holds once it lives.
//
// References that were decoded ahead are brought to this instant (heap/reused_references.h); where
// a test has a twin to compare with, each object's are decoded from it once more.
#include "goruntime/picture_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "goruntime/goroutines/context_calls.h"
#include "goruntime/goroutines/contexts.h"
#include "goruntime/goroutines/endless_stacks.h"
#include "goruntime/goroutines/goroutine_checks.h"
#include "goruntime/goroutines/http_transports.h"
#include "goruntime/goroutines/idle_timers.h"
#include "goruntime/goroutines/pending_timers.h"
#include "goruntime/goroutines/poll_owners.h"
#include "goruntime/goroutines/quiet_instant.h"
#include "goruntime/heap/heap_places.h"
#include "goruntime/heap/runtime_memory.h"
#include "goruntime/heap/specials.h"
#include "goruntime/memory_balance.h"
#include "goruntime/memory_forecast.h"
#include "goruntime/roots.h"
#include "goruntime/target_facts.h"
#include "target/reading_ahead.h"

namespace goshawk::goruntime {

using snapshot::RootKind;

namespace {

// Of a pointer what it points to: "context.cancelCtx".
std::string name_type_of_itab(TypeReader& types, Address itab) {
  Address type = types.type_of_itab(itab);
  if (types.kind(type) == TypeKind::kPointer) type = types.element(type);
  return types.name(type);
}

std::vector<std::uint32_t> order_by_goid(const std::vector<snapshot::Goroutine>& goroutines) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> goids;
  goids.reserve(goroutines.size());
  for (const snapshot::Goroutine& goroutine : goroutines)
    goids.emplace_back(goroutine.goid, static_cast<std::uint32_t>(goids.size()));
  std::ranges::sort(goids);
  std::vector<std::uint32_t> order;
  order.reserve(goids.size());
  for (const auto& [goid, index] : goids) order.push_back(index);
  return order;
}

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

// Then a ticker may be what keeps a loop going.
bool does_anybody_wait_for_time(const snapshot::Snapshot& picture) {
  return std::ranges::any_of(picture.waits, [&](const snapshot::Wait& wait) {
    return picture.strings[wait.element_type] == "time.Time";
  });
}

// Of the struct at `of`, whose slot may begin with a header.
void cut_field(Address of, std::uint32_t field, const Heap& heap, RowOverrides& cuts) {
  auto object = heap.find(of);
  if (!object) return;
  std::uint64_t before = of - heap.objects().address(*object);
  cuts[*object].cut_offsets = {static_cast<std::uint32_t>(before) + field};
}

}  // namespace

Result<void> PictureReader::read_spans(const std::vector<target::Mapping>& mappings,
                                       std::span<const G> gs, const DecodedAhead* ahead) {
  heap_ =
      std::make_unique<Heap>(TRY(Heap::read(target_, mappings, program_.modules, program_.globals,
                                            *program_.layout, snapshot_.doubts, bindings_, ahead)));
  predicted_bytes_ = predict_memory_bytes(heap_->objects(), gs.size(), request_.types);
  bool is_first_ahead = ahead != nullptr && !ahead->heap;
  if (is_first_ahead) {
    std::uint64_t stacks = 0;
    for (const G& g : gs) stacks += std::min(g.stack.size_bytes(), target::kMostKeptAhead);
    predicted_bytes_ += predict_bytes_ahead(heap_->objects(), gs.size(), stacks);
  }
  return check_memory(predicted_bytes_, request_.max_memory_bytes);
}

Result<void> PictureReader::read(Instant& instant, DecodedAhead* ahead) {
  Scheduler& scheduler = instant.scheduler;
  PageCache& cache = *instant.cache;
  record_scheduler(scheduler, *program_.layout, program_.globals, program_.timer, cache, bindings_);
  WaitQueues queues(cache, program_.waits, program_.globals, scheduler.gs.size());
  std::unique_ptr<Heap>& heap = heap_;
  if (request_.references) {
    begin_stage(request_.stages, target_.memory(), "read heap spans");
    std::vector<target::Mapping> mappings = TRY(target_.read_mappings());
    TRY_VOID(read_spans(mappings, scheduler.gs, ahead));
    if (ahead != nullptr && ahead->is_in_vain && ahead->is_in_vain(*heap))
      return fail(Missing{"it writes faster than it can be read", ""});
    if (instant.use) read_memory(instant, *heap, mappings);
  }
  begin_stage(request_.stages, target_.memory(), "read stacks");
  GoroutineFacts facts{program_.g, program_.defer,
                       TRY(facts::WaitReasons::bind(target_.memory(), program_.globals,
                                                    program_.modules.build.version)),
                       program_.modules.build.version, program_.poll_desc};
  GoroutineReader reader(target_, facts, program_.modules, program_.functions, cache, queues,
                         heap.get(), snapshot_);
  if (request_.types) reader.keep_stack_slots();
  if (!request_.waits) reader.leave_out_waits();
  reader.read(scheduler, instant.threads, instant.now_ns);
  polled_ = reader.release_poll_identities();
  record_goroutines(snapshot_, facts.wait_reasons, bindings_);
  if (request_.waits) record_waits(snapshot_, *program_.layout, bindings_);
  if (!heap) return {};
  // From here on only those on a thread or in a bubble are asked for.
  std::erase_if(scheduler.gs, [](const G& g) { return g.m.is_null() && g.bubble.is_null(); });
  scheduler.gs.shrink_to_fit();
  TRY_VOID(read_references(instant, *heap, reader.waiting_sudogs(), ahead));
  snapshot_.objects = heap->objects();
  snapshot_.picture.has_references = true;
  if (request_.types) {
    begin_stage(request_.stages, target_.memory(), "read what tells types");
    evidence_ = read_type_evidence(target_, program_, *heap, snapshot_);
    evidence_->with_finalizers = std::move(with_finalizers_);
    for (Address p : scheduler.ps)
      if (auto object = heap->find(p)) evidence_->ps.push_back(*object);
    evidence_->stack_slots = reader.release_stack_slots();
    if (request_.allocations) find_sampled(*heap);
  }
  if (request_.types || does_anybody_wait_for_time(snapshot_))
    read_pending_timers(cache, program_.functions, *heap, program_.timer, instant.now_ns,
                        snapshot_);
  if (is_test_binary(program_.functions)) {
    find_endless_stacks(target_.memory(), program_.functions,
                        program_.modules.build.arch == "arm64", snapshot_);
    find_poll_owners(cache, snapshot_);
  }
  return {};
}

Result<void> PictureReader::read_references_only(DecodedAhead* ahead) {
  std::vector<target::Mapping> mappings = TRY(target_.read_mappings());
  TRY_VOID(read_spans(mappings, {}, ahead));
  snapshot_.references =
      TRY(heap_->decode_references({}, snapshot_.doubts, nullptr, nullptr, ahead));
  return {};
}

Result<void> PictureReader::read_references(Instant& instant, const Heap& heap,
                                            const std::vector<Address>& sudogs,
                                            DecodedAhead* ahead) {
  std::vector<snapshot::Doubt>& doubts = snapshot_.doubts;
  if (request_.stages != nullptr) request_.stages->note_bytes_read(target_.memory().bytes_read());
  RowOverrides cuts = cut_rows(instant, heap, sudogs);
  snapshot_.references = TRY(heap.decode_references(cuts, doubts, &cut_, request_.stages, ahead));
  if (ahead != nullptr) {
    ahead->heap.reset();  // what was made use of; the rest is of this decoding
    ahead->references = {};
    TRY_VOID(check_references(heap, cuts));
  }
  begin_stage(request_.stages, target_.memory(), "read roots");
  if (request_.memory) keep_runtime_roots();
  RootReader roots(target_.memory(), *instant.cache, heap, snapshot_);
  TypeReader types(*instant.cache, program_.modules);
  find_contexts(*instant.cache, types, heap, snapshot_);
  find_context_calls(
      target_.memory(), program_.functions, TracebackFilter(program_.modules.build.version),
      program_.modules.build.arch == "arm64",
      [&](Address itab) { return name_type_of_itab(types, itab); }, snapshot_);
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
  tell_doubts(instant);
  return {};
}

// Where there is something to compare with.
Result<void> PictureReader::check_references(const Heap& heap, const RowOverrides& cuts) {
  const target::ReadingAhead* reading = target_.reading_ahead();
  const target::Memory* witness = reading != nullptr ? reading->witness() : nullptr;
  if (witness == nullptr) return {};
  std::uint64_t different = TRY(heap.count_contradictions(cuts, snapshot_.references, *witness));
  if (different == 0) return {};
  return fail(Malformed{"what was decoded ahead", 0,
                        fmt::format("{} objects have other references", different)});
}

// A g is not what it points to until it lives; a waiting sudog's g, c and elem are the proof's
// business; a p leads to its timers only as far as they will fire.
RowOverrides PictureReader::cut_rows(const Instant& instant, const Heap& heap,
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

std::vector<Address> PictureReader::find_bubbles(const Scheduler& scheduler) const {
  std::vector<Address> bubbles;
  for (const G& g : scheduler.gs)
    if (!g.bubble.is_null()) bubbles.push_back(g.bubble);
  std::ranges::sort(bubbles);
  bubbles.erase(std::ranges::unique(bubbles).begin(), bubbles.end());
  return bubbles;
}

void PictureReader::tell_doubts(const Instant& instant) {
  std::vector<snapshot::Doubt>& doubts = snapshot_.doubts;
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
}

// What a g refers to is its goroutine's; all else that was cut is the collector's business only.
void PictureReader::keep_runtime_roots() {
  std::vector<snapshot::ObjectId> descriptors;
  for (const snapshot::Goroutine& goroutine : snapshot_.goroutines)
    descriptors.push_back(goroutine.descriptor_object);
  std::ranges::sort(descriptors);
  for (const snapshot::References::Extra& edge : cut_)
    if (!std::ranges::binary_search(descriptors, edge.from))
      snapshot_.runtime_roots.push_back(edge.to);
}

// Which objects the program's own records of its allocations are of. Without it, where what is held
// was allocated is not told.
void PictureReader::find_sampled(const Heap& heap) {
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

void PictureReader::read_memory(const Instant& instant, const Heap& heap,
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

void PictureReader::complete() {
  begin_stage(request_.stages, target_.memory(), "read what it has open");
  if (program_.poll_desc && request_.descriptors)
    name_descriptors(target_, *program_.poll_desc, polled_, snapshot_);
  for (std::string& shortcoming : target_.shortcomings())
    snapshot_.doubts.push_back({std::move(shortcoming), true});
  find_far_makers();
  // What a picture as such needs is found: how these are is told by who reads them alone.
  std::vector<snapshot::Binding> of_records;
  if (request_.allocations) read_allocations(target_, program_, sampled_, snapshot_, of_records);
  write_target_facts(target_, program_, snapshot_);
  sort_goroutines();
  snapshot_.bindings = bindings_;
  snapshot_.picture.has_all_types = evidence_.has_value();
}

// Code, which does not change, of a process that may run again: nobody waits for it.
void PictureReader::find_far_makers() {
  if (snapshot_.contexts.empty()) return;
  begin_stage(request_.stages, target_.memory(), "look for who made contexts");
  PageCache cache(target_.memory());
  TypeReader types(cache, program_.modules);
  find_context_calls_of_callers(
      target_.memory(), program_.functions, TracebackFilter(program_.modules.build.version),
      program_.modules.build.arch == "arm64",
      [&](Address itab) { return name_type_of_itab(types, itab); }, snapshot_);
}

// By goid; rows of roots move with their goroutines, and what each g refers to joins them.
void PictureReader::sort_goroutines() {
  std::vector<std::uint32_t> order = order_by_goid(snapshot_.goroutines);
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

}  // namespace goshawk::goruntime
