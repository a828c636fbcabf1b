// Count profiles as runtime/pprof writes them: one sample for each distinct stack and set of
// labels, the largest first; a location for each physical frame, at the return address minus one,
// with the calls inlined there as lines, innermost first; frames of the runtime are in it,
// compiler-made wrappers and runtime.goexit are not. Unlike older releases' own profiles, deep
// stacks are whole. The mapping's address range is left empty, as where /proc/self/maps cannot be
// read. Follows runtime/pprof/proto.go (appendLocsForStack, emitLocation), pprof.go
// (printCountProfile) and runtime/traceback.go (tracebackPCs).
#include "report/goroutine_profile.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "findings/function_name.h"

namespace goshawk::report {

using snapshot::Frame;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;
using snapshot::StringId;

namespace {

// The linker's name, with type arguments in full.
StringId symbol_of(const Frame& frame) {
  return frame.symbol != snapshot::kNone ? frame.symbol : frame.function;
}

class ProfileBuilder {
 public:
  ProfileBuilder(const Snapshot& snapshot, std::string_view type, std::int64_t time_ns)
      : snapshot_(snapshot) {
    profile_.sample_types = {{std::string(type), "count"}};
    profile_.period_type = {std::string(type), "count"};
    profile_.period = 1;
    profile_.time_ns = time_ns;
    profile_.mappings.push_back(
        {.range = {}, .file = snapshot.target.executable, .build_id = snapshot.target.build_id});
  }

  void add(const Goroutine& g) {
    auto [found, is_new] =
        samples_.try_emplace(Key{g.stack, labels_of(g)}, profile_.samples.size());
    if (is_new) profile_.samples.push_back(make_sample(g));
    ++profile_.samples[found->second].values[0];
  }

  pprof::Profile finish() {
    std::ranges::stable_sort(profile_.samples, std::greater(),
                             [](const pprof::Sample& sample) { return sample.values[0]; });
    return std::move(profile_);
  }

 private:
  using Labels = std::vector<std::pair<StringId, StringId>>;
  using Key = std::pair<StackId, Labels>;

  Labels labels_of(const Goroutine& g) const {
    Labels labels;
    for (std::uint32_t i = 0; i < g.label_count; ++i)
      labels.emplace_back(snapshot_.labels[g.first_label + i].key,
                          snapshot_.labels[g.first_label + i].value);
    std::ranges::sort(labels, {},
                      [this](const auto& label) { return snapshot_.strings[label.first]; });
    return labels;
  }

  pprof::Sample make_sample(const Goroutine& g) {
    pprof::Sample sample;
    sample.values = {0};
    sample.location_ids = locations_of(g.stack);
    for (auto [key, value] : labels_of(g))
      sample.labels.push_back(
          {std::string(snapshot_.strings[key]), std::string(snapshot_.strings[value])});
    return sample;
  }

  bool belongs(const Frame& frame) const {
    return !frame.elided && snapshot_.strings[frame.function] != "runtime.goexit";
  }

  std::vector<std::uint64_t> locations_of(StackId stack) {
    std::vector<std::uint64_t> ids;
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

  std::uint64_t location_of(const std::vector<const Frame*>& frames) {
    std::vector<pprof::Line> lines;
    for (const Frame* frame : frames) lines.push_back({function_of(*frame), frame->line});
    Address pc = frames.front()->pc;
    LocationKey key{pc.value(), {}};
    for (const pprof::Line& line : lines) key.second.emplace_back(line.function_id, line.line);
    auto [found, is_new] = locations_.try_emplace(std::move(key), profile_.locations.size() + 1);
    if (is_new) profile_.locations.push_back({pc.is_null() ? pc : pc - 1, true, std::move(lines)});
    return found->second;
  }

  std::uint64_t function_of(const Frame& frame) {
    StringId symbol = symbol_of(frame);
    auto [found, is_new] =
        functions_.try_emplace({symbol, frame.file}, profile_.functions.size() + 1);
    if (is_new)
      profile_.functions.push_back(
          {std::string(snapshot_.strings[symbol]), std::string(snapshot_.strings[frame.file]), 0});
    return found->second;
  }

  using LocationKey = std::pair<std::uint64_t, std::vector<std::pair<std::uint64_t, std::int64_t>>>;

  const Snapshot& snapshot_;
  pprof::Profile profile_;
  std::map<Key, std::size_t> samples_;
  std::map<LocationKey, std::uint64_t> locations_;
  std::map<std::pair<StringId, StringId>, std::uint64_t> functions_;
};

}  // namespace

pprof::Profile make_goroutine_profile(const Snapshot& snapshot, const Selection& selection,
                                      std::string_view type, std::int64_t time_ns) {
  ProfileBuilder builder(snapshot, type, time_ns);
  for (std::uint32_t index : selection) builder.add(snapshot.goroutines[index]);
  return builder.finish();
}

}  // namespace goshawk::report
