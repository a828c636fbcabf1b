// Three steps: the list of mspans and their fields; the metadata of every arena that a span claims
// to lie in; and the agreement of both. A span is used when its own fields fit together, it lies in
// mapped memory, and heapArena.spans names it for its first and last page. Between the moment when
// a span becomes in-use and the moment when its arena says so nothing is allocated in it yet
// (mheap.go initSpan), so an empty span that does not agree is left out without a word; any other
// one spoils the proof, and many of them mean that the facts are wrong for this binary.
#include "goruntime/heap/span_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kMostSpans = std::uint64_t{1} << 28;  // 2 TB in pages of their own
constexpr std::uint64_t kHighestAddress = std::uint64_t{1} << 48;
constexpr std::size_t kToleratedOddSpans = 8;
constexpr std::uint64_t kMostPagesOfClass = 16;  // sizeclasses.go: 10
constexpr std::uint64_t kMostHeapPages = std::uint64_t{1}
                                         << 29;  // 4 TiB: the page table has a word for each

// The target's mapped memory as few ranges.
class MappedRanges {
 public:
  explicit MappedRanges(const std::vector<target::Mapping>& mappings) {
    for (const target::Mapping& mapping : mappings) ranges_.push_back(mapping.range);
    std::ranges::sort(ranges_, {}, &AddressRange::start);
    std::size_t kept = 0;
    for (AddressRange range : ranges_) {
      if (kept > 0 && range.start <= ranges_[kept - 1].end)
        ranges_[kept - 1].end = std::max(ranges_[kept - 1].end, range.end);
      else
        ranges_[kept++] = range;
    }
    ranges_.resize(kept);
  }

  bool contains(Address start, std::uint64_t size_bytes) const {
    auto after = std::ranges::upper_bound(ranges_, start, {}, &AddressRange::start);
    if (after == ranges_.begin()) return false;
    const AddressRange& range = *(after - 1);
    return start < range.end && size_bytes <= range.end - start;
  }

 private:
  std::vector<AddressRange> ranges_;
};

struct Found {
  std::vector<InUseSpan> in_use;  // their shapes come later
  std::vector<Mspan> manual;
  std::size_t unreadable = 0;
};

Result<std::vector<std::uint64_t>> read_span_pointers(const target::Memory& memory,
                                                      Address allspans) {
  struct Slice {
    std::uint64_t data, length, capacity;
  };
  Slice slice = TRY(memory.read_value<Slice>(allspans));
  if (slice.length == 0 || slice.length > slice.capacity || slice.length > kMostSpans)
    return fail(Missing{"runtime.mheap_.allspans with a believable length", "reading the heap"});
  auto pointers = TRY(memory.read_array<std::uint64_t>(Address(slice.data), slice.length));
  // The runtime lists each once; a second mention would only be counted twice.
  std::ranges::sort(pointers);
  pointers.erase(std::ranges::unique(pointers).begin(), pointers.end());
  return pointers;
}

Found read_mspans(const target::Memory& memory, const MspanFact& fact,
                  const std::vector<std::uint64_t>& pointers, Asking asking) {
  std::vector<GatherRequest> requests;
  requests.reserve(pointers.size());
  for (std::size_t i = 0; i < pointers.size(); ++i)
    requests.push_back({Address(pointers[i]), fact.size_bytes, static_cast<std::uint32_t>(i)});
  Found found;
  found.in_use.reserve(pointers.size());  // growing would hold half of them twice
  gather(
      memory, requests,
      [&](std::uint32_t i, ByteView bytes) {
        if (bytes.empty()) {
          ++found.unreadable;
          return;
        }
        Mspan span = fact.parse(Address(pointers[i]), bytes);
        if (span.state == SpanState::kInUse) found.in_use.push_back({span, {}});
        if (span.state == SpanState::kManual) found.manual.push_back(span);
      },
      asking);
  return found;
}

// By address, or the scannable ones first and each kind by address; in place, for they are the
// largest array while the heap's spans are read.
enum class SpanOrder : std::uint8_t { kAddress, kScannableFirst };
template <typename Span, typename Projection = std::identity>
void put_in_order(std::vector<Span>& spans, SpanOrder order, Projection mspan_of = {}) {
  constexpr std::uint64_t kNoscan = std::uint64_t{1} << 63;
  struct Key {
    std::uint64_t place;
    std::uint32_t from;
  };
  std::vector<Key> keys;
  keys.reserve(spans.size());
  for (const Span& span : spans) {
    const Mspan& mspan = std::invoke(mspan_of, span);
    bool later = order == SpanOrder::kScannableFirst && mspan.noscan();
    keys.push_back({mspan.base.value() / kPageBytes | (later ? kNoscan : 0),
                    static_cast<std::uint32_t>(keys.size())});
  }
  if (std::ranges::is_sorted(keys, {}, &Key::place)) return;
  std::ranges::sort(keys, {}, [](const Key& key) { return std::pair(key.place, key.from); });
  for (std::uint32_t first = 0; first < keys.size(); ++first) {
    if (keys[first].from == first) continue;
    Span held = spans[first];
    std::uint32_t at = first;
    for (std::uint32_t from = keys[at].from; from != first; from = keys[at].from) {
      spans[at] = spans[from];
      keys[at].from = at;
      at = from;
    }
    spans[at] = held;
    keys[at].from = at;
  }
}

