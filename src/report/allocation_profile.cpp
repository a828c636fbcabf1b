// One sample for each record, in the runtime's order, also of those that count nothing yet, with
// the size of its objects as the label "bytes". What is in use is the last sample type, which
// `go tool pprof` shows when it is not told another.
// Follows runtime/pprof/protomem.go (writeHeapProto).
#include "report/allocation_profile.h"

#include "report/profile_locations.h"
#include "snapshot/allocation_estimate.h"

namespace goshawk::report {

pprof::Profile make_allocation_profile(const snapshot::Snapshot& snapshot, std::int64_t time_ns) {
  const snapshot::Allocations& allocations = snapshot.allocations;
  pprof::Profile profile;
  profile.sample_types = {{"alloc_objects", "count"},
                          {"alloc_space", "bytes"},
                          {"inuse_objects", "count"},
                          {"inuse_space", "bytes"}};
  profile.period_type = {"space", "bytes"};
  profile.period = static_cast<std::int64_t>(allocations.rate_bytes);
  profile.time_ns = time_ns;
  ProfileLocations locations(snapshot, profile);
  for (const snapshot::AllocationRecord& record : allocations.records) {
    snapshot::AllocationEstimate one = estimate(record, allocations.rate_bytes);
    pprof::Sample sample;
    sample.location_ids = locations.of(record.stack);
    sample.values = {one.allocated.objects, one.allocated.bytes, one.in_use.objects,
                     one.in_use.bytes};
    sample.labels = {{.key = "bytes", .number = static_cast<std::int64_t>(record.size_bytes)}};
    profile.samples.push_back(std::move(sample));
  }
  return profile;
}

}  // namespace goshawk::report
