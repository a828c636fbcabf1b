// Most of a large heap is as it was: then numbers differ by what few spans came and went before
// them, and a span costs a copy of its rows. Edges are renumbered where they are. Where no span
// came or went, which is the rule for a program at rest, rows stay where they are too: a second
// array of them is a third of all the memory that a picture takes.
#include "goruntime/heap/reused_references.h"

#include <algorithm>
#include <unordered_map>

namespace goshawk::goruntime {

namespace {

using snapshot::kNone;
using snapshot::ObjectId;

// To who points to it.
bool has_same_slots(const HeapSpanTable& before, std::uint32_t i, const HeapSpanTable& now,
                    std::uint32_t k) {
  const snapshot::Span& was = before.objects.spans()[i];
  const snapshot::Span& is = now.objects.spans()[k];
  return was.base == is.base && was.element_size_bytes == is.element_size_bytes &&
         was.slots == is.slots && before.details[i].npages == now.details[k].npages;
}

// 64 bits from any bit on; those behind the end are 0.
std::uint64_t bits_from(const std::vector<std::uint64_t>& bits, std::uint64_t first) {
  std::uint64_t at = first / 64, shift = first % 64;
  if (at >= bits.size()) return 0;
  std::uint64_t word = bits[at] >> shift;
  if (shift != 0 && at + 1 < bits.size()) word |= bits[at + 1] << (64 - shift);
  return word;
}

struct Allocation {
  bool grew = false, shrank = false;
};

Allocation compare_allocated(const snapshot::Objects& before, ObjectId first_before,
                             const snapshot::Objects& now, ObjectId first_now,
                             std::uint32_t slots) {
  Allocation difference;
  for (std::uint64_t slot = 0; slot < slots; slot += 64) {
    std::uint64_t mask =
        slots - slot >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (slots - slot)) - 1;
    std::uint64_t was = bits_from(before.allocated, first_before + slot) & mask;
    std::uint64_t is = bits_from(now.allocated, first_now + slot) & mask;
    difference.grew = difference.grew || (is & ~was) != 0;
    difference.shrank = difference.shrank || (was & ~is) != 0;
  }
  return difference;
}

}  // namespace

AddressRange find_neighbourhood(const HeapSpanTable& table) {
  constexpr std::uint64_t kRoomToGrow = std::uint64_t{1} << 40;
  if (table.arenas.indices().empty()) return {};
  Address first = table.mheap.arena_start(table.arenas.indices().front());
  Address last = table.mheap.arena_start(table.arenas.indices().back());
  return {first, last + kRoomToGrow};
}

Renumbering::Renumbering(const HeapSpanTable& before, const HeapSpanTable& now)
    : span_before_(now.details.size(), kNone) {
  std::unordered_map<Address, std::uint32_t> now_at;
  now_at.reserve(now.details.size());
  for (std::uint32_t k = 0; k < now.details.size(); ++k)
    now_at.emplace(now.objects.spans()[k].base, k);
  for (std::uint32_t i = 0; i < before.details.size(); ++i) {
    const snapshot::Span& was = before.objects.spans()[i];
    auto found = now_at.find(was.base);
    std::int64_t difference = kGone;
    if (found != now_at.end() && has_same_slots(before, i, now, found->second)) {
      span_before_[found->second] = i;
      difference = std::int64_t{now.objects.spans()[found->second].first} - was.first;
    }
    if (runs_.empty() || runs_.back().difference != difference)
      runs_.push_back({was.first, difference});
  }
  if (runs_.empty()) runs_.push_back({0, kGone});
  run_of_block_.resize(before.objects.count() / kBlock + 1);
  std::uint32_t run = 0;
  for (std::uint32_t block = 0; block < run_of_block_.size(); ++block) {
    while (run + 1 < runs_.size() && runs_[run + 1].first <= std::uint64_t{block} * kBlock) ++run;
    run_of_block_[block] = run;
  }
}

