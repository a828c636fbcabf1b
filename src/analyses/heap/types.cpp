// Shallow sizes: whole slots, each object in one row. An object of unknown type is told by its slot
// and by the type of one that leads to it: of several that with the smallest number, so that the
// same picture gives the same table.
#include "analyses/heap/types.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace goshawk::analyses::heap {

using findings::TypeCost;
using findings::TypeTable;
using findings::UnknownObjects;
using snapshot::ObjectId;
using snapshot::ObjectTypes;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kLargestSlotBytes = 32768;

struct Sum {
  std::uint64_t objects = 0, bytes = 0;
  void add(std::uint64_t size_bytes) {
    ++objects;
    bytes += size_bytes;
  }
};

class Addition {
 public:
  Addition(const Snapshot& snapshot, const graph::Reachability& live)
      : of_types(snapshot.types.names.size()),
        snapshot_(snapshot),
        live_(live),
        types_(snapshot.types.of_objects.data()),
        is_unknown_(snapshot.objects.count() / 64 + std::size_t{1}),
        holders_(snapshot.objects.count()) {}

  void run() {
    for_each_live([&](const snapshot::Span& span, ObjectId object) {
      of_types[types_[object]].add(span.element_size_bytes);
      if (types_[object] == ObjectTypes::kUnknown)
        is_unknown_[object / 64] |= std::uint64_t{1} << (object % 64);
    });
    if (of_types[ObjectTypes::kUnknown].objects == 0) return;
    find_holders();
    for_each_live([&](const snapshot::Span& span, ObjectId object) {
      if (types_[object] != ObjectTypes::kUnknown) return;
      std::uint64_t slot =
          span.element_size_bytes <= kLargestSlotBytes ? span.element_size_bytes : 0;
      unknown[{slot, !span.noscan, holders_[object]}].add(span.element_size_bytes);
    });
  }

  std::vector<Sum> of_types;
  std::map<std::tuple<std::uint64_t, bool, std::uint32_t>, Sum> unknown;

 private:
  template <typename Visit>
  void for_each_live(Visit&& visit) const {
    for (const snapshot::Span& span : snapshot_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (live_.is_marked(object) && snapshot_.objects.is_allocated(object)) visit(span, object);
  }

  // The first one of known type that leads to it. What is unknown has a bit: of a large heap the
  // types of what is led to are far apart, bits are not.
  void find_holders() {
    const snapshot::References& references = snapshot_.references;
    for_each_live([&](const snapshot::Span& span, ObjectId object) {
      if (span.noscan || types_[object] == ObjectTypes::kUnknown) return;
      for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at) {
        ObjectId to = references.edges[at];
        if ((is_unknown_[to / 64] >> (to % 64) & 1) != 0 && holders_[to] == ObjectTypes::kUnknown)
          holders_[to] = types_[object];
      }
    });
  }

  const Snapshot& snapshot_;
  const graph::Reachability& live_;
  const std::uint32_t* types_;
  std::vector<std::uint64_t> is_unknown_;  // a bit for each object
  ReservedArray<std::uint32_t> holders_;   // of unknown ones: a type
};

}  // namespace

TypeTable add_up_types(const Snapshot& snapshot, const graph::Reachability& live) {
  Addition sums(snapshot, live);
  sums.run();

  TypeTable table;
  for (std::uint32_t type = 0; type < sums.of_types.size(); ++type) {
    const Sum& sum = sums.of_types[type];
    table.total_bytes += sum.bytes;
    if (type == ObjectTypes::kUnknown)
      table.unknown_bytes = sum.bytes;
    else if (sum.objects > 0)
      table.types.push_back({{snapshot.types.names[type], sum.objects, sum.bytes}});
  }
  for (const auto& [key, sum] : sums.unknown) {
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

void add_retained(TypeTable& table, const Snapshot& snapshot, const HolderGroups& groups) {
  std::vector<std::uint64_t> retained(snapshot.types.names.size());
  for (const HolderGroup& group : groups.groups) {
    if (group.kind.of != GroupKind::Of::kType) continue;
    bool is_below_its_like = false;
    for (std::uint32_t above = group.parent; above != 0 && !is_below_its_like;
         above = groups.groups[above].parent)
      is_below_its_like = groups.groups[above].kind == group.kind;
    if (!is_below_its_like) retained[group.kind.value] += group.retained_bytes;
  }
  std::unordered_map<std::string_view, std::uint64_t> of_names;
  for (std::size_t type = 0; type < retained.size(); ++type)
    of_names.emplace(snapshot.types.names[type], retained[type]);
  for (findings::TypeRow& row : table.types)
    row.retained_bytes = std::max(row.bytes, of_names[row.type]);
}

}  // namespace goshawk::analyses::heap
