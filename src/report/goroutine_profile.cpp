// Count profiles as runtime/pprof writes them: one sample for each distinct stack and set of
// labels, the largest first. Unlike older releases' own profiles, deep stacks are whole.
// Follows runtime/pprof/pprof.go (printCountProfile) and runtime/traceback.go (tracebackPCs).
#include "report/goroutine_profile.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "pprof/profile_builder.h"
#include "report/profile_locations.h"

namespace goshawk::report {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;
using snapshot::StringId;

namespace {

class CountProfile {
 public:
  CountProfile(const Snapshot& snapshot, std::string_view type, std::int64_t time_ns)
      : snapshot_(snapshot), locations_(snapshot, profile_) {
    profile_.add_sample_type(type, "count");
    profile_.set_period(type, "count", 1);
    profile_.set_time(time_ns);
  }

  void add(const Goroutine& g) {
    auto [found, is_new] = numbers_.try_emplace(Key{g.stack, labels_of(g)}, counted_.size());
    if (is_new) counted_.push_back({&found->first, 0});
    ++counted_[found->second].count;
  }

  pprof::Profile finish() {
    std::ranges::stable_sort(counted_, std::greater(), &Counted::count);
    for (const Counted& one : counted_) {
      profile_.add_sample(locations_.of(one.key->first), {&one.count, 1});
      for (auto [key, value] : one.key->second)
        profile_.add_label(snapshot_.strings[key], snapshot_.strings[value]);
    }
    return profile_.finish();
  }

 private:
  using Labels = std::vector<std::pair<StringId, StringId>>;
  using Key = std::pair<StackId, Labels>;
  struct Counted {
    const Key* key;
    std::int64_t count;
  };

  Labels labels_of(const Goroutine& g) const {
    Labels labels;
    for (std::uint32_t i = 0; i < g.label_count; ++i)
      labels.emplace_back(snapshot_.labels[g.first_label + i].key,
                          snapshot_.labels[g.first_label + i].value);
    std::ranges::sort(labels, {},
                      [this](const auto& label) { return snapshot_.strings[label.first]; });
    return labels;
  }

  const Snapshot& snapshot_;
  pprof::ProfileBuilder profile_;
  ProfileLocations locations_;
  std::map<Key, std::size_t> numbers_;
  std::vector<Counted> counted_;
};

}  // namespace

pprof::Profile make_goroutine_profile(const Snapshot& snapshot, const Selection& selection,
                                      std::string_view type, std::int64_t time_ns) {
  CountProfile builder(snapshot, type, time_ns);
  for (std::uint32_t index : selection) builder.add(snapshot.goroutines[index]);
  return builder.finish();
}

}  // namespace goshawk::report
