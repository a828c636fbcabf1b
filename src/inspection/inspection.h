// What every way in does: open the target, take the picture, judge it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "findings/baseline.h"
#include "findings/finding.h"
#include "findings/heap_holders.h"
#include "findings/retention.h"
#include "findings/story.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::inspection {

struct Inspection {
  snapshot::Snapshot picture;
  findings::Verdict verdict;
  std::optional<findings::Story> story;          // of the goroutine that was asked for
  std::optional<findings::HeapHolders> holders;  // where asked for, and known
};

// What the user knows already and does not want to be alarmed by.
struct Accepted {
  std::optional<findings::SuppressionFile> suppressions;
  std::optional<findings::Baseline> baseline;
};

struct AlsoAsked {
  std::optional<std::uint64_t> goid = {};  // the story of that goroutine
  bool holders = false;  // who holds the heap, without the types of what they hold
  bool timers = false;   // the picture has those that are pending
};

// What is said when the goroutine that was asked for is not there.
Error explain_no_goroutine(const snapshot::Snapshot& picture, std::uint64_t goid);

// Everything that a proof needs: goroutines, heap, roots. Missing: there is no such goroutine.
Result<Inspection> inspect(const Source& source, const Accepted& accepted = {},
                           const AlsoAsked& also = {});
// Of a target that is open already.
Result<Inspection> inspect(std::unique_ptr<target::Target> target, const Source& source,
                           const Accepted& accepted = {}, const AlsoAsked& also = {});

struct RetentionInspection {
  snapshot::Snapshot picture;
  findings::Retention retention;
};

// How certain objects are held, and what they hold. Missing: there are none such.
Result<RetentionInspection> inspect_retention(const Source& source, const findings::Asked& asked,
                                              const std::string& asked_text);

// What the program itself has counted of its allocations: no stop, no heap. Missing where it has
// counted none.
Result<snapshot::Snapshot> list_allocations(const Source& source);

// Only the goroutines: a shorter stop, no heap; or no stop at all, of a process: then each is as it
// was at an instant of its own. `waits`: what each waits on too.
struct GoroutineList {
  bool no_stop = false;
  bool waits = true;
};
Result<snapshot::Snapshot> list_goroutines(const Source& source, GoroutineList list = {});

// The whole picture, not judged.
Result<snapshot::Snapshot> take_picture(const Source& source, bool heap = false);

}  // namespace goshawk::inspection