bool lies_in_memory(const Mspan& span, const MappedRanges& mapped) {
  return !span.base.is_null() && span.base.is_aligned(kPageBytes) &&
         span.base.value() < kHighestAddress && span.npages > 0 &&
         span.npages <= kHighestAddress / kPageBytes &&
         mapped.contains(span.base, span.npages * kPageBytes);
}

// mheap.go, "sweep generation".
bool is_sweep_distance(std::int32_t distance) {
  return (distance >= -2 && distance <= 1) || distance == 3;
}

bool fields_fit(const Mspan& span, std::int32_t sweep_distance) {
  std::uint64_t bytes = span.npages * kPageBytes;
  bool sizes = span.elemsize >= 8 && span.elemsize % 8 == 0 && span.elemsize <= bytes &&
               span.nelems > 0 && span.nelems <= bytes / span.elemsize;
  bool large = span.sizeclass() == 0;
  bool class_fits = large ? span.nelems == 1 && (span.user_arena || span.elemsize == bytes)
                          : span.npages <= kMostPagesOfClass && span.elemsize <= bytes;
  return sizes && class_fits && span.freeindex <= span.nelems && span.alloc_count <= span.nelems &&
         !span.alloc_bits.is_null() && !span.gcmark_bits.is_null() &&
         is_sweep_distance(sweep_distance);
}

// Nothing was ever allocated in it since it became a span.
bool is_fresh(const Mspan& span) { return span.alloc_count == 0 && span.freeindex == 0; }

Result<ArenaDirectory> read_arena_directory(const target::Memory& memory, const MheapFact& fact,
                                            Address mheap, const Found& found) {
  std::vector<std::uint64_t> indices;
  auto add = [&](const Mspan& span) {
    std::uint64_t first = fact.arena_index(span.base);
    std::uint64_t last = fact.arena_index(span.base + (span.npages * kPageBytes - 1));
    for (std::uint64_t i = first; i <= last && i < kArenaTableLength; ++i)
      if (indices.empty() || indices.back() != i) indices.push_back(i);
  };
  for (const InUseSpan& span : found.in_use) add(span.mspan);
  for (const Mspan& span : found.manual) add(span);
  std::ranges::sort(indices);
  indices.erase(std::ranges::unique(indices).begin(), indices.end());

  Address table(TRY(memory.read_value<std::uint64_t>(mheap + fact.arenas)));
  std::vector<GatherRequest> requests;
  for (std::size_t i = 0; i < indices.size(); ++i)
    requests.push_back({table + indices[i] * 8, 8, static_cast<std::uint32_t>(i)});
  ArenaDirectory directory;
  gather(memory, requests, [&](std::uint32_t i, ByteView bytes) {
    std::uint64_t arena = load<std::uint64_t>(bytes, 0).value_or(0);
    if (arena != 0) directory.add(indices[i], Address(arena));
  });
  return directory;
}

// What the arenas say of each of `spans`, in their order.
struct ArenaWord {
  bool agrees = false;        // spans[] names this span for its first and last page
  bool inline_marks = false;  // pageUseSpanInlineMarkBits of its first page
};

class ArenaReader {
 public:
  ArenaReader(const target::Memory& memory, const MheapFact& mheap, const HeapArenaFact& arena,
              const ArenaDirectory& directory)
      : memory_(memory), mheap_(mheap), arena_(arena), directory_(directory) {}

  // Spans by address.
  template <typename Span, typename Projection = std::identity>
  std::vector<ArenaWord> ask(const std::vector<Span>& spans, Projection mspan_of = {}) {
    std::vector<ArenaWord> answers(spans.size());
    for (std::size_t i = 0; i < spans.size(); ++i) {
      const Mspan& span = std::invoke(mspan_of, spans[i]);
      if (!load_arena_of(span.base)) continue;
      answers[i].agrees = names(span, span.base);
      std::uint64_t page = span.base.value() / kPageBytes % kPagesPerArena;
      answers[i].inline_marks =
          (std::to_integer<unsigned>(inline_pages_[page / 8]) >> (page % 8) & 1) != 0;
    }
    // Apart: a span's end may lie in the next arena.
    for (std::size_t i = 0; i < spans.size(); ++i) {
      const Mspan& span = std::invoke(mspan_of, spans[i]);
      Address last_page = span.base + (span.npages - 1) * kPageBytes;
      if (span.npages > 1)
        answers[i].agrees = answers[i].agrees && load_arena_of(last_page) && names(span, last_page);
    }
    return answers;
  }

