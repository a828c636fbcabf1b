// A word that names a type tells what the word behind it points to, if the two are an interface. In
// a pointer mask they stand out: an interface's first word counts as no pointer (typebits.Set in
// the compiler), so a word without a bit that holds the address of a type or of an itab, right
// before one with a bit, is nothing else. A *rtype in a struct has a bit.
//
// Large objects can have more words than a place can number. Places count on modulo 2^15, and the
// gaps between references are mostly small; where one is not, the object is unplaced.
#include "goruntime/heap/type_sightings.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <tuple>

#include "base/in_parallel.h"
#include "goruntime/heap/heap_chunks.h"
#include "goruntime/heap/span_contents.h"

namespace goshawk::goruntime {

namespace {

using snapshot::ObjectId;
using More = TypeSightings::More;
using Around = TypeSightings::Around;

constexpr std::uint64_t kLowest = 1 << 16, kHighest = std::uint64_t{1} << 48;
constexpr std::size_t kMostMore = 1 << 22;
constexpr std::size_t kMostAround = 1 << 22;
constexpr std::uint64_t kNeverAPointer = ~std::uint64_t{0};

struct Shared {
  const HeapSpanTable& table;
  const SightingRequest& request;
  std::vector<HeapChunk> chunks;
  TypeSightings& into;
  std::atomic<std::size_t> next_chunk{0};
};

class alignas(128) Watcher {  // in cache lines of its own
 public:
  explicit Watcher(Shared& shared)
      : shared_(shared), table_(shared.table), contents_(shared.table) {}

  void run() {
    for (;;) {
      std::size_t i = shared_.next_chunk.fetch_add(1, std::memory_order_relaxed);
      if (i >= shared_.chunks.size()) return;
      const HeapChunk& chunk = shared_.chunks[i];
      bool large = contents_.is_large(chunk.first);
      if (!large) contents_.read_chunk(chunk.first, chunk.end);
      for (std::uint32_t span = chunk.first; span < chunk.end; ++span)
        if (table_.details[span].any_allocated) watch_span(span, large);
    }
  }
  std::vector<More> release_more() { return std::move(more_); }
  const std::vector<Around>& around() const { return around_; }

 private:
  bool is_wanted(ObjectId object) const {
    const std::vector<std::uint64_t>* wanted = shared_.request.wanted;
    return wanted == nullptr || ((*wanted)[object / 64] >> (object % 64) & 1) != 0;
  }

  void watch_span(std::uint32_t index, bool large) {
    const snapshot::Span& span = table_.objects.spans()[index];
    for (std::uint32_t slot = 0; slot < span.slots; ++slot) {
      ObjectId object = span.first + slot;
      if (table_.objects.is_allocated(object) && is_wanted(object))
        watch_object(index, slot, object, large);
    }
  }

  void watch_object(std::uint32_t span, std::uint32_t slot, ObjectId object, bool large) {
    const snapshot::References& references = shared_.request.references;
    std::uint32_t begin = references.rows[object], end = references.rows[object + 1];
    std::uint32_t at = begin;
    std::uint64_t before = kNeverAPointer,
                  last_word = 0;  // the pointer word before, the last edge's
    bool agrees = true;
    std::size_t around_before = around_.size();
    seen_.clear();
    auto visit = [&](std::uint64_t word, std::uint64_t value) {
      std::uint64_t previous = std::exchange(before, word);
      PageTable::Resolved found = table_.pages.resolve(value);
      if (!found.valid || !agrees) return;
      agrees = at < end && references.edges[at] == found.object &&
               (at == begin ? word <= TypeSightings::kWordBits
                            : word - last_word <= TypeSightings::kWordBits);
      if (!agrees) return;
      last_word = word;
      PageTable::Offset offset = table_.pages.offset_in_object(value);
      bool interior = is_interior(value, found.object, offset);
      shared_.into.places[at++] = static_cast<std::uint16_t>(
          (word & TypeSightings::kWordBits) | (interior ? TypeSightings::kInterior : 0));
      if (is_large_object(offset))
        keep_around(span, slot, object, word, value, found.object);
      else if (!interior && found.object >= table_.objects.row_count())
        keep_filling(span, slot, word, found.object, offset.element_size_bytes);
      if (!interior && word > 0 && previous != word - 1)
        look_before(span, slot, word, found.object);
    };
    if (large)
      contents_.visit_large(span, visit);
    else
      contents_.visit_slot(span, slot, visit);
    if (agrees && at == end) return keep_seen(span, slot, object);
    if (begin < end) shared_.into.places[begin] = TypeSightings::kUnplaced;
    around_.resize(around_before);
    for (at = begin; at < end; ++at) {
      ObjectId target = references.edges[at];
      if (table_.objects.size_bytes(target) >= TypeSightings::kLargeBytes && may_keep_around())
        around_.push_back({.from = object, .to = target});
    }
  }

