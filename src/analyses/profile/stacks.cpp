// A stack's lines as a sequence of numbers, which is its key.
#include "analyses/profile/stacks.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "analyses/profile/code_places.h"

namespace goshawk::analyses::profile {

using findings::ProfileStack;

findings::ProfileStacks group_stacks(const pprof::Profile& profile, pprof::ShownValues shown) {
  CodePlaces places(profile);
  std::unordered_map<std::u32string, std::size_t> groups;
  findings::ProfileStacks found;
  for (pprof::SampleId sample = 0; sample < profile.sample_count(); ++sample) {
    std::int64_t count = profile.values_of(sample)[shown.amount];
    if (count <= 0) continue;
    std::u32string key;
    for (pprof::LocationId location : profile.stack_of(sample))
      for (CallPlace call : places.calls_at(location)) key += static_cast<char32_t>(call.line);
    auto [group, is_new] = groups.try_emplace(std::move(key), found.stacks.size());
    if (is_new) found.stacks.push_back({.count = 0, .sample = sample});
    std::int64_t& sum = found.stacks[group->second].count;
    if (__builtin_add_overflow(sum, count, &sum)) sum = INT64_MAX;
    if (__builtin_add_overflow(found.count, count, &found.count)) found.count = INT64_MAX;
  }
  std::ranges::stable_sort(found.stacks, std::greater(), &ProfileStack::count);
  return found;
}

}  // namespace goshawk::analyses::profile
