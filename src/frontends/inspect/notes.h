// What --verbose tells on standard error: how the picture came about.
#pragma once

#include "inspection/source.h"
#include "snapshot/snapshot.h"

namespace goshawk::frontends::inspect {

void print_notes(const snapshot::Snapshot& picture);

// Where a stop was longer than --max-pause allows, which cannot be helped once a twin is being
// made.
void tell_long_pause(const inspection::Source& source, const snapshot::Snapshot& picture);

}  // namespace goshawk::frontends::inspect
