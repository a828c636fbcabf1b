// Spans are cut into chunks (heap_chunks); threads take one after the other, read it, and append
// the objects that its pointers lead to.
//
// Edges of all threads are in one array (edge_space.h); rows are written to their own places.
// Nothing is locked while decoding but the taking of a block. Rows of spans that were not decoded
// stay zero, which reads as empty.
#include "goruntime/heap/heap_references.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>

#include "base/in_parallel.h"
#include "goruntime/heap/edge_space.h"
#include "goruntime/heap/heap_chunks.h"
#include "goruntime/heap/reused_references.h"
#include "goruntime/heap/span_contents.h"

namespace goshawk::goruntime {

namespace {

using snapshot::ObjectId;
using Extra = snapshot::References::Extra;

struct Shared {
  const HeapSpanTable& table;
  const RowOverrides& overrides;
  std::vector<bool> overridden;  // spans with overrides in them
  std::vector<HeapChunk> chunks;
  std::atomic<std::size_t> next_chunk{0};
  std::atomic<bool> out_of_room{false};
  snapshot::References& references;
  EdgeSpace space;
  bool keep_cut = false;
  Stages* stages = nullptr;
  AddressRange neighbourhood;        // see reused_references.h
  std::vector<std::uint8_t> no_use;  // beside spans; empty: nobody asks
};

class alignas(128) Worker {  // in cache lines of its own
 public:
  explicit Worker(Shared& shared)
      : shared_(shared), table_(shared.table), contents_(shared.table) {}

  void run() {
    for (;;) {
      std::size_t i = shared_.next_chunk.fetch_add(1, std::memory_order_relaxed);
      if (i >= shared_.chunks.size() || shared_.out_of_room) break;
      if (!decode(shared_.chunks[i])) {
        shared_.out_of_room = true;
        break;
      }
      if (shared_.stages != nullptr) shared_.stages->advance(shared_.chunks[i].words * 8);
    }
    shared_.space.give_back(block_);
  }

  std::uint64_t edge_count() const { return edge_count_; }
  const ContentLoss& loss() const { return contents_.loss(); }
  const std::vector<Extra>& cut() const { return cut_; }

 private:
  bool decode(const HeapChunk& chunk) {
    std::uint64_t needed = chunk.words + 1;  // an edge is stored before it is known to be one
    if (block_.size() < needed) {
      shared_.space.give_back(block_);
      block_ = shared_.space.take(needed);
      if (block_.size() < needed) return false;
    }
    bool large = contents_.is_large(chunk.first);
    if (!large) contents_.read_chunk(chunk.first, chunk.end);
    for (std::uint32_t span = chunk.first; span < chunk.end; ++span) {
      const SpanDetail& detail = table_.details[span];
      if (!detail.any_allocated) continue;
      std::uint64_t begin = block_.begin;
      ContentLoss before = contents_.loss();
      homeless_ = 0;
      if (shared_.overridden[span])
        decode_overridden(span, large);
      else if (large)
        decode_large(span);
      else if (detail.all_allocated)
        decode_span<true>(span);
      else
        decode_span<false>(span);
      edge_count_ += block_.begin - begin;
      if (!shared_.no_use.empty())
        shared_.no_use[span] =
            shared_.overridden[span] || homeless_ > 0 || !(contents_.loss() == before) ? 1 : 0;
    }
    return true;
  }

  // visit(word, value) that appends an edge.
  auto appender(ObjectId*& out) {
    return [&out, &pages = table_.pages, &homeless = homeless_, near = shared_.neighbourhood](
               std::uint64_t, std::uint64_t value) {
      PageTable::Resolved found = pages.resolve(value);
      *out = found.object;
      out += found.valid;
      homeless += static_cast<std::uint64_t>(!found.valid && near.contains(Address(value)));
    };
  }

  template <bool AllAllocated>
  void decode_span(std::uint32_t index) {
    const snapshot::Span& span = table_.objects.spans()[index];
    std::uint32_t* rows = shared_.references.rows.data() + span.first;
    ObjectId* edges = shared_.references.edges.data();
    ObjectId* out = edges + block_.begin;
    auto append = appender(out);
    for (std::uint32_t slot = 0; slot < span.slots; ++slot) {
      rows[slot] = static_cast<std::uint32_t>(out - edges);
      if (AllAllocated || table_.objects.is_allocated(span.first + slot))
        contents_.visit_slot(index, slot, append);
    }
    rows[span.slots] = static_cast<std::uint32_t>(out - edges);
    block_.begin = out - edges;
  }