  bool may_keep_around() const {
    return shared_.request.wanted == nullptr && around_.size() <= kMostAround;
  }
  static bool is_large_object(PageTable::Offset offset) {
    return offset.element_size_bytes == 0 ||
           offset.element_size_bytes >= TypeSightings::kLargeBytes;
  }

  void keep_around(std::uint32_t span, std::uint32_t slot, ObjectId object, std::uint64_t word,
                   std::uint64_t value, ObjectId target) {
    if (!may_keep_around()) return;
    std::uint64_t header_words = header_bytes(table_.details[span]) / 8;
    std::uint64_t words = table_.objects.spans()[span].element_size_bytes / 8;
    auto loaded = [&](std::uint64_t at) -> std::optional<std::uint64_t> {
      return at < words ? contents_.loaded_word(span, slot, at) : 0;
    };
    auto next = loaded(word + 1), after = loaded(word + 2);
    // Of what is read window by window the first word is of no use: it is no header of a map.
    auto first = contents_.is_large(span) ? 0 : loaded(header_words);
    around_.push_back({.from = object,
                       .to = target,
                       .word = static_cast<std::uint32_t>(word - header_words),
                       .known = next && after && first,
                       .value = value,
                       .next = next.value_or(0),
                       .after = after.value_or(0),
                       .first = first.value_or(0)});
  }

  // A slice's length and capacity are the two words behind its pointer.
  void keep_filling(std::uint32_t span, std::uint32_t slot, std::uint64_t word, ObjectId target,
                    std::uint64_t size_bytes) {
    if (word + 2 >= table_.objects.spans()[span].element_size_bytes / 8) return;
    auto length = contents_.loaded_word(span, slot, word + 1);
    auto capacity = contents_.loaded_word(span, slot, word + 2);
    if (!length || !capacity || *capacity == 0 || *length > *capacity ||
        size_bytes % *capacity != 0 || size_bytes / *capacity > 255)
      return;
    std::atomic_ref<std::uint8_t> kept(shared_.into.filling_elements[target]);
    kept.store(static_cast<std::uint8_t>(size_bytes / *capacity), std::memory_order_relaxed);
  }

  // Behind a header lies what a pointer to an object's start leads to.
  bool is_interior(std::uint64_t value, ObjectId object, PageTable::Offset offset) const {
    if (offset.element_size_bytes == 0) {
      const snapshot::Span& span = table_.objects.span_of(object);
      std::size_t index = &span - table_.objects.spans().data();
      return Address(value) != span.base + header_bytes(table_.details[index]);
    }
    bool has_header = offset.element_size_bytes > kLargestWithoutHeader &&
                      shared_.into.has_headers && object < table_.objects.row_count();
    return offset.bytes != (has_header ? kMallocHeaderBytes : 0);
  }

  void look_before(std::uint32_t span, std::uint32_t slot, std::uint64_t word, ObjectId target) {
    Address named(contents_.loaded_word(span, slot, word - 1).value_or(0));
    std::uint32_t number = find_type(named);
    if (number != SightedPlaces::kNone)
      seen_.push_back({target, static_cast<std::uint32_t>(Sighting::By::kInterface) | number});
  }

  // Most words before a pointer are numbers. Types and itabs lie outside of the heap.
  bool may_name_type(Address word) const {
    return word.value() >= kLowest && word.value() < kHighest && word.is_aligned(8) &&
           !table_.pages.is_known_page(word);
  }

  // The same ones are met again and again.
  std::uint32_t find_type(Address word) {
    if (!may_name_type(word)) return SightedPlaces::kNone;
    Known& known = known_[(word.value() >> 3) % known_.size()];
    if (known.word != word)
      known = {word,
               shared_.request.places.number_of_type(shared_.request.type_of_interface(word))};
    return known.type_number;
  }

  void keep_seen(std::uint32_t span, std::uint32_t slot, ObjectId object) {
    for (const More& seen : seen_) keep(seen.object, seen.word);
    Address said = contents_.said_type(span, slot);
    std::uint32_t number = shared_.request.places.number_of_type(said);
    if (!said.is_null() && number != SightedPlaces::kNone)
      return keep(object, static_cast<std::uint32_t>(Sighting::By::kHeader) | number);
    if (table_.details[span].shape == PointerShape::kHeader || contents_.is_large(span)) return;
    Address first(contents_.loaded_word(span, slot, 0).value_or(0));
    std::uint32_t code = shared_.request.places.number_of_code(first);
    if (code != SightedPlaces::kNone && shared_.request.is_function_entry(first))
      keep(object, static_cast<std::uint32_t>(Sighting::By::kCode) | code);
  }

