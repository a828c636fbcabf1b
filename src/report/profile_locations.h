// The stacks of a picture as the locations and functions of a profile.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "pprof/profile.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

class ProfileLocations {
 public:
  // Into a profile without any; its mapping too.
  ProfileLocations(const snapshot::Snapshot& snapshot, pprof::Profile& profile);

  // Their ids, innermost first; empty: nothing of the stack belongs into a profile.
  std::vector<std::uint64_t> of(snapshot::StackId stack);

 private:
  using LocationKey = std::pair<std::uint64_t, std::vector<std::pair<std::uint64_t, std::int64_t>>>;

  bool belongs(const snapshot::Frame& frame) const;
  std::uint64_t location_of(const std::vector<const snapshot::Frame*>& frames);
  std::uint64_t function_of(const snapshot::Frame& frame);

  const snapshot::Snapshot& snapshot_;
  pprof::Profile& profile_;
  std::map<LocationKey, std::uint64_t> locations_;
  std::map<std::pair<snapshot::StringId, snapshot::StringId>, std::uint64_t> functions_;
};

}  // namespace goshawk::report
