// What hangs on single objects (runtime/mheap.go special), and the queues of finalizers and
// cleanups that wait to be run (runtime/mfinal.go, runtime/mcleanup.go).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/facts/special.h"
#include "goruntime/heap/heap.h"
#include "goruntime/heap/span_reader.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// A special as its span's list has it; its contents are not read yet.
struct SpecialEntry {
  Address address;
  std::uint64_t offset = 0;  // of the object's byte that it was set for, in its span
  std::uint32_t span = 0;    // position in HeapSpans::in_use
  std::uint8_t kind = 0;     // the runtime's number
};

// All of those kinds that SpecialFact names; profile records (there can be one for each object)
// only when asked for.
std::vector<SpecialEntry> read_special_lists(const target::Memory& memory, const SpecialFact& fact,
                                             const HeapSpans& spans, bool with_profile,
                                             std::vector<snapshot::Doubt>& doubts);

std::vector<SpecialRecord> read_special_records(
    const target::Memory& memory, const SpecialFact& fact, const std::vector<SpecialEntry>& entries,
    const HeapSpans& spans, const snapshot::Objects& objects, std::vector<snapshot::Doubt>& doubts);

// Heads of the queues' chains of blocks; absent: the global or its layout is not known.
struct QueueHeads {
  std::optional<Address> allfin;  // the variable
  std::optional<FinalizerQueueFact> finalizers;
  bool has_cleanup_queue = false;  // 1.25 and later
  std::optional<Address> gc_cleanups;
  std::optional<CleanupQueueFact> cleanups;
};
std::vector<QueuedPointer> read_queue_pointers(const target::Memory& memory,
                                               const QueueHeads& heads,
                                               std::vector<snapshot::Doubt>& doubts);

}  // namespace goshawk::goruntime
