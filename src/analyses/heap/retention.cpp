// What somebody asks for is walled off first: what is marked then stays without it. What is marked
// once the walls are open, and they themselves, would be freed if they were gone. Of a goroutine,
// what everybody else holds is marked first, then what its stack leads to.
//
// Ways to many objects are the same way if they run through the same types from the same holder; of
// one type below the other (a list) they are as one.
#include "analyses/heap/retention.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "analyses/heap/holder_paths.h"
#include "analyses/heap/root_holders.h"
#include "base/nearest_word.h"
#include "graph/reachability.h"

namespace goshawk::analyses::heap {

using findings::Asked;
using findings::Neighbours;
using findings::OfGoroutine;
using findings::OfType;
using findings::Retention;
using graph::Node;
using snapshot::ObjectId;
using snapshot::ObjectTypes;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kMostPaths = 10;
constexpr std::size_t kMostSimilar = 5;
constexpr std::uint32_t kMostWays = 1 << 20;

class Bits {
 public:
  explicit Bits(std::uint32_t count) : words_(count / 64 + std::size_t{1}) {}
  void set(ObjectId object) { words_[object / 64] |= std::uint64_t{1} << (object % 64); }
  bool operator[](ObjectId object) const { return (words_[object / 64] >> (object % 64) & 1) != 0; }

 private:
  std::vector<std::uint64_t> words_;
};

// The shortest ways from holders to objects, each known by the types that it runs through.
class Ways {
 public:
  Ways(const Snapshot& snapshot, const RootHolders& roots, HolderPaths& paths)
      : snapshot_(snapshot),
        roots_(roots),
        paths_(paths),
        of_nodes_(roots.top() + std::size_t{1}),
        steps_(roots.top() + std::size_t{1}) {}

  struct Way {
    std::uint32_t number = 0;  // from 1 on; 0: nothing leads there
    std::uint32_t steps = 0;
  };

  Way way_to(Node node) {
    std::vector<Node> chain;
    while (of_nodes_[node] == 0) {
      Node parent = paths_.parent(node);
      if (parent == graph::ShortestPaths::kNobody) return {};
      chain.push_back(node);
      if (parent == node) break;
      node = parent;
    }
    for (; !chain.empty(); chain.pop_back()) {
      Node next = chain.back();
      Node before = paths_.parent(next);
      bool begins = before == next;
      of_nodes_[next] = go_on(begins ? 0 : of_nodes_[before], key_of(next));
      steps_[next] = begins ? 0 : steps_[before] + 1;
      node = next;
    }
    return {of_nodes_[node], steps_[node]};
  }

 private:
  std::uint64_t key_of(Node node) const {
    return roots_.is_holder(node) ? std::uint64_t{1} << 32 | node
                                  : snapshot_.types.of_objects[node];
  }

  std::uint32_t go_on(std::uint32_t way, std::uint64_t key) {
    if ((way != 0 && keys_[way - 1] == key) || keys_.size() >= kMostWays) return std::max(way, 1u);
    auto [next, is_new] = next_.try_emplace({way, key}, 0);
    if (is_new) {
      keys_.push_back(key);
      next->second = static_cast<std::uint32_t>(keys_.size());
    }
    return next->second;
  }

  const Snapshot& snapshot_;
  const RootHolders& roots_;
  HolderPaths& paths_;
  ReservedArray<std::uint32_t> of_nodes_, steps_;
  std::vector<std::uint64_t> keys_;  // of the last step of each way
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> next_;
};

class RetentionSearch {
 public:
  RetentionSearch(const Snapshot& snapshot, snapshot::PathDescriber* describer)
      : snapshot_(snapshot),
        roots_(snapshot),
        paths_(snapshot, roots_, describer),
        marks_(roots_.graph()),
        chosen_(snapshot.objects.count()),
        stays_(snapshot.objects.count()) {}

  bool choose(Address address) {
    auto object = snapshot_.objects.find(address);
    if (!object || !snapshot_.objects.is_allocated(*object)) return false;
    const snapshot::Span& span = snapshot_.objects.span_of(*object);
    result_.address = snapshot_.objects.address(*object).value();
    result_.type = snapshot_.types.names[snapshot_.types.of_objects[*object]];
    result_.noscan = span.noscan;
    chosen_list_.push_back(*object);
    return true;
  }

