// By names only, so that what is hidden in tracebacks (wrappers of promoted methods) is left out.
#include "analyses/goroutines/background.h"

#include <map>

namespace goshawk::analyses::goroutines {

using findings::KnownBackground;
using snapshot::Snapshot;

namespace {

const KnownBackground* find_by_stack(const Snapshot& snapshot, snapshot::StackId stack) {
  std::vector<std::string_view> functions;
  for (snapshot::FrameId id : snapshot.stacks[stack]) {
    const snapshot::Frame& frame = snapshot.stacks.frame(id);
    if (!frame.elided) functions.push_back(snapshot.strings[frame.function]);
  }
  return findings::find_known_background(functions);
}

bool can_be_told(const snapshot::Goroutine& goroutine) {
  bool waits = goroutine.status == snapshot::Status::kWaiting ||
               goroutine.status == snapshot::Status::kLeaked;
  return waits && goroutine.stack_complete;
}

}  // namespace

const KnownBackground* find_background(const Snapshot& snapshot,
                                       const snapshot::Goroutine& goroutine) {
  return can_be_told(goroutine) ? find_by_stack(snapshot, goroutine.stack) : nullptr;
}

std::vector<findings::Background> list_background(const Snapshot& snapshot,
                                                  const std::vector<std::uint32_t>& goroutines) {
  std::map<snapshot::StackId, const KnownBackground*> by_stack;
  std::map<std::string_view, findings::Background> found;
  for (std::uint32_t index : goroutines) {
    const snapshot::Goroutine& goroutine = snapshot.goroutines[index];
    if (!can_be_told(goroutine)) continue;
    auto [known, is_new] = by_stack.try_emplace(goroutine.stack);
    if (is_new) known->second = find_by_stack(snapshot, goroutine.stack);
    if (known->second == nullptr) continue;
    findings::Background& background = found[known->second->function];
    background.function = known->second->function;
    background.reason = known->second->reason;
    background.goids.push_back(goroutine.goid);
  }
  std::vector<findings::Background> list;
  for (auto& [function, background] : found) list.push_back(std::move(background));
  return list;
}

}  // namespace goshawk::analyses::goroutines
