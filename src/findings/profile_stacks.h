// The stacks of a profile that counts goroutines or threads.
#pragma once

#include <cstdint>
#include <vector>

namespace goshawk::findings {

// All that stand in one stack of lines, whatever their labels.
struct ProfileStack {
  std::int64_t count = 0;
  std::uint32_t sample = 0;  // of the profile: one of them
};

struct ProfileStacks {
  std::int64_t count = 0;
  std::vector<ProfileStack> stacks;  // the largest first
};

}  // namespace goshawk::findings
