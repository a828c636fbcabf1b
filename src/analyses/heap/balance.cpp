// The picture has the resident bytes of each part of memory, and which pages of the heap's spans
// are not resident. Here the spans' bytes are shared out among their objects: what of an object is
// not resident is not counted, and what no object has (free slots, ends of spans) is the rest, so
// that the lines add up to what is resident, whatever an object's bits say.
//
// A descriptor (g) is an object like any other to the collector, which reaches all of them; those
// that ended goroutines have left are as large as the others.
#include "analyses/heap/balance.h"

#include <algorithm>
#include <array>

namespace goshawk::analyses::heap {

using findings::Balance;
using findings::BalanceLine;
using snapshot::MemoryPart;
using snapshot::MemoryUse;
using snapshot::ObjectId;
using snapshot::Snapshot;

namespace {

struct Tally {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;  // as allocated
  std::uint64_t resident_bytes = 0;

  void add(std::uint64_t size, std::uint64_t absent) {
    ++objects;
    bytes += size;
    resident_bytes += size - std::min(size, absent);
  }
};

struct HeapTally {
  Tally with_pointers, without_pointers, garbage;
};

// How many bytes of a range are in none of the resident pages. Asked in the order of addresses it
// walks along.
class AbsentPages {
 public:
  explicit AbsentPages(const std::vector<AddressRange>& ranges) : ranges_(ranges) {}

  std::uint64_t bytes_in(AddressRange range) {
    if (ranges_.empty()) return 0;
    if (range.start < last_) at_ = 0;
    last_ = range.start;
    while (at_ < ranges_.size() && ranges_[at_].end <= range.start) ++at_;
    std::uint64_t bytes = 0;
    for (std::size_t i = at_; i < ranges_.size() && ranges_[i].start < range.end; ++i)
      bytes += std::min(ranges_[i].end, range.end) - std::max(ranges_[i].start, range.start);
    return bytes;
  }

