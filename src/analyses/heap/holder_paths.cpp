// Goroutines with one stack are one holder: a path that begins at the stack of one of them is told
// as beginning at all of theirs. Where nobody can tell the fields (a saved picture), the types on
// the way are told instead: "main.shop -> main.server -> map[string]*main.session".
#include "analyses/heap/holder_paths.h"

#include <fmt/format.h>

#include <utility>

namespace goshawk::analyses::heap {

using graph::Node;

namespace {

constexpr std::size_t kMostPathObjects = 10;  // that are told one by one

std::vector<Node> holders_of(const snapshot::Snapshot& snapshot, const RootHolders& roots) {
  std::vector<Node> holders;
  for (Node node = snapshot.objects.count(); node < roots.top(); ++node)
    if (roots.is_holder(node)) holders.push_back(node);
  return holders;
}

}  // namespace

HolderPaths::HolderPaths(const snapshot::Snapshot& snapshot, const RootHolders& roots,
                         snapshot::PathDescriber* describer)
    : snapshot_(snapshot),
      roots_(roots),
      describer_(describer),
      paths_(roots.graph(), std::span<const graph::Edge>(), holders_of(snapshot, roots)) {}

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
