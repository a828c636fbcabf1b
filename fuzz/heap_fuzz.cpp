// The heap: spans, arenas, allocation and pointer bits, types, specials, the queues of finalizers
// and cleanups. The input is which release's heap it is, and what is changed in it (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/heap/heap.h"
#include "goruntime/heap/heap_test_image.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;
using goruntime::testing::Era;
using goruntime::testing::SyntheticHeap;
using goruntime::testing::SyntheticTarget;

constexpr Address kSpecials{0x800000}, kQueues{0x850000}, kTypeParts{0x900000};

// A heap with one of each kind of span.
class SoundHeap : public SyntheticHeap {
 public:
  explicit SoundHeap(Era of) : SyntheticHeap(of) {
    add_spans();
    add_specials();
    add_queues();
    write_span_list();
    Address arena_bits = kArenas + kFirstPage.value() / kArenaBytes % 64 * (4 << 20);
    Address spans = arena_bits + layout.field("runtime.heapArena", "spans")->offset;
    places_ = {{kMheap, kMheap + 40},
               {kMspans, kMspans + 8 * 160},
               {kMspans + 4 * 160, kMspans + 5 * 160},
               {kSpanList, kSpanList + 64},
               {kFirstPage, kFirstPage + 0x4000},
               {kFirstPage, next_},
               {kBits, kBits + 256},
               {kTypes, kTypes + 0x800},
               {kTypeParts, kTypeParts + 256},
               {kSpecials, kSpecials + 512},
               {kFunction, kFunction + 64},
               {kQueues, kQueues + 1024},
               {arena_bits, arena_bits + 4096},
               {spans, spans + 256},
               {kArenaTable + kFirstPage.value() / kArenaBytes * 8 - 8,
                kArenaTable + kFirstPage.value() / kArenaBytes * 8 + 16}};
  }
  std::span<const AddressRange> places() const { return places_; }
  Address first_object() const { return small_; }

 private:
  void add_spans() {
    Address type = add_type(32, 24, {0b101});
    Address array = add_type(64, 64, {}, 17, era == Era::kGreenTea ? 16 : 0);
    memory.put_word(array + 48, type.value());
    memory.put_word(array + 64, 2);
    memory.map(kTypeParts, 256);
    small_ = add({.elemsize = 64, .sizeclass = 6, .freeindex = 100, .allocated = {101, 110}});
    for (std::uint64_t i = 0; i < 64; i += 3) {
      set_pointer(small_, 8192, small_ + i * 8);
      memory.put_word(small_ + i * 8, (small_ + i * 24 + 1).value());
    }
    Address header = add({.npages = 2, .elemsize = 1024, .sizeclass = 32, .freeindex = 5});
    memory.put_word(header, type.value());
    memory.put_word(header + 1024, array.value());
    memory.put_word(header + 8, small_.value());
    Address unswept = add({.elemsize = 512,
                           .sizeclass = 27,
                           .allocated = {0, 1},
                           .marked = {1, 3},
                           .inline_marked = {2},
                           .sweep_distance = -2});
    memory.put_word(unswept, header.value());
    add({.elemsize = 16, .sizeclass = 2, .noscan = true, .freeindex = 1});
    Address large = add({.npages = 4,
                         .elemsize = 4 * 8192,
                         .nelems = 1,
                         .sizeclass = 0,
                         .freeindex = 1,
                         .large_type = type});
    memory.put_word(large, small_.value());
    add({.elemsize = 8192, .nelems = 1, .sizeclass = 0, .freeindex = 1, .user_arena = true});
    add({.npages = 4,
         .elemsize = 4 * 8192,
         .nelems = 1,
         .sizeclass = 0,
         .state = 2});  // lent to stacks
    next_ = add({.npages = 70, .elemsize = 70 * 8192, .nelems = 1, .sizeclass = 0, .freeindex = 1});
    next_ = next_ + 70 * 8192;
  }
  void add_specials() {
    memory.map(kSpecials, 512);
    add_function();
    Address handle = kFunction + 8;
    memory.put_word(handle, (small_ + 64).value());  // of the second special
    for (std::uint64_t i = 0; i < 5; ++i) {
      Address special = kSpecials + i * 64;
      memory.put_word(special, i == 4 ? 0 : (special + 64).value());
      memory.put_word(special + 8, i * 64);
      memory.put(special + 16, static_cast<std::uint8_t>(i + 2));
      memory.put_word(special + 24, (i == 1 ? handle : kFunction).value());
      memory.put_word(special + 32, kFunction.value());
    }
    set_field(0, "specials", kSpecials.value());
  }
  void add_queues() {
    layout.sizes["runtime.finBlock"] = 256;
    layout.sizes["runtime.finalizer"] = 40;
    layout.fields["runtime.finBlock.alllink"] = {0, 8};
    layout.fields["runtime.finBlock.cnt"] = {16, 4};
    layout.fields["runtime.finBlock.fin"] = {24, 200};
    layout.sizes["runtime.cleanupQueue"] = 64;
    layout.fields["runtime.cleanupQueue.all"] = {8, 8};
    layout.sizes["runtime.cleanupBlock"] = 256;
    layout.fields["runtime.cleanupBlock.cleanups"] = {32, 224};
    layout.fields["runtime.cleanupBlock.alllink"] = {8, 8};
    layout.fields["runtime.cleanupBlock.n"] = {16, 4};
    memory.map(kQueues, 1024);
    globals.allfin = GlobalVariable{kQueues, BoundBy::kSymbol};
    globals.gc_cleanups = GlobalVariable{kQueues + 8, BoundBy::kSymbol};
    memory.put_word(kQueues, (kQueues + 64).value());
    memory.put_word(kQueues + 16, (kQueues + 512).value());
    memory.put_word(kQueues + 64, 0);
    memory.put(kQueues + 64 + 16, std::uint32_t{2});
    memory.put(kQueues + 512 + 16, std::uint32_t{2});
    memory.put_word(kQueues + 512 + 32, small_.value());
  }

