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
//    never freed, and is a root here too if it does so directly.) A finalizer's function, and a
//    cleanup's and its argument, count as held by the program.
#include "analyses/goroutines/cost.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "graph/dominators.h"
#include "graph/reachability.h"
#include "snapshot/finalizer_roots.h"

namespace goshawk::analyses::goroutines {

using graph::Dominators;
using graph::Node;
using snapshot::ObjectId;
using snapshot::Root;
using snapshot::Snapshot;

namespace {

constexpr std::ptrdiff_t kMostTypes = 10;

using Groups = std::span<const std::vector<GoroutineIndex>>;

std::span<const ObjectId> held_by(const Snapshot& snapshot, std::size_t goroutine) {
  std::uint32_t begin = snapshot.goroutine_root_rows[goroutine];
  std::uint32_t end = snapshot.goroutine_root_rows[goroutine + 1];
  return std::span(snapshot.goroutine_roots).subspan(begin, end - begin);
}

std::vector<Node> find_what_stays_anyway(const Snapshot& snapshot, Groups groups) {
  std::vector<bool> is_in_group(snapshot.goroutines.size());
  for (const std::vector<GoroutineIndex>& group : groups)
    for (GoroutineIndex member : group) is_in_group[member] = true;
  std::vector<Node> roots;
  snapshot::FinalizerRoots finalizers(snapshot);
  for (const Root& root : snapshot.roots)
    if (!finalizers.is_left_to_its_object(root)) roots.push_back(root.object);
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

// A bit for each object that does not stay: what the groups hold, and garbage. Nothing that stays
// leads there.
std::vector<std::uint64_t> find_what_goes(const snapshot::Objects& objects,
                                          const graph::Reachability& stays) {
  std::vector<std::uint64_t> goes(objects.allocated);
  for (ObjectId object = 0; object < objects.count(); ++object)
    if (stays.is_marked(object)) goes[object / 64] &= ~(std::uint64_t{1} << (object % 64));
  return goes;
}

// By number: the group that retains it alone; the number of groups where none does. A dominator's
// number is smaller than those of what it dominates.
std::vector<std::uint32_t> find_groups(const Dominators& dominators, const GroupNodes& nodes,
                                       std::uint32_t count) {
  std::vector<std::uint32_t> groups(dominators.count(), count);
  for (std::uint32_t number = 1; number < dominators.count(); ++number) {
    Node node = dominators.node(number);
    groups[number] = node >= nodes.first && node < nodes.root()
                         ? node - nodes.first
                         : groups[dominators.immediate(number)];
  }
  return groups;
}

class TypeSums {
 public:
  explicit TypeSums(const snapshot::ObjectTypes& types) : types_(types) {}

  void add(std::uint32_t group, ObjectId object, std::uint64_t bytes) {
    std::uint64_t key = std::uint64_t{group} << 32 | types_.of_objects[object];
    Sum& sum = sums_[key];
    ++sum.objects;
    sum.bytes += bytes;
  }

  std::vector<std::vector<findings::TypeCost>> find_largest(std::size_t groups) const {
    std::vector<std::vector<findings::TypeCost>> all(groups);
    for (const auto& [key, sum] : sums_)
      all[key >> 32].push_back({types_.names[key & 0xffffffff], sum.objects, sum.bytes});
    for (std::vector<findings::TypeCost>& one : all) keep_largest(one);
    return all;
  }

 private:
  struct Sum {
    std::uint64_t objects = 0, bytes = 0;
  };

  static void keep_largest(std::vector<findings::TypeCost>& types) {
    std::ranges::sort(types, [](const findings::TypeCost& a, const findings::TypeCost& b) {
      return std::tuple(a.type.empty(), b.bytes, a.type) <
             std::tuple(b.type.empty(), a.bytes, b.type);
    });
    bool has_unknown = !types.empty() && types.back().type.empty();
    std::size_t most = kMostTypes + (has_unknown ? 1 : 0);
    if (types.size() > most)
      types.erase(types.begin() + kMostTypes, types.end() - (has_unknown ? 1 : 0));
  }

  const snapshot::ObjectTypes& types_;
  std::unordered_map<std::uint64_t, Sum> sums_;  // by group and type
};

std::vector<std::vector<findings::TypeCost>> sum_types(const Snapshot& snapshot,
                                                       const Dominators& dominators,
                                                       const GroupNodes& nodes, std::size_t groups,
                                                       const snapshot::ObjectTypes& types) {
  std::vector<std::uint32_t> group_of =
      find_groups(dominators, nodes, static_cast<std::uint32_t>(groups));
  TypeSums sums(types);
  for (const snapshot::Span& span : snapshot.objects.spans())
    for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
      std::uint32_t number = dominators.number_of(object);
      if (number != Dominators::kUnreached && snapshot.objects.is_allocated(object) &&
          group_of[number] < groups)
        sums.add(group_of[number], object, span.element_size_bytes);
    }
  return sums.find_largest(groups);
}

}  // namespace

RetainedBytes compute_retained_bytes(const Snapshot& snapshot, Groups groups,
                                     snapshot::TypeTeller* types) {
  GroupNodes nodes(snapshot, groups);
  graph::Graph graph = nodes.in_graph(snapshot);
  graph::Reachability stays(graph);
  stays.mark_from(find_what_stays_anyway(snapshot, groups));
  Dominators dominators(graph, nodes.root(), &stays);
  ReservedArray<std::uint64_t> bytes = sum_up(snapshot.objects, dominators);
  RetainedBytes result{
      .of_groups = {}, .shared = bytes[dominators.number_of(nodes.root())], .largest_types = {}};
  for (Node group = 0; group < groups.size(); ++group) {
    result.of_groups.push_back(bytes[dominators.number_of(nodes.first + group)]);
    result.shared -= result.of_groups.back();
  }
  result.largest_types.resize(groups.size());
  bool any = std::ranges::any_of(result.of_groups, [](std::uint64_t held) { return held > 0; });
  if (!any || types == nullptr) return result;
  if (const auto* told = types->tell(find_what_goes(snapshot.objects, stays)))
    result.largest_types = sum_types(snapshot, dominators, nodes, groups.size(), *told);
  return result;
}

}  // namespace goshawk::analyses::goroutines
