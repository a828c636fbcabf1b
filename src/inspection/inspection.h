// What every way in does: open the target, take the picture, judge it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "findings/balance.h"
#include "findings/baseline.h"
#include "findings/finding.h"
#include "findings/heap_holders.h"
#include "findings/story.h"
#include "findings/type_table.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

struct Inspection {
  snapshot::Snapshot picture;
  findings::Verdict verdict;
  std::optional<findings::Story> story;  // of the goroutine that was asked for
};

// What the user knows already and does not want to be alarmed by.
struct Accepted {
  std::optional<findings::SuppressionFile> suppressions;
  std::optional<findings::Baseline> baseline;
};

// Everything that a proof needs: goroutines, heap, roots. With `goid`, the story of that goroutine
// too; Missing: there is none of this number.
Result<Inspection> inspect(const Source& source, const Accepted& accepted = {},
                           std::optional<std::uint64_t> goid = {});

struct HeapInspection {
  snapshot::Snapshot picture;
  findings::Balance balance;
  findings::HeapHolders holders;
  std::optional<findings::TypeTable> types;  // when they were asked for
};

// Where its memory is, and who holds the live heap.
Result<HeapInspection> inspect_heap(const Source& source, bool types = false);

// What the program itself has counted of its allocations: no stop, no heap. Missing where it has
// counted none.
Result<snapshot::Snapshot> list_allocations(const Source& source);

// Only the goroutines: a shorter stop, no heap.
Result<snapshot::Snapshot> list_goroutines(const Source& source);

// The whole picture, not judged.
Result<snapshot::Snapshot> take_picture(const Source& source, bool heap = false);

}  // namespace goshawk::inspection
