// A collection forgets a pool's victims, and makes victims of what is local (sync/pool.go
// poolCleanup): what is reached from these arrays alone is freed by the next two. Each byte counts
// once: what two pools hold, for the one that comes first by its address; what is both local and a
// victim, as local.
#include "analyses/heap/pools.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {

using findings::PoolLine;
using snapshot::kNone;
using snapshot::ObjectId;
using snapshot::PoolFill;
using snapshot::Snapshot;

std::vector<PoolLine> list_pools(const Snapshot& snapshot, const graph::Reachability& live) {
  std::vector<ObjectId> arrays;
  for (const PoolFill& pool : snapshot.fill.pools)
    for (ObjectId array : {pool.local, pool.victim})
      if (array != kNone && live.is_marked(array)) arrays.push_back(array);
  if (arrays.empty()) return {};
  graph::Reachability without = mark_live_objects_not_behind(snapshot, arrays);
  MoreReached more(snapshot, without);
  std::ranges::sort(arrays);
  auto held_by = [&](ObjectId array) -> std::uint64_t {
    if (!std::ranges::binary_search(arrays, array)) return 0;
    return snapshot.objects.size_bytes(array) + more.reach_behind(array);
  };
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, PoolLine> lines;
  for (const PoolFill& pool : snapshot.fill.pools) {
    PoolLine& line = lines[{pool.place, pool.made_by, pool.type}];
    line.address = line.pools++ == 0 ? pool.pool.value() : 0;
    line.values += pool.values + pool.victim_values;
    line.victim_values += pool.victim_values;
    line.bytes += held_by(pool.local);
    std::uint64_t of_victim = held_by(pool.victim);
    line.bytes += of_victim;
    line.victim_bytes += of_victim;
  }
  std::vector<PoolLine> sorted;
  for (auto& [names, line] : lines) {
    auto [place, made_by, type] = names;
    line.place = snapshot.fill.places[place];
    line.made_by = snapshot.fill.places[made_by];
    line.type = snapshot.fill.places[type];
    if (line.bytes > 0) sorted.push_back(std::move(line));
  }
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &PoolLine::bytes);
  return sorted;
}

}  // namespace goshawk::analyses::heap
