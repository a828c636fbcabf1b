// Records have a stack and a size each; here they are told by text and without an address, as
// another picture tells them.
#include "analyses/heap/allocated_kinds.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "snapshot/allocation_estimate.h"

namespace goshawk::analyses::heap {

using findings::AllocatedKind;
using findings::Amount;
using findings::CodePlace;
using snapshot::Snapshot;

namespace {

Amount as_amount(const snapshot::AllocationAmount& estimate) {
  auto positive = [](std::int64_t number) {
    return number < 0 ? 0 : static_cast<std::uint64_t>(number);
  };
  return {positive(estimate.objects), positive(estimate.bytes)};
}

std::vector<CodePlace> places_of(const Snapshot& snapshot, snapshot::StackId stack) {
  std::vector<CodePlace> places;
  for (snapshot::FrameId id : snapshot::allocation_frames(snapshot, stack)) {
    const snapshot::Frame& frame = snapshot.stacks.frame(id);
    places.push_back({std::string(snapshot.strings[frame.function]),
                      std::string(snapshot.strings[frame.file]), frame.line, 0});
  }
  return places;
}

}  // namespace

findings::Allocated list_allocated_kinds(const Snapshot& snapshot) {
  std::uint64_t rate_bytes = snapshot.allocations.rate_bytes;
  std::map<snapshot::StackId, snapshot::AllocationEstimate> by_stack;
  for (const snapshot::AllocationRecord& record : snapshot.allocations.records)
    by_stack[record.stack].add(snapshot::estimate(record, rate_bytes));
  std::map<std::vector<CodePlace>, AllocatedKind> by_places;
  for (const auto& [stack, estimate] : by_stack) {
    AllocatedKind& kind = by_places[places_of(snapshot, stack)];
    kind.in_use.add(as_amount(estimate.in_use));
    kind.allocated.add(as_amount(estimate.allocated));
  }
  findings::Allocated allocated{.rate_bytes = rate_bytes, .kinds = {}};
  for (auto& [places, kind] : by_places) {
    kind.stack = places;
    allocated.kinds.push_back(std::move(kind));
  }
  return allocated;
}

}  // namespace goshawk::analyses::heap
