// Puts the heap's parts together, in this order:
//   facts (heap_layout) -> spans (span_reader) -> numbers and page table -> specials of spans that
//   are not swept (an object with a finalizer there will be revived, so it counts as allocated)
//   -> allocated slots (span_allocation).
// Contents are read later, by decode_references (heap_references) or one object at a time.
#include "goruntime/heap/heap.h"

#include <algorithm>
#include <bit>

#include "goruntime/heap/heap_layout.h"
#include "goruntime/heap/heap_places.h"
#include "goruntime/heap/heap_references.h"
#include "goruntime/heap/heap_span_table.h"
#include "goruntime/heap/span_allocation.h"
#include "goruntime/heap/span_contents.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/heap/special_check.h"
#include "goruntime/heap/specials.h"

namespace goshawk::goruntime {

struct Heap::State {
  HeapLayout layout;
  HeapSpanTable table;
  std::vector<SpecialRecord> specials;  // without profile records
  Address mheap;
  const target::Memory* memory = nullptr;
  std::vector<target::Mapping> mappings;
  QueueHeads queues;

  // For read_object_pointers: the span that was asked for last stays read.
  std::unique_ptr<SpanContents> contents;
  std::uint32_t loaded_span = snapshot::kNone;
};

namespace {

Result<snapshot::Objects> number_objects(const std::vector<InUseSpan>& in_use) {
  std::uint64_t numbers = 0;
  std::vector<snapshot::Span> spans;
  spans.reserve(in_use.size());
  for (const InUseSpan& span : in_use) {
    numbers += span.mspan.nelems + 1;
    spans.push_back({.base = span.mspan.base,
                     .element_size_bytes = span.mspan.elemsize,
                     .slots = static_cast<std::uint32_t>(span.mspan.nelems),
                     .noscan = span.mspan.noscan(),
                     .tiny = span.mspan.noscan() && span.mspan.elemsize == 16});
  }
  if (numbers >= snapshot::kNone)
    return fail(Missing{"numbers for more than 4 billion objects", "reading a heap of this size"});
  return snapshot::Objects(std::move(spans));
}

AddressRange range_of(const HeapSpans& spans) {
  AddressRange range{Address(~std::uint64_t{0}), Address(0)};
  auto include = [&](Address base, std::uint64_t npages) {
    range.start = std::min(range.start, base);
    range.end = std::max(range.end, base + npages * kPageBytes);
  };
  for (const InUseSpan& span : spans.in_use) include(span.mspan.base, span.mspan.npages);
  for (const PageRange& stack : spans.stacks) include(stack.base, stack.npages);
  return range;
}

PageTable make_page_table(const HeapSpans& spans, const snapshot::Objects& objects,
                          std::vector<snapshot::Doubt>& doubts) {
  PageTable pages(range_of(spans));
  bool all_added = true;
  for (std::size_t i = 0; i < spans.in_use.size(); ++i)
    all_added = pages.add_span(objects.spans()[i], spans.in_use[i].mspan.npages) && all_added;
  for (const PageRange& stack : spans.stacks) pages.add_stack_pages(stack.base, stack.npages);
  if (!all_added) doubts.push_back({"heap spans overlap each other", true});
  return pages;
}

std::vector<SpanDetail> make_details(const HeapSpans& spans) {
  std::vector<SpanDetail> details;
  details.reserve(spans.in_use.size());
  for (const InUseSpan& span : spans.in_use)
    details.push_back({.large_type = span.mspan.large_type,
                       .npages = span.mspan.npages,
                       .shape = span.shape.pointers,
                       .inline_marks = span.shape.inline_marks});
  return details;
}

std::uint32_t count_allocated(const std::vector<std::uint64_t>& bits, std::uint64_t first,
                              std::uint64_t end) {
  std::uint32_t count = 0;
  for (std::uint64_t i = first / 64; i * 64 < end; ++i) {
    std::uint64_t word = bits[i];
    if (i == first / 64) word &= ~std::uint64_t{0} << first % 64;
    if (end - i * 64 < 64) word &= (std::uint64_t{1} << (end - i * 64)) - 1;
    count += static_cast<std::uint32_t>(std::popcount(word));
  }
  return count;
}

void note_allocated(const snapshot::Objects& objects, std::vector<SpanDetail>& details) {
  for (std::size_t i = 0; i < details.size(); ++i) {
    const snapshot::Span& span = objects.spans()[i];
    std::uint32_t allocated =
        count_allocated(objects.allocated, span.first, std::uint64_t{span.first} + span.slots);
    details[i].any_allocated = allocated > 0;
    details[i].all_allocated = allocated == span.slots;
  }
}

std::vector<RevivedSlot> find_revived(const HeapSpans& spans, const SpecialFact& fact,
                                      const std::vector<SpecialEntry>& specials) {
  std::vector<RevivedSlot> revived;
  for (const SpecialEntry& special : specials) {
    const Mspan& span = spans.in_use[special.span].mspan;
    if (special.kind == fact.finalizer_kind && is_unswept(spans.sweep_distance(span)))
      revived.push_back({special.span, static_cast<std::uint32_t>(special.offset / span.elemsize)});
  }
  return revived;
}

// Types lie in a module's read-only data; those made by reflect lie in the heap; the dummies
// of 1.22 in a span that the heap lends out.
std::function<bool(Address)> make_type_place(const Modules& modules, const PageTable& pages) {
  std::vector<AddressRange> ranges;
  for (const Moduledata& module : modules.all) ranges.push_back(module.types);
  return [ranges, &pages](Address type) {
    return std::ranges::any_of(ranges,
                               [&](const AddressRange& range) { return range.contains(type); }) ||
           pages.is_known_page(type);
  };
}

}  // namespace

Heap::Heap(std::unique_ptr<State> state) : state_(std::move(state)) {}
Heap::Heap(Heap&&) noexcept = default;
Heap& Heap::operator=(Heap&&) noexcept = default;
Heap::~Heap() = default;

Result<Heap> Heap::read(const target::Target& target, const std::vector<target::Mapping>& mappings,
                        const Modules& modules, const Globals& globals, const LayoutSource& layout,
                        std::vector<snapshot::Doubt>& doubts,
                        std::vector<snapshot::Binding>& bindings, const DecodedAhead* ahead) {
  const target::Memory& memory = target.memory();
  auto state = std::make_unique<State>();
  state->layout = TRY(HeapLayout::bind(layout, modules.build.arch));
  HeapSpans spans = TRY(
      read_spans(memory, mappings, state->layout, globals.mheap.address, doubts, bindings,
                 ahead != nullptr && ahead->is_last ? Asking::kForTheLastTime : Asking::kAgain));

  HeapSpanTable& table = state->table;
  table.memory = &memory;
  table.objects = TRY(number_objects(spans.in_use));
  table.pages = make_page_table(spans, table.objects, doubts);
  table.details = make_details(spans);

  auto entries = read_special_lists(memory, state->layout.special, spans, false, doubts);
  state->specials =
      read_special_records(memory, state->layout.special, entries, spans, table.objects, doubts);
  std::vector<AddressRange> texts;
  for (const Moduledata& module : modules.all) texts.push_back(module.text);
  TRY_VOID(check_specials(memory, state->layout, entries, state->specials, spans, texts, doubts,
                          bindings));
  TRY_VOID(read_allocated(memory, state->layout, spans,
                          find_revived(spans, state->layout.special, entries), table.objects,
                          doubts, bindings));
  note_allocated(table.objects, table.details);

  table.mheap = state->layout.mheap;
  table.arena = spans.arena;
  table.arenas = std::move(spans.arenas);
  auto address_of = [](const std::optional<GlobalVariable>& global) {
    return global ? std::optional(global->address) : std::nullopt;
  };
  table.masks =
      std::make_unique<TypeMasks>(memory, state->layout.type, address_of(globals.in_progress),
                                  make_type_place(modules, table.pages));
  state->mheap = globals.mheap.address;
  state->memory = &memory;
  state->mappings = mappings;
  state->queues = {address_of(globals.allfin), state->layout.finalizer_queue,
                   state->layout.has_cleanup_queue, address_of(globals.gc_cleanups),
                   state->layout.cleanup_queue};
  state->contents = std::make_unique<SpanContents>(table);
  return Heap(std::move(state));
}

std::optional<snapshot::ObjectId> Heap::find(Address address) const {
  return state_->table.pages.find(address);
}
const snapshot::Objects& Heap::objects() const { return state_->table.objects; }
bool Heap::in_stack_span(Address address) const {
  return state_->table.pages.is_stack_page(address);
}

Result<snapshot::References> Heap::decode_references(const RowOverrides& overrides,
                                                     std::vector<snapshot::Doubt>& doubts,
                                                     std::vector<snapshot::References::Extra>* cut,
                                                     Stages* stages, DecodedAhead* ahead) const {
  if (ahead == nullptr)
    return decode_heap_references(state_->table, overrides, cut, doubts, stages);
  EarlierReferences earlier{.table = ahead->heap ? &ahead->heap->state_->table : nullptr,
                            .references = ahead->references,
                            .edges_end = ahead->edges_end,
                            .of_no_use = ahead->of_no_use,
                            .changed = ahead->changed};
  return decode_heap_references(state_->table, overrides, cut, doubts, stages, &earlier);
}

Result<std::uint64_t> Heap::count_contradictions(const RowOverrides& overrides,
                                                 const snapshot::References& references,
                                                 const target::Memory& truth) const {
  HeapSpanTable& table = state_->table;
  std::vector<snapshot::Doubt> doubts;
  const target::Memory* own = std::exchange(table.memory, &truth);
  auto expected = decode_heap_references(table, overrides, nullptr, doubts);
  table.memory = own;
  if (!expected) return fail(std::move(expected).error());
  std::uint64_t different = 0;
  for (const snapshot::Span& span : table.objects.spans()) {
    if (span.noscan) break;
    for (snapshot::ObjectId object = span.first; object < span.first + span.slots; ++object) {
      auto row = [object](const snapshot::References& of) {
        return std::span(of.edges.data() + of.rows[object], of.edges.data() + of.rows[object + 1]);
      };
      if (!std::ranges::equal(row(references), row(*expected))) ++different;
    }
  }
  return different;
}

target::HeapPages Heap::pages() const {
  target::HeapPages pages;
  const HeapSpanTable& table = state_->table;
  pages.objects.reserve(table.details.size());
  for (std::size_t i = 0; i < table.details.size(); ++i) {
    const snapshot::Span& span = table.objects.spans()[i];
    AddressRange range{span.base, span.base + table.details[i].npages * kPageBytes};
    (span.noscan ? pages.unneeded : pages.objects).push_back(range);
  }
  return pages;
}

Result<std::vector<SpecialRecord>> Heap::read_specials(std::vector<snapshot::Doubt>& doubts,
                                                       bool with_profile) const {
  if (!with_profile) return state_->specials;
  // Rare and large: the spans are read once more rather than kept.
  std::vector<snapshot::Doubt> known;
  std::vector<snapshot::Binding> checked;
  HeapSpans spans = TRY(
      read_spans(*state_->memory, state_->mappings, state_->layout, state_->mheap, known, checked));
  if (spans.in_use.size() != state_->table.details.size())
    return fail(Missing{"a target that stands still", "profile records"});
  auto entries = read_special_lists(*state_->memory, state_->layout.special, spans, true, doubts);
  return read_special_records(*state_->memory, state_->layout.special, entries, spans,
                              state_->table.objects, doubts);
}

std::vector<Address> Heap::read_object_pointers(snapshot::ObjectId object) const {
  const snapshot::Objects& objects = state_->table.objects;
  if (object >= objects.row_count() || !objects.is_allocated(object)) return {};
  const snapshot::Span& span = objects.span_of(object);
  auto index = static_cast<std::uint32_t>(&span - objects.spans().data());
  std::vector<Address> pointers;
  auto keep = [&](std::uint64_t, std::uint64_t value) {
    if (value != 0) pointers.emplace_back(value);
  };
  SpanContents& contents = *state_->contents;
  if (contents.is_large(index)) {
    state_->loaded_span = snapshot::kNone;
    contents.visit_large(index, keep);
  } else {
    if (state_->loaded_span != index) contents.read_chunk(index, index + 1);
    state_->loaded_span = index;
    contents.visit_slot(index, object - span.first, keep);
  }
  return pointers;
}

Result<std::vector<QueuedPointer>> Heap::read_queued_pointers(
    std::vector<snapshot::Doubt>& doubts) const {
  return read_queue_pointers(*state_->memory, state_->queues, doubts);
}

Result<HeapPlaces> Heap::read_places() const {
  std::vector<snapshot::Doubt> known;
  std::vector<snapshot::Binding> checked;
  HeapSpans spans = TRY(
      read_spans(*state_->memory, state_->mappings, state_->layout, state_->mheap, known, checked));
  return find_heap_places(*state_->memory, state_->layout, state_->mheap, spans);
}

TypeSightings Heap::read_type_sightings(const SightingRequest& request) const {
  return goruntime::read_type_sightings(state_->table, request);
}

std::vector<std::uint8_t> Heap::header_bytes_of_spans() const {
  std::vector<std::uint8_t> bytes;
  for (const SpanDetail& detail : state_->table.details)
    bytes.push_back(static_cast<std::uint8_t>(header_bytes(detail)));
  return bytes;
}

}  // namespace goshawk::goruntime
