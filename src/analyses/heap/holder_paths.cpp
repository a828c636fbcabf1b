// Goroutines with one stack are one holder: a path that begins at the stack of one of them is told
// as beginning at all of theirs. Where nobody can tell the fields (a saved picture), the types on
// the way are told instead: "main.shop -> main.server -> map[string]*main.session".
//
// Package sync lists the pools that are in use, for its own ends: each next collection forgets the
// list. That a struct has a pool in it is no way to hold it, if there is another one.
#include "analyses/heap/holder_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace goshawk::analyses::heap {

using graph::Node;

namespace {

constexpr std::size_t kMostPathObjects = 10;  // that are told one by one

// The objects that have a pool in them, sorted.
std::vector<Node> objects_with_pools(const snapshot::Snapshot& snapshot) {
  std::vector<Node> objects;
  for (const snapshot::PoolFill& pool : snapshot.fill.pools)
    if (auto object = snapshot.objects.find(pool.pool)) objects.push_back(*object);
  std::ranges::sort(objects);
  return objects;
}

// Whether what it holds refers to such objects and nothing else.
bool are_lists(const snapshot::Snapshot& snapshot, const std::vector<Node>& with_pools,
               std::span<const snapshot::ObjectId> held) {
  if (with_pools.empty() || held.size() != 1 || held.front() >= snapshot.objects.row_count())
    return false;
  const snapshot::References& references = snapshot.references;
  std::span<const snapshot::ObjectId> listed(
      references.edges.data() + references.rows[held.front()],
      references.edges.data() + references.rows[held.front() + 1]);
  return !listed.empty() && std::ranges::all_of(listed, [&](snapshot::ObjectId object) {
    return std::ranges::binary_search(with_pools, object);
  });
}

struct Holders {
  std::vector<Node> first, last;  // to begin a path with
};

Holders holders_of(const snapshot::Snapshot& snapshot, const RootHolders& roots) {
  std::vector<Node> with_pools = objects_with_pools(snapshot);
  Holders holders;
  for (Node node = snapshot.objects.count(); node < roots.top(); ++node)
    if (roots.is_holder(node))
      (are_lists(snapshot, with_pools, roots.held_by(node)) ? holders.last : holders.first)
          .push_back(node);
  return holders;
}

}  // namespace

HolderPaths::HolderPaths(const snapshot::Snapshot& snapshot, const RootHolders& roots,
                         snapshot::PathDescriber* describer)
    : snapshot_(snapshot),
      roots_(roots),
      describer_(describer),
      paths_(roots.graph(), std::span<const graph::Edge>(), {}) {
  Holders holders = holders_of(snapshot, roots);
  paths_.add_roots(holders.first);
  lists_of_pools_ = holders.last;
  paths_.add_last_roots(std::move(holders.last));
}

bool HolderPaths::lists_pools(Node holder) const {
  return std::ranges::binary_search(lists_of_pools_, holder);
}

std::string HolderPaths::path_to(Node node) {
  if (roots_.is_holder(node)) return roots_.describe(node, describer_);
  return tell(paths_.path_to(node));
}

std::string HolderPaths::path_by(Node referrer, Node object) {
  std::vector<Node> nodes = paths_.path_to(referrer);
  nodes.push_back(object);
  return tell(std::move(nodes));
}

bool HolderPaths::is_on_stack(Node object) {
  Node holder = paths_.parent(object);
  return roots_.is_holder(holder) && !roots_.goroutines_of(holder).empty();
}

std::string HolderPaths::tell(std::vector<Node> nodes) {
  if (nodes.size() < 2) return "";
  std::size_t objects = nodes.size() - 1;
  // One step is as short as its count.
  std::size_t more = objects > kMostPathObjects + 1 ? objects - kMostPathObjects : 0;
  nodes.resize(nodes.size() - more);
  std::string text = describe(nodes);
  if (more > 0) text += fmt::format(" ... {} more steps", more);
  return text;
}

std::string HolderPaths::describe(const std::vector<Node>& nodes) {
  snapshot::HoldingPath path = roots_.path_from(nodes[0], nodes[1]);
  path.objects.assign(nodes.begin() + 1, nodes.end());
  std::string text = describer_ == nullptr ? "" : describer_->describe(path);
  if (text.empty()) return describe_by_types(nodes);
  std::string one = fmt::format("the stack of goroutine {}", path.goid);
  if (path.goid != 0 && text.starts_with(one))
    text.replace(0, one.size(), roots_.describe(nodes[0], describer_));
  return text;
}

std::string HolderPaths::describe_by_types(const std::vector<Node>& nodes) const {
  std::string text = roots_.describe(nodes[0], describer_);
  if (!snapshot_.types.were_read()) return text;
  bool untold = false;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const std::string& type = snapshot_.types.names[snapshot_.types.of_objects[nodes[i]]];
    if (!type.empty())
      text += " -> " + type;
    else if (!untold)
      text += " -> ...";
    untold = type.empty();
  }
  return text;
}

}  // namespace goshawk::analyses::heap
