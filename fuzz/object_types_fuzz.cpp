// Types of objects from type descriptors that lie: sizes without end, fields that lead back, types
// that hold themselves. The input is what is changed in a sound set of descriptors (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/typing/heap_drawing_for_tests.h"
#include "goruntime/typing/path_types.h"

namespace goshawk::fuzz {
namespace {

using goruntime::testing::DrawnHeap;
using goruntime::testing::Edge;

class SoundHeap : public DrawnHeap {
 public:
  SoundHeap() {
    auto first = add(24), second = add(24), third = add(48), many = add_with_header(1024);
    points(first, {Edge{0, second}});
    points(second, {Edge{0, first}, Edge{8, third, true}});
    points(third, {Edge{0, second}});
    points(many, {Edge{8 + 24 * 7, first}});
    seen_in_interface(first, pointer_to(node));
    seen_in_interface(third, pointer_to(small));
    seen_in_interface(second, wide);
    seen_in_header(many, node);
    seen_code(third);
    holder = add(32);
    array = add_noscan(4096);
    points(holder, {Edge{0, array}});
    seen_in_interface(holder, pointer_to(head));
    // What the objects on a path hold: each leads to the next one, and has a number.
    for (std::uint64_t i = 0; i < 3; ++i) {
      Address at(kObjects.value() + i * kSpanBytes);
      memory.map(at, 64);
      memory.write(at + 16, std::uint64_t{7});
      memory.write_pointer(at, Address(kObjects.value() + (1 - i % 2) * kSpanBytes));
    }
  }
  static constexpr Address kObjects{0xc000000000};
  static constexpr std::uint64_t kSpanBytes = 8192;
  snapshot::ObjectId holder = 0, array = 0;
};

void find_on_path(SoundHeap& heap, const PatchedMemory& memory) {
  goruntime::PageCache cache(memory);
  goruntime::TypeReader types(
      cache, AddressRange{DrawnHeap::kTypes, DrawnHeap::kTypes + DrawnHeap::kBytes});
  goruntime::PathTypes paths(
      memory,
      {.is_function_entry = [](Address at) { return at == DrawnHeap::kText; },
       .mappings = {},
       .element_type = 32},
      heap.picture(), heap.evidence().header_bytes, types);
  const std::vector<snapshot::ObjectId> path = {4, 2, 0, 2};
  for (std::size_t from = 0; from < path.size(); ++from)
    if (auto found = paths.find(std::span(path).subspan(from))) use(types.name(found->type));
}

}  // namespace

void run(ByteView bytes) {
  SoundHeap heap;
  const std::vector<AddressRange> places = {{DrawnHeap::kTypes, DrawnHeap::kTypes + 0x800},
                                            {heap.node, heap.node + 160},
                                            {heap.small, heap.small + 160},
                                            {heap.wide, heap.wide + 160},
                                            {heap.head, heap.head + 160},
                                            {heap.byte_slice, heap.byte_slice + 56},
                                            {heap.node_pointer, heap.node_pointer + 56},
                                            {SoundHeap::kObjects, SoundHeap::kObjects + 64}};
  Input input(bytes);
  PatchedMemory memory(heap.memory);
  patch(input, places, memory);
  heap.spread(memory);
  for (snapshot::ObjectId object = 0; object < heap.object_count(); object += 2)
    use(heap.type_of(object));
  heap.large_reference(heap.holder, 0, heap.array, 8, 16, 32);
  use(heap.read_fill().places.back());
  heap.picture().waits.push_back({.address = SoundHeap::kObjects, .object = 0});
  find_on_path(heap, memory);
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  return {Bytes().u8(0).str(), Bytes().u8(1).u8(1).u16(0).u8(3).u16(0).str(),
          Bytes().u8(4).u8(1).u16(56).str(), Bytes().u8(0).u8(2).u16(64).u8(0).u16(256).str()};
}

}  // namespace goshawk::fuzz