 private:
  bool load_arena_of(Address address) {
    std::uint64_t index = mheap_.arena_index(address);
    if (index == loaded_) return loaded_ok_;
    loaded_ = index;
    loaded_ok_ = false;
    Address heap_arena = directory_.find(index);
    if (heap_arena.is_null()) return false;
    if (!memory_.read(heap_arena + arena_.spans, std::as_writable_bytes(std::span(spans_))))
      return false;
    std::ranges::fill(inline_pages_, std::byte{});
    if (arena_.inline_mark_pages &&
        !memory_.read(heap_arena + *arena_.inline_mark_pages, std::span(inline_pages_)))
      return false;
    loaded_ok_ = true;
    return true;
  }

  bool names(const Mspan& span, Address page) const {
    return spans_[page.value() / kPageBytes % kPagesPerArena] == span.address.value();
  }

  const target::Memory& memory_;
  const MheapFact& mheap_;
  const HeapArenaFact& arena_;
  const ArenaDirectory& directory_;
  std::uint64_t loaded_ = ~std::uint64_t{0};
  bool loaded_ok_ = false;
  std::vector<std::uint64_t> spans_ = std::vector<std::uint64_t>(kPagesPerArena);
  std::vector<std::byte> inline_pages_ = std::vector<std::byte>(kPagesPerArena / 8);
};

// Drops spans that overlap one before them; both came from the target, so one of them is wrong.
std::size_t drop_overlaps(std::vector<InUseSpan>& spans) {
  std::size_t kept = 0, dropped = 0;
  std::uint64_t end = 0;
  for (InUseSpan& span : spans) {
    if (span.mspan.base.value() < end) {
      ++dropped;
      continue;
    }
    end = span.mspan.base.value() + span.mspan.npages * kPageBytes;
    spans[kept++] = span;
  }
  spans.resize(kept);
  return dropped;
}

std::uint64_t count_pages(const std::vector<InUseSpan>& spans) {
  std::uint64_t pages = 0;
  for (const InUseSpan& span : spans) pages += span.mspan.npages;
  return pages;
}

std::vector<PageRange> collect_stacks(const std::vector<Mspan>& manual,
                                      const std::vector<ArenaWord>& words) {
  std::vector<PageRange> stacks;
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < manual.size(); ++i) {
    if (!words[i].agrees || manual[i].base.value() < end) continue;
    // stack.go says how large the stacks in it are; no size remains of what it was before.
    stacks.push_back({manual[i].base, manual[i].npages, manual[i].elemsize != 0});
    end = manual[i].base.value() + manual[i].npages * kPageBytes;
  }
  return stacks;
}

void add_doubts(const Found& found, std::size_t odd, std::size_t conservative,
                std::vector<snapshot::Doubt>& doubts) {
  if (found.unreadable > 0)
    doubts.push_back(
        {fmt::format("{} span descriptors could not be read", found.unreadable), true});
  if (odd > 0)
    doubts.push_back(
        {fmt::format("{} heap spans contradict their arenas and were left out", odd), true});
  if (conservative > 0)
    doubts.push_back({fmt::format("{} heap spans of an unknown layout were scanned conservatively",
                                  conservative),
                      false});
}

// Of the spans that the heap's list claims, how many contradict themselves or their arenas.
struct Agreement {
  std::size_t claimed = 0, odd = 0;
  std::size_t elsewhere = 0;  // of the odd: their arena names another one, or none

  // Which of the layouts it must be that does not fit this binary.
  bool is_by_arena() const { return elsewhere * 2 > odd; }
  // More than a running program can show.
  bool is_refused() const { return odd > kToleratedOddSpans + claimed / 10; }

  Error contradiction() const {
    std::string_view fact =
        is_by_arena() ? "runtime.heapArena.spans" : "runtime.mspan and runtime.mheap.sweepgen";
    return Missing{fmt::format("{} as this binary has it ({} of {} spans contradict their arenas)",
                               fact, odd, claimed),
                   "reading the heap"};
  }

