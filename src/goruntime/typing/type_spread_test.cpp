// Types of a heap that is written down in the test: descriptors as the compiler writes them, spans,
// references with their places, and what is seen of types to begin with.
#include "goruntime/typing/type_spread.h"

#include <gtest/gtest.h>

#include "goruntime/facts/size_class.h"
#include "goruntime/page_cache.h"
#include "goruntime/typing/heap_drawing_for_tests.h"

namespace goshawk::goruntime {
namespace {

using testing::DrawnHeap;
using testing::Edge;

TEST(SizeClass, RoundsUpAsTheRuntimeDoes) {
  EXPECT_EQ(find_slot_bytes(0), 0u);
  EXPECT_EQ(find_slot_bytes(1), 8u);
  EXPECT_EQ(find_slot_bytes(40), 48u);
  EXPECT_EQ(find_slot_bytes(513), 576u);
  EXPECT_EQ(find_slot_bytes(32768), 32768u);
  EXPECT_EQ(find_slot_bytes(32769), 40960u);
  EXPECT_EQ(find_slot_bytes(~std::uint64_t{0}), 0u);
}

// node { next *node; text string }, 24 bytes.
TEST(TypeSpread, FollowsFieldsOfAKnownType) {
  DrawnHeap heap;
  auto first = heap.add(24), second = heap.add(24), text = heap.add_noscan(32);
  heap.points(first, {Edge{0, second}, Edge{8, text}});
  heap.seen_in_interface(first, heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.type_of(first), "main.node");
  EXPECT_EQ(heap.type_of(second), "main.node");
  EXPECT_EQ(heap.type_of(text), "string");
}

TEST(TypeSpread, GoesDownALongListWithoutRunningOut) {
  DrawnHeap heap;
  std::vector<snapshot::ObjectId> list;
  for (int i = 0; i < 100'000; ++i) list.push_back(heap.add(24));
  for (int i = 0; i + 1 < 100'000; ++i) heap.points(list[i + 1], {Edge{0, list[i]}});
  heap.seen_in_interface(list.back(), heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.type_of(list.front()), "main.node");
}

TEST(TypeSpread, BelievesNothingThatDoesNotFit) {
  DrawnHeap heap;
  auto holder = heap.add(24), larger = heap.add(48), noscan = heap.add_noscan(24);
  heap.points(holder, {Edge{0, larger}});
  heap.seen_in_interface(holder, heap.pointer_to(heap.node));
  heap.seen_in_interface(noscan, heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.type_of(holder), "main.node");
  EXPECT_EQ(heap.type_of(larger), "");
  EXPECT_EQ(heap.type_of(noscan), "");
}

TEST(TypeSpread, APointerIntoTheMiddleSaysNothing) {
  DrawnHeap heap;
  auto holder = heap.add(24), second = heap.add(24);
  heap.points(holder, {Edge{0, second, true}});
  heap.seen_in_interface(holder, heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.type_of(second), "");
}

// A reference where the type has no pointer: it is something else, and so is what it led to.
TEST(TypeSpread, AContradictionTakesBackWhatFollowedFromIt) {
  DrawnHeap heap;
  auto odd = heap.add(24), next = heap.add(24), other = heap.add(24);
  heap.points(odd, {Edge{0, next}});
  heap.seen_in_interface(odd, heap.pointer_to(heap.node));
  heap.seen_in_interface(odd, heap.pointer_to(heap.stranger));  // as large, and no node
  heap.points(other, {Edge{16, next}});                         // its length is no pointer
  heap.seen_in_interface(other, heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.type_of(odd), "");
  EXPECT_EQ(heap.type_of(next), "");
  EXPECT_EQ(heap.type_of(other), "");
  EXPECT_EQ(heap.contradicted(), 2u);
}

// wide { small; flag } lies in the same slot as small.
TEST(TypeSpread, WhatMayBeTheBeginningOfMoreIsUnknown) {
  DrawnHeap heap;
  auto begins = heap.add(48), whole = heap.add(48), boxed = heap.add(48);
  for (auto object : {begins, whole}) heap.seen_in_interface(object, heap.pointer_to(heap.small));
  heap.seen_in_interface(whole, heap.pointer_to(heap.wide));
  heap.seen_in_interface(boxed, heap.small);  // a box is what it is
  heap.spread();
  EXPECT_EQ(heap.type_of(begins), "");
  EXPECT_EQ(heap.type_of(whole), "main.wide");
  EXPECT_EQ(heap.type_of(boxed), "main.small");
}

// longer { small; flags } is the only one that begins with small and fills a slot of 64 bytes; of
// 96 bytes there are two, and of 80 an array of small could be there as well.
TEST(TypeSpread, WhatIsTooLargeIsTheOnlyLargerOneThatFillsItsSlot) {
  DrawnHeap heap;
  auto larger = [&](const char* name, std::uint64_t bytes) {
    return heap.with_pointers(
        heap.add_struct_of(heap.add_name("main", 0), name, bytes,
                           {{"small", heap.small, 0, true}, {"last", heap.word, bytes - 8}}),
        8);
  };
  larger("main.longer", 64);
  larger("main.one", 96);
  larger("main.other", 96);
  larger("main.pair", 80);
  auto longer = heap.add(64), ambiguous = heap.add(96), array = heap.add(80), next = heap.add(24);
  auto bytes = heap.add_noscan(64);
  for (auto object : {longer, ambiguous, array, bytes})
    heap.seen_in_interface(object, heap.pointer_to(heap.small));
  heap.points(longer, {Edge{0, next}});
  heap.spread();
  EXPECT_EQ(heap.type_of(longer), "main.longer");
  EXPECT_EQ(heap.type_of(next), "main.node");
  EXPECT_EQ(heap.type_of(ambiguous), "");
  EXPECT_EQ(heap.type_of(array), "");
  EXPECT_EQ(heap.type_of(bytes), "");
}

// block { [1024]uint8; n } fills the same slot as an array of 1152.
TEST(TypeSpread, AnArrayIsOneWhereASliceHasAllOfItsSlot) {
  DrawnHeap heap;
  Address byte = heap.add_type("uint8", 8, 1);
  heap.memory.write_pointer(heap.byte_slice + 48, byte);
  heap.add_struct_of(heap.add_name("main", 0), "main.block", 1032,
                     {{"bytes", heap.add_array(byte, 1024), 0}, {"n", heap.word, 1024}});
  heap.add_struct_of(heap.add_name("main", 0), "main.page", 120,
                     {{"bytes", heap.add_array(byte, 112), 0}, {"n", heap.word, 112}});
  auto one = heap.add(32), other = heap.add(32);
  auto array = heap.add_noscan(1152), perhaps = heap.add_noscan(1152);
  auto full = heap.add(32), half = heap.add(32);
  auto small = heap.add_noscan(128), other_small = heap.add_noscan(128);
  for (auto holder : {one, other}) heap.seen_in_interface(holder, heap.pointer_to(heap.head));
  heap.points(one, {Edge{0, array}});
  heap.points(other, {Edge{0, perhaps}});
  heap.spread();
  EXPECT_EQ(heap.type_of(array), "");
  for (auto holder : {full, half}) heap.seen_in_interface(holder, heap.pointer_to(heap.head));
  heap.points(full, {Edge{0, small}});
  heap.points(half, {Edge{0, other_small}});
  heap.is_filled_by(small, 1);
  heap.is_filled_by(other_small, 2);
  heap.large_reference(one, 0, array, 0, 10, 1152);
  heap.large_reference(other, 0, perhaps, 0, 10, 1024);
  heap.spread();
  EXPECT_EQ(heap.type_of(array), "[]uint8");
  EXPECT_EQ(heap.type_of(perhaps), "");
  EXPECT_EQ(heap.type_of(small), "[]uint8");
  EXPECT_EQ(heap.type_of(other_small), "");
}

// node.text leads into the middle of the first two, head's slice to the start of the last two, and
// block { [32]uint8; n } fills the same slot as an array.
TEST(TypeSpread, WhatAStringLeadsIntoIsText) {
  DrawnHeap heap;
  Address byte = heap.add_type("uint8", 8, 1);
  heap.memory.write_pointer(heap.byte_slice + 48, byte);
  heap.add_struct_of(heap.add_name("main", 0), "main.block", 40,
                     {{"bytes", heap.add_array(byte, 32), 0}, {"n", heap.word, 32}});
  auto one = heap.add(24), other = heap.add(24), both = heap.add(32), alone = heap.add(32);
  auto text = heap.add_noscan(48), array = heap.add_noscan(48), perhaps = heap.add_noscan(48);
  auto nodes = heap.add(24);
  for (auto node : {one, other}) heap.seen_in_interface(node, heap.pointer_to(heap.node));
  for (auto holder : {both, alone}) heap.seen_in_interface(holder, heap.pointer_to(heap.head));
  heap.points(one, {Edge{0, other}, Edge{8, text, true}});
  heap.points(other, {Edge{0, nodes, true}, Edge{8, array, true}});
  heap.points(both, {Edge{0, array}});
  heap.points(alone, {Edge{0, perhaps}});
  heap.spread();
  EXPECT_EQ(heap.type_of(text), "string");
  EXPECT_EQ(heap.type_of(array), "[]uint8");
  EXPECT_EQ(heap.type_of(perhaps), "");
  EXPECT_EQ(heap.type_of(nodes), "");
}

TEST(TypeSpread, AHeaderTellsTheAllocationsOwnType) {
  DrawnHeap heap;
  auto nodes = heap.add_with_header(1024), one = heap.add(24);
  heap.points(nodes, {Edge{8 + 24 * 7, one}});
  heap.seen_in_header(nodes, heap.node);
  heap.spread();
  EXPECT_EQ(heap.type_of(nodes), "[]main.node");
  EXPECT_EQ(heap.type_of(one), "main.node");
}

TEST(TypeSpread, AClosureIsNamedByItsCodeUnlessATypeSaysOtherwise) {
  DrawnHeap heap;
  auto closure = heap.add(24), node = heap.add(24);
  heap.seen_code(closure);
  heap.seen_code(node);
  heap.seen_in_interface(node, heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.shape_of(closure), Shape::kClosure);
  EXPECT_EQ(heap.type_of(node), "main.node");
}

// Of what lies behind what is known of a closure nothing is said.
TEST(TypeSpread, WhatAClosureKeepsIsFollowed) {
  DrawnHeap heap;
  auto closure = heap.add(32), node = heap.add(24), next = heap.add(24), other = heap.add(24);
  heap.points(closure, {Edge{16, node}, Edge{24, other}});
  heap.points(node, {Edge{0, next}});
  heap.seen_code(closure);
  heap.captures(16, heap.node);
  heap.spread();
  EXPECT_EQ(heap.shape_of(closure), Shape::kClosure);
  EXPECT_EQ(heap.type_of(node), "main.node");
  EXPECT_EQ(heap.type_of(next), "main.node");
  EXPECT_EQ(heap.type_of(other), "");
}

TEST(TypeSpread, ATypeSaysMoreThanCodeThatALaterClosureLedTo) {
  DrawnHeap heap;
  auto closure = heap.add(32), node = heap.add(24);
  heap.points(closure, {Edge{16, node}});
  heap.seen_code(closure);
  heap.seen_code(node);
  heap.captures(16, heap.node);
  heap.spread();
  EXPECT_EQ(heap.type_of(node), "main.node");
}

// An element is in a list; a list, which begins with an element, never is. What else could begin
// with an element is neither.
TEST(TypeSpread, AnElementOfAListIsNoList) {
  for (bool others_begin_so : {false, true}) {
    DrawnHeap heap;
    Address list_package = heap.add_name("container/list", 0);
    Address pointer = heap.pointer_to(heap.node);
    Address element = heap.with_pointers(
        heap.add_struct_of(list_package, "list.Element", 40,
                           {{"next", pointer, 0}, {"list", pointer, 16}, {"Value", heap.word, 24}}),
        24);
    auto begin_with_it = [&](Address package, const char* name) {
      heap.with_pointers(
          heap.add_struct_of(package, name, 48, {{"root", element, 0}, {"len", heap.word, 40}}),
          24);
    };
    begin_with_it(list_package, "list.List");
    if (others_begin_so) begin_with_it(heap.add_name("main", 0), "main.entry");
    auto in_list = heap.add(48), removed = heap.add(48), node = heap.add(24);
    heap.points(in_list, {Edge{0, node}, Edge{16, node}});
    heap.points(removed, {Edge{0, node}});
    for (auto object : {in_list, removed}) heap.seen_in_interface(object, heap.pointer_to(element));
    heap.spread();
    EXPECT_EQ(heap.type_of(in_list), others_begin_so ? "" : "list.Element");
    EXPECT_EQ(heap.type_of(removed), "");
  }
}

TEST(TypeSpread, WhatIsNotPlacedLeadsNowhere) {
  DrawnHeap heap;
  auto holder = heap.add(24), second = heap.add(24);
  heap.points(holder, {Edge{0, second}});
  heap.unplace(holder);
  heap.seen_in_interface(holder, heap.pointer_to(heap.node));
  heap.spread();
  EXPECT_EQ(heap.type_of(holder), "main.node");
  EXPECT_EQ(heap.type_of(second), "");
}

}  // namespace
}  // namespace goshawk::goruntime