  void keep(ObjectId object, std::uint32_t word) {
    std::atomic_ref<std::uint32_t> kept(shared_.into.of_objects[object]);
    std::uint32_t nothing = kept.load(std::memory_order_relaxed);
    if (nothing == word) return;
    if (nothing == 0 && kept.compare_exchange_strong(nothing, word, std::memory_order_relaxed))
      return;
    if (nothing != word && more_.size() < kMostMore) more_.push_back({object, word});
  }

  struct Known {
    Address word;
    std::uint32_t type_number = SightedPlaces::kNone;
  };

  Shared& shared_;
  const HeapSpanTable& table_;
  SpanContents contents_;
  std::vector<More> seen_, more_;
  std::vector<Around> around_;
  std::array<Known, 1024> known_{};
};

// Nothing can be concluded from a part of them.
void keep_all_around(const std::vector<Watcher>& watchers, TypeSightings& into) {
  std::size_t count = 0;
  for (const Watcher& watcher : watchers) count += watcher.around().size();
  into.around_complete = count <= kMostAround;
  if (!into.around_complete) return;
  into.around.reserve(count);
  for (const Watcher& watcher : watchers)
    into.around.insert(into.around.end(), watcher.around().begin(), watcher.around().end());
  std::ranges::sort(into.around, {}, [](const Around& one) {
    return std::tuple(one.to, one.value, one.from, one.word);
  });
}

bool is_any_wanted(const snapshot::Span& span, const std::vector<std::uint64_t>& wanted) {
  for (ObjectId object = span.first; object < span.first + span.slots; ++object)
    if ((wanted[object / 64] >> (object % 64) & 1) != 0) return true;
  return false;
}

}  // namespace

SightedPlaces::SightedPlaces(std::vector<AddressRange> types, std::vector<AddressRange> text)
    : types_(std::move(types)), text_(std::move(text)) {}

// Ranges of more than eight gigabytes together would not have numbers: what lies behind has none.
std::uint32_t SightedPlaces::number(const std::vector<AddressRange>& ranges, Address at) {
  std::uint64_t before = 0;
  for (const AddressRange& range : ranges) {
    if (range.contains(at) && (at - range.start) % 8 == 0) {
      std::uint64_t number = before + (at - range.start) / 8;
      return number < ~Sighting::kByBits ? static_cast<std::uint32_t>(number) : kNone;
    }
    before += range.size_bytes() / 8 + 1;
  }
  return kNone;
}

Address SightedPlaces::address(const std::vector<AddressRange>& ranges, std::uint32_t number) {
  std::uint64_t left = number;
  for (const AddressRange& range : ranges) {
    std::uint64_t here = range.size_bytes() / 8 + 1;
    if (left < here) return range.start + left * 8;
    left -= here;
  }
  return {};
}

TypeSightings read_type_sightings(const HeapSpanTable& table, const SightingRequest& request) {
  TypeSightings sightings;
  sightings.places = ReservedArray<std::uint16_t>(request.references.edges.capacity());
  sightings.of_objects = ReservedArray<std::uint32_t>(table.objects.count());
  sightings.filling_elements = ReservedArray<std::uint8_t>(table.objects.count());
  sightings.has_headers = std::ranges::any_of(table.details, [](const SpanDetail& detail) {
    return detail.shape == PointerShape::kHeader;
  });
  std::function<bool(std::uint32_t)> is_wanted;
  if (request.wanted != nullptr)
    is_wanted = [&](std::uint32_t span) {
      return is_any_wanted(table.objects.spans()[span], *request.wanted);
    };
  Shared shared{.table = table,
                .request = request,
                .chunks = cut_into_chunks(table, is_wanted),
                .into = sightings};
  std::vector<Watcher> watchers;
  for (std::size_t i = 0; i < worker_count(); ++i) watchers.emplace_back(shared);
  in_parallel(watchers.size(), [&](std::size_t i) { watchers[i].run(); });
  keep_all_around(watchers, sightings);
  for (Watcher& watcher : watchers) {
    std::vector<More> more = watcher.release_more();
    sightings.more.insert(sightings.more.end(), more.begin(), more.end());
  }
  std::ranges::sort(sightings.more);
  return sightings;
}

}  // namespace goshawk::goruntime
