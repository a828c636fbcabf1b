// How full arrays and maps are, from the words around each reference to something large and the
// types of what these words lie in; and where channels and pools are.
#pragma once

#include "base/reserved_array.h"
#include "goruntime/typing/global_variables.h"
#include "goruntime/typing/object_types.h"
#include "goruntime/typing/views.h"
#include "snapshot/fill.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// What has names beside types. nullptr: none of them is known.
struct FillNames {
  GlobalVariables* variables = nullptr;
  const Functions* functions = nullptr;
};

// `of_objects`: what each object of the picture is. Not known where the references to large objects
// were too many to be kept.
snapshot::Fill read_fill(const snapshot::Snapshot& picture, const TypeEvidence& evidence,
                         Views& views, FillNames names, const ReservedArray<ViewId>& of_objects);

}  // namespace goshawk::goruntime
