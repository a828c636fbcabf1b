// A swept span: slots below freeindex, and those whose allocBits bit is set. An unswept one (its
// sweepgen lags behind the heap's): the marks say what is alive, in gcmarkBits and, where the span
// has them, in its inline mark bits; the rest is garbage whose pointers dangle. A span that is just
// being swept (distance -1) may have swapped its mark bits for new, empty ones already: when no
// mark is left there, the swept rule is used, which can only take more slots for allocated.
//
// Where a bit cannot be read every slot counts as allocated: an object too many is harmless to a
// proof, one too few is not. allocCount calibrates all this: for a swept span it equals the number
// of bits, but for one slot when the stopped thread is between two stores (malloc.go nextFreeFast).
#include "goruntime/heap/span_allocation.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {

namespace {

constexpr std::int32_t kBeingSwept = -1;
constexpr std::size_t kToleratedContradictions = 8;

using Bits = std::vector<std::uint64_t>;

std::size_t words_of(std::uint64_t slots) { return (slots + 63) / 64; }

void merge_bytes(ByteView bytes, Bits& into) {
  for (std::size_t i = 0; i < bytes.size() && i / 8 < into.size(); ++i)
    into[i / 8] |= std::to_integer<std::uint64_t>(bytes[i]) << (i % 8 * 8);
}

void trim(Bits& bits, std::uint64_t slots) {
  if (slots % 64 != 0) bits.back() &= (std::uint64_t{1} << (slots % 64)) - 1;
}

void set_below(Bits& bits, std::uint64_t end) {
  for (std::uint64_t i = 0; i * 64 < end; ++i)
    bits[i] |= end - i * 64 >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - i * 64)) - 1;
}

std::uint64_t count_bits(const Bits& bits) {
  std::uint64_t count = 0;
  for (std::uint64_t word : bits) count += std::popcount(word);
  return count;
}

// Copies a span's bits to their place in the bits of all objects.
void store(const Bits& bits, std::uint64_t slots, snapshot::ObjectId first,
           std::vector<std::uint64_t>& all) {
  std::uint64_t shift = first % 64;
  for (std::size_t i = 0; i < words_of(slots); ++i) {
    std::size_t at = first / 64 + i;
    all[at] |= bits[i] << shift;
    if (shift != 0 && at + 1 < all.size()) all[at + 1] |= bits[i] >> (64 - shift);
  }
}

class Reader {
 public:
  Reader(const target::Memory& memory, const HeapSpans& spans, snapshot::Objects& objects)
      : memory_(memory), spans_(spans), objects_(objects) {}

  void read_swept() {
    std::vector<GatherRequest> requests;
    for (std::size_t i = 0; i < spans_.in_use.size(); ++i) {
      const Mspan& span = spans_.in_use[i].mspan;
      if (is_unswept(spans_.sweep_distance(span))) continue;
      ++swept_;
      bool full = span.freeindex == span.nelems || span.alloc_count == span.nelems;
      if (full)
        store_swept(i, {}, span.nelems);
      else
        requests.push_back({span.alloc_bits, static_cast<std::uint32_t>((span.nelems + 7) / 8),
                            static_cast<std::uint32_t>(i)});
    }
    gather(memory_, requests, [&](std::uint32_t i, ByteView bytes) {
      const Mspan& span = spans_.in_use[i].mspan;
      if (bytes.empty()) ++unreadable_;
      store_swept(i, bytes, bytes.empty() ? span.nelems : span.freeindex);
    });
  }

  // Rare: only while the sweeper is at work, so each span is read by itself.
  void read_unswept() {
    for (std::size_t i = 0; i < spans_.in_use.size(); ++i) {
      const InUseSpan& span = spans_.in_use[i];
      std::int32_t distance = spans_.sweep_distance(span.mspan);
      if (is_unswept(distance))
        requests_.push_back({span.mspan.gcmark_bits,
                             static_cast<std::uint32_t>((span.mspan.nelems + 7) / 8),
                             static_cast<std::uint32_t>(i)});
    }
    std::vector<Bits> marks(requests_.size());
    std::vector<bool> failed(requests_.size());
    std::vector<std::uint32_t> span_of(requests_.size());
    std::vector<GatherRequest> inline_requests;
    for (std::size_t k = 0; k < requests_.size(); ++k) {
      std::uint32_t i = requests_[k].index;
      const InUseSpan& span = spans_.in_use[i];
      span_of[k] = i;
      requests_[k].index = static_cast<std::uint32_t>(k);
      marks[k].resize(words_of(span.mspan.nelems));
      if (span.shape.inline_marks)
        inline_requests.push_back(
            {span.mspan.base + inline_marks_offset(span.mspan.npages * kPageBytes),
             kInlineMarksLength, static_cast<std::uint32_t>(k)});
    }
    auto merge = [&](std::uint32_t k, ByteView bytes) {
      if (bytes.empty()) failed[k] = true;
      merge_bytes(bytes, marks[k]);
    };
    gather(memory_, requests_, merge);
    gather(memory_, inline_requests, merge);
    for (std::size_t k = 0; k < marks.size(); ++k) store_unswept(span_of[k], marks[k], failed[k]);
  }