  bool choose(const OfType& type) {
    auto name = std::ranges::find(snapshot_.types.names, type.name);
    if (type.name.empty() || name == snapshot_.types.names.end()) return false;
    auto number = static_cast<std::uint32_t>(name - snapshot_.types.names.begin());
    for (const snapshot::Span& span : snapshot_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (snapshot_.types.of_objects[object] == number && snapshot_.objects.is_allocated(object))
          chosen_list_.push_back(object);
    return true;
  }

  bool choose(const OfGoroutine& goroutine) {
    auto found = std::ranges::lower_bound(snapshot_.goroutines, goroutine.goid, {},
                                          &snapshot::Goroutine::goid);
    if (found == snapshot_.goroutines.end() || found->goid != goroutine.goid) return false;
    goroutine_ = static_cast<std::uint32_t>(found - snapshot_.goroutines.begin());
    result_.is_goroutine = true;
    return true;
  }

  Retention find() {
    mark();
    add_up();
    if (!goroutine_) {
      find_paths();
      find_neighbours();
    }
    return std::move(result_);
  }

 private:
  std::span<const ObjectId> held_by(std::uint32_t goroutine) const {
    std::uint32_t begin = snapshot_.goroutine_root_rows[goroutine];
    return std::span(snapshot_.goroutine_roots)
        .subspan(begin, snapshot_.goroutine_root_rows[goroutine + 1] - begin);
  }

  void mark() {
    std::ranges::sort(chosen_list_);
    for (ObjectId object : chosen_list_) chosen_.set(object);
    if (goroutine_) {
      mark_from_all_but(*goroutine_);
    } else {
      marks_.build_walls(chosen_list_);
      marks_.mark_from(std::array{roots_.top()});
    }
    for (ObjectId object = 0; object < snapshot_.objects.count(); ++object)
      if (marks_.is_marked(object) && !chosen_[object]) stays_.set(object);
    if (goroutine_)
      marks_.mark_from(held_by(*goroutine_));
    else
      marks_.open_walls();
  }

  void mark_from_all_but(std::uint32_t goroutine) {
    std::vector<Node> others;
    for (Node holder = snapshot_.objects.count(); holder < roots_.top(); ++holder) {
      std::span<const std::uint32_t> members = roots_.goroutines_of(holder);
      if (!(std::ranges::find(members, goroutine) != members.end())) {
        others.push_back(holder);
        continue;
      }
      for (std::uint32_t other : members)
        if (other != goroutine)
          others.insert(others.end(), held_by(other).begin(), held_by(other).end());
    }
    marks_.mark_from(others);
  }

  void add_up() {
    const snapshot::Objects& objects = snapshot_.objects;
    std::vector<findings::TypeCost> sums(snapshot_.types.names.size());
    for (const snapshot::Span& span : objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
        if (!marks_.is_marked(object) || !objects.is_allocated(object)) continue;
        result_.live_bytes += span.element_size_bytes;
        if (chosen_[object]) {
          ++result_.objects;
          result_.shallow_bytes += span.element_size_bytes;
        }
        if (stays_[object]) continue;
        findings::TypeCost& sum = sums[snapshot_.types.of_objects[object]];
        ++sum.objects;
        sum.bytes += span.element_size_bytes;
        ++result_.retained_objects;
        result_.retained_bytes += span.element_size_bytes;
      }
    result_.live = goroutine_ || result_.objects > 0;
    fill_table(std::move(sums));
  }

  void fill_table(std::vector<findings::TypeCost> sums) {
    findings::TypeTable& table = result_.retained_types;
    table.total_bytes = result_.retained_bytes;
    table.unknown_bytes = sums[ObjectTypes::kUnknown].bytes;
    for (std::size_t type = 1; type < sums.size(); ++type) {
      if (sums[type].objects == 0) continue;
      sums[type].type = snapshot_.types.names[type];
      table.types.push_back({std::move(sums[type])});
    }
    std::ranges::stable_sort(table.types, std::ranges::greater{}, &findings::TypeCost::bytes);
  }

  void find_paths() {
    struct Found {
      ObjectId nearest = snapshot::kNone;
      std::uint32_t steps = 0;
      std::uint64_t objects = 0, bytes = 0;
    };
    Ways ways(snapshot_, roots_, paths_);
    std::map<std::uint32_t, Found> found;
    for (ObjectId object : chosen_list_) {
      Ways::Way way = marks_.is_marked(object) ? ways.way_to(object) : Ways::Way{};
      if (way.number == 0) continue;
      Found& one = found[way.number];
      if (one.objects++ == 0 || way.steps < one.steps) {
        one.nearest = object;
        one.steps = way.steps;
      }
      one.bytes += snapshot_.objects.size_bytes(object);
    }
    std::vector<Found> sorted;
    for (const auto& [way, one] : found) sorted.push_back(one);
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &Found::objects);
    for (const Found& one : sorted) {
      if (result_.paths.size() == kMostPaths) break;
      result_.paths.push_back({paths_.path_to(one.nearest), one.objects, one.bytes});
    }
    result_.more_paths = sorted.size() - result_.paths.size();
  }

