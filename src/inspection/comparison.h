// Two pictures of a program, one after the other: each is reduced to what a comparison needs before
// the next one is taken, so that never two of them are in memory.
#pragma once

#include "base/result.h"
#include "findings/difference.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

struct Surveyed {
  snapshot::Snapshot facts;  // only_facts()
  findings::Inventory inventory;
};

// Reads what there is: what a saved picture has not kept is said in the inventory.
Result<Surveyed> survey(const Source& source);

struct Comparison {
  snapshot::Snapshot before, after;  // as Surveyed::facts
  findings::Difference difference;
};

Comparison compare(Surveyed before, Surveyed after);

}  // namespace goshawk::inspection
