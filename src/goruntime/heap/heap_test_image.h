// For tests: a heap written by hand. SparseMemory is memory where only what was mapped can be read;
// SyntheticHeap lays out mheap_, arenas, mspans and types in it the way a release does, one
// readable call for each thing, so that a test shows what is odd about its heap and nothing else.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "goruntime/heap/heap.h"
#include "goruntime/heap/heap_layout.h"
#include "target/target.h"

namespace goshawk::goruntime::testing {

class SparseMemory : public target::Memory {
 public:
  void map(Address from, std::uint64_t size_bytes) {
    for (std::uint64_t page = from.value() >> 12; page <= (from.value() + size_bytes - 1) >> 12;
         ++page)
      pages_.try_emplace(page, 4096);
  }
  void unmap_page(Address page) { pages_.erase(page.value() >> 12); }

  template <typename T>
  void put(Address at, T value) {
    map(at, sizeof value);
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    for (std::size_t i = 0; i < sizeof value; ++i)
      pages_[(at + i).value() >> 12][(at + i).value() & 4095] = bytes[i];
  }
  void put_word(Address at, std::uint64_t value) { put(at, value); }
  void put_bytes(Address at, const std::vector<std::uint8_t>& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) put(at + i, bytes[i]);
  }

  Result<void> read(Address from, std::span<std::byte> into) const override {
    for (std::size_t done = 0; done < into.size();) {
      Address at = from + done;
      auto page = pages_.find(at.value() >> 12);
      if (page == pages_.end()) return fail(Fault{at, into.size() - done, "not mapped"});
      std::size_t offset = at.value() & 4095;
      std::size_t size = std::min<std::size_t>(into.size() - done, 4096 - offset);
      std::memcpy(into.data() + done, page->second.data() + offset, size);
      done += size;
    }
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  std::unordered_map<std::uint64_t, std::vector<std::byte>> pages_;
};

class SyntheticTarget : public target::Target {
 public:
  explicit SyntheticTarget(const target::Memory& memory) : memory_(memory) {}
  std::string kind() const override { return "synthetic"; }
  binary::Machine machine() const override { return binary::Machine::kX86_64; }
  std::int64_t pid() const override { return 0; }
  std::string executable_path() const override { return ""; }
  Result<int> open_executable() const override { return fail(Missing{"executable", ""}); }
  const target::Memory& memory() const override { return memory_; }
  Result<std::vector<target::Mapping>> read_mappings() const override {
    return std::vector<target::Mapping>{};
  }
  Result<std::unique_ptr<target::Stop>> stop() override { return fail(Missing{"threads", ""}); }
  Result<std::int64_t> read_monotonic_ns() const override { return 0; }

