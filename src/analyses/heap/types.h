// The types of the live objects, added up.
#pragma once

#include "findings/type_table.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture has references and types.
findings::TypeTable add_up_types(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::heap
