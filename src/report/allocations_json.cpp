// Amounts as pprof estimates them, and the counts of samples that they come from.
#include "report/allocations_json.h"

#include "report/json_parts.h"
#include "snapshot/allocation_estimate.h"

namespace goshawk::report {

namespace {

void write_estimate(JsonWriter& json, const snapshot::AllocationEstimate& estimate) {
  json.member("in_use_objects", estimate.in_use.objects);
  json.member("in_use_bytes", estimate.in_use.bytes);
  json.member("allocated_objects", estimate.allocated.objects);
  json.member("allocated_bytes", estimate.allocated.bytes);
}

void write_record(JsonWriter& json, const snapshot::Snapshot& picture,
                  const snapshot::AllocationRecord& record) {
  json.begin_object();
  json.member("size_bytes", record.size_bytes);
  json.member("samples", record.allocated);
  json.member("samples_freed", record.freed);
  write_estimate(json, estimate(record, picture.allocations.rate_bytes));
  json.key("stack");
  json.begin_array();
  for (snapshot::FrameId frame : allocation_frames(picture, record.stack))
    write_frame(json, picture, frame);
  json.end_array();
  json.end_object();
}

}  // namespace

void render_allocations_json(Output& out, const snapshot::Snapshot& picture,
                             std::span<const StageTime> timings) {
  JsonWriter json(out);
  json.begin_object();
  write_head(json, picture, timings);
  write_doubts(json, picture);
  json.key("allocations");
  json.begin_object();
  json.member("rate_bytes", picture.allocations.rate_bytes);
  write_estimate(json, estimate_total(picture.allocations));
  json.key("records");
  json.begin_array();
  for (const snapshot::AllocationRecord& record : picture.allocations.records)
    write_record(json, picture, record);
  json.end_array();
  json.end_object();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
