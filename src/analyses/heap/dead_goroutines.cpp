// The runtime never frees a g: it is put on a list and taken from there by the next go statement
// (runtime/proc.go gfput, gfget). Their stacks are freed by the collector; the memory balance has
// these. There are as many descriptors as there were goroutines at the worst time.
#include "analyses/heap/dead_goroutines.h"

#include "findings/heap_holders.h"

namespace goshawk::analyses::heap {

namespace {

constexpr std::uint64_t kFew = 10'000, kMoreThanAlive = 4;

}  // namespace

std::optional<findings::HeapFinding> find_dead_goroutines(const snapshot::Snapshot& snapshot) {
  std::uint64_t dead = snapshot.dead_descriptors, alive = snapshot.goroutines.size();
  if (dead < kFew || dead / kMoreThanAlive < alive || alive == 0) return std::nullopt;
  findings::HeapFinding found;
  found.finding.rule = "heap/dead-goroutines";
  found.finding.confidence = findings::Confidence::kLikely;
  found.finding.count = dead;
  found.total_bytes = dead * snapshot.goroutines.front().descriptor_bytes;
  found.finding.cost.retained_bytes = found.total_bytes;
  found.finding.fingerprint = findings::compute_holder_fingerprint(found.finding.rule, "");
  found.finding.advice =
      "only a restart gives them back; bound how many goroutines run at once (errgroup.SetLimit, a "
      "pool of workers)";
  return found;
}

}  // namespace goshawk::analyses::heap
