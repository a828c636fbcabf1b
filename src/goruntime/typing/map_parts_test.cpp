// Maps of which only the entries are known, as a header of the allocation tells them.
#include "goruntime/typing/map_parts.h"

#include <gtest/gtest.h>

#include "goruntime/typing/heap_drawing_for_tests.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ObjectId;
using testing::DrawnHeap;
using testing::Edge;

// Swiss maps (internal/runtime/maps): a header leads to its only group or to a directory of tables,
// a table to its groups.
class MapHeap : public DrawnHeap {
 public:
  MapHeap() {
    Address maps = add_name("internal/runtime/maps", 0);
    Address untyped = with_pointers(add_type("unsafe.Pointer", 26, 8), 8);
    with_pointers(add_struct_of(maps, "maps.Map", 48, {{"used", word, 0}, {"dirPtr", untyped, 16}}),
                  24);
    Address groups = with_pointers(
        add_struct_of(maps, "maps.groupsReference", 16, {{"data", untyped, 0}, {"mask", word, 8}}),
        8);
    with_pointers(
        add_struct_of(maps, "maps.table", 32, {{"used", word, 0}, {"groups", groups, 16}}), 24);
    Address slot = with_pointers(
        add_struct_of(runtime, "", 16, {{"key", word, 0}, {"elem", node_pointer, 8}}), 16);
    Address slots = with_pointers(add_array(slot, 128), 128);
    group = with_pointers(add_struct_of(runtime, "", 136, {{"ctrl", word, 0}, {"slots", slots, 8}}),
                          136);
    add_map("map[int]*main.node");
  }
  void add_map(const std::string& name) {
    Address map = with_pointers(add_type(name, 21, 8, 48), 8);
    memory.write_pointer(map + 56, node_pointer);
    memory.write_pointer(map + 64, group);
  }
  ObjectId add_groups(std::uint64_t bytes) {
    ObjectId groups = add_with_header(bytes);
    seen_in_header(groups, group);
    return groups;
  }

  Address group;
};

TEST(MapParts, ALargeMapIsToldByItsEntries) {
  MapHeap heap;
  heap.add_map("main.registry");  // underneath it is the other one
  auto groups = heap.add_groups(1152), more = heap.add_groups(1152);
  auto table = heap.add(32), second = heap.add(32), directory = heap.add(16), header = heap.add(48);
  heap.points(table, {Edge{16, groups}});
  heap.points(second, {Edge{16, more}});
  heap.points(directory, {Edge{0, table}, Edge{8, second}});
  heap.points(header, {Edge{16, directory}});
  heap.spread();
  EXPECT_EQ(heap.type_of(groups), "map[uintptr]main.node entries");
  for (auto part : {table, second}) EXPECT_EQ(heap.shape_of(part), Shape::kMapTable);
  EXPECT_EQ(heap.shape_of(directory), Shape::kMapDirectory);
  EXPECT_EQ(heap.type_of(header), "map[int]*main.node");
}

TEST(MapParts, AHeaderWithOneGroupLeadsThereDirectly) {
  MapHeap heap;
  auto group = heap.add_groups(576), header = heap.add(48);
  heap.points(header, {Edge{16, group}});
  heap.spread();
  EXPECT_EQ(heap.type_of(header), "map[int]*main.node");
}

// An iterator leads to groups too; nor is what leads elsewhere, or from elsewhere, a header.
TEST(MapParts, WhatIsNotLaidOutAsAPartIsNone) {
  MapHeap heap;
  auto groups = heap.add_groups(1152), other = heap.add(24);
  auto iterator = heap.add(96), from_elsewhere = heap.add(48), leads_on = heap.add(48);
  auto inside = heap.add(48);
  heap.points(iterator, {Edge{16, groups}});
  heap.points(from_elsewhere, {Edge{8, groups}});
  heap.points(leads_on, {Edge{16, groups}, Edge{40, other}});
  heap.points(inside, {Edge{16, groups, true}});
  heap.spread();
  for (auto object : {iterator, from_elsewhere, leads_on, inside})
    EXPECT_EQ(heap.type_of(object), "");
}

TEST(MapParts, OfTwoTypesWithNamesNoneIsSaid) {
  MapHeap heap;
  Address lonely = heap.group;
  heap.group = heap.with_pointers(
      heap.add_struct_of(heap.runtime, "", 72, {{"ctrl", heap.word, 0}, {"slots", heap.small, 8}}),
      16);
  heap.add_map("main.first");
  heap.add_map("main.second");
  auto groups = heap.add_groups(576), header = heap.add(48);
  heap.points(header, {Edge{16, groups}});
  heap.group = lonely;
  auto known = heap.add_groups(576), known_header = heap.add(48);
  heap.points(known_header, {Edge{16, known}});
  heap.spread();
  EXPECT_EQ(heap.type_of(header), "");
  EXPECT_EQ(heap.type_of(known_header), "map[int]*main.node");
}

}  // namespace
}  // namespace goshawk::goruntime
