// Whoever holds objects from outside of the heap, as nodes beside the heap's objects: each word of
// a global variable, each group of goroutines with one stack, each other kind of root. One more
// node above them all reaches everything that lives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyses/heap/goroutine_place.h"
#include "graph/graph.h"
#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Which of them: those that last, or the rest.
enum class HolderChoice : std::uint8_t { kAll, kGlobals, kMainGoroutine, kOthers };

// Refers to the picture, which must outlive it.
class RootHolders {
 public:
  explicit RootHolders(const snapshot::Snapshot& snapshot,
                       HolderChoice choice = HolderChoice::kAll);

  graph::Graph graph() const;
  graph::Node top() const { return first_ + static_cast<graph::Node>(holders_.size()); }
  bool is_holder(graph::Node node) const { return node >= first_ && node < top(); }
  // "main.sessions", "120 goroutines in main.work", "a pending timer".
  std::string describe(graph::Node holder, snapshot::PathDescriber* describer) const;
  // Whether it is told as several: "the stacks of 3 goroutines", "pending timers".
  bool is_plural(graph::Node holder) const;
  // Of goroutines: the program's own function in which they are (goroutine_place.h); "" when it is
  // not known, or they are none.
  std::string_view function_of(graph::Node holder) const;
  // A path that begins at a holder with `object`, which it refers to.
  snapshot::HoldingPath path_from(graph::Node holder, snapshot::ObjectId object) const;
  std::span<const snapshot::ObjectId> held_by(graph::Node holder) const;
  // Indices; empty when it is no group of goroutines.
  std::span<const std::uint32_t> goroutines_of(graph::Node holder) const {
    return holders_[holder - first_].goroutines;
  }

 private:
  struct Holder {
    snapshot::Root root;                    // when no goroutine holds it
    std::vector<std::uint32_t> goroutines;  // of one stack; indices
    std::vector<snapshot::ObjectId> objects;
  };

  void add_roots();
  void add_goroutines();
  void add_runtime();
  GoroutinePlace place_of(graph::Node holder) const;
  std::string describe_goroutines(graph::Node node) const;

  bool is_chosen(HolderChoice kind) const {
    return choice_ == HolderChoice::kAll || choice_ == kind;
  }

  const snapshot::Snapshot& snapshot_;
  HolderChoice choice_;
  graph::Node first_ = 0;
  std::vector<Holder> holders_;
  std::vector<std::uint32_t> begin_{0};
  std::vector<graph::Node> edges_;
};

}  // namespace goshawk::analyses::heap
