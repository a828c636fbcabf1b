// How full arrays and maps are, from the words around each reference to something large and the
// types of what these words lie in.
#pragma once

#include "base/reserved_array.h"
#include "goruntime/typing/global_variables.h"
#include "goruntime/typing/object_types.h"
#include "goruntime/typing/views.h"
#include "snapshot/fill.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// `of_objects`: what each object of the picture is; `variables`: nullptr: of no global variable the
// type is known. Not known where the references to large objects were too many to be kept.
snapshot::Fill read_fill(const snapshot::Snapshot& picture, const TypeEvidence& evidence,
                         Views& views, GlobalVariables* variables,
                         const ReservedArray<ViewId>& of_objects);

}  // namespace goshawk::goruntime