  // By type, or by the words for a holder from outside.
  struct Counted {
    std::uint64_t objects = 0;
    std::uint64_t address = 0;
    void add(std::uint64_t at) { address = objects++ == 0 ? at : 0; }
  };
  using Counts = std::map<std::string, Counted>;

  void count(Counts& counts, ObjectId object) const {
    counts[snapshot_.types.names[snapshot_.types.of_objects[object]]].add(
        snapshot_.objects.address(object).value());
  }

  void find_neighbours() {
    const snapshot::References& references = snapshot_.references;
    Counts referrers, referents;
    Bits counted(snapshot_.objects.count());
    for (const snapshot::Span& span : snapshot_.objects.spans()) {
      if (span.noscan) break;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
        if (!marks_.is_marked(object)) continue;
        bool refers = false;
        for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at) {
          ObjectId to = references.edges[at];
          if (to >= snapshot_.objects.count()) continue;
          refers = refers || (chosen_[to] && to != object);
          if (!chosen_[object] || counted[to] || to == object) continue;
          counted.set(to);
          count(referents, to);
        }
        if (refers) count(referrers, object);
      }
    }
    for (Node holder = snapshot_.objects.count(); holder < roots_.top(); ++holder)
      if (roots_.is_holder(holder) &&
          std::ranges::any_of(roots_.held_by(holder), [&](ObjectId held) { return chosen_[held]; }))
        referrers[paths_.path_to(holder)].add(0);
    result_.referrers = sort(referrers);
    result_.referents = sort(referents);
  }

  static std::vector<Neighbours> sort(const Counts& counts) {
    std::vector<Neighbours> sorted;
    for (const auto& [type, counted] : counts)
      sorted.push_back({type, counted.objects, counted.address});
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &Neighbours::objects);
    return sorted;
  }

  const Snapshot& snapshot_;
  RootHolders roots_;
  HolderPaths paths_;
  graph::Reachability marks_;
  std::vector<ObjectId> chosen_list_;
  std::optional<std::uint32_t> goroutine_;
  Bits chosen_, stays_;
  Retention result_;
};

std::string lowered(std::string_view text) {
  std::string low;
  for (char letter : text)
    low += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return low;
}

enum class NameWith : std::uint8_t { kPackage, kNothing };

// Of "map[string]*main.session" all: only a plain name has a package of its own.
std::string_view part_of(std::string_view type, NameWith with) {
  std::size_t dot = type.rfind('.');
  bool is_plain = type.find_first_of("[]*{( ") == std::string_view::npos;
  return with == NameWith::kPackage || !is_plain || dot == std::string_view::npos
             ? type
             : type.substr(dot + 1);
}

// Mistyped by a slip or two.
std::vector<std::string> find_nearest_types(const Snapshot& snapshot, std::string_view name,
                                            NameWith with) {
  std::multimap<std::string_view, std::string_view> types;  // by what is compared
  for (std::string_view type : snapshot.types.names)
    if (!type.empty()) types.emplace(part_of(type, with), type);
  std::vector<std::string> nearest;
  while (nearest.size() < kMostSimilar) {
    std::vector<std::string_view> candidates;
    for (const auto& [part, type] : types) candidates.push_back(part);
    auto [first, last] = types.equal_range(find_nearest_word(part_of(name, with), candidates));
    if (first == last) break;
    for (auto at = first; at != last; ++at)
      if (nearest.size() < kMostSimilar) nearest.emplace_back(at->second);
    types.erase(first, last);
  }
  return nearest;
}

}  // namespace

std::optional<Retention> find_retention(const Snapshot& snapshot, const Asked& asked,
                                        snapshot::PathDescriber* describer) {
  RetentionSearch search(snapshot, describer);
  if (!std::visit([&](const auto& what) { return search.choose(what); }, asked)) return {};
  return search.find();
}

std::vector<std::string> find_similar_types(const Snapshot& snapshot, const std::string& name) {
  std::vector<std::string> similar;
  for (const std::string& type : snapshot.types.names)
    if (!type.empty() && lowered(type).find(lowered(name)) != std::string::npos)
      similar.push_back(type);
  std::ranges::sort(similar, {}, &std::string::size);
  similar.resize(std::min(similar.size(), kMostSimilar));
  if (similar.empty()) similar = find_nearest_types(snapshot, name, NameWith::kPackage);
  if (similar.empty()) similar = find_nearest_types(snapshot, name, NameWith::kNothing);
  return similar;
}

}  // namespace goshawk::analyses::heap
