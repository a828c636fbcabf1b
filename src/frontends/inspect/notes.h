// What --verbose tells on standard error: how the picture came about.
#pragma once

#include "snapshot/snapshot.h"

namespace goshawk::frontends::inspect {

void print_notes(const snapshot::Snapshot& picture);

}  // namespace goshawk::frontends::inspect
