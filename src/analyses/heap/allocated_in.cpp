// A sampled object stands for as many bytes as there were on average between two samples, so that
// an object of size s at rate r counts s / (1 - e^(-s/r)) (runtime/pprof, scaleHeapSample).
//
// Where Go's own library allocated on behalf of a module, the line in that module is named too.
#include "analyses/heap/allocated_in.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "findings/function_name.h"

namespace goshawk::analyses::heap {

using findings::AllocatedIn;
using findings::CodePlace;
using snapshot::Snapshot;

namespace {

double weigh(std::uint64_t size_bytes, std::uint64_t rate_bytes) {
  auto size = static_cast<double>(size_bytes);
  if (rate_bytes <= 1 || size_bytes == 0) return size;
  return size / (1 - std::exp(-size / static_cast<double>(rate_bytes)));
}

CodePlace place_of(const Snapshot& snapshot, snapshot::FrameId id) {
  const snapshot::Frame& frame = snapshot.stacks.frame(id);
  return {std::string(snapshot.strings[frame.function]), std::string(snapshot.strings[frame.file]),
          frame.line, frame.pc.value()};
}

AllocatedIn describe(const Snapshot& snapshot, snapshot::StackId stack) {
  AllocatedIn line;
  for (snapshot::FrameId id : snapshot.stacks[stack]) {
    CodePlace place = place_of(snapshot, id);
    if (line.place.function.empty()) line.place = place;
    if (!findings::is_of_a_module(place.function)) continue;
    if (place.function != line.place.function) line.on_behalf_of = place;
    break;
  }
  return line;
}

// Members follow each other by their numbers: a group's is larger than its holder's.
bool is_below(const HolderGroups& groups, std::uint32_t group, std::uint32_t holder) {
  while (group > holder) group = groups.groups[group].parent;
  return group == holder;
}

}  // namespace

std::vector<AllocatedIn> find_allocating_lines(const Snapshot& snapshot, const HolderGroups& groups,
                                               std::uint32_t holder) {
  const snapshot::Allocations& allocations = snapshot.allocations;
  struct Sum {
    double bytes = 0;
    std::uint64_t samples = 0;
  };
  std::map<snapshot::StackId, Sum> stacks;
  for (std::size_t i = 0; i < allocations.sampled.size(); ++i) {
    std::uint32_t group = groups.of_sampled[i];
    if (group == HolderGroups::kNoGroup || !is_below(groups, group, holder)) continue;
    const snapshot::AllocationRecord& record = allocations.records[allocations.sampled[i].record];
    Sum& sum = stacks[record.stack];
    sum.bytes += weigh(record.size_bytes, allocations.rate_bytes);
    ++sum.samples;
  }
  std::vector<AllocatedIn> lines;
  for (const auto& [stack, sum] : stacks) {
    AllocatedIn line = describe(snapshot, stack);
    line.bytes = static_cast<std::uint64_t>(sum.bytes);
    line.samples = sum.samples;
    auto same = std::ranges::find_if(lines, [&](const AllocatedIn& one) {
      return one.place == line.place && one.on_behalf_of == line.on_behalf_of;
    });
    if (same == lines.end()) {
      lines.push_back(std::move(line));
      continue;
    }
    same->bytes += line.bytes;
    same->samples += line.samples;
  }
  std::ranges::stable_sort(lines, std::ranges::greater{}, &AllocatedIn::bytes);
  return lines;
}

}  // namespace goshawk::analyses::heap