 private:
  const target::Memory& memory_;
};

class SyntheticLayout : public LayoutSource {
 public:
  std::map<std::string, std::uint64_t, std::less<>> sizes;
  std::map<std::string, Field, std::less<>> fields;  // "runtime.mspan.nelems"

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    auto found = sizes.find(type);
    return found == sizes.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    auto found = fields.find(std::string(type) + "." + std::string(name));
    return found == fields.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::int64_t> constant(std::string_view) const override { return std::nullopt; }
  std::string origin() const override { return "synthetic"; }
};

// The shapes of heaps that releases have.
enum class Era { kTwoBit, kOneBit, kHeaders, kGreenTea };

inline SyntheticLayout make_layout(Era era) {
  SyntheticLayout layout;
  auto& f = layout.fields;
  f["runtime.mheap.allspans"] = {0, 24};
  f["runtime.mheap.sweepgen"] = {24, 4};
  f["runtime.mheap.arenas"] = {32, 8};
  bool headers = era == Era::kHeaders || era == Era::kGreenTea;
  if (era == Era::kTwoBit) f["runtime.heapArena.bitmap"] = {0, 2 << 20};
  if (era == Era::kOneBit) f["runtime.heapArena.bitmap"] = {0, 1 << 20};
  if (era == Era::kOneBit) f["runtime.heapArena.noMorePtrs"] = {1 << 20, 16384};
  std::uint32_t spans = era == Era::kTwoBit ? 2 << 20 : era == Era::kOneBit ? (1 << 20) + 16384 : 0;
  f["runtime.heapArena.spans"] = {spans, 65536};
  if (era == Era::kGreenTea) f["runtime.heapArena.pageUseSpanInlineMarkBits"] = {68608, 1024};

  layout.sizes["runtime.mspan"] = 160;
  std::uint32_t count_bytes = headers ? 2 : 8;
  f["runtime.mspan.startAddr"] = {24, 8};
  f["runtime.mspan.npages"] = {32, 8};
  f["runtime.mspan.freeindex"] = {48, count_bytes};
  f["runtime.mspan.nelems"] = {headers ? 50U : 56U, count_bytes};
  f["runtime.mspan.allocBits"] = {64, 8};
  f["runtime.mspan.gcmarkBits"] = {72, 8};
  f["runtime.mspan.sweepgen"] = {88, 4};
  f["runtime.mspan.allocCount"] = {96, 2};
  f["runtime.mspan.spanclass"] = {98, 1};
  f["runtime.mspan.state"] = {99, 1};
  f["runtime.mspan.isUserArenaChunk"] = {101, 1};
  f["runtime.mspan.elemsize"] = {104, 8};
  f["runtime.mspan.specials"] = {128, 8};
  if (headers) f["runtime.mspan.largeType"] = {152, 8};

  f["internal/abi.Type.Size_"] = {0, 8};
  f["internal/abi.Type.PtrBytes"] = {8, 8};
  f["internal/abi.Type.TFlag"] = {20, 1};
  f["internal/abi.Type.Kind_"] = {23, 1};
  f["internal/abi.Type.GCData"] = {32, 8};

  layout.sizes["runtime.special"] = 24;
  f["runtime.special.next"] = {0, 8};
  f["runtime.special.offset"] = {8, 8};
  f["runtime.special.kind"] = {16, 1};
  f["runtime.specialfinalizer.fn"] = {24, 8};
  f["runtime.specialWeakHandle.handle"] = {24, 8};
  layout.sizes["runtime.specialWeakHandle"] = 32;
  if (era == Era::kGreenTea) {
    layout.sizes["runtime.specialCleanup"] = 56;
    layout.sizes["runtime.specialTinyBlock"] = 24;
    f["runtime.specialCleanup.cleanup"] = {24, 24};
  }
  return layout;
}

struct SpanSpec {
  std::uint64_t npages = 1;
  std::uint64_t elemsize = 64;
  std::uint64_t nelems = 0;  // 0: what fits
  std::uint8_t sizeclass = 5;
  bool noscan = false;
  std::uint64_t freeindex = 0;
  std::vector<std::uint64_t> allocated = {};      // slots whose allocBits bit is set
  std::vector<std::uint64_t> marked = {};         // gcmarkBits
  std::vector<std::uint64_t> inline_marked = {};  // Green Tea
  std::optional<std::uint16_t> count = {};        // allocCount; else what the bits say
  int sweep_distance = 0;
  std::uint8_t state = 1;
  Address large_type = {};
  bool user_arena = false;
};

class SyntheticHeap {
 public:
  static constexpr std::uint32_t kSweepgen = 100;
  static constexpr Address kMheap{0x600000};
  static constexpr Address kTypes{0x500000};
  static constexpr AddressRange kText{Address(0x400000), Address(0x480000)};
  static constexpr Address kFunction{0x8f0000};  // a function value: its first word is code
  static constexpr Address kInProgress{0x650000};
  static constexpr Address kFirstPage{0xc000000000};
  static constexpr Address kSpanList{0x700000};
  static constexpr Address kArenaTable{0x10000000000};
  static constexpr Address kArenas{0x20000000000};
  static constexpr Address kMspans{0x30000000000};
  static constexpr Address kBits{0x40000000000};

  explicit SyntheticHeap(Era in_era, Address first_page = kFirstPage)
      : layout(make_layout(in_era)), era(in_era), next_page_(first_page) {
    memory.map(kMheap, 64);
    memory.map(kInProgress, 1);
    memory.put(kMheap + 24, kSweepgen);
    memory.put_word(kMheap + 32, kArenaTable.value());
  }

  // Its first page; spans follow each other.
  Address add(const SpanSpec& spec) {
    Address base = next_page_;
    next_page_ = next_page_ + spec.npages * 8192;
    add_at(base, spec);
    return base;
  }

