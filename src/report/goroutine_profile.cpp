// Count profiles as runtime/pprof writes them: one sample for each distinct stack and set of
// labels, the largest first. Unlike older releases' own profiles, deep stacks are whole.
// Follows runtime/pprof/pprof.go (printCountProfile) and runtime/traceback.go (tracebackPCs).
#include "report/goroutine_profile.h"

#include <algorithm>
#include <map>

#include "report/profile_locations.h"

namespace goshawk::report {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;
using snapshot::StringId;

namespace {

class ProfileBuilder {
 public:
  ProfileBuilder(const Snapshot& snapshot, std::string_view type, std::int64_t time_ns)
      : snapshot_(snapshot), locations_(snapshot, profile_) {
    profile_.sample_types = {{std::string(type), "count"}};
    profile_.period_type = {std::string(type), "count"};
    profile_.period = 1;
    profile_.time_ns = time_ns;
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
    sample.location_ids = locations_.of(g.stack);
    for (auto [key, value] : labels_of(g))
      sample.labels.push_back(
          {std::string(snapshot_.strings[key]), std::string(snapshot_.strings[value])});
    return sample;
  }

  const Snapshot& snapshot_;
  pprof::Profile profile_;
  ProfileLocations locations_;
  std::map<Key, std::size_t> samples_;
};

}  // namespace

pprof::Profile make_goroutine_profile(const Snapshot& snapshot, const Selection& selection,
                                      std::string_view type, std::int64_t time_ns) {
  ProfileBuilder builder(snapshot, type, time_ns);
  for (std::uint32_t index : selection) builder.add(snapshot.goroutines[index]);
  return builder.finish();
}

}  // namespace goshawk::report