  void decode_large(std::uint32_t index) {
    const snapshot::Span& span = table_.objects.spans()[index];
    ObjectId* edges = shared_.references.edges.data();
    ObjectId* out = edges + block_.begin;
    shared_.references.rows[span.first] = static_cast<std::uint32_t>(out - edges);
    contents_.visit_large(index, appender(out));
    shared_.references.rows[span.first + 1] = static_cast<std::uint32_t>(out - edges);
    block_.begin = out - edges;
  }

  void decode_overridden(std::uint32_t index, bool large) {
    const snapshot::Span& span = table_.objects.spans()[index];
    ObjectId* edges = shared_.references.edges.data();
    ObjectId* out = edges + block_.begin;
    for (std::uint32_t slot = 0; slot < span.slots; ++slot) {
      ObjectId object = span.first + slot;
      shared_.references.rows[object] = static_cast<std::uint32_t>(out - edges);
      if (!table_.objects.is_allocated(object)) continue;
      auto found = shared_.overrides.find(object);
      const RowOverride* row = found == shared_.overrides.end() ? nullptr : &found->second;
      auto append_kept = [&](std::uint64_t word, std::uint64_t value) {
        append_unless_cut(object, row, word, value, out);
      };
      if (large)
        contents_.visit_large(index, append_kept);
      else
        contents_.visit_slot(index, slot, append_kept);
    }
    shared_.references.rows[span.first + span.slots] = static_cast<std::uint32_t>(out - edges);
    block_.begin = out - edges;
  }

  void append_unless_cut(ObjectId object, const RowOverride* row, std::uint64_t word,
                         std::uint64_t value, ObjectId*& out) {
    PageTable::Resolved found = table_.pages.resolve(value);
    if (!found.valid) return;
    bool is_cut =
        row != nullptr &&
        (row->cut_all || std::ranges::find(row->cut_offsets, word * 8) != row->cut_offsets.end());
    if (!is_cut)
      *out++ = found.object;
    else if (shared_.keep_cut)
      cut_.push_back({object, found.object});
  }

