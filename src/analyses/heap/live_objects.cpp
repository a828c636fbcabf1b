// Follows runtime/mgcmark.go: globals, stacks, specials, and what only the runtime's own lists
// hold, which a proof must not follow and which is in use all the same (heaps of timers). Weak
// handles do not hold what they lead to; nor does what lies on a thread's own stack (g0, gsignal),
// or in its registers while it runs no goroutine: the proof counts these out of caution, the
// collector never looks there, and one stale word may lead to a long list.
#include "analyses/heap/live_objects.h"

#include <algorithm>
#include <vector>

namespace goshawk::analyses::heap {

// Of a thread's stack the source is the word, of registers that no goroutine uses the m; of those
// of a goroutine that runs it is the thread's id.
bool keeps_alive(const snapshot::Root& root) {
  constexpr Address kThreadIdsEnd(1 << 22);  // the kernel's PID_MAX_LIMIT
  return root.kind != snapshot::RootKind::kThread || root.source < kThreadIdsEnd;
}

namespace {

graph::Reachability mark(const snapshot::Snapshot& snapshot,
                         std::optional<snapshot::RootKind> without,
                         std::span<const snapshot::ObjectId> walls) {
  graph::Reachability live(
      {.node_count = snapshot.objects.count(),
       .rows = {snapshot.references.rows.data(), snapshot.references.edges.data(),
                snapshot.objects.row_count()},
       .companions = {},
       .companions_from = 0});
  live.build_walls(walls);
  std::vector<graph::Node> roots;
  for (const snapshot::Root& root : snapshot.roots)
    if (keeps_alive(root) && root.kind != without) roots.push_back(root.object);
  for (const snapshot::Goroutine& goroutine : snapshot.goroutines)
    if (goroutine.descriptor_object != snapshot::kNone)
      roots.push_back(goroutine.descriptor_object);
  live.mark_from(roots);
  live.mark_from(snapshot.goroutine_roots);
  if (without != snapshot::RootKind::kTimer) live.mark_from(snapshot.runtime_roots);
  return live;
}

}  // namespace

graph::Reachability mark_live_objects(const snapshot::Snapshot& snapshot,
                                      std::optional<snapshot::RootKind> without) {
  return mark(snapshot, without, {});
}

graph::Reachability mark_live_objects_not_behind(const snapshot::Snapshot& snapshot,
                                                 std::span<const snapshot::ObjectId> objects,
                                                 std::optional<snapshot::RootKind> without) {
  std::vector<snapshot::ObjectId> walls(objects.begin(), objects.end());
  std::ranges::sort(walls);
  walls.erase(std::ranges::unique(walls).begin(), walls.end());
  return mark(snapshot, without, walls);
}

MoreReached::MoreReached(const snapshot::Snapshot& snapshot, const graph::Reachability& marked)
    : snapshot_(snapshot), marked_(marked), seen_(snapshot.objects.count() / 64 + std::size_t{1}) {}

std::uint64_t MoreReached::reach_from(std::span<const snapshot::ObjectId> objects) {
  std::uint64_t bytes = 0;
  work_.assign(objects.begin(), objects.end());
  while (!work_.empty()) {
    snapshot::ObjectId object = work_.back();
    work_.pop_back();
    if (is_reached(object)) continue;
    seen_[object / 64] |= std::uint64_t{1} << (object % 64);
    bytes += snapshot_.objects.size_bytes(object);
    if (object >= snapshot_.objects.row_count()) continue;
    const snapshot::References& references = snapshot_.references;
    work_.insert(work_.end(), references.edges.data() + references.rows[object],
                 references.edges.data() + references.rows[object + 1]);
  }
  return bytes;
}

std::uint64_t MoreReached::reach_behind(snapshot::ObjectId object) {
  if (object >= snapshot_.objects.row_count()) return 0;
  const snapshot::References& references = snapshot_.references;
  return reach_from(std::span(references.edges.data() + references.rows[object],
                              references.edges.data() + references.rows[object + 1]));
}

findings::Amount add_up_live_objects(const snapshot::Snapshot& snapshot,
                                     const graph::Reachability& live) {
  findings::Amount sum;
  for (const snapshot::Span& span : snapshot.objects.spans())
    for (snapshot::ObjectId object = span.first; object < span.first + span.slots; ++object)
      if (live.is_marked(object) && snapshot.objects.is_allocated(object))
        sum.add({1, span.element_size_bytes});
  return sum;
}

}  // namespace goshawk::analyses::heap