 private:
  const std::vector<AddressRange>& ranges_;
  std::size_t at_ = 0;
  Address last_;
};

HeapTally tally_heap(const Snapshot& snapshot, const graph::Reachability& live) {
  HeapTally heap;
  AbsentPages absent(snapshot.memory.absent);
  for (const snapshot::Span& span : snapshot.objects.spans()) {
    std::uint64_t size = span.element_size_bytes;
    bool whole = absent.bytes_in({span.base, span.base + size * span.slots}) == 0;
    Tally& in_use = span.noscan ? heap.without_pointers : heap.with_pointers;
    for (std::uint32_t slot = 0; slot < span.slots; ++slot) {
      ObjectId object = span.first + slot;
      if (!snapshot.objects.is_allocated(object)) continue;
      Address start = span.base + slot * size;
      std::uint64_t missing = whole ? 0 : absent.bytes_in({start, start + size});
      (live.is_marked(object) ? in_use : heap.garbage).add(size, missing);
    }
  }
  return heap;
}

// Those of living goroutines, and as many more as the runtime keeps for new ones.
Tally tally_descriptors(const Snapshot& snapshot) {
  Tally descriptors;
  std::uint64_t size = 0;
  for (const snapshot::Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.descriptor_object == snapshot::kNone) continue;
    size = snapshot.objects.size_bytes(goroutine.descriptor_object);
    descriptors.add(size, 0);
  }
  descriptors.objects += snapshot.dead_descriptors;
  descriptors.bytes += snapshot.dead_descriptors * size;
  descriptors.resident_bytes = descriptors.bytes;
  return descriptors;
}

struct PartLine {
  MemoryPart part;
  std::string_view name, text, advice;
};

constexpr PartLine kPartLines[] = {
    {MemoryPart::kFreePages, "heap_free_pages", "free heap pages, not given back to the kernel",
     "the heap was larger once; the runtime gives them back little by little, debug.FreeOSMemory "
     "at once, and GOMEMLIMIT bounds them"},
    {MemoryPart::kStacks, "stacks_in_use", "stacks of goroutines and of the runtime", ""},
    {MemoryPart::kIdleStacks, "stacks_idle", "stack memory that no goroutine has now",
     "there were more goroutines once, or deeper ones; a collection gives it back to the heap"},
    {MemoryPart::kWorkBuffers, "gc_work_buffers", "the collector's work buffers", ""},
    {MemoryPart::kRuntime, "runtime_tables", "the runtime's own tables (spans, arenas, profiles)",
     ""},
    {MemoryPart::kCode, "program_code", "the program's code", ""},
    {MemoryPart::kConstants, "program_constants", "the program's constants and function tables",
     ""},
    {MemoryPart::kVariables, "program_variables", "the program's global variables", ""},
    {MemoryPart::kLibraries, "libraries", "libraries and the kernel's vdso", ""},
    {MemoryPart::kFiles, "mapped_files", "mapped files and shared memory", ""},
    {MemoryPart::kThreadStacks, "thread_stacks", "stacks of threads, outside of Go's heap", ""},
    {MemoryPart::kCMemory, "c_heap", "C's heap (brk)", ""},
    {MemoryPart::kOtherAnonymous, "other_anonymous",
     "other anonymous memory: C's malloc, mmap, the runtime's rest", ""},
    {MemoryPart::kUntold, "not_told_apart", "memory whose place the kernel does not tell", ""},
};

std::uint64_t bytes_of(const MemoryUse& memory, MemoryPart part) {
  return memory.bytes[static_cast<std::size_t>(part)];
}

// Takes what there is of `wanted` out of `rest`.
std::uint64_t take(std::uint64_t wanted, std::uint64_t& rest) {
  std::uint64_t taken = std::min(wanted, rest);
  rest -= taken;
  return taken;
}

void add_heap_lines(const Snapshot& snapshot, const graph::Reachability& live, Balance& balance) {
  HeapTally heap = tally_heap(snapshot, live);
  Tally descriptors = tally_descriptors(snapshot);
  balance.live_bytes = heap.with_pointers.bytes + heap.without_pointers.bytes;
  balance.absent_live_bytes =
      balance.live_bytes - heap.with_pointers.resident_bytes - heap.without_pointers.resident_bytes;

  std::uint64_t spans = bytes_of(snapshot.memory, MemoryPart::kSpans);
  std::uint64_t scannable = take(heap.with_pointers.resident_bytes, spans);
  std::uint64_t of_descriptors = take(descriptors.resident_bytes, scannable);
  std::uint64_t scannable_objects =
      heap.with_pointers.objects - std::min(heap.with_pointers.objects, descriptors.objects);
  auto add = [&](std::string_view name, std::string_view text, std::uint64_t bytes,
                 std::optional<std::uint64_t> count, std::string_view unit,
                 std::string_view advice) {
    balance.lines.push_back({name, text, bytes, count, unit, advice});
  };
  add("heap_live_with_pointers", "live objects with pointers", scannable, scannable_objects,
      "object", "");
  add("heap_live_without_pointers", "live objects without pointers (strings, bytes, numbers)",
      take(heap.without_pointers.resident_bytes, spans), heap.without_pointers.objects, "object",
      "");
  add("goroutine_descriptors", "goroutine descriptors, those of ended ones too", of_descriptors,
      descriptors.objects, "descriptor", "they are never freed: as many goroutines lived at once");
  add("heap_garbage", "garbage that no collection has freed yet",
      take(heap.garbage.resident_bytes, spans), heap.garbage.objects, "object",
      "the next collection frees it; GOGC says how much may gather");
  add("heap_free_slots", "free slots between objects", spans, std::nullopt, "",
      "sizes that are in use no more, scattered");
}

}  // namespace

Balance draw_up_balance(const Snapshot& snapshot, const graph::Reachability& live) {
  const MemoryUse& memory = snapshot.memory;
  Balance balance{.by_kernel = memory.by_kernel,
                  .kernel_rss_bytes = memory.kernel_rss_bytes,
                  .swapped_bytes = memory.swapped_bytes,
                  .page_table_bytes = memory.page_table_bytes,
                  .lines = {}};
  for (std::uint64_t bytes : memory.bytes) balance.total_bytes += bytes;
  add_heap_lines(snapshot, live, balance);
  for (const PartLine& line : kPartLines)
    balance.lines.push_back(
        {line.name, line.text, bytes_of(memory, line.part), std::nullopt, "", line.advice});
  std::ranges::stable_sort(balance.lines, std::ranges::greater{}, &BalanceLine::bytes);
  return balance;
}

}  // namespace goshawk::analyses::heap
