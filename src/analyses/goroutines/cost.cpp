// A graph: the heap's objects, a node for each group that leads to all that its goroutines hold
// (their stacks' pointers, what they wait on, what their g refers to), and one above all groups,
// which is the root. First everything is marked that stays without the groups: what the collector's
// roots and all other goroutines reach. In what is left, a group retains what it dominates; what
// only the root dominates is shared. So the work is that of one marking and of what the groups
// hold, not of the heap's size again.
//
// What counts, and what not:
//  - an object's whole slot, as the runtime's own count of the heap does; memory without pointers
//  too;
//  - not the stacks, which are not in the heap, nor the g, which the runtime keeps for reuse: both
//    have counts of their own;
//  - sudogs: their caches keep a hundred for each processor and drop the others at each collection
//    (runtime/mgc.go clearpools);
//  - a weak pointer holds nothing, though for the proof it does;
//  - an object with a finalizer is freed once that has run, and what it refers to with it: that the
//    collector takes these as roots until then is left out. (One that refers back to itself is
//    never freed, and is a root here too if it does so directly.) The function itself, and a
//    cleanup's, count as held by the program.
#include "analyses/goroutines/cost.h"

#include "graph/dominators.h"
#include "graph/reachability.h"

namespace goshawk::analyses::goroutines {

using graph::Dominators;
using graph::Node;
using snapshot::ObjectId;
using snapshot::Root;
using snapshot::RootKind;
using snapshot::Snapshot;

namespace {

using Groups = std::span<const std::vector<GoroutineIndex>>;

std::span<const ObjectId> held_by(const Snapshot& snapshot, std::size_t goroutine) {
  std::uint32_t begin = snapshot.goroutine_root_rows[goroutine];
  std::uint32_t end = snapshot.goroutine_root_rows[goroutine + 1];
  return std::span(snapshot.goroutine_roots).subspan(begin, end - begin);
}

// What an object with a finalizer refers to: its own row of references leads there as well.
bool stays_only_for_finalizer(const Snapshot& snapshot, const Root& root) {
  if (root.kind != RootKind::kFinalizer) return false;
  auto from = snapshot.objects.find(root.source);
  return from && *from != root.object;
}

std::vector<Node> find_what_stays_anyway(const Snapshot& snapshot, Groups groups) {
  std::vector<bool> is_in_group(snapshot.goroutines.size());
  for (const std::vector<GoroutineIndex>& group : groups)
    for (GoroutineIndex member : group) is_in_group[member] = true;
  std::vector<Node> roots;
  for (const Root& root : snapshot.roots)
    if (!stays_only_for_finalizer(snapshot, root)) roots.push_back(root.object);
  for (std::size_t i = 0; i < snapshot.goroutines.size(); ++i) {
    if (is_in_group[i]) continue;
    std::span<const ObjectId> held = held_by(snapshot, i);
    roots.insert(roots.end(), held.begin(), held.end());
  }
  return roots;
}

// Nodes beside the heap's: the groups in order, then the one above them.
struct GroupNodes {
  Node first = 0;
  std::vector<std::uint32_t> begin{0};
  std::vector<Node> edges;

  GroupNodes(const Snapshot& snapshot, Groups groups) : first(snapshot.objects.count()) {
    for (const std::vector<GoroutineIndex>& group : groups) {
      for (GoroutineIndex member : group) {
        std::span<const ObjectId> held = held_by(snapshot, member);
        edges.insert(edges.end(), held.begin(), held.end());
      }
      end_row();
    }
    for (Node group = 0; group < groups.size(); ++group) edges.push_back(first + group);
    end_row();
  }

  Node count() const { return static_cast<Node>(begin.size() - 1); }
  Node root() const { return first + count() - 1; }
  graph::Graph in_graph(const Snapshot& snapshot) const {
    return {.node_count = first + count(),
            .rows = {snapshot.references.rows.data(), snapshot.references.edges.data(),
                     snapshot.objects.row_count()},
            .companions = {begin.data(), edges.data(), count()},
            .companions_from = first};
  }

 private:
  void end_row() { begin.push_back(static_cast<std::uint32_t>(edges.size())); }
};

ReservedArray<std::uint64_t> sum_up(const snapshot::Objects& objects,
                                    const Dominators& dominators) {
  ReservedArray<std::uint64_t> bytes(dominators.count());
  for (const snapshot::Span& span : objects.spans())
    for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
      std::uint32_t number = dominators.number_of(object);
      if (number != Dominators::kUnreached && objects.is_allocated(object))
        bytes[number] = span.element_size_bytes;
    }
  dominators.add_up(bytes);
  return bytes;
}

}  // namespace

RetainedBytes compute_retained_bytes(const Snapshot& snapshot, Groups groups) {
  GroupNodes nodes(snapshot, groups);
  graph::Graph graph = nodes.in_graph(snapshot);
  graph::Reachability stays(graph);
  stays.mark_from(find_what_stays_anyway(snapshot, groups));
  Dominators dominators(graph, nodes.root(), &stays);
  ReservedArray<std::uint64_t> bytes = sum_up(snapshot.objects, dominators);
  RetainedBytes result{.of_groups = {}, .shared = bytes[dominators.number_of(nodes.root())]};
  for (Node group = 0; group < groups.size(); ++group) {
    result.of_groups.push_back(bytes[dominators.number_of(nodes.first + group)]);
    result.shared -= result.of_groups.back();
  }
  return result;
}

}  // namespace goshawk::analyses::goroutines
