// A location for each physical frame, at the return address minus one, with the calls inlined there
// as lines, innermost first; frames of the runtime are in it, compiler-made wrappers and
// runtime.goexit are not. The mapping's address range is left empty, as where /proc/self/maps
// cannot be read. Where a function has code of several files (a package's init), so it has here;
// Go's own profiles give all of it the first of them. Follows runtime/pprof/proto.go
// (appendLocsForStack, emitLocation).
#include "report/profile_locations.h"

namespace goshawk::report {

using snapshot::Frame;
using snapshot::FrameId;
using snapshot::StringId;

namespace {

// The linker's name, with type arguments in full.
StringId symbol_of(const Frame& frame) {
  return frame.symbol != snapshot::kNone ? frame.symbol : frame.function;
}

}  // namespace

ProfileLocations::ProfileLocations(const snapshot::Snapshot& snapshot,
                                   pprof::ProfileBuilder& profile)
    : snapshot_(snapshot),
      profile_(profile),
      mapping_(profile.add_mapping({}, 0, snapshot.target.executable, snapshot.target.build_id)) {}

bool ProfileLocations::belongs(const Frame& frame) const {
  return !frame.elided && snapshot_.strings[frame.function] != "runtime.goexit";
}

std::vector<pprof::LocationId> ProfileLocations::of(snapshot::StackId stack) {
  std::vector<pprof::LocationId> ids;
  std::vector<const Frame*> physical;
  for (FrameId id : snapshot_.stacks[stack]) {
    const Frame& frame = snapshot_.stacks.frame(id);
    if (belongs(frame)) physical.push_back(&frame);
    if (frame.inlined || physical.empty()) continue;
    ids.push_back(location_of(physical));
    physical.clear();
  }
  if (!physical.empty()) ids.push_back(location_of(physical));
  return ids;
}

pprof::LocationId ProfileLocations::location_of(const std::vector<const Frame*>& frames) {
  std::vector<pprof::Line> lines;
  for (const Frame* frame : frames) lines.push_back({function_of(*frame), frame->line});
  Address pc = frames.front()->pc;
  LocationKey key{pc.value(), {}};
  for (const pprof::Line& line : lines) key.second.emplace_back(line.function, line.line);
  auto [found, is_new] = locations_.try_emplace(std::move(key), pprof::kNone);
  if (is_new) found->second = profile_.add_location(pc.is_null() ? pc : pc - 1, mapping_, lines);
  return found->second;
}

pprof::FunctionId ProfileLocations::function_of(const Frame& frame) {
  StringId symbol = symbol_of(frame);
  auto [found, is_new] = functions_.try_emplace({symbol, frame.file}, pprof::kNone);
  if (is_new)
    found->second = profile_.add_function(snapshot_.strings[symbol], snapshot_.strings[frame.file]);
  return found->second;
}

}  // namespace goshawk::report