ReusedReferences::ReusedReferences(const HeapSpanTable& before, snapshot::References& earlier,
                                   const std::vector<bool>& of_no_use,
                                   const target::PageRanges& changed, const HeapSpanTable& now,
                                   snapshot::References& references)
    : before_(before),
      of_no_use_(of_no_use),
      changed_(changed),
      now_(now),
      references_(references),
      renumbering_(before, now),
      rows_before_(earlier.rows.data()) {
  references.edges = std::move(earlier.edges);
  bool same_rows = renumbering_.is_identity() && earlier.rows.capacity() == now.objects.row_count();
  (same_rows ? references.rows : moved_) = std::move(earlier.rows);
  if (!same_rows) references.rows = ReservedArray<std::uint32_t>(now.objects.row_count());
  // What lay nowhere near the heap then does not now.
  AddressRange near = find_neighbourhood(before);
  const std::vector<std::uint64_t>& arenas = now.arenas.indices();
  usable_ = before.arena.bitmap_kind == now.arena.bitmap_kind && !arenas.empty() &&
            near.contains(now.mheap.arena_start(arenas.front())) &&
            near.contains(now.mheap.arena_start(arenas.back() + 1));
}

bool ReusedReferences::is_same(std::uint32_t before, std::uint32_t now) const {
  const SpanDetail& was = before_.details[before];
  const SpanDetail& is = now_.details[now];
  return was.large_type == is.large_type && was.shape == is.shape &&
         was.inline_marks == is.inline_marks;
}

bool ReusedReferences::is_changed(std::uint32_t span) const {
  Address base = now_.objects.spans()[span].base;
  std::uint64_t bytes = now_.details[span].npages * kPageBytes;
  if (changed_.overlaps({base, base + bytes})) return true;
  if (now_.arena.bitmap_kind == ArenaBitmap::kNone) return false;
  // Arena by arena: each has its bits elsewhere.
  for (std::uint64_t done = 0; done < bytes;) {
    Address at = base + done;
    std::uint64_t part = std::min(bytes - done, kArenaBytes - at.value() % kArenaBytes);
    Address bits = now_.arena_bits_of(at);
    if (bits.is_null() || bits != before_.arena_bits_of(at)) return true;
    std::uint64_t bytes_a_byte = now_.arena.bitmap_kind == ArenaBitmap::kTwoBit ? 32 : 64;
    if (changed_.overlaps({bits, bits + (part / bytes_a_byte + 1)})) return true;
    if (now_.arena.bitmap_kind == ArenaBitmap::kOneBit) {
      Address no_more = now_.no_more_of(at);
      if (changed_.overlaps({no_more, no_more + (part / 64 / 64 + 1)})) return true;
    }
    done += part;
  }
  return false;
}

void ReusedReferences::clear(std::uint32_t index) {
  const snapshot::Span& span = now_.objects.spans()[index];
  std::uint32_t* rows = references_.rows.data() + span.first;
  if (rows == rows_before_ + span.first) std::fill_n(rows, span.slots + 1, 0);
}

std::optional<std::uint64_t> ReusedReferences::take(std::uint32_t index) {
  std::uint32_t before = renumbering_.span_before(index);
  if (!usable_ || before == kNone || of_no_use_[before] || before_.objects.spans()[before].noscan ||
      !is_same(before, index) || is_changed(index))
    return std::nullopt;
  const snapshot::Span& was = before_.objects.spans()[before];
  const snapshot::Span& is = now_.objects.spans()[index];
  Allocation allocation =
      compare_allocated(before_.objects, was.first, now_.objects, is.first, is.slots);
  if (allocation.grew) return std::nullopt;
  const std::uint32_t* rows_before = rows_before_ + was.first;
  std::uint32_t* rows = references_.rows.data() + is.first;
  ObjectId* edges = references_.edges.data();
  if (renumbering_.is_identity() && !allocation.shrank) {
    if (rows != rows_before) std::copy_n(rows_before, is.slots + 1, rows);
    return rows[is.slots] - rows[0];
  }
  std::uint32_t out = rows_before[0];
  for (std::uint32_t slot = 0; slot < is.slots; ++slot) {
    std::uint32_t from = rows_before[slot], to = rows_before[slot + 1];
    rows[slot] = out;
    if (allocation.shrank && !now_.objects.is_allocated(is.first + slot)) continue;
    for (; from < to; ++from) {
      auto now = renumbering_.find(edges[from]);
      if (!now) return std::nullopt;
      edges[out++] = *now;
    }
  }
  rows[is.slots] = out;
  return out - rows[0];
}

}  // namespace goshawk::goruntime
