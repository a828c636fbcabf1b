// Shallow sizes: whole slots, each object in one row. An object of unknown type is told by its slot
// and by the type of one that leads to it: of several that with the smallest number, so that the
// same picture gives the same table.
#include "analyses/heap/types.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace goshawk::analyses::heap {

using findings::TypeCost;
using findings::TypeTable;
using findings::UnknownObjects;
using snapshot::ObjectId;
using snapshot::ObjectTypes;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kLargestSlotBytes = 32768;

// By object: the type of the first one of known type that leads to it; of live ones, unknown only.
ReservedArray<std::uint32_t> find_holders(const Snapshot& snapshot,
                                          const graph::Reachability& live) {
  const std::uint32_t* types = snapshot.types.of_objects.data();
  const snapshot::References& references = snapshot.references;
  ReservedArray<std::uint32_t> holders(snapshot.objects.count());
  for (const snapshot::Span& span : snapshot.objects.spans()) {
    if (span.noscan) break;
    for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
      if (types[object] == ObjectTypes::kUnknown || !live.is_marked(object)) continue;
      for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at) {
        ObjectId to = references.edges[at];
        if (types[to] == ObjectTypes::kUnknown && holders[to] == ObjectTypes::kUnknown)
          holders[to] = types[object];
      }
    }
  }
  return holders;
}

struct Sum {
  std::uint64_t objects = 0, bytes = 0;
  void add(std::uint64_t size_bytes) {
    ++objects;
    bytes += size_bytes;
  }
};

}  // namespace

TypeTable add_up_types(const Snapshot& snapshot, const graph::Reachability& live) {
  ReservedArray<std::uint32_t> holders = find_holders(snapshot, live);
  std::vector<Sum> of_types(snapshot.types.names.size());
  std::map<std::tuple<std::uint64_t, bool, std::uint32_t>, Sum> unknown;
  for (const snapshot::Span& span : snapshot.objects.spans())
    for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
      if (!live.is_marked(object) || !snapshot.objects.is_allocated(object)) continue;
      std::uint32_t type = snapshot.types.of_objects[object];
      of_types[type].add(span.element_size_bytes);
      if (type != ObjectTypes::kUnknown) continue;
      std::uint64_t slot =
          span.element_size_bytes <= kLargestSlotBytes ? span.element_size_bytes : 0;
      unknown[{slot, !span.noscan, holders[object]}].add(span.element_size_bytes);
    }

  TypeTable table;
  for (std::uint32_t type = 0; type < of_types.size(); ++type) {
    const Sum& sum = of_types[type];
    table.total_bytes += sum.bytes;
    if (type == ObjectTypes::kUnknown)
      table.unknown_bytes = sum.bytes;
    else if (sum.objects > 0)
      table.types.push_back({snapshot.types.names[type], sum.objects, sum.bytes});
  }
  for (const auto& [key, sum] : unknown) {
    auto [slot, has_pointers, holder] = key;
    table.unknown.push_back(
        {slot, has_pointers, snapshot.types.names[holder], sum.objects, sum.bytes});
  }
  std::ranges::stable_sort(table.types, [](const TypeCost& a, const TypeCost& b) {
    return std::tuple(b.bytes, a.type) < std::tuple(a.bytes, b.type);
  });
  std::ranges::stable_sort(table.unknown, std::ranges::greater{}, &UnknownObjects::bytes);
  return table;
}

}  // namespace goshawk::analyses::heap
