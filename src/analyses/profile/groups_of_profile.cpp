// Samples with the same calls are one group, whatever their labels and addresses.
#include "analyses/profile/groups_of_profile.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace goshawk::analyses::profile {

using findings::CodePlace;
using pprof::Profile;

namespace {

constexpr std::size_t kMostLabels = 8;

using Call = std::pair<pprof::FunctionId, std::int64_t>;

// Innermost first; what nobody has named is left out.
std::vector<Call> calls_of(const Profile& profile, pprof::SampleId sample) {
  std::vector<Call> calls;
  for (pprof::LocationId location : profile.stack_of(sample))
    for (const pprof::Line& line : profile.lines_of(location))
      if (line.function != pprof::kNone) calls.emplace_back(line.function, line.line);
  return calls;
}

CodePlace place_of(const Profile& profile, const Call& call) {
  const pprof::Function& function = profile.functions[call.first];
  constexpr std::int64_t kMostLine = std::numeric_limits<std::uint32_t>::max();
  auto line = static_cast<std::uint32_t>(std::clamp<std::int64_t>(call.second, 0, kMostLine));
  return {std::string(profile.strings[function.name]), std::string(profile.strings[function.file]),
          line, 0};
}

StackGroup begin_group(const Profile& profile, const std::vector<Call>& calls, bool leaked) {
  StackGroup group;
  for (const Call& call : calls) group.frames.push_back(place_of(profile, call));
  group.is_main =
      std::ranges::find(group.frames, "runtime.main", &CodePlace::function) != group.frames.end();
  group.leaked = leaked;
  return group;
}

void add_labels(StackGroup& group, const Profile& profile, pprof::SampleId sample) {
  std::string text;
  for (const pprof::Label& label : profile.labels_of(sample)) {
    text += text.empty() ? "" : ", ";
    text += profile.strings[label.key];
    text += ": ";
    text +=
        label.text != 0 ? std::string(profile.strings[label.text]) : std::to_string(label.number);
  }
  if (text.empty() || group.labels.size() >= kMostLabels) return;
  if (std::ranges::find(group.labels, text) == group.labels.end()) group.labels.push_back(text);
}

}  // namespace

StackGroups group_goroutines(const Profile& profile, pprof::ShownValues shown, bool leaked) {
  StackGroups result;
  std::map<std::vector<Call>, std::size_t> numbers;
  for (pprof::SampleId sample = 0; sample < profile.sample_count(); ++sample) {
    std::int64_t count = profile.values_of(sample)[shown.amount];
    if (count <= 0) continue;
    std::vector<Call> calls = calls_of(profile, sample);
    auto [found, is_new] = numbers.try_emplace(calls, result.groups.size());
    if (is_new) result.groups.push_back(begin_group(profile, calls, leaked));
    StackGroup& group = result.groups[found->second];
    group.count += static_cast<std::uint64_t>(count);
    result.goroutines += static_cast<std::uint64_t>(count);
    add_labels(group, profile, sample);
  }
  std::ranges::stable_sort(result.groups, std::greater(), &StackGroup::count);
  return result;
}

}  // namespace goshawk::analyses::profile
