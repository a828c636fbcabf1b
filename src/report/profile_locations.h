// The stacks of a picture as the locations and functions of a profile.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "pprof/profile_builder.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

class ProfileLocations {
 public:
  // Into a profile without any; its mapping too.
  ProfileLocations(const snapshot::Snapshot& snapshot, pprof::ProfileBuilder& profile);

  // Innermost first; empty: nothing of the stack belongs into a profile.
  std::vector<pprof::LocationId> of(snapshot::StackId stack);

 private:
  using LocationKey =
      std::pair<std::uint64_t, std::vector<std::pair<pprof::FunctionId, std::int64_t>>>;

  bool belongs(const snapshot::Frame& frame) const;
  pprof::LocationId location_of(const std::vector<const snapshot::Frame*>& frames);
  pprof::FunctionId function_of(const snapshot::Frame& frame);

  const snapshot::Snapshot& snapshot_;
  pprof::ProfileBuilder& profile_;
  pprof::MappingId mapping_;
  std::map<LocationKey, pprof::LocationId> locations_;
  std::map<std::pair<snapshot::StringId, snapshot::StringId>, pprof::FunctionId> functions_;
};

}  // namespace goshawk::report
