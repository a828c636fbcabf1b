// What refers to the object and is itself reached through it (a child that points to its parent)
// does not hold it: the way to that one is followed back, and passes through the object then.
#include "analyses/heap/sharers.h"

#include <algorithm>

namespace goshawk::analyses::heap {

using graph::Node;
using snapshot::ObjectId;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kMostTold = 2;
constexpr std::size_t kMostSteps = 256;  // back to whoever holds one that refers to it

class SharerSearch {
 public:
  SharerSearch(const Snapshot& snapshot, const RootHolders& roots, HolderPaths& paths,
               std::span<const Node> shared)
      : snapshot_(snapshot), roots_(roots), paths_(paths), is_shared_(snapshot.objects.count()) {
    for (Node object : shared) {
      is_shared_[object] = true;
      found_[object] = {};
    }
  }

  std::map<Node, std::vector<std::string>> find() {
    for (auto& [object, found] : found_) add(object, paths_.parent(object));
    for (Node holder = snapshot_.objects.count(); holder < roots_.top(); ++holder)
      if (roots_.is_holder(holder))
        for (ObjectId object : roots_.held_by(holder)) meet(holder, object);
    for (const snapshot::Span& span : snapshot_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (object < snapshot_.objects.row_count()) meet_references(object);
    std::map<Node, std::vector<std::string>> told;
    for (auto& [object, found] : found_) told[object] = std::move(found.paths);
    return told;
  }

 private:
  struct Found {
    std::vector<Node> holders;
    std::vector<std::string> paths;
  };

  void meet_references(ObjectId object) {
    const snapshot::References& references = snapshot_.references;
    for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at)
      meet(object, references.edges[at]);
  }

  void meet(Node referrer, ObjectId object) {
    if (object < is_shared_.size() && is_shared_[object]) add(object, referrer);
  }

  void add(Node object, Node referrer) {
    Found& found = found_[object];
    if (found.paths.size() == kMostTold) return;
    Node holder = holder_of(referrer, object);
    if (!roots_.is_holder(holder) || (paths_.lists_pools(holder) && !found.paths.empty()) ||
        std::ranges::find(found.holders, holder) != found.holders.end())
      return;
    found.holders.push_back(holder);
    std::string path = paths_.path_by(referrer, object);
    if (!path.empty() && std::ranges::find(found.paths, path) == found.paths.end())
      found.paths.push_back(std::move(path));
  }

  // Where the way to the referrer begins; the object itself: it is on that way.
  Node holder_of(Node referrer, Node object) {
    Node at = referrer;
    for (std::size_t step = 0; step < kMostSteps && at != object && !roots_.is_holder(at); ++step) {
      at = paths_.parent(at);
      if (at == graph::ShortestPaths::kNobody) return object;
    }
    return at;
  }

  const Snapshot& snapshot_;
  const RootHolders& roots_;
  HolderPaths& paths_;
  std::vector<bool> is_shared_;
  std::map<Node, Found> found_;
};

}  // namespace

std::map<Node, std::vector<std::string>> find_sharers(const Snapshot& snapshot,
                                                      const RootHolders& roots, HolderPaths& paths,
                                                      std::span<const Node> shared) {
  if (shared.empty()) return {};
  return SharerSearch(snapshot, roots, paths, shared).find();
}

}  // namespace goshawk::analyses::heap
