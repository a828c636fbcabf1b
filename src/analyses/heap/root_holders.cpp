// What an object with a finalizer refers to is a root for the collector too; it is left to the
// object, which holds it as long as it lives itself. Goroutines with the same stack do the same,
// and count as one holder; what only the runtime's own lists hold (descriptors, heaps of timers)
// has one of its own.
#include "analyses/heap/root_holders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analyses/heap/live_objects.h"
#include "snapshot/finalizer_roots.h"

namespace goshawk::analyses::heap {

using graph::Node;
using snapshot::ObjectId;
using snapshot::Root;
using snapshot::RootKind;

namespace {

constexpr std::uint64_t kMainGoroutine = 1;

}  // namespace

RootHolders::RootHolders(const snapshot::Snapshot& snapshot, HolderChoice choice)
    : snapshot_(snapshot), choice_(choice), first_(snapshot.objects.count()) {
  add_roots();
  add_goroutines();
  if (is_chosen(HolderChoice::kOthers)) add_runtime();
  for (const Holder& holder : holders_) {
    edges_.insert(edges_.end(), holder.objects.begin(), holder.objects.end());
    begin_.push_back(static_cast<std::uint32_t>(edges_.size()));
  }
  for (Node holder = first_; holder < top(); ++holder) edges_.push_back(holder);
  begin_.push_back(static_cast<std::uint32_t>(edges_.size()));
}

// By the word for globals, by the kind for all others.
void RootHolders::add_roots() {
  std::map<std::pair<RootKind, Address>, std::size_t> places;
  snapshot::FinalizerRoots finalizers(snapshot_);
  for (const Root& root : snapshot_.roots) {
    if (!keeps_alive(root) || finalizers.is_left_to_its_object(root)) continue;
    if (!is_chosen(root.kind == RootKind::kGlobal ? HolderChoice::kGlobals : HolderChoice::kOthers))
      continue;
    Address word = root.kind == RootKind::kGlobal ? root.source : Address();
    auto [place, is_new] = places.try_emplace({root.kind, word}, holders_.size());
    if (is_new) holders_.push_back({root, {}, {}});
    holders_[place->second].objects.push_back(root.object);
  }
}

void RootHolders::add_goroutines() {
  std::map<snapshot::StackId, std::size_t> places;
  for (std::uint32_t i = 0; i < snapshot_.goroutines.size(); ++i) {
    std::uint32_t begin = snapshot_.goroutine_root_rows[i];
    std::uint32_t end = snapshot_.goroutine_root_rows[i + 1];
    if (begin == end) continue;
    if (!is_chosen(snapshot_.goroutines[i].goid == kMainGoroutine ? HolderChoice::kMainGoroutine
                                                                  : HolderChoice::kOthers))
      continue;
    auto [place, is_new] = places.try_emplace(snapshot_.goroutines[i].stack, holders_.size());
    if (is_new) holders_.push_back({});
    Holder& holder = holders_[place->second];
    holder.goroutines.push_back(i);
    holder.objects.insert(holder.objects.end(), snapshot_.goroutine_roots.begin() + begin,
                          snapshot_.goroutine_roots.begin() + end);
  }
}

void RootHolders::add_runtime() {
  Holder runtime{{.kind = RootKind::kRuntime, .source = {}}, {}, snapshot_.runtime_roots};
  for (const snapshot::Goroutine& goroutine : snapshot_.goroutines)
    if (goroutine.descriptor_object != snapshot::kNone)
      runtime.objects.push_back(goroutine.descriptor_object);
  if (!runtime.objects.empty()) holders_.push_back(std::move(runtime));
}

graph::Graph RootHolders::graph() const {
  return {.node_count = top() + 1,
          .rows = {snapshot_.references.rows.data(), snapshot_.references.edges.data(),
                   snapshot_.objects.row_count()},
          .companions = {begin_.data(), edges_.data(), static_cast<Node>(begin_.size() - 1)},
          .companions_from = first_};
}

std::span<const ObjectId> RootHolders::held_by(Node holder) const {
  return holders_[holder - first_].objects;
}

snapshot::HoldingPath RootHolders::path_from(Node holder, ObjectId object) const {
  const Holder& from = holders_[holder - first_];
  snapshot::HoldingPath path;
  path.objects = {object};
  path.root = from.root;
  path.root.object = object;
  if (!from.goroutines.empty()) path.goid = snapshot_.goroutines[from.goroutines.front()].goid;
  return path;
}

bool RootHolders::is_plural(Node holder) const {
  const Holder& one = holders_[holder - first_];
  return one.goroutines.empty() ? one.root.kind != RootKind::kGlobal : one.goroutines.size() > 1;
}

std::string_view RootHolders::function_of(Node holder) const { return place_of(holder).function; }

GoroutinePlace RootHolders::place_of(Node holder) const {
  const Holder& one = holders_[holder - first_];
  if (one.goroutines.empty()) return {};
  return find_place(snapshot_, snapshot_.goroutines[one.goroutines.front()]);
}

std::string RootHolders::describe_goroutines(Node node) const {
  const Holder& holder = holders_[node - first_];
  std::string place = to_text(place_of(node));
  std::string who = holder.goroutines.size() == 1
                        ? fmt::format("the stack of goroutine {}",
                                      snapshot_.goroutines[holder.goroutines.front()].goid)
                        : fmt::format("the stacks of {} goroutines", holder.goroutines.size());
  return place.empty() ? who : fmt::format("{}, in {}", who, place);
}

std::string RootHolders::describe(Node holder, snapshot::PathDescriber* describer) const {
  const Holder& one = holders_[holder - first_];
  if (!one.goroutines.empty()) return describe_goroutines(holder);
  switch (one.root.kind) {
    case RootKind::kGlobal: {
      std::string text = describer == nullptr
                             ? std::string()
                             : describer->describe(path_from(holder, one.objects.front()));
      return text.empty() ? fmt::format("a global at {:#x}", one.root.source.value()) : text;
    }
    case RootKind::kThread:
      return "registers of threads";
    case RootKind::kTimer:
      return "pending timers";
    case RootKind::kFinalizer:
      return "finalizers";
    case RootKind::kCleanup:
      return "cleanups";
    case RootKind::kPinned:
      return "pinned objects";
    case RootKind::kQueued:
      return "finalizers that are due";
    case RootKind::kRuntime:
      return "the runtime's own lists";
  }
  return "";
}

}  // namespace goshawk::analyses::heap
