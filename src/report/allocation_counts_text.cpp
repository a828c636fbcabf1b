// Samples as they were counted, those first with most in use; readers scale them by the rate in the
// first line. What Go's own text says of runtime.MemStats below them is not there: the program
// would have to stop and add it up. Follows runtime/pprof/pprof.go (writeHeapInternal).
#include "report/allocation_counts_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "report/stack_record_text.h"

namespace goshawk::report {

using snapshot::AllocationRecord;

namespace {

struct Counts {
  std::uint64_t objects = 0, bytes = 0, allocated_objects = 0, allocated_bytes = 0;

  void add(const AllocationRecord& record) {
    std::uint64_t in_use = record.allocated - record.freed;
    objects += in_use;
    bytes += in_use * record.size_bytes;
    allocated_objects += record.allocated;
    allocated_bytes += record.allocated * record.size_bytes;
  }
  std::string text() const {
    return fmt::format("{}: {} [{}: {}] @", objects, bytes, allocated_objects, allocated_bytes);
  }
};

}  // namespace

void render_allocation_counts(Output& out, const snapshot::Snapshot& snapshot) {
  const snapshot::Allocations& allocations = snapshot.allocations;
  Counts total;
  std::vector<const AllocationRecord*> records;
  for (const AllocationRecord& record : allocations.records) {
    total.add(record);
    records.push_back(&record);
  }
  std::ranges::stable_sort(records, std::greater(), [](const AllocationRecord* record) {
    return (record->allocated - record->freed) * record->size_bytes;
  });
  out.write(fmt::format("heap profile: {} heap/{}\n", total.text(), 2 * allocations.rate_bytes));
  for (const AllocationRecord* record : records) {
    if (!out.usable()) return;
    Counts counts;
    counts.add(*record);
    std::string text = counts.text();
    append_return_addresses(text, snapshot, record->stack);
    text += '\n';
    append_calls(text, snapshot, record->stack);
    out.write(text + "\n");
  }
}

}  // namespace goshawk::report
