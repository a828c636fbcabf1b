// One sample for each record, in the runtime's order, also of those that count nothing yet, with
// the size of its objects as the label "bytes". What is in use is the last sample type, which
// `go tool pprof` shows when it is not told another.
// Follows runtime/pprof/protomem.go (writeHeapProto).
#include "report/allocation_profile.h"

#include "pprof/profile_builder.h"
#include "report/profile_locations.h"
#include "snapshot/allocation_estimate.h"

namespace goshawk::report {

pprof::Profile make_allocation_profile(const snapshot::Snapshot& snapshot, std::int64_t time_ns) {
  const snapshot::Allocations& allocations = snapshot.allocations;
  pprof::ProfileBuilder profile;
  profile.add_sample_type("alloc_objects", "count");
  profile.add_sample_type("alloc_space", "bytes");
  profile.add_sample_type("inuse_objects", "count");
  profile.add_sample_type("inuse_space", "bytes");
  profile.set_period("space", "bytes", static_cast<std::int64_t>(allocations.rate_bytes));
  profile.set_time(time_ns);
  ProfileLocations locations(snapshot, profile);
  for (const snapshot::AllocationRecord& record : allocations.records) {
    snapshot::AllocationEstimate one = estimate(record, allocations.rate_bytes);
    std::int64_t values[] = {one.allocated.objects, one.allocated.bytes, one.in_use.objects,
                             one.in_use.bytes};
    profile.add_sample(locations.of(record.stack), values);
    profile.add_label("bytes", static_cast<std::int64_t>(record.size_bytes));
  }
  return profile.finish();
}

}  // namespace goshawk::report
