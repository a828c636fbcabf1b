// A sampled object stands for what was allocated between two samples (allocation_estimate.h).
//
// Where Go's own library allocated on behalf of a module, the line in that module is named too.
#include "analyses/heap/allocated_in.h"

#include <algorithm>
#include <map>

#include "findings/function_name.h"
#include "snapshot/allocation_estimate.h"

namespace goshawk::analyses::heap {

using findings::AllocatedIn;
using findings::CodePlace;
using snapshot::Snapshot;

namespace {

CodePlace place_of(const Snapshot& snapshot, snapshot::FrameId id) {
  const snapshot::Frame& frame = snapshot.stacks.frame(id);
  return {std::string(snapshot.strings[frame.function]), std::string(snapshot.strings[frame.file]),
          frame.line, frame.pc.value()};
}

// Whatever instruction of it.
bool is_same_line(const CodePlace& one, const CodePlace& other) {
  return one.function == other.function && one.file == other.file && one.line == other.line;
}

AllocatedIn describe(const Snapshot& snapshot, snapshot::StackId stack) {
  AllocatedIn line;
  for (snapshot::FrameId id : snapshot::allocation_frames(snapshot, stack)) {
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
  std::vector<std::uint32_t> sampled;
  for (std::uint32_t i = 0; i < snapshot.allocations.sampled.size(); ++i) {
    std::uint32_t group = groups.of_sampled[i];
    if (group != HolderGroups::kNoGroup && is_below(groups, group, holder)) sampled.push_back(i);
  }
  return add_up_allocating_lines(snapshot, sampled);
}

std::vector<AllocatedIn> add_up_allocating_lines(const Snapshot& snapshot,
                                                 std::span<const std::uint32_t> sampled) {
  const snapshot::Allocations& allocations = snapshot.allocations;
  std::map<snapshot::StackId, snapshot::AllocationAmount> bytes;
  std::map<snapshot::StackId, std::uint64_t> samples;
  for (std::uint32_t i : sampled) {
    const snapshot::AllocationRecord& record = allocations.records[allocations.sampled[i].record];
    bytes[record.stack].add(snapshot::scale_samples(1, record.size_bytes, allocations.rate_bytes));
    ++samples[record.stack];
  }
  std::vector<AllocatedIn> lines;
  for (const auto& [stack, count] : samples) {
    AllocatedIn line = describe(snapshot, stack);
    line.bytes = static_cast<std::uint64_t>(bytes[stack].bytes);
    line.samples = count;
    auto same = std::ranges::find_if(lines, [&](const AllocatedIn& one) {
      return is_same_line(one.place, line.place) &&
             is_same_line(one.on_behalf_of, line.on_behalf_of);
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
