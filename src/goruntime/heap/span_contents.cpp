// A chunk's spans lie mostly side by side, and so do the arena's bits of side-by-side spans: each
// run of neighbours is one piece of one vectored read. Spans without objects are not read. A piece
// that fails is read page by page; what stays unreadable is zero and counted.
//
// The word that says an object's type can be stale (a slot between allocation and initialisation)
// or a lie. A type is believed when it lies where the runtime keeps descriptors (not in free
// memory), its head makes sense, and it fits into the object; else the object is scanned word by
// word, which can only find too much.
#include "goruntime/heap/span_contents.h"

#include <algorithm>
#include <optional>

namespace goshawk::goruntime {

std::uint64_t SpanContents::reserve(Address from, std::uint64_t size_bytes) {
  if (!runs_.empty() && runs_.back().from + runs_.back().size_bytes == from) {
    std::uint64_t at = runs_.back().at + runs_.back().size_bytes;
    runs_.back().size_bytes += size_bytes;
    return at;
  }
  std::uint64_t at = runs_.empty() ? 0 : runs_.back().at + runs_.back().size_bytes;
  runs_.push_back({from, size_bytes, at});
  return at;
}

// The parts of [base, base + bytes) that lie in one arena each: visit(address, bytes).
template <typename Visit>
static void split_by_arena(Address base, std::uint64_t bytes, Visit&& visit) {
  for (std::uint64_t done = 0; done < bytes;) {
    std::uint64_t to_arena_end = kArenaBytes - (base + done).value() % kArenaBytes;
    std::uint64_t part = std::min(bytes - done, to_arena_end);
    visit(base + done, part);
    done += part;
  }
}

// A range that crosses into the next arena has its bits in two places; they end up side by side.
std::uint64_t SpanContents::reserve_arena_bits(Address base, std::uint64_t bytes) {
  std::optional<std::uint64_t> at;
  std::uint64_t bytes_a_byte = table_.arena.bitmap_kind == ArenaBitmap::kTwoBit ? 32 : 64;
  split_by_arena(base, bytes, [&](Address part, std::uint64_t size) {
    std::uint64_t place = reserve(table_.arena_bits_of(part), size / bytes_a_byte);
    if (!at) at = place;
  });
  return at.value_or(0);
}

std::uint64_t SpanContents::reserve_no_more(Address base, std::uint64_t bytes) {
  std::optional<std::uint64_t> at;
  split_by_arena(base, bytes, [&](Address part, std::uint64_t size) {
    std::uint64_t place = reserve(table_.no_more_of(part), size / 64 / 64);
    if (!at) at = place;
  });
  return at.value_or(0);
}

void SpanContents::read_chunk(std::uint32_t first, std::uint32_t end) {
  first_ = first;
  loaded_.assign(end - first, {});
  runs_.clear();
  struct Places {
    std::uint64_t bytes, bits, no_more;
  };
  std::vector<Places> places(end - first);
  auto for_each_span = [&](auto&& visit) {
    for (std::uint32_t i = first; i < end; ++i)
      if (table_.details[i].any_allocated)
        visit(i - first, table_.objects.spans()[i].base, table_.details[i].npages * kPageBytes);
  };
  // Contents first, then bits, then end marks, so that neighbours of a kind follow each other.
  for_each_span([&](std::uint32_t k, Address base, std::uint64_t bytes) {
    places[k].bytes = reserve(base, bytes);
  });
  content_runs_ = runs_.size();
  if (table_.arena.bitmap_kind != ArenaBitmap::kNone)
    for_each_span([&](std::uint32_t k, Address base, std::uint64_t bytes) {
      places[k].bits = reserve_arena_bits(base, bytes);
    });
  if (table_.arena.bitmap_kind == ArenaBitmap::kOneBit)
    for_each_span([&](std::uint32_t k, Address base, std::uint64_t bytes) {
      places[k].no_more = reserve_no_more(base, bytes);
    });
  read_runs();
  for_each_span([&](std::uint32_t k, Address, std::uint64_t) {
    const std::byte* buffer = buffer_.data();
    loaded_[k] = {buffer + places[k].bytes, buffer + places[k].bits, buffer + places[k].no_more};
  });
}

void SpanContents::read_runs() {
  if (runs_.empty()) return;
  std::uint64_t total = runs_.back().at + runs_.back().size_bytes;
  if (buffer_.size() < total) buffer_.resize(total);
  pieces_.clear();
  for (const Run& run : runs_)
    pieces_.push_back({run.from, buffer_.data() + run.at, run.size_bytes, false});
  std::span<target::Memory::Piece> pieces(pieces_);
  std::size_t failed = table_.memory->read_contents(pieces.first(content_runs_));
  // The arenas' bits are asked for again and again.
  if (content_runs_ < pieces.size())
    failed += table_.memory->read_pieces(pieces.subspan(content_runs_));
  if (failed == 0) return;
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (!pieces_[i].ok) read_page_by_page(runs_[i]);
}

void SpanContents::read_page_by_page(const Run& run) {
  std::vector<target::Memory::Piece> pages;
  for (std::uint64_t done = 0; done < run.size_bytes;) {
    std::uint64_t to_page_end = kPageBytes - (run.from + done).value() % kPageBytes;
    std::uint64_t size = std::min(run.size_bytes - done, to_page_end);
    pages.push_back({run.from + done, buffer_.data() + run.at + done, size, false});
    done += size;
  }
  table_.memory->read_contents(pages);
  std::uint64_t lost = 0;
  for (const auto& page : pages)
    if (!page.ok) lost += page.size_bytes;
  if (lost > 0) ++loss_.unreadable_spans;
  loss_.unreadable_bytes += lost;
}

void SpanContents::load_window(std::uint32_t span, std::uint64_t offset, std::uint64_t size_bytes) {
  Address from = table_.objects.spans()[span].base + offset;
  runs_.clear();
  std::uint64_t bytes = reserve(from, size_bytes), bits = 0, no_more = 0;
  content_runs_ = runs_.size();
  bool has_arena_bits = table_.arena.bitmap_kind != ArenaBitmap::kNone;
  // Whole 64-bit words of bits, and whole bytes of end marks.
  std::uint64_t rounded = (size_bytes + 4095) / 4096 * 4096;
  if (has_arena_bits) bits = reserve_arena_bits(from, rounded);
  if (table_.arena.bitmap_kind == ArenaBitmap::kOneBit) no_more = reserve_no_more(from, rounded);
  read_runs();
  window_from_ = offset / 8;
  window_words_ = size_bytes / 8;
  loaded_.assign(1, {buffer_.data() + bytes, buffer_.data() + bits, buffer_.data() + no_more});
}

// An array's mask repeats to the end; behind a single value is nothing but the rest of its page.
std::uint64_t SpanContents::end_of_pointers(std::uint32_t span, const TypeMask* mask) const {
  std::uint64_t words = table_.objects.spans()[span].element_size_bytes / 8;
  if (mask == nullptr || mask->size_words <= words / 2) return words;
  return std::min(words, mask->pointer_words);
}

const TypeMask* SpanContents::find_large_mask(std::uint32_t span) {
  Address type = table_.details[span].large_type;
  std::uint64_t room = table_.objects.spans()[span].element_size_bytes;
  const TypeMask* mask = masks_.find(type, room);
  if (mask == nullptr) ++loss_.conservative_objects;
  return mask;
}

Address SpanContents::said_type(std::uint32_t span, std::uint64_t slot) {
  const SpanDetail& detail = table_.details[span];
  std::uint64_t room = table_.objects.spans()[span].element_size_bytes;
  Address type;
  if (detail.shape == PointerShape::kLargeType) type = detail.large_type;
  if (detail.shape == PointerShape::kHeader) {
    type = Address(loaded_word(span, slot, 0).value_or(0));
    room -= kMallocHeaderBytes;
  }
  return type.is_null() || masks_.find(type, room) == nullptr ? Address() : type;
}

const TypeMask* SpanContents::find_header_mask(const std::byte* object,
                                               std::uint64_t element_size_bytes) {
  Address type(load_word(object, 0));
  const TypeMask* mask = masks_.find(type, element_size_bytes - kMallocHeaderBytes);
  if (mask == nullptr) ++loss_.conservative_objects;
  return mask;
}

}  // namespace goshawk::goruntime
