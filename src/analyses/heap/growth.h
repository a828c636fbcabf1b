// What of a heap grows, by several pictures of one process: maps whose entries become more in every
// interval (heap/growing-map), slices that become longer (heap/growing-slice), and types of which
// there are more, where it is none of these that holds them (heap/growing-type). Only what is live
// counts, so that it does not matter when the collector ran. Of an earlier picture only numbers are
// kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyses/heap/holders.h"
#include "findings/heap_finding.h"
#include "findings/type_table.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Memory that is filled once and for all (a cache, a pool) grows like a leak for a while: only what
// grew in so many pictures, at a steady rate, is `likely` to go on.
inline constexpr std::size_t kPicturesOfSteadyGrowth = 5;

class Growth {
 public:
  // The next picture of the same process, with references, types and fill. `live`:
  // mark_live_objects(snapshot); `types`: add_up_types().
  void add(double seconds, const snapshot::Snapshot& snapshot, const graph::Reachability& live,
           const findings::TypeTable& types, HeldHeap& held);

  // As of the latest picture, what grew by most bytes first. Nothing before there are two.
  const std::vector<findings::HeapFinding>& found() const { return found_; }

 private:
  // A number for each picture.
  using Numbers = std::vector<std::uint64_t>;

  // The entries of one map, the elements of the slices in one place.
  struct Container {
    Numbers counts;
    Numbers slices;       // how many they are; empty: a map
    Numbers array_bytes;  // of their arrays, each once
    // Of the latest picture:
    snapshot::ObjectId object = snapshot::kNone;  // the map, the array of the longest slice
    std::uint64_t longest = 0;                    // its length
    std::uint64_t address = 0;
    std::string type;
    std::vector<snapshot::ObjectId> arrays;

    bool grew() const;
  };

  // Values of one type; all of them together are what grows, or does not.
  struct Type {
    Numbers counts, bytes;
    std::string name;              // "": unknown, and told by
    std::uint64_t slot_bytes = 0;  // its slots

    std::uint64_t came_bytes() const;
  };

  // What a finding is made of, in the latest picture: maps alike in one place, slices in one place.
  struct Group {
    std::string_view rule;
    std::string place, type;
    Numbers counts;
    std::uint64_t things = 0;
    std::uint64_t address = 0, most = 0;  // of the largest, and its count
    bool may_be_likely = true;
  };

  // Values of a type that have come below one holder since the first picture.
  struct Part {
    const Type* type = nullptr;
    std::uint64_t objects = 0, bytes = 0;
    snapshot::ObjectId example = snapshot::kNone;
    std::uint32_t depth = 0;        // steps from who holds it
    const Group* inside = nullptr;  // what grows and has it,
    const Type* with = nullptr;     // or the type that grows on the way to it
  };

  struct Held {
    std::uint64_t objects = 0, bytes = 0;
    snapshot::ObjectId example = snapshot::kNone;
    std::uint64_t example_bytes = 0;
  };
  using HeldByAnchor = std::map<std::string, std::map<std::string, Held>>;  // by type, by holder

  void add_maps(const snapshot::Snapshot& snapshot, const graph::Reachability& live);
  void add_slices(const snapshot::Snapshot& snapshot, const graph::Reachability& live);
  void add_types(const findings::TypeTable& types);
  Container& next_of(std::map<std::string, Container>& all, const std::string& key) const;
  void keep_growing(std::map<std::string, Container>& all) const;
  bool is_chance(const std::string& type, const Numbers& counts) const;
  bool is_told(const Type& type) const;

  HeldByAnchor list_held(const snapshot::Snapshot& snapshot, const HeldHeap& held) const;
  std::string anchor_of(const snapshot::Snapshot& snapshot, const HeldHeap& held,
                        std::uint32_t group) const;
  void group_containers(HolderPaths& paths);
  void find_parts(const snapshot::Snapshot& snapshot, HeldHeap& held);
  void place(Part& part, const snapshot::Snapshot& snapshot, HolderPaths& paths) const;
  const Part* main_part_of(const Type& type) const;
  const Part* root_of(const Part& part) const;
  static std::uint32_t depth_of(graph::Node node, HolderPaths& paths);

  void find(const snapshot::Snapshot& snapshot, HolderPaths& paths);
  findings::HeapFinding finding_of(const Group& group) const;
  findings::HeapFinding finding_of(const Type& type) const;
  static void add_came(const Part& part, std::map<std::string, findings::TypeCost>& came);
  static void list_came(const std::map<std::string, findings::TypeCost>& came,
                        findings::HeapFinding& found);
  void add_growth(const Numbers& counts, bool may_be_likely, findings::HeapFinding& found) const;
  bool is_steady(const Numbers& counts) const;

  std::vector<double> seconds_;
  std::uint64_t live_bytes_ = 0;                // in the latest picture
  std::map<std::string, Container> maps_;       // those that grew so far, by address
  std::map<std::string, Container> slices_;     // likewise, by place
  std::map<std::string, Numbers> map_entries_;  // of all large maps of a type
  std::map<std::string, Type> types_;           // all, by name
  HeldByAnchor first_;                          // in the first picture
  std::vector<Group> groups_;                   // these of the latest picture
  std::unordered_map<snapshot::ObjectId, std::size_t> group_of_object_;
  std::vector<Part> parts_;  // the largest of each type first
  std::vector<findings::HeapFinding> found_;
};

}  // namespace goshawk::analyses::heap
