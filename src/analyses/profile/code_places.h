// The places in code that a profile's stacks consist of, numbered: functions of one name are one,
// and lines of one file and function.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/growing_array.h"
#include "findings/profile_sites.h"
#include "pprof/profile.h"

namespace goshawk::analyses::profile {

using PlaceId = std::uint32_t;

// Of one call on a stack.
struct CallPlace {
  PlaceId line = 0, function = 0;
};

class CodePlaces {
 public:
  // The profile must outlive it.
  explicit CodePlaces(const pprof::Profile& profile);

  // The calls at a location, innermost first: at least one.
  std::span<const CallPlace> calls_at(pprof::LocationId location) const {
    std::uint32_t begin = location == 0 ? 0 : call_ends_[location - 1];
    return {calls_.data() + begin, call_ends_[location] - begin};
  }

  const std::vector<findings::ProfilePlace>& lines() const { return lines_; }
  const std::vector<findings::ProfilePlace>& functions() const { return functions_; }

 private:
  GrowingArray<CallPlace> calls_;
  GrowingArray<std::uint32_t> call_ends_;  // of each location
  std::vector<findings::ProfilePlace> lines_, functions_;
};

}  // namespace goshawk::analyses::profile