  Address add_at(Address base, const SpanSpec& spec) {
    Address mspan = kMspans + mspans_.size() * 160;
    mspans_.push_back(mspan);
    std::uint64_t bytes = spec.npages * 8192;
    memory.map(base, bytes);
    mappings.emplace_back().range = {base, base + bytes};
    bool inline_marks =
        era == Era::kGreenTea && spec.sizeclass != 0 && spec.elemsize >= 16 && spec.elemsize <= 512;
    bool bits = (era == Era::kHeaders || era == Era::kGreenTea) && spec.sizeclass != 0 &&
                spec.elemsize <= 512 && !spec.noscan;
    std::uint64_t room = bytes - (bits ? bytes / 64 : 0) - (inline_marks ? 128 : 0);
    std::uint64_t nelems = spec.nelems != 0 ? spec.nelems : room / spec.elemsize;

    put_field(mspan, "startAddr", base.value());
    put_field(mspan, "npages", spec.npages);
    put_field(mspan, "freeindex", spec.freeindex);
    put_field(mspan, "nelems", nelems);
    put_field(mspan, "allocBits", put_bits(spec.allocated, nelems).value());
    put_field(mspan, "gcmarkBits", put_bits(spec.marked, nelems).value());
    put_field(mspan, "sweepgen", kSweepgen + static_cast<std::uint32_t>(spec.sweep_distance));
    put_field(mspan, "allocCount", spec.count.value_or(count(spec)));
    put_field(mspan, "spanclass", std::uint64_t{spec.sizeclass} << 1 | (spec.noscan ? 1 : 0));
    put_field(mspan, "state", spec.state);
    put_field(mspan, "isUserArenaChunk", spec.user_arena ? 1 : 0);
    put_field(mspan, "elemsize", spec.elemsize);
    put_field(mspan, "specials", 0);
    if (layout.field("runtime.mspan", "largeType"))
      put_field(mspan, "largeType", spec.large_type.value());
    for (std::uint64_t page = 0; page < spec.npages; ++page)
      note_in_arena(base + page * 8192, mspan, inline_marks && page == 0);
    for (std::uint64_t slot : spec.inline_marked) or_bit(base + bytes - 64, slot);
    return mspan;
  }

  void set_field(std::size_t span, const char* name, std::uint64_t value) {
    put_field(mspans_[span], name, value);
  }
  Address mspan(std::size_t span) const { return mspans_[span]; }

  // Marks words of an object as pointers, as the allocator does for small objects.
  void set_pointer(Address span_base, std::uint64_t span_bytes, Address word) {
    std::uint64_t index = (word - span_base) / 8;
    if (era == Era::kTwoBit || era == Era::kOneBit) {
      std::uint64_t in_arena = word.value() % kArenaBytes / 8;
      if (era == Era::kTwoBit)
        or_byte(arena_of(word) + in_arena / 4, static_cast<std::uint8_t>(0x11 << in_arena % 4));
      else
        or_bit(arena_of(word), in_arena);
      return;
    }
    or_bit(span_base + (span_bytes - span_bytes / 64 - (era == Era::kGreenTea ? 128 : 0)), index);
  }
  // 1.19: more pointers may follow, though this word is none.
  void set_scan(Address word) {
    std::uint64_t in_arena = word.value() % kArenaBytes / 8;
    or_byte(arena_of(word) + in_arena / 4, static_cast<std::uint8_t>(0x10 << in_arena % 4));
  }
  void set_no_more_pointers(Address word) {
    or_bit(arena_of(word) + (1 << 20), word.value() % kArenaBytes / 8 / 64);
  }

  // A type with the mask's bits; kind 25 is a struct.
  Address add_type(std::uint64_t size_bytes, std::uint64_t pointer_bytes,
                   const std::vector<std::uint8_t>& mask, std::uint8_t kind = 25,
                   std::uint8_t flags = 0) {
    Address type = next_type_;
    next_type_ = next_type_ + 256 + (mask.size() + 7) / 8 * 8;
    memory.map(type, 256);
    memory.put_word(type, size_bytes);
    memory.put_word(type + 8, pointer_bytes);
    memory.put(type + 20, flags);
    memory.put(type + 23, kind);
    memory.put_word(type + 32, (type + 256).value());
    memory.put_bytes(type + 256, mask);
    return type;
  }

