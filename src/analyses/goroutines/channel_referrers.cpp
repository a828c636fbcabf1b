// A goroutine has a channel when its stack refers to it, or to an object (a closure, a captured
// variable, a struct) that does. What waits on the channel itself is told already; so is nothing
// here of one's own group.
#include "analyses/goroutines/channel_referrers.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using findings::Finding;
using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::Wait;

namespace {

constexpr std::uint32_t kMostEdges = 64;  // of an object: a larger one is a collection
constexpr std::size_t kToldPlaces = 3;

class Referrers {
 public:
  Referrers(const Snapshot& snapshot, const std::vector<std::vector<GoroutineIndex>>& members)
      : snapshot_(snapshot), of_groups_(members.size()) {
    for (std::size_t group = 0; group < members.size(); ++group)
      for (GoroutineIndex member : members[group])
        for (const Wait& wait : waits_of(snapshot_, snapshot_.goroutines[member]))
          if (wait.place == snapshot::Place::kHeap && is_of_channel(wait.operation))
            waited_for_[wait.object].insert(group);
    for (std::size_t group = 0; group < members.size(); ++group)
      for (GoroutineIndex member : members[group]) look_from(member, group);
  }

  std::vector<std::set<GoroutineIndex>> of_groups() && { return std::move(of_groups_); }

 private:
  void look_from(GoroutineIndex goroutine, std::size_t own_group) {
    const std::vector<std::uint32_t>& rows = snapshot_.goroutine_root_rows;
    for (std::uint32_t at = rows[goroutine]; at < rows[goroutine + 1]; ++at) {
      ObjectId root = snapshot_.goroutine_roots[at];
      note(root, goroutine, own_group);
      if (root >= snapshot_.objects.row_count()) continue;
      std::uint32_t begin = snapshot_.references.rows[root];
      std::uint32_t end = snapshot_.references.rows[root + 1];
      if (end - begin > kMostEdges) continue;
      for (std::uint32_t edge = begin; edge < end; ++edge)
        note(snapshot_.references.edges[edge], goroutine, own_group);
    }
  }

  void note(ObjectId object, GoroutineIndex goroutine, std::size_t own_group) {
    auto found = waited_for_.find(object);
    if (found == waited_for_.end() || found->second.contains(own_group)) return;
    for (std::size_t group : found->second) of_groups_[group].insert(goroutine);
  }

  const Snapshot& snapshot_;
  std::unordered_map<ObjectId, std::set<std::size_t>> waited_for_;  // by which groups
  std::vector<std::set<GoroutineIndex>> of_groups_;
};

// "main.collect (merge.go:97)"
std::string place_text(const Snapshot& snapshot, GoroutineIndex goroutine) {
  findings::CodePlace place =
      place_of(snapshot, find_blocking_frame(snapshot, snapshot.goroutines[goroutine]));
  return place.function.empty() ? std::string("a place that cannot be told")
                                : fmt::format("{} ({})", place.function, line_text(place));
}

std::string referrers_text(const Snapshot& snapshot, const std::set<GoroutineIndex>& referrers) {
  std::map<std::string, std::size_t> places;
  for (GoroutineIndex referrer : referrers) ++places[place_text(snapshot, referrer)];
  std::string text =
      referrers.size() == 1
          ? std::string("1 other leaked goroutine has the channel too:")
          : fmt::format("{} other leaked goroutines have the channel too:", referrers.size());
  std::size_t told = 0;
  for (const auto& [place, count] : places) {
    if (told == kToldPlaces) return text + ", and others";
    text += fmt::format("{} ", told++ == 0 ? "" : ",");
    text += referrers.size() == 1 ? "it waits in " + place : fmt::format("{} in {}", count, place);
  }
  return text;
}

}  // namespace

std::vector<std::set<GoroutineIndex>> find_channel_referrers(
    const Snapshot& snapshot, const std::vector<std::vector<GoroutineIndex>>& members) {
  if (members.size() < 2 || !snapshot.picture.has_references ||
      snapshot.goroutine_root_rows.size() <= snapshot.goroutines.size())
    return std::vector<std::set<GoroutineIndex>>(members.size());
  return std::move(Referrers(snapshot, members)).of_groups();
}

void tell_channel_referrers(const Snapshot& snapshot,
                            const std::vector<std::vector<GoroutineIndex>>& members,
                            std::span<Finding> findings) {
  auto referrers = find_channel_referrers(snapshot, members);
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (findings[i].confidence == findings::Confidence::kProven && !referrers[i].empty())
      findings[i].evidence.push_back(referrers_text(snapshot, referrers[i]));
}

}  // namespace goshawk::analyses::goroutines