  Address small_, next_;
  std::vector<AddressRange> places_;
};

void use(const snapshot::References& references) {
  for (std::uint64_t i = 0; i < references.rows.capacity(); ++i) fuzz::use(references.rows[i]);
  fuzz::use(references.edge_count);
}

// Every row leads to edges, every edge to an object, one without a row (noscan) too.
void check(const Heap& heap, const snapshot::References& references) {
  const snapshot::Objects& objects = heap.objects();
  for (const snapshot::Span& span : objects.spans())
    for (snapshot::ObjectId object = span.first; !span.noscan && object < span.first + span.slots;
         ++object)
      for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at)
        if (references.edges[at] >= objects.count()) __builtin_trap();
}

void read(const SoundHeap& sound, const PatchedMemory& memory) {
  SyntheticTarget target(memory);
  std::vector<snapshot::Doubt> doubts;
  std::vector<snapshot::Binding> bindings;
  auto heap = Heap::read(target, sound.mappings, SyntheticHeap::modules(), sound.globals,
                         sound.layout, doubts, bindings);
  for (const snapshot::Binding& binding : bindings) fuzz::use(binding.checked - binding.passed);
  if (!heap) return fuzz::use(describe(heap.error()));
  RowOverrides overrides;
  overrides[0].cut_all = true;
  overrides[1].cut_offsets = {8, 16};
  std::vector<snapshot::References::Extra> cut;
  if (auto references = heap->decode_references(overrides, doubts, &cut)) {
    use(*references);
    check(*heap, *references);
  }
  for (bool with_profile : {false, true})
    if (auto specials = heap->read_specials(doubts, with_profile)) fuzz::use(specials->size());
  if (auto queued = heap->read_queued_pointers(doubts)) fuzz::use(queued->size());
  for (snapshot::ObjectId object : {0U, 1U, 130U, 140U, heap->objects().row_count()})
    for (Address pointer : heap->read_object_pointers(object))
      fuzz::use(heap->find(pointer).value_or(0) + heap->in_stack_span(pointer));
}

}  // namespace

void run(ByteView bytes) {
  static const SoundHeap heaps[] = {SoundHeap(Era::kTwoBit), SoundHeap(Era::kOneBit),
                                    SoundHeap(Era::kHeaders), SoundHeap(Era::kGreenTea)};
  Input input(bytes);
  const SoundHeap& sound = heaps[input.take() % std::size(heaps)];
  PatchedMemory memory(sound.memory);
  patch(input, sound.places(), memory);
  read(sound, memory);
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  std::vector<std::string> all;
  for (unsigned era = 0; era < 4; ++era) {
    all.push_back(Bytes().u8(era).str());
    all.push_back(Bytes().u8(era).u8(0).u8(10).u16(64).u8(10).u16(64).str());  // a queue in circles
    all.push_back(Bytes().u8(era).u8(4).u8(1).u16(32).u64(3).str());           // npages
    all.push_back(Bytes().u8(era).u8(7).u8(4).u16(0).u8(7).u8(9).u16(0).str());
  }
  return all;
}

}  // namespace goshawk::fuzz