  void write_span_list() {
    memory.map(kMspans, 160);
    for (std::size_t i = 0; i < mspans_.size(); ++i)
      memory.put_word(kSpanList + i * 8, mspans_[i].value());
    memory.put_word(kMheap, kSpanList.value());
    memory.put_word(kMheap + 8, mspans_.size());
    memory.put_word(kMheap + 16, mspans_.size());
  }

  void add_function() {
    memory.map(kFunction, 64);
    memory.put_word(kFunction, kText.start.value() + 16);
  }

  Result<Heap> read() {
    write_span_list();
    doubts.clear();
    bindings.clear();
    return Heap::read(target_, mappings, modules(), globals, layout, doubts, bindings);
  }

  static Modules modules() {
    Modules made;
    made.build.arch = "arm64";  // arenas are indexed from 0
    made.all.emplace_back();
    made.all[0].types = {kTypes, kTypes + 0x100000};
    made.all[0].text = kText;
    return made;
  }
  bool proof_spoiled() const { return std::ranges::any_of(doubts, &snapshot::Doubt::spoils_proof); }

  SparseMemory memory;
  SyntheticLayout layout;
  std::vector<target::Mapping> mappings;
  std::vector<snapshot::Doubt> doubts;
  std::vector<snapshot::Binding> bindings;
  Globals globals = make_globals();
  Era era;

 private:
  static Globals make_globals() {
    Globals made;
    made.mheap.address = kMheap;
    made.in_progress = GlobalVariable{kInProgress, BoundBy::kSymbol};
    return made;
  }
  static std::uint16_t count(const SpanSpec& spec) {
    std::uint64_t above = 0;
    for (std::uint64_t slot : spec.allocated) above += slot >= spec.freeindex ? 1 : 0;
    return static_cast<std::uint16_t>(spec.freeindex + above);
  }
  void put_field(Address mspan, const char* name, std::uint64_t value) {
    Field field = *layout.field("runtime.mspan", name);
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    for (std::uint32_t i = 0; i < field.size_bytes; ++i)
      memory.put(mspan + field.offset + i, bytes[i]);
    memory.map(mspan, 160);
  }
  Address put_bits(const std::vector<std::uint64_t>& slots, std::uint64_t nelems) {
    Address at = next_bits_;
    next_bits_ = next_bits_ + (nelems + 63) / 64 * 8;
    memory.map(at, (nelems + 63) / 64 * 8);
    for (std::uint64_t slot : slots) or_bit(at, slot);
    return at;
  }
  Address arena_of(Address address) const {
    return kArenas + (address.value() / kArenaBytes % 64) * (4 << 20);
  }
  void note_in_arena(Address page, Address mspan, bool inline_marks) {
    Address arena = arena_of(page);
    if (std::ranges::find(arenas_, arena) == arenas_.end()) {
      arenas_.push_back(arena);
      memory.map(arena, 3 << 20);
      memory.put_word(kArenaTable + page.value() / kArenaBytes * 8, arena.value());
    }
    std::uint64_t number = page.value() / 8192 % 8192;
    memory.put_word(arena + layout.field("runtime.heapArena", "spans")->offset + number * 8,
                    mspan.value());
    if (inline_marks) or_bit(arena + 68608, number);
  }
  void or_byte(Address at, std::uint8_t bits) {
    memory.map(at, 1);
    memory.put(at, static_cast<std::uint8_t>(*memory.read_value<std::uint8_t>(at) | bits));
  }
  void or_bit(Address bits, std::uint64_t bit) {
    or_byte(bits + bit / 8, static_cast<std::uint8_t>(1 << bit % 8));
  }

  SyntheticTarget target_{memory};
  std::vector<Address> mspans_;
  std::vector<Address> arenas_;
  Address next_page_;
  Address next_type_ = kTypes;
  Address next_bits_ = kBits;
};

// What a row holds, as addresses.
inline std::vector<Address> row_of(const Heap& heap, const snapshot::References& references,
                                   Address object) {
  snapshot::ObjectId id = *heap.find(object);
  std::vector<Address> targets;
  for (std::uint32_t i = references.rows[id]; i < references.rows[id + 1]; ++i)
    targets.push_back(heap.objects().address(references.edges[i]));
  return targets;
}

}  // namespace goshawk::goruntime::testing
