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
  std::vector<findings::HeapFinding> find() const;

 private:
  // One map, the slices in one place, the values of one type; a number for each picture.
  struct Series {
    std::vector<std::uint64_t> counts = {};  // entries, elements, objects
    std::vector<std::uint64_t> bytes = {};   // of types
    std::vector<std::uint64_t> slices = {};  // how many they are
    // Of the latest picture:
    snapshot::ObjectId object = snapshot::kNone;  // the map, the longest slice's array, a value
    std::uint64_t longest = 0;                    // its length
    std::uint64_t address = 0;
    std::string type = {}, path = {};
    std::uint64_t slot_bytes = 0;    // of objects of unknown type
    std::uint32_t depth = 0;         // of a type: steps from who holds it to `object`
    const Series* inside = nullptr;  // of a type: the map, slices or type with which it came

    bool grew() const;
    std::uint64_t came() const { return counts.back() - counts.front(); }
    std::uint64_t came_bytes() const;
  };
  using AllSeries = std::map<std::string, Series>;
  using Containers = std::unordered_map<snapshot::ObjectId, const Series*>;

  Series* next_of(AllSeries& all, const std::string& key) const;
  void add_maps(const snapshot::Snapshot& snapshot, const graph::Reachability& live);
  void add_slices(const snapshot::Snapshot& snapshot, const graph::Reachability& live);
  void add_types(const findings::TypeTable& types);
  void keep_growing(AllSeries& all) const;
  Containers tell_containers(const snapshot::Snapshot& snapshot, HolderPaths& paths);
  void place_types(const snapshot::Snapshot& snapshot, HeldHeap& held,
                   const Containers& containers);

  const Series* find_around(const snapshot::Snapshot& snapshot, HeldHeap& held,
                            const Containers& containers, const Series& type) const;
  bool is_told(const Series& type) const;

  void find_containers(std::string_view rule, const AllSeries& all,
                       std::vector<findings::HeapFinding>& found) const;
  void find_types(std::vector<findings::HeapFinding>& found) const;
  findings::HeapFinding finding_of(std::string_view rule, const Series& series) const;
  void add_what_came(const Series& below, findings::HeapFinding& finding) const;
  bool is_steady(const Series& series) const;

  std::vector<double> seconds_;
  std::uint64_t live_bytes_ = 0;  // in the latest picture
  AllSeries maps_;                // those that grew so far, by address
  AllSeries slices_;              // likewise, by place
  AllSeries types_;               // all, by name
};

}  // namespace goshawk::analyses::heap