  void record(const HeapLayout& layout, std::vector<snapshot::Binding>& bindings) const {
    auto add = [&](const char* fact, const std::string& how, const char* check, std::size_t against,
                   bool refused) {
      against = std::min(against, claimed);
      bindings.push_back(snapshot::tried(fact, how, check, claimed - against, claimed));
      if (refused) bindings.back().standing = snapshot::Standing::kFailed;
    };
    add("runtime.heapArena.spans", layout.arena_origin, "spans whose arena names them", elsewhere,
        is_refused() && is_by_arena());
    add("runtime.mspan", layout.mspan_origin,
        "spans whose fields fit each other, mapped memory and the heap's sweepgen", odd - elsewhere,
        is_refused() && !is_by_arena());
  }
};

// The candidate that most spans agree with, and what the arenas say by it.
struct ArenaChoice {
  HeapArenaFact fact;
  std::vector<ArenaWord> words;
};

ArenaChoice choose_arena(const target::Memory& memory, const HeapLayout& layout,
                         const ArenaDirectory& directory, const std::vector<InUseSpan>& spans) {
  ArenaChoice best;
  std::ptrdiff_t most = -1;
  for (const HeapArenaFact& candidate : layout.arena_candidates) {
    auto words =
        ArenaReader(memory, layout.mheap, candidate, directory).ask(spans, &InUseSpan::mspan);
    std::ptrdiff_t agreeing = std::ranges::count(words, true, &ArenaWord::agrees);
    if (agreeing > most) {
      most = agreeing;
      best = {candidate, std::move(words)};
    }
    if (agreeing * 2 > std::ssize(spans)) break;
  }
  return best;
}

}  // namespace

void ArenaDirectory::add(std::uint64_t index, Address heap_arena) {
  indices_.push_back(index);
  heap_arenas_.push_back(heap_arena);
}

Address ArenaDirectory::find(std::uint64_t index) const {
  auto found = std::ranges::lower_bound(indices_, index);
  if (found == indices_.end() || *found != index) return {};
  return heap_arenas_[found - indices_.begin()];
}

Result<HeapSpans> read_spans(const target::Memory& memory,
                             const std::vector<target::Mapping>& mappings, const HeapLayout& layout,
                             Address mheap, std::vector<snapshot::Doubt>& doubts,
                             std::vector<snapshot::Binding>& bindings, Asking asking) {
  HeapSpans spans;
  spans.sweepgen = TRY(memory.read_value<std::uint32_t>(mheap + layout.mheap.sweepgen));
  Found found = read_mspans(memory, layout.mspan,
                            TRY(read_span_pointers(memory, mheap + layout.mheap.allspans)), asking);
  Agreement agreement;
  agreement.claimed = found.in_use.size();

  MappedRanges mapped(mappings);
  std::erase_if(found.in_use, [&](const InUseSpan& span) {
    bool out = !lies_in_memory(span.mspan, mapped);
    if (out && !is_fresh(span.mspan)) ++agreement.odd;
    return out;
  });
  std::erase_if(found.manual, [&](const Mspan& span) { return !lies_in_memory(span, mapped); });
  put_in_order(found.in_use, SpanOrder::kAddress, &InUseSpan::mspan);
  put_in_order(found.manual, SpanOrder::kAddress);

  spans.arenas = TRY(read_arena_directory(memory, layout.mheap, mheap, found));
  auto [arena, words] = choose_arena(memory, layout, spans.arenas, found.in_use);
  spans.arena = arena;
  std::size_t conservative = 0, kept = 0;
  for (std::size_t i = 0; i < found.in_use.size(); ++i) {
    const Mspan& mspan = found.in_use[i].mspan;
    if (!words[i].agrees || !fields_fit(mspan, spans.sweep_distance(mspan))) {
      if (is_fresh(mspan)) continue;
      ++agreement.odd;
      if (!words[i].agrees) ++agreement.elsewhere;
      continue;
    }
    SpanShape shape = find_span_shape(mspan, spans.arena.bitmap_kind, layout.mspan.has_large_type,
                                      words[i].inline_marks);
    if (shape.contradictory && is_fresh(mspan)) continue;  // its arena's bit is not set yet
    if (shape.contradictory) ++conservative;
    found.in_use[kept++] = {mspan, shape};
  }
  found.in_use.resize(kept);
  spans.in_use = std::move(found.in_use);
  agreement.odd += drop_overlaps(spans.in_use);
  agreement.record(layout, bindings);
  if (spans.in_use.empty() || agreement.is_refused()) return fail(agreement.contradiction());
  if (count_pages(spans.in_use) > kMostHeapPages)
    return fail(Missing{"a page table for more than 4 TiB of heap", "reading a heap of this size"});
  put_in_order(spans.in_use, SpanOrder::kScannableFirst, &InUseSpan::mspan);
  ArenaReader arenas(memory, layout.mheap, spans.arena, spans.arenas);
  spans.stacks = collect_stacks(found.manual, arenas.ask(found.manual));
  add_doubts(found, agreement.odd, conservative, doubts);
  return spans;
}

}  // namespace goshawk::goruntime