  Shared& shared_;
  const HeapSpanTable& table_;
  SpanContents contents_;
  EdgeSpace::Block block_;
  std::uint64_t edge_count_ = 0;
  std::uint64_t homeless_ = 0;  // words of a span that lead to no object, but may one day
  std::vector<Extra> cut_;
};

std::vector<bool> find_overridden(const HeapSpanTable& table, const RowOverrides& overrides) {
  std::vector<bool> overridden(table.details.size());
  for (const auto& [object, row] : overrides)
    if (object < table.objects.row_count()) {
      const snapshot::Span* span = &table.objects.span_of(object);
      overridden[span - table.objects.spans().data()] = true;
    }
  return overridden;
}

// Of each span whether its references were taken; how many edges they are.
std::uint64_t take_earlier(ReusedReferences& reused, const HeapSpanTable& table,
                           const std::vector<bool>& overridden, std::vector<std::uint8_t>& taken) {
  constexpr std::size_t kSpansAtOnce = 1024;
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> edges{0};
  auto take = [&](std::size_t) {
    for (;;) {
      std::size_t first = next.fetch_add(kSpansAtOnce);
      if (first >= taken.size()) return;
      for (std::size_t i = first; i < std::min(first + kSpansAtOnce, taken.size()); ++i) {
        auto span = static_cast<std::uint32_t>(i);
        if (table.objects.spans()[i].noscan) continue;
        if (!table.details[i].any_allocated) reused.clear(span);
        if (!table.details[i].any_allocated || overridden[i]) continue;
        auto count = reused.take(span);
        taken[i] = count ? 1 : 0;
        edges += count.value_or(0);
      }
    }
  };
  in_parallel(processor_count(), take, processor_count());
  return edges;
}

void add_doubts(const ContentLoss& loss, std::vector<snapshot::Doubt>& doubts) {
  if (loss.unreadable_spans > 0)
    doubts.push_back({fmt::format("{} KiB of {} heap spans could not be read",
                                  loss.unreadable_bytes / 1024, loss.unreadable_spans),
                      true});
  if (loss.conservative_objects > 0)
    doubts.push_back({fmt::format("{} heap objects of unknown type were scanned conservatively",
                                  loss.conservative_objects),
                      false});
}

Error explain_no_room(std::uint64_t words) {
  return Denied{
      fmt::format("reserve {} MiB of address space for the heap's references", words >> 18),
      "raise the limit on virtual memory (ulimit -v)"};
}

}  // namespace

Result<snapshot::References> decode_heap_references(const HeapSpanTable& table,
                                                    const RowOverrides& overrides,
                                                    std::vector<Extra>* cut,
                                                    std::vector<snapshot::Doubt>& doubts,
                                                    Stages* stages, EarlierReferences* earlier) {
  std::vector<bool> overridden = find_overridden(table, overrides);
  snapshot::References references;
  std::vector<std::uint8_t> taken(table.details.size());
  std::uint64_t used = 0;
  try {
    if (earlier != nullptr && earlier->table != nullptr) {
      used = earlier->edges_end;
      ReusedReferences reused(*earlier->table, earlier->references, earlier->of_no_use,
                              earlier->changed, table, references);
      references.edge_count = take_earlier(reused, table, overridden, taken);
    } else {
      references.rows = ReservedArray<std::uint32_t>(table.objects.row_count());
    }
  } catch (const std::bad_alloc&) {
    return fail(explain_no_room(table.objects.row_count()));
  }
  std::vector<HeapChunk> chunks =
      cut_into_chunks(table, [&](std::uint32_t span) { return taken[span] == 0; });
  std::uint64_t words = 0;
  for (const HeapChunk& chunk : chunks) words += chunk.words + 1;
  begin_stage(stages, "decode the heap", (words - chunks.size()) * 8);
  std::size_t thread_count = std::clamp<std::size_t>(chunks.size(), 1, processor_count());
  std::uint64_t capacity = EdgeSpace::room_for(used, words, thread_count);
  if (references.edges.capacity() < capacity) {
    // Ahead of a stop there will be more.
    if (earlier != nullptr) capacity = std::min(2 * capacity, EdgeSpace::kMostEdges);
    try {
      ReservedArray<ObjectId> more(capacity);
      std::copy_n(references.edges.data(), used, more.data());
      references.edges = std::move(more);
    } catch (const std::bad_alloc&) {
      return fail(explain_no_room(capacity));
    }
  }
  Shared shared{.table = table,
                .overrides = overrides,
                .overridden = std::move(overridden),
                .chunks = std::move(chunks),
                .references = references,
                .space = EdgeSpace(references.edges.capacity(), used),
                .keep_cut = cut != nullptr,
                .stages = stages,
                .neighbourhood = find_neighbourhood(table),
                .no_use = {}};
  if (earlier != nullptr) shared.no_use.resize(table.details.size());
  std::vector<Worker> workers;
  workers.reserve(thread_count);
  for (std::size_t i = 0; i < thread_count; ++i) workers.emplace_back(shared);
  // All of the machine's, for in a copy the target stands still meanwhile.
  in_parallel(thread_count, [&](std::size_t i) { workers[i].run(); }, thread_count);
  if (shared.out_of_room)
    return fail(Missing{"room for more than 4 billion references", "the references of this heap"});

  ContentLoss loss;
  for (const Worker& worker : workers) {
    references.edge_count += worker.edge_count();
    loss.unreadable_spans += worker.loss().unreadable_spans;
    loss.unreadable_bytes += worker.loss().unreadable_bytes;
    loss.conservative_objects += worker.loss().conservative_objects;
    if (cut != nullptr) cut->insert(cut->end(), worker.cut().begin(), worker.cut().end());
  }
  if (earlier != nullptr) {
    earlier->edges_end = shared.space.top();
    earlier->of_no_use.assign(shared.no_use.begin(), shared.no_use.end());
  }
  if (cut != nullptr) std::ranges::sort(*cut);
  add_doubts(loss, doubts);
  return references;
}

}  // namespace goshawk::goruntime