  void revive(const std::vector<RevivedSlot>& revived) {
    for (RevivedSlot slot : revived) {
      const snapshot::Span& span = objects_.spans()[slot.span];
      std::uint64_t object = std::uint64_t{span.first} + slot.slot;
      if (slot.slot < span.slots)
        objects_.allocated[object / 64] |= std::uint64_t{1} << (object % 64);
    }
  }

  bool is_refused() const { return contradictory_ > kToleratedContradictions + swept_ / 10; }

  void record(const std::string& origin, std::vector<snapshot::Binding>& bindings) const {
    bindings.push_back(snapshot::tried("runtime.mspan.allocBits", origin,
                                       "spans whose allocation bits are as many as allocCount",
                                       counted_ - contradictory_, counted_));
    if (is_refused()) bindings.back().standing = snapshot::Standing::kFailed;
  }

  Result<void> judge(std::vector<snapshot::Doubt>& doubts) const {
    if (is_refused())
      return fail(
          Missing{fmt::format("runtime.mspan.allocBits as this binary has them ({} of {} spans "
                              "count otherwise)",
                              contradictory_, swept_),
                  "reading the heap"});
    if (contradictory_ > 0)
      doubts.push_back({fmt::format("the allocation bits of {} heap spans contradict their count",
                                    contradictory_),
                        true});
    if (unreadable_ > 0)
      doubts.push_back(
          {fmt::format("the allocation bits of {} heap spans could not be read; all of "
                       "their slots count as objects",
                       unreadable_),
           false});
    return {};
  }

 private:
  void store_swept(std::size_t i, ByteView alloc_bits, std::uint64_t allocated_below) {
    const Mspan& span = spans_.in_use[i].mspan;
    Bits& bits = scratch_;
    bits.assign(words_of(span.nelems), 0);
    merge_bytes(alloc_bits, bits);
    trim(bits, span.nelems);
    set_below(bits, allocated_below);
    bool unread = alloc_bits.empty() && span.freeindex != span.nelems;
    if (!unread) check_count(i, count_bits(bits));
    store(bits, span.nelems, objects_.spans()[i].first, objects_.allocated);
  }

  void store_unswept(std::size_t i, Bits& marks, bool failed) {
    const Mspan& span = spans_.in_use[i].mspan;
    trim(marks, span.nelems);
    if (failed) {
      ++unreadable_;
      set_below(marks, span.nelems);
    } else if (spans_.sweep_distance(span) == kBeingSwept && count_bits(marks) == 0) {
      std::vector<std::byte> bytes((span.nelems + 7) / 8);
      bool there = memory_.read(span.alloc_bits, bytes).has_value();
      if (there)
        merge_bytes(bytes, marks);
      else
        ++unreadable_;
      trim(marks, span.nelems);
      set_below(marks, there ? span.freeindex : span.nelems);
    }
    store(marks, span.nelems, objects_.spans()[i].first, objects_.allocated);
  }

  void check_count(std::size_t i, std::uint64_t counted) {
    const Mspan& span = spans_.in_use[i].mspan;
    std::uint64_t difference =
        counted > span.alloc_count ? counted - span.alloc_count : span.alloc_count - counted;
    bool between_stores = difference == 1 && (spans_.sweep_distance(span) == 3 || span.nelems == 1);
    ++counted_;
    if (difference != 0 && !between_stores) ++contradictory_;
  }

  const target::Memory& memory_;
  const HeapSpans& spans_;
  snapshot::Objects& objects_;
  std::vector<GatherRequest> requests_;
  Bits scratch_;
  std::size_t swept_ = 0, counted_ = 0, contradictory_ = 0, unreadable_ = 0;
};

}  // namespace

Result<void> read_allocated(const target::Memory& memory, const HeapLayout& layout,
                            const HeapSpans& spans, const std::vector<RevivedSlot>& revived,
                            snapshot::Objects& objects, std::vector<snapshot::Doubt>& doubts,
                            std::vector<snapshot::Binding>& bindings) {
  Reader reader(memory, spans, objects);
  reader.read_swept();
  reader.read_unswept();
  reader.revive(revived);
  reader.record(layout.mspan_origin, bindings);
  return reader.judge(doubts);
}

}  // namespace goshawk::goruntime
