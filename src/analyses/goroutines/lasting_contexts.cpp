// A context lasts when a global refers to it, or to a struct that does, or when main's stack has it
// and it was made from no other that can be cancelled; and when neither it nor what it was made
// from ends by a timer. All others (a request's, a session's, a group's) are cancelled by whoever
// has them in hand, which is how correct programs end what they started: the walk goes through
// them, so that their children live as long as anybody who lives can reach them.
#include "analyses/goroutines/lasting_contexts.h"

#include <span>
#include <unordered_map>
#include <unordered_set>

#include "analyses/goroutines/proof.h"

namespace goshawk::analyses::goroutines {

using graph::Node;
using snapshot::Context;
using snapshot::ObjectId;
using snapshot::Root;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kMostClosureBytes = 16;  // of a cancel function: {code, context}

class LastingContexts {
 public:
  explicit LastingContexts(const Snapshot& snapshot) : snapshot_(snapshot) {
    for (const Context& context : snapshot.contexts) by_object_[context.object] = &context;
    find_of_globals();
    find_of_main();
  }

  bool contains(const Context& context) const {
    bool of_global = of_globals_.contains(context.object);
    if (!of_global && !of_main_.contains(context.object)) return false;
    std::size_t steps = 0;
    for (const Context* one = &context; one != nullptr; one = parent_of(*one)) {
      if (++steps > snapshot_.contexts.size()) return false;
      if (snapshot_.strings[one->type] == kTimerContext) return false;
      if (!of_global && one != &context && one->children != snapshot::kNone) return false;
    }
    return true;
  }

 private:
  const Context* parent_of(const Context& context) const {
    auto parent = by_object_.find(context.parent);
    return parent == by_object_.end() ? nullptr : parent->second;
  }

  void note(std::span<const ObjectId> objects, std::unordered_set<ObjectId>& in) const {
    for (ObjectId object : objects)
      if (by_object_.contains(object)) in.insert(object);
  }

  // A closure is no such struct: who has a function may call it, and end the context. Nor is what
  // refers to several contexts: a list of sessions.
  void find_of_globals() {
    const snapshot::References& references = snapshot_.references;
    for (const Root& root : snapshot_.roots) {
      if (root.kind != snapshot::RootKind::kGlobal) continue;
      note({&root.object, 1}, of_globals_);
      if (snapshot_.objects.size_bytes(root.object) <= kMostClosureBytes) continue;
      if (root.object >= snapshot_.objects.row_count()) continue;
      std::uint32_t begin = references.rows[root.object], end = references.rows[root.object + 1];
      std::unordered_set<ObjectId> here;
      note({references.edges.data() + begin, end - begin}, here);
      if (here.size() == 1) of_globals_.insert(*here.begin());
    }
  }

  void find_of_main() {
    if (snapshot_.goroutines.empty() || snapshot_.goroutines.front().goid != kMainGoroutine) return;
    note(std::span(snapshot_.goroutine_roots).first(snapshot_.goroutine_root_rows[1]), of_main_);
  }

  const Snapshot& snapshot_;
  std::unordered_map<ObjectId, const Context*> by_object_;
  std::unordered_set<ObjectId> of_globals_, of_main_;
};

}  // namespace

std::vector<Node> find_lasting_children_maps(const Snapshot& snapshot) {
  std::vector<Node> maps;
  if (snapshot.contexts.empty()) return maps;
  LastingContexts lasting(snapshot);
  for (const Context& context : snapshot.contexts)
    if (context.children != snapshot::kNone && lasting.contains(context))
      maps.push_back(context.children);
  return maps;
}

}  // namespace goshawk::analyses::goroutines
