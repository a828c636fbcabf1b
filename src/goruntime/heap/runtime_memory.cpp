// Two kinds of blocks lie in no list that a symbol-less program shows, so that their heads are
// looked for among the runtime's variables by what hangs on them (facts/persistent_memory.h): the
// chain of chunks that has every mspan, and the lists of arenas that have every bit of a span.
// Tables that the heap's own structure points to are taken from there.
//
// Not found, as nothing leads to them: blocks of 64 KiB and more that are allocated alone (the hash
// table of profile buckets, the collector's queues, trace buffers). In a program without C they are
// what remains of its anonymous memory, beside what it has mapped itself.
#include "goruntime/heap/runtime_memory.h"

#include <algorithm>
#include <optional>

#include "base/cycle_guard.h"
#include "goruntime/facts/page_alloc.h"
#include "goruntime/facts/persistent_memory.h"

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kSmallPageBytes = 4096;
constexpr std::uint64_t kMostBlocks = 1 << 22;  // a terabyte of chunks
constexpr std::uint64_t kMostVariableBytes = 64 << 20;

// Blocks of one size that a head leads to, by address.
struct Blocks {
  std::vector<AddressRange> ranges;

  bool has(Address address) const {
    auto after = std::ranges::upper_bound(ranges, address, {}, &AddressRange::start);
    return after != ranges.begin() && (after - 1)->contains(address);
  }
  std::size_t count(const std::vector<Address>& addresses) const {
    return std::ranges::count_if(addresses, [&](Address address) { return has(address); });
  }
};

class Search {
 public:
  Search(const target::Memory& memory, const std::vector<target::Mapping>& mappings,
         const Modules& modules)
      : memory_(memory) {
    for (const target::Mapping& mapping : mappings)
      if (mapping.inode == 0 && mapping.readable && mapping.writable && !mapping.shared &&
          !mapping.path.starts_with('/'))
        writable_.push_back(mapping.range);
    std::ranges::sort(writable_, {}, &AddressRange::start);
    join_neighbours();
    for (AddressRange variables : {modules.all.front().noptrbss, modules.all.front().bss})
      find_heads(variables);
  }

  // Chunks: the next one's address in the first word.
  Blocks find_persistent(const std::vector<Address>& mspan_pages) {
    Blocks best;
    std::size_t most = 0;
    for (const Head& head : heads_) {
      Blocks blocks = follow(head.value, 0, kPersistentChunkBytes);
      std::size_t having = blocks.count(mspan_pages);
      if (having < most || (having == most && blocks.ranges.size() <= best.ranges.size())) continue;
      most = having;
      best = std::move(blocks);
    }
    if (most == 0) best.ranges.clear();
    return best;
  }

  // Arenas: an index, then the next one's address. A list without a span's bit is one of the four
  // only beside one that has such a bit: the spare ones.
  Blocks find_bit_arenas(const std::vector<Address>& bit_pages) {
    std::vector<AddressRange> found;
    std::vector<Address> places;
    auto take = [&](const Blocks& blocks) {
      found.insert(found.end(), blocks.ranges.begin(), blocks.ranges.end());
    };
    for (const Head& head : heads_) {
      Blocks blocks = follow_bits(head.value);
      if (blocks.count(bit_pages) == 0) continue;
      places.push_back(head.place);
      take(blocks);
    }
    for (const Head& head : heads_)
      if (std::ranges::any_of(places, [&](Address place) { return head.place + 8 == place; }))
        take(follow_bits(head.value));
    std::ranges::sort(found, {}, &AddressRange::start);
    auto [first, last] = std::ranges::unique(found);
    found.erase(first, last);
    return {std::move(found)};
  }

 private:
  struct Head {
    Address place, value;
  };

  void join_neighbours() {
    std::size_t kept = 0;
    for (AddressRange range : writable_) {
      if (kept > 0 && range.start <= writable_[kept - 1].end)
        writable_[kept - 1].end = std::max(writable_[kept - 1].end, range.end);
      else
        writable_[kept++] = range;
    }
    writable_.resize(kept);
  }

  bool is_block(Address start, std::uint64_t size_bytes) const {
    if (start.is_null() || !start.is_aligned(kSmallPageBytes)) return false;
    auto after = std::ranges::upper_bound(writable_, start, {}, &AddressRange::start);
    if (after == writable_.begin()) return false;
    AddressRange range = *(after - 1);
    return start < range.end && size_bytes <= range.end - start;
  }

