// The tree of dominators, told by kinds of things: what retains much stands alone, what retains
// little is one with its like (40,000 values of one type, held by the same map).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/dominators.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// What a group has in common, besides its holder.
struct GroupKind {
  enum class Of : std::uint8_t {
    kTop,
    kHolder,        // one from outside of the heap: node `value`
    kSmallHolders,  // all of them that retain little
    kType,          // objects of Snapshot::types' number `value`
    kSlot,          // objects of unknown type in slots of `value` bytes; 0: larger than any class
  };
  Of of = Of::kTop;
  bool noscan = false;  // kSlot
  std::uint32_t value = 0;

  auto operator<=>(const GroupKind&) const = default;
};

struct HolderGroup {
  GroupKind kind;
  bool alone = false;        // one node that retains much, and its like below it
  graph::Node node = 0;      // the first of them; of many one among them, who is like most
  std::uint32_t parent = 0;  // index of the group that dominates it
  std::uint64_t nodes = 0;
  std::uint64_t shallow_bytes = 0;  // with what is too deep to be told apart
  std::uint64_t retained_bytes = 0;
  std::uint64_t retained_objects = 0;   // with its own
  std::vector<std::uint32_t> children;  // that retain a hundredth of the live heap, largest first
};

struct HolderGroups {
  static constexpr std::uint32_t kNoGroup = 0xffffffff;

  std::uint64_t live_bytes = 0;
  std::uint64_t live_objects = 0;
  std::vector<HolderGroup> groups;        // the top first, parents before their children
  std::vector<std::uint32_t> of_sampled;  // the group of each of Allocations::sampled
};

// Holders from outside that retain little: as one, or each by itself.
enum class SmallHolders : std::uint8_t { kTogether, kApart };

// `dominators` are those of the objects and their holders (root_holders.h), from the top.
HolderGroups group_by_holder(const snapshot::Snapshot& snapshot,
                             const graph::Dominators& dominators,
                             SmallHolders small = SmallHolders::kTogether);

// A map's buckets, groups, tables or their directory (internal/runtime/maps).
bool is_inside_of_map(std::string_view type);

}  // namespace goshawk::analyses::heap
