// Reads the bytes of spans, and shows the pointers of their objects. One thread's: it owns its
// buffers. Spans up to kChunkBytes are read whole, many at a time; a larger object window by
// window.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "goruntime/heap/heap_span_table.h"
#include "goruntime/heap/pointer_mask.h"
#include "target/memory.h"

namespace goshawk::goruntime {

inline constexpr std::uint64_t kChunkBytes = 512 << 10;

struct ContentLoss {
  std::uint64_t unreadable_spans = 0;  // or windows of large ones
  std::uint64_t unreadable_bytes = 0;
  std::uint64_t conservative_objects = 0;  // whose type could not be read

  bool operator==(const ContentLoss&) const = default;
};

class SpanContents {
 public:
  explicit SpanContents(const HeapSpanTable& table) : table_(table), masks_(*table.masks) {}

  // Spans [first, end) of the table; together at most kChunkBytes of spans with objects in them.
  void read_chunk(std::uint32_t first, std::uint32_t end);
  // visit(word, value) for the pointers of one slot of a span of the chunk.
  template <typename Visit>
  void visit_slot(std::uint32_t span, std::uint64_t slot, Visit&& visit);
  // The same for the only object of a span that is larger than a chunk.
  template <typename Visit>
  void visit_large(std::uint32_t span, Visit&& visit);

  // A word that was read with what a visit just shows: of a slot, or of the large object. Absent
  // where it lies in the window before.
  std::optional<std::uint64_t> loaded_word(std::uint32_t span, std::uint64_t slot,
                                           std::uint64_t word) const {
    if (is_large(span)) {
      if (word < window_from_ || word - window_from_ >= window_words_) return std::nullopt;
      return load_word(loaded_.front().bytes, word - window_from_);
    }
    std::uint64_t element = table_.objects.spans()[span].element_size_bytes;
    return load_word(loaded_[span - first_].bytes + slot * element, word);
  }
  // The type that the object's header or its span says; null when there is none to be believed.
  Address said_type(std::uint32_t span, std::uint64_t slot);

  bool is_large(std::uint32_t span) const {
    return table_.details[span].npages * kPageBytes > kChunkBytes;
  }
  const ContentLoss& loss() const { return loss_; }

 private:
  struct Loaded {
    const std::byte* bytes = nullptr;  // null: nothing allocated in it
    const std::byte* arena_bits = nullptr;
    const std::byte* no_more = nullptr;
  };
  struct Run {
    Address from;
    std::uint64_t size_bytes = 0;
    std::uint64_t at = 0;  // in buffer_
  };
  std::uint64_t reserve(Address from, std::uint64_t size_bytes);
  std::uint64_t reserve_arena_bits(Address base, std::uint64_t bytes);
  std::uint64_t reserve_no_more(Address base, std::uint64_t bytes);
  void read_runs();
  void read_page_by_page(const Run& run);
  void load_window(std::uint32_t span, std::uint64_t offset, std::uint64_t size_bytes);
  std::uint64_t end_of_pointers(std::uint32_t span, const TypeMask* mask) const;
  const TypeMask* find_large_mask(std::uint32_t span);
  const TypeMask* find_header_mask(const std::byte* object, std::uint64_t element_size_bytes);

  const HeapSpanTable& table_;
  RecentTypeMasks masks_;
  ContentLoss loss_;
  std::uint32_t first_ = 0;
  std::uint64_t window_from_ = 0, window_words_ = 0;  // of the large object, in words
  std::vector<Loaded> loaded_;
  std::vector<Run> runs_;
  std::size_t content_runs_ = 0;  // the first ones; behind them those of arenas' bits
  std::vector<target::Memory::Piece> pieces_;
  std::vector<std::byte> buffer_;
};

template <typename Visit>
void SpanContents::visit_slot(std::uint32_t index, std::uint64_t slot, Visit&& visit) {
  const SpanDetail& detail = table_.details[index];
  const Loaded& loaded = loaded_[index - first_];
  std::uint64_t element = table_.objects.spans()[index].element_size_bytes;
  std::uint64_t words = element / 8;
  const std::byte* object = loaded.bytes + slot * element;
  switch (detail.shape) {
    case PointerShape::kNone:
      return;
    case PointerShape::kSpanBits: {
      const std::byte* bits =
          loaded.bytes + span_bits_offset(detail.npages * kPageBytes, detail.inline_marks);
      visit_mask(load_bits(bits, slot * words, words), object, 0, visit);
      return;
    }
    case PointerShape::kArenaTwoBit:
      visit_two_bit(loaded.arena_bits, loaded.bytes, slot * words, (slot + 1) * words, visit);
      return;
    case PointerShape::kArenaOneBit:
      visit_one_bit(loaded.arena_bits, loaded.no_more, loaded.bytes, slot * words,
                    (slot + 1) * words, false, visit);
      return;
    case PointerShape::kHeader:
      if (const TypeMask* mask = find_header_mask(object, element))
        mask->for_each_pointer(0, words - 1, [&](std::uint64_t word) {
          visit(word + 1, load_word(object, word + 1));
        });
      else
        visit_all_words(object, 0, words, visit);
      return;
    case PointerShape::kLargeType:
      if (detail.large_type.is_null()) return;  // not initialised: nothing was stored in it yet
      if (const TypeMask* mask = find_large_mask(index))
        mask->for_each_pointer(0, words,
                               [&](std::uint64_t word) { visit(word, load_word(object, word)); });
      else
        visit_all_words(object, 0, words, visit);
      return;
    case PointerShape::kConservative:
      visit_all_words(object, 0, words, visit);
      return;
  }
}

template <typename Visit>
void SpanContents::visit_large(std::uint32_t index, Visit&& visit) {
  const SpanDetail& detail = table_.details[index];
  bool typed = detail.shape == PointerShape::kLargeType;
  if (detail.shape == PointerShape::kNone || (typed && detail.large_type.is_null())) return;
  const TypeMask* mask = typed ? find_large_mask(index) : nullptr;
  std::uint64_t total = end_of_pointers(index, mask);
  for (std::uint64_t from = 0; from < total; from += kChunkBytes / 8) {
    std::uint64_t count = std::min(total - from, kChunkBytes / 8);
    load_window(index, from * 8, count * 8);
    const Loaded& window = loaded_.front();
    auto moved = [&](std::uint64_t word, std::uint64_t value) { visit(from + word, value); };
    bool goes_on = true;
    if (mask != nullptr)
      mask->for_each_pointer(from, from + count, [&](std::uint64_t word) {
        visit(word, load_word(window.bytes, word - from));
      });
    else if (detail.shape == PointerShape::kArenaTwoBit)
      goes_on = visit_two_bit(window.arena_bits, window.bytes, 0, count, moved);
    else if (detail.shape == PointerShape::kArenaOneBit)
      goes_on = visit_one_bit(window.arena_bits, window.no_more, window.bytes, 0, count,
                              from + count < total, moved);
    else
      visit_all_words(window.bytes, 0, count, moved);
    if (!goes_on) return;
  }
}

}  // namespace goshawk::goruntime