  void find_heads(AddressRange variables) {
    std::uint64_t count = std::min(variables.size_bytes(), kMostVariableBytes) / 8;
    Address start((variables.start.value() + 7) & ~std::uint64_t{7});
    auto words = memory_.read_array<std::uint64_t>(start, count);
    if (!words) return;
    for (std::size_t i = 0; i < words->size(); ++i)
      if (is_block(Address((*words)[i]), kGcBitsArenaBytes))
        heads_.push_back({start + i * 8, Address((*words)[i])});
  }

  // Empty when it is no chain to its end.
  Blocks follow(Address first, std::uint64_t next, std::uint64_t block_bytes) const {
    Blocks blocks;
    CycleGuard guard;
    for (Address at = first; !at.is_null();) {
      if (!is_block(at, block_bytes) || guard.returns(at) || blocks.ranges.size() >= kMostBlocks)
        return {};
      blocks.ranges.push_back({at, at + block_bytes});
      auto link = memory_.read_value<std::uint64_t>(at + next);
      if (!link) return {};
      at = Address(*link);
    }
    std::ranges::sort(blocks.ranges, {}, &AddressRange::start);
    return blocks;
  }

  Blocks follow_bits(Address first) const {
    auto free = memory_.read_value<std::uint64_t>(first);
    // Whoever asks for too much raises it beyond the end.
    if (!free || *free > 2 * kGcBitsArenaBytes) return {};
    return follow(first, 8, kGcBitsArenaBytes);
  }

  const target::Memory& memory_;
  std::vector<AddressRange> writable_;  // anonymous memory, by address, neighbours as one
  std::vector<Head> heads_;
};

void add_tables(const target::Memory& memory, Address mheap, const LayoutSource& layout,
                std::vector<AddressRange>& ranges, std::vector<snapshot::Binding>& bindings) {
  constexpr const char* kFact = "runtime.mheap.pages";
  constexpr const char* kCheck = "its tables are as long as the levels of its tree";
  auto fact = PageAllocFact::bind(layout);
  if (!fact) {
    bindings.push_back(snapshot::missing(kFact, kCheck));
    return;
  }
  auto bytes = memory.read_bytes(mheap + fact->in_mheap, fact->size_bytes);
  auto tables = bytes ? fact->parse(*bytes) : std::nullopt;
  bindings.push_back(
      snapshot::tried(kFact, layout.origin_of("runtime.mheap"), kCheck, tables ? 1 : 0, 1));
  if (tables) ranges.insert(ranges.end(), tables->begin(), tables->end());
}

void record(const char* fact, const char* check, const Blocks& blocks,
            const std::vector<Address>& wanted, std::vector<snapshot::Binding>& bindings) {
  bindings.push_back(blocks.ranges.empty() ? snapshot::missing(fact, check)
                                           : snapshot::tried(fact, "its shape", check,
                                                             blocks.count(wanted), wanted.size()));
}

}  // namespace

std::vector<AddressRange> find_runtime_memory(const target::Memory& memory,
                                              const std::vector<target::Mapping>& mappings,
                                              const Modules& modules, Address mheap,
                                              const LayoutSource& layout, const HeapPlaces& heap,
                                              std::vector<snapshot::Binding>& bindings) {
  std::vector<AddressRange> ranges = heap.descriptors;
  Search search(memory, mappings, modules);
  Blocks persistent = search.find_persistent(heap.mspan_pages);
  record("runtime.persistentChunks", "pages of mspans that are in its chunks", persistent,
         heap.mspan_pages, bindings);
  Blocks bits = search.find_bit_arenas(heap.bit_pages);
  record("runtime.gcBitsArenas", "pages of mark and allocation bits that are in its arenas", bits,
         heap.bit_pages, bindings);
  for (const Blocks* blocks : {&persistent, &bits})
    ranges.insert(ranges.end(), blocks->ranges.begin(), blocks->ranges.end());
  add_tables(memory, mheap, layout, ranges, bindings);
  // Whatever became of the lists, these pages are the runtime's.
  for (const auto* pages : {&heap.mspan_pages, &heap.bit_pages})
    for (Address page : *pages) ranges.push_back({page, page + kSmallPageBytes});
  return ranges;
}

}  // namespace goshawk::goruntime
