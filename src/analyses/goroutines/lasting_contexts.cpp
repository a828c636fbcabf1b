// A context lasts when a global refers to it, or to a struct that does, or when main's stack has
// it, what wraps it, a struct that refers to it or its cancel function, and it was made from no
// other that can be cancelled; and when neither it nor what it was made from ends by a timer. A
// global's struct that has its cancel function too (a connection, a configuration that is replaced)
// ends it when its turn comes. All others (a request's, a session's, a group's) are cancelled by
// whoever has them in hand, which is how correct programs end what they started: the walk goes
// through them, so that their children live as long as anybody who lives can reach them.
#include "analyses/goroutines/lasting_contexts.h"

#include <algorithm>
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

bool is_request_table(const Snapshot& snapshot, const Context& context) {
  return snapshot.strings[context.type] == kHttpTransport;
}

class LastingContexts {
 public:
  explicit LastingContexts(const Snapshot& snapshot) : snapshot_(snapshot) {
    for (const Context& context : snapshot.contexts)
      if (!is_request_table(snapshot, context)) by_object_[context.object] = &context;
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

  // The one context that an object leads to; none: it leads to several, as a list of sessions does.
  const Context* sole_context_in(ObjectId object) const {
    const snapshot::References& references = snapshot_.references;
    if (object >= snapshot_.objects.row_count()) return nullptr;
    const Context* sole = nullptr;
    for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at) {
      auto found = by_object_.find(references.edges[at]);
      if (found == by_object_.end() || found->second == sole) continue;
      if (sole != nullptr) return nullptr;
      sole = found->second;
    }
    return sole;
  }

  bool has_cancel_function(ObjectId object, const Context& of) const {
    const snapshot::References& references = snapshot_.references;
    if (object >= snapshot_.objects.row_count()) return false;
    auto held = std::span(references.edges.data() + references.rows[object],
                          references.edges.data() + references.rows[object + 1]);
    return std::ranges::any_of(
        held, [&](ObjectId one) { return is_cancel_function(snapshot_, one, of.object); });
  }

  const Context* context_at(ObjectId object) const {
    auto found = by_object_.find(object);
    return found == by_object_.end() ? nullptr : found->second;
  }

  // A closure is no such struct: who has a function may call it, and end the context.
  void find_of_globals() {
    for (const Root& root : snapshot_.roots) {
      if (root.kind != snapshot::RootKind::kGlobal) continue;
      if (const Context* own = context_at(root.object)) of_globals_.insert(own->object);
      if (snapshot_.objects.size_bytes(root.object) <= kMostClosureBytes) continue;
      const Context* held = sole_context_in(root.object);
      if (held != nullptr && !has_cancel_function(root.object, *held))
        of_globals_.insert(held->object);
    }
  }

  // Main's own cancel functions are called at the program's end (defer cancel()).
  void find_of_main() {
    if (snapshot_.goroutines.empty() || snapshot_.goroutines.front().goid != kMainGoroutine) return;
    for (ObjectId object :
         std::span(snapshot_.goroutine_roots).first(snapshot_.goroutine_root_rows[1])) {
      const Context* context = context_at(object);
      if (context == nullptr) context = sole_context_in(object);
      for (; context != nullptr; context = wraps(*context) ? parent_of(*context) : nullptr)
        if (!of_main_.insert(context->object).second) break;
    }
  }

  // A context of WithValue or signal.NotifyContext, and any other type that only embeds one.
  bool wraps(const Context& context) const {
    if (context.done != snapshot::kNone || context.children != snapshot::kNone) return false;
    std::string_view type = snapshot_.strings[context.type];
    return type != kCancelContext && type != kTimerContext;
  }

  const Snapshot& snapshot_;
  std::unordered_map<ObjectId, const Context*> by_object_;
  std::unordered_set<ObjectId> of_globals_, of_main_;
};

}  // namespace

bool is_cancel_function(const Snapshot& snapshot, ObjectId object, ObjectId context) {
  if (object >= snapshot.objects.row_count() ||
      snapshot.objects.size_bytes(object) > kMostClosureBytes)
    return false;
  const snapshot::References& references = snapshot.references;
  return references.rows[object + 1] - references.rows[object] == 1 &&
         references.edges[references.rows[object]] == context;
}

std::vector<Node> find_lasting_children_maps(const Snapshot& snapshot) {
  std::vector<Node> maps;
  if (snapshot.contexts.empty()) return maps;
  LastingContexts lasting(snapshot);
  for (const Context& context : snapshot.contexts)
    if (context.children != snapshot::kNone && lasting.contains(context))
      maps.push_back(context.children);
  return maps;
}

std::vector<Node> find_request_tables(const Snapshot& snapshot) {
  std::vector<Node> tables;
  for (const Context& context : snapshot.contexts)
    if (is_request_table(snapshot, context) && context.children != snapshot::kNone)
      tables.push_back(context.children);
  std::ranges::sort(tables);
  return tables;
}

}  // namespace goshawk::analyses::goroutines
