// Whether what the pointer masks give as pointers is what the runtime would have there.
#pragma once

#include "snapshot/snapshot.h"

namespace goshawk::inspection {

// Of a picture with references.
snapshot::Binding audit_pointers(const snapshot::Snapshot& picture);

}  // namespace goshawk::inspection
